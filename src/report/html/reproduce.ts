/** How to get the same run again: the config with all defaults and one command that writes it and runs it. */
import { Document, isScalar, isSeq, stringify, visit } from "yaml";
import type { ResultsRecord } from "../../results/schema.ts";
import { h, type PageNode } from "./dom.ts";

export function reproduceNodes(results: ResultsRecord): PageNode[] {
  const { name, machine } = results;
  const files = [{ file: `${name}.yaml`, text: configText(results) }];
  const ownMachine = machineFile(results);
  if (ownMachine !== undefined) files.push({ file: ownMachine, text: stringify(machine, { lineWidth: 0 }) });
  const needed = ownFiles(results);
  const command = [
    ...files.map(({ file, text }) => hereDocument(file, text)),
    `npx refplay run ${quoted(`${name}.yaml`)}`,
  ].join("\n");
  return [
    h(
      "p",
      {},
      "In an empty folder with refplay installed; in a clone, ",
      h("code", {}, "node bin/refplay.js"),
      " instead of ",
      h("code", {}, "npx refplay"),
      ". The config has all defaults filled in. Simulated cells come out the same to the last digit; measured ones are those of the machine that they run on.",
    ),
    needed.length === 0
      ? undefined
      : h("p", {}, "It needs files that are not part of this report: ", needed.join(", "), "."),
    h(
      "pre",
      { class: "copy", tabindex: 0, "aria-label": "Command that reproduces the run" },
      h("code", {}, command),
    ),
    ...files.map(({ file, text }) =>
      h(
        "p",
        {},
        h(
          "a",
          { href: `data:text/yaml;charset=utf-8,${encodeURIComponent(text)}`, download: file },
          `Save ${file}`,
        ),
      ),
    ),
  ].filter((node) => node !== undefined);
}

/** What `refplay run` reads; a list that is empty is one that the scenario has nothing for. */
function configText(results: ResultsRecord): string {
  const ownMachine = machineFile(results);
  const config = { ...results.config, ...(ownMachine === undefined ? {} : { machine: `./${ownMachine}` }) };
  const fields = Object.entries(config).filter(
    ([key, value]) =>
      !(["strategies", "variants"].includes(key) && Array.isArray(value) && value.length === 0),
  );
  const document = new Document(Object.fromEntries(fields));
  // Lists of numbers on one line, as people write them.
  visit(document, {
    Seq(_key, list) {
      list.flow = isSeq(list) && list.items.every((item) => isScalar(item) && typeof item.value === "number");
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** A shell's word. */
function quoted(text: string): string {
  return /^[\w./@%+,:-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Writes the YAML of a mapping to `file`: nothing in it is expanded, and each of its lines has a key or is indented, so none is the end. */
function hereDocument(file: string, yaml: string): string {
  return `cat > ${quoted(file)} <<'END'\n${yaml}END`;
}

/** Where the description goes of a machine that is the user's own: beside the config, wherever it was. */
function machineFile({ config: { machine }, machine: described }: ResultsRecord): string | undefined {
  return described !== undefined && isPath(machine) ? machine.split(/[\\/]/).at(-1) : undefined;
}

/** Strategies and traces that are files of the user's. */
function ownFiles({ config }: ResultsRecord): string[] {
  const strategies = Array.isArray(config.strategies) ? config.strategies : [];
  const workload = config.workload as Readonly<Record<string, unknown>> | undefined;
  const trace = workload?.trace;
  return [...pathsIn(strategies), ...(typeof trace === "string" ? [trace] : [])];
}

function pathsIn(value: unknown): string[] {
  if (isPath(value)) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(pathsIn);
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && /[\\/]|\.(?:ts|ya?ml|json)$/.test(value);
}

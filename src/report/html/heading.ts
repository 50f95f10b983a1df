/** The top of the report: what was asked, where, and what must not be missed. */
import pc from "picocolors";
import { enginesIn } from "../../results/engines.ts";
import type { ResultsRecord } from "../../results/schema.ts";
import { plural } from "../numbers.ts";
import { endLines, faultLines } from "../remarks.ts";
import { isOfScenario } from "../scenario-table.ts";
import { h, type PageNode } from "./dom.ts";

const plain = pc.createColors(false);

export function headingNodes(results: ResultsRecord): PageNode {
  return h(
    "header",
    {},
    h(
      "div",
      { class: "top" },
      h("div", {}, h("h1", {}, results.name), h("p", {}, question(results))),
      themeSwitch(),
    ),
    facts(results),
  );
}

function question(results: ResultsRecord): string {
  const { cells, config } = results;
  const names = [...new Set(cells.map(({ strategy }) => strategy))];
  const things = isOfScenario(results) ? "variant" : "strateg";
  const many =
    things === "variant"
      ? plural(names.length, "variant")
      : `${names.length} ${names.length === 1 ? "strategy" : "strategies"}`;
  const counts = [...new Set(cells.map(({ cpus }) => cpus))].sort((one, other) => one - other);
  const on =
    counts.length === 1
      ? plural(counts[0] ?? 1, "CPU")
      : `${counts[0]} to ${plural(counts.at(-1) ?? 0, "CPU")}`;
  return `${String(config.scenario)}: ${many} on ${on}, ${enginesText(results)}.`;
}

function enginesText(results: ResultsRecord): string {
  const engines = enginesIn(results);
  const texts = engines.map((engine) =>
    engine === "sim" ? `predicted on ${machineText(results)}` : "measured on threads of this machine",
  );
  return texts.join(" and ");
}

function machineText({ machine }: ResultsRecord): string {
  return typeof machine?.name === "string" ? machine.name : "a simulated machine";
}

function facts(results: ResultsRecord): PageNode {
  const { config, createdAt, host, machine, seed } = results;
  const title = [machine?.name, machine?.title].filter((part) => typeof part === "string" && part !== "");
  const hooks = isOfScenario(results) ? undefined : config.hooks;
  const rows: (readonly [string, unknown])[] = [
    ["Scenario", config.scenario],
    ["Hooks", hooks],
    ["Engine", results.engine],
    ["Simulated machine", machine === undefined ? undefined : title.join(", ")],
    ["Seed", seed],
    ["Run on", `${host.cpuModel}, ${plural(host.cores, "core")}, ${host.os}`],
    ["Versions", `refplay ${host.refplay}, Node ${host.node}`],
    ["When", createdAt],
  ];
  return h(
    "dl",
    { class: "facts" },
    rows.flatMap(([name, value]) =>
      value === undefined ? [] : [h("dt", {}, name), h("dd", {}, String(value))],
    ),
  );
}

/** Style sheets see which one is checked, so no script is needed. */
function themeSwitch(): PageNode {
  const choice = (id: string, text: string, checked: boolean): PageNode =>
    h(
      "label",
      {},
      h("input", { type: "radio", name: "theme", id: `theme-${id}`, checked: checked ? true : undefined }),
      ` ${text}`,
    );
  return h(
    "fieldset",
    { class: "theme" },
    h("legend", {}, "Colours"),
    choice("system", "system's", true),
    choice("light", "light", false),
    choice("dark", "dark", false),
  );
}

/** Broken rules, leaks, and why cells are missing; undefined where all is well. */
export function alertNode(results: ResultsRecord): PageNode | undefined {
  const faults = faultLines(results, plain);
  const ends = endLines(results, plain);
  if (faults.length + ends.length === 0) return undefined;
  return h(
    "section",
    { class: "alert", "aria-labelledby": "alert" },
    h("h2", { id: "alert" }, faults.length > 0 ? "Faults" : "An unfinished run"),
    h(
      "ul",
      {},
      [...faults, ...ends].map((line) => h("li", {}, line)),
    ),
  );
}

/** `refplay list`: what a config may name, and what the checker can check. */

import { builtinStrategies } from "../config/strategies.ts";
import { RefplayError } from "../errors.ts";
import { expectation, type JsonSchema, toInputSchema } from "../input/describe.ts";
import { builtinMachine, machineNames } from "../machines/builtin.ts";
import { didYouMean } from "../names.ts";
import { listPrograms, listText } from "./check-list.ts";
import { type Chosen, choosePrograms, chooseStrategies } from "./check-plan.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";
import { textColumns } from "./text-columns.ts";

/** Things that can be listed; scenarios are the names of workloads. */
const listTopics = ["strategies", "workloads", "scenarios", "machines", "programs"] as const;

interface Parameter {
  readonly name: string;
  readonly takes: string;
  readonly default?: unknown;
  readonly doc: string;
}

interface Entry {
  readonly name: string;
  readonly title: string;
  readonly summary?: string;
  /** What a scenario compares, where that is not strategies. */
  readonly variants?: readonly { readonly name: string; readonly summary: string }[];
  readonly parameters: readonly Parameter[];
}

/** Returns the exit status; throws RefplayError `unknown-topic`. */
export function listCommand(topic: string, json: boolean, io: CliIo, services: CliServices): number {
  if (topic === "programs") return listCheckPrograms(json, io, services);
  if (topic === "machines") return listMachines(json, io);
  const entries = entriesOf(topic, services);
  if (json) io.stdout(`${JSON.stringify(entries, null, 2)}\n`);
  else if (topic === "scenarios") io.stdout(textColumns(entries.map(({ name, title }) => [name, title])));
  else {
    const longest = Math.max(0, ...entries.map(({ name }) => name.length));
    io.stdout(entries.map((entry) => entryText(entry, longest)).join(""));
  }
  return exitStatus.fine;
}

/**
 * What `refplay check` can check, as `refplay check --list` shows it too: of what is named, the programs that a check with
 * the same names would run.
 */
export function listCheckPrograms(
  json: boolean,
  io: CliIo,
  services: CliServices,
  chosen: Chosen = { strategies: [], programs: [] },
): number {
  const { checks } = services;
  const named = chosen.strategies.length === 0 ? [] : chooseStrategies(chosen.strategies, io, services);
  const programs = choosePrograms(chosen, checks.programs).filter(
    (program) =>
      named.length === 0 ||
      (program.strategy && named.some(({ description }) => checks.appliesTo(program, description) === null)),
  );
  const listed = listPrograms({ ...checks, programs }, chooseStrategies([], io, services));
  if (json) io.stdout(`${JSON.stringify(listed, null, 2)}\n`);
  else io.stdout(listed.length === 0 ? "No program fits.\n" : listText(listed));
  return exitStatus.fine;
}

/** The shipped machines: their titles; whole descriptions, with the sources of all numbers, as JSON. */
function listMachines(json: boolean, io: CliIo): number {
  const machines = machineNames.flatMap((name) => builtinMachine(name) ?? []);
  if (json) io.stdout(`${JSON.stringify(machines, null, 2)}\n`);
  else io.stdout(textColumns(machines.map(({ name, title }) => [name, title])));
  return exitStatus.fine;
}

function entriesOf(topic: string, services: CliServices): Entry[] {
  switch (topic) {
    case "strategies":
      return strategyEntries(services);
    case "workloads":
    case "scenarios":
      return services.scenarios.map(({ name, summary, variants, parameters }) => ({
        name,
        title: summary,
        ...(variants === undefined ? {} : { variants }),
        parameters: workloadParameters(toInputSchema(parameters)),
      }));
    default: {
      throw new RefplayError("unknown-topic", `cannot list \`${topic}\`${didYouMean(topic, listTopics)}`, {
        hint: `There is: ${listTopics.join(", ")}.`,
      });
    }
  }
}

function strategyEntries(services: CliServices): Entry[] {
  return [...builtinStrategies(services.strategiesFolder)].map(([name, path]) => {
    const { title, summary, options, parts = {} } = services.describe(path);
    const ofParts = Object.entries(parts).map(([part, { doc, ...rest }]) => ({
      name: part,
      takes: "the name or path of a strategy",
      default: rest.default,
      doc,
    }));
    const parameters = Object.entries(options).map(([option, { unit, min, max, doc, ...rest }]) => ({
      name: option,
      takes: `a whole number, ${min} to ${max} ${unit}`,
      default: rest.default,
      doc,
    }));
    return { name, title, summary, parameters: [...ofParts, ...parameters] };
  });
}

function workloadParameters(schema: JsonSchema): Parameter[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    takes: expectation(property),
    ...(property.default === undefined ? {} : { default: property.default }),
    doc: property.description ?? "",
  }));
}

/** Name and what it is, in a column that is the same for all entries, and the parameters below. */
function entryText({ name, title, summary, variants = [], parameters }: Entry, longest: number): string {
  const ofVariants = variants.map((variant): [string, string] => [
    variant.name,
    `variant: ${variant.summary}`,
  ]);
  const ofParameters = parameters.map(({ name: parameter, takes, doc, ...rest }): [string, string] => {
    const standard = rest.default === undefined ? "" : `; default ${rest.default}`;
    return [parameter, doc === "" ? `${takes}${standard}` : `${doc} (${takes}${standard})`];
  });
  const rows = [...ofVariants, ...ofParameters];
  const after = rows.length === 0 ? "" : "\n";
  return `${textColumns([[name.padEnd(longest), summary ?? title]])}${textColumns(rows, 2)}${after}`;
}

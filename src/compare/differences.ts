/** In what two runs differ beside what is compared: some of it makes a comparison senseless, all of it must be told. */
import type { Cell } from "../results/schema.ts";
import { hooksOf } from "./match.ts";
import type { Difference, Side } from "./types.ts";

/** Fields of a config that are compared on their own, or that say nothing of how a cell was measured. */
const notSettings = new Set([
  "scenario",
  "workload",
  "hooks",
  "engine",
  "machine",
  "cpus",
  "threadsCpus",
  "strategies",
  "variants",
  "vary",
  "seed",
  "repetitions",
]);

type Value = string | number | boolean | undefined;

/** Decisive ones first. Nothing for two strategies of one run but the options that they have alike. */
export function differencesOf(a: Side, b: Side): Difference[] {
  const found: Difference[] = [];
  const add = (what: string, one: Value, other: Value, decisive = false): void => {
    if (one === other) return;
    found.push({ what, a: shown(one), b: shown(other), decisive });
  };
  const [one, other] = [a.record, b.record];
  if (one === other) return hooksDifferences(a, b, false);

  const both = (engine: string): boolean =>
    [a, b].every(({ cells }) => cells.some((cell) => cell.engine === engine));
  add("scenario", text(one.config.scenario), text(other.config.scenario), true);
  if (one.config.scenario === other.config.scenario) {
    eachKey(one.config.workload, other.config.workload, (key, x, y) => add(`workload.${key}`, x, y, true));
  }
  found.push(...hooksDifferences(a, b, true));
  if (both("sim")) {
    const names = [one, other].map(({ machine }) => text(machine?.name));
    add("simulated machine", names[0], names[1], true);
    if (names[0] === names[1]) found.push(...machineDifferences(one.machine, other.machine));
  }
  if (both("threads")) {
    add("CPU", one.host.cpuModel, other.host.cpuModel, true);
    add("cores", one.host.cores, other.host.cores, true);
    add("operating system", one.host.os, other.host.os);
    add("Node", one.host.node, other.host.node);
  }
  add("refplay", one.host.refplay, other.host.refplay);
  add("seed", one.seed, other.seed);
  eachKey(one.config, other.config, (key, x, y) => {
    if (!notSettings.has(key)) add(key, x, y);
  });
  found.push(...optionDifferences(a.cells, b.cells));
  return found;
}

/** Fields of a description that change no figure. */
const notSimulated = new Set(["name", "title", "sources"]);
/** Fields that are named, of however many differ. */
const mostFields = 3;

/** In what two descriptions of a machine of one name differ: decisive, as another machine is. */
function machineDifferences(a: unknown, b: unknown): Difference[] {
  const fields: Difference[] = [];
  const walk = (path: string, one: unknown, other: unknown): void => {
    if (text(one) === text(other)) return;
    if (isObject(one) && isObject(other)) {
      for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
        if (path !== "" || !notSimulated.has(key)) {
          walk(path === "" ? key : `${path}.${key}`, one[key], other[key]);
        }
      }
      return;
    }
    const [x, y] = [shown(text(one)), shown(text(other))];
    fields.push({ what: `simulated machine's ${path}`, a: x, b: y, decisive: true });
  };
  walk("", a ?? {}, b ?? {});
  if (fields.length <= mostFields) return fields;
  return fields
    .slice(0, mostFields)
    .map((field, index) =>
      index > 0 ? field : { ...field, what: `${field.what} (one of ${fields.length} fields that differ)` },
    );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sets of hooks that cells run under: decisive where no strategy has its own on both sides. */
function hooksDifferences(a: Side, b: Side, decisive: boolean): Difference[] {
  const [one, other] = [a, b].map(({ cells, record }) =>
    [...new Set(cells.map((cell) => hooksOf(cell, record.config)))].sort().join(", "),
  ) as [string, string];
  const common = one.split(", ").some((hooks) => other.split(", ").includes(hooks));
  return one === other ? [] : [{ what: "hooks", a: one, b: other, decisive: decisive && !common }];
}

/** Options of the same strategy. */
function optionDifferences(a: readonly Cell[], b: readonly Cell[]): Difference[] {
  const optionsOf = (cells: readonly Cell[]): Map<string, Cell["strategyOptions"]> =>
    new Map(cells.map(({ strategy, strategyOptions }) => [strategy, strategyOptions]));
  const ofB = optionsOf(b);
  return [...optionsOf(a)].flatMap(([strategy, options]) => {
    const found: Difference[] = [];
    eachKey(options, ofB.get(strategy) ?? options, (key, one, other) =>
      found.push({ what: `${key} of ${strategy}`, a: shown(one), b: shown(other), decisive: false }),
    );
    return found;
  });
}

/** Calls `differs` for each key whose values are not the same on both sides. */
function eachKey(a: unknown, b: unknown, differs: (key: string, one: Value, other: Value) => void): void {
  const [one, other] = [a, b].map((side) => (typeof side === "object" && side !== null ? side : {})) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    if (text(one[key]) !== text(other[key])) differs(key, text(one[key]), text(other[key]));
  }
}

/** The value as a reader knows it from the config. */
function text(value: unknown): string | undefined {
  return typeof value === "string" || value === undefined ? value : JSON.stringify(value);
}

function shown(value: Value): string {
  return value === undefined ? "not set" : String(value);
}

/** The benchmark's results as rows, and as the table that stands in the README. */
import Table from "cli-table3";
import type { Figures } from "../../src/bench/rounds.ts";
import type { CredsResult } from "./creds.ts";
import type { Overhead } from "./overhead.ts";
import type { SimulatorMemory, SimulatorResult } from "./simulator.ts";
import type { SteppedResult } from "./stepped.ts";

export interface Comparison {
  readonly row: string;
  readonly threads: number;
  readonly labels: number;
  readonly peer: string;
  readonly ours: Figures;
  readonly theirs: Figures;
  /** Ours to theirs: best times, or first quartiles where threads contend. */
  readonly ratio: number;
  /** Median of the ratios of rounds, each of which ran both sides within some milliseconds. */
  readonly roundRatio: number;
  readonly target: number | null;
}

/** Whether the target is met; null where there is none. */
export function meets(comparison: Comparison): boolean | null {
  return comparison.target === null ? null : comparison.ratio <= comparison.target;
}

const ns = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;

/** Best, first quartile, median, distance of the quartiles over the median. */
function cells(figures: Figures): string[] {
  return [ns(figures.bestNs), ns(figures.quartileNs), ns(figures.medianNs), percent(figures.spread)];
}

const noBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** A table without lines; the first column is text, the others numbers. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: head.map((_, index) => (index === 0 ? "left" : "right")),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function verdict(met: boolean | null): string {
  if (met === null) return "";
  return met ? "ok" : "missed";
}

export function comparisonTable(comparisons: readonly Comparison[]): string {
  const head = [
    "ns per turn",
    "ours best",
    "quartile",
    "median",
    "spread",
    "peer",
    "best",
    "quartile",
    "median",
    "spread",
    "ratio",
    "target",
    "",
  ];
  return plainTable(
    head,
    comparisons.map((comparison) => [
      comparison.row,
      ...cells(comparison.ours),
      comparison.peer,
      ...cells(comparison.theirs),
      comparison.ratio.toFixed(2),
      comparison.target?.toFixed(2) ?? "",
      verdict(meets(comparison)),
    ]),
  );
}

export function overheadTable(rows: readonly Overhead[]): string {
  const head = [
    "ns per open+close, v6.6",
    "kernel best",
    "quartile",
    "median",
    "spread",
    "bare best",
    "quartile",
    "median",
    "spread",
    "added per event",
    "target",
    "",
  ];
  return plainTable(
    head,
    rows.map((row) => [
      row.strategy,
      ...cells(row.kernel),
      ...cells(row.bare),
      ns(row.addedNs),
      ns(row.target),
      verdict(row.addedNs <= row.target),
    ]),
  );
}

export function credsTable(rows: readonly CredsResult[]): string {
  const head = [
    "ns per open+close, v6.11, one cred",
    "task-local best",
    "quartile",
    "median",
    "spread",
    "atomic best",
    "quartile",
    "median",
    "spread",
    "ratio",
  ];
  return plainTable(
    head,
    rows.map(({ strategy, threads, inTasks, atomic, ratio }) => [
      `${strategy}, ${threads} thread${threads === 1 ? "" : "s"}`,
      ...cells(inTasks),
      ...cells(atomic),
      ratio.toFixed(2),
    ]),
  );
}

export function steppedTable(rows: readonly SteppedResult[]): string {
  const head = [
    "M operations/s",
    "stepped",
    "spread",
    "B/op",
    "generator",
    "spread",
    "B/op",
    "ratio",
    "longest function",
    "",
  ];
  return plainTable(
    head,
    rows.map((row) => [
      row.strategy,
      row.stepped.toFixed(1),
      percent(row.steppedNs.spread),
      row.steppedBytes.toFixed(2),
      row.generator.toFixed(1),
      percent(row.generatorNs.spread),
      row.generatorBytes.toFixed(2),
      row.ratio.toFixed(1),
      `${row.longestPiece} characters`,
      verdict(row.stepped >= row.targets.stepped && row.ratio >= row.targets.ratio),
    ]),
  );
}

export function simulatorTable(rows: readonly SimulatorResult[], memory: SimulatorMemory): string {
  const head = [
    "M operations/s, 192 CPUs",
    "simulated",
    "spread",
    "B/op",
    "bare heap",
    "spread",
    "ratio",
    "target",
    "",
  ];
  const table = plainTable(
    head,
    rows.map((row) => [
      row.strategy,
      row.operations.toFixed(1),
      percent(row.operationNs.spread),
      row.bytes.toFixed(2),
      row.heap.toFixed(1),
      percent(row.heapNs.spread),
      row.ratio.toFixed(2),
      row.target.toFixed(1),
      verdict(row.ratio >= row.target),
    ]),
  );
  const { cpus, mebibytes, target } = memory;
  const fits = verdict(mebibytes <= target);
  return `${table}\n${cpus} CPUs: ${mebibytes.toFixed(0)} MiB (target ${target})  ${fits}`;
}

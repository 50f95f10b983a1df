/** One line per cell, every figure in its own column; for spreadsheets and plotting tools. */
import { stringify } from "csv-stringify/sync";
import type { Cell, ResultsRecord } from "../results/schema.ts";

type Value = string | number | boolean | null | undefined;

const columns: readonly (readonly [string, (cell: Cell, results: ResultsRecord) => Value])[] = [
  ["name", (_, results) => results.name],
  ["seed", (_, results) => results.seed],
  ["strategy", (cell) => cell.strategy],
  ["strategyOptions", (cell) => optionsText(cell.strategyOptions)],
  ["engine", (cell) => cell.engine],
  ["workload", (cell) => cell.workload],
  ["hooks", (_, results) => results.config.hooks as string | undefined],
  ["cpus", (cell) => cell.cpus],
  ["requestsPerSecond", (cell) => cell.requestsPerSecond],
  ["requestsPerSecondMin", (cell) => cell.requestsPerSecondSpread.min],
  ["requestsPerSecondMax", (cell) => cell.requestsPerSecondSpread.max],
  ["requestsPerSecondMedianAbsDev", (cell) => cell.requestsPerSecondSpread.medianAbsDev],
  ["repetitions", (cell) => cell.requestsPerSecondSpread.repetitions.length],
  ["requests", (cell) => cell.requests],
  ["elapsedNs", (cell) => cell.elapsedNs],
  ["pairNsP50", (cell) => cell.pairNs?.p50],
  ["pairNsP99", (cell) => cell.pairNs?.p99],
  ["pairNsMax", (cell) => cell.pairNs?.max],
  ["rmwPerRequest", (cell) => cell.rmwPerRequest],
  ["rmwPerRequestTotal", (cell) => cell.rmwPerRequestTotal],
  ["labelBytes", (cell) => cell.labelBytes],
  ["leaked", (cell) => cell.leaked],
  ["openAtEnd", (cell) => cell.openAtEnd],
  ["violations", (cell) => cell.violations],
  ["oversubscribed", (cell) => cell.oversubscribed],
  ["pinned", (cell) => cell.pinned],
  ["verify", (cell) => cell.verify],
  ["notes", (cell) => cell.notes.join("; ")],
];

/** RFC 4180 with a header line and LF line ends; a figure that was not measured is empty. */
export function csvReport(results: ResultsRecord): string {
  const rows = results.cells.map((cell) => columns.map(([, value]) => value(cell, results) ?? ""));
  return stringify([columns.map(([name]) => name), ...rows], { cast: { boolean: String } });
}

function optionsText(options: Readonly<Record<string, number>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

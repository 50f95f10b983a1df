/** One line per cell, every figure in its own column; for spreadsheets and plotting tools. */
import { stringify } from "csv-stringify/sync";
import { type Cell, type ResultsRecord, resultsSchema } from "../results/schema.ts";

type Value = string | number | boolean | null | undefined;
type Column = readonly [string, (cell: Cell, results: ResultsRecord) => Value];

const { shape } = resultsSchema.shape.cells.element;

/** A column for each field of a part that a cell may lack, named as docs/results-format.md says: `labelSetVariant`. */
function nested(
  key:
    | "labelBytesByPart"
    | "labelSet"
    | "reclaim"
    | "retirement"
    | "counts"
    | "switches"
    | "buffers"
    | "slowWindows"
    | "transfersPerRequest"
    | "timeSplitPct"
    | "gracePeriodTimes",
): Column[] {
  return Object.keys(shape[key].unwrap().shape).map((field) => [
    `${key}${field.slice(0, 1).toUpperCase()}${field.slice(1)}`,
    (cell) => (cell[key] as Readonly<Record<string, Value>> | undefined)?.[field],
  ]);
}

const columns: readonly Column[] = [
  ["name", (_, results) => results.name],
  ["seed", (_, results) => results.seed],
  ["strategy", (cell) => cell.strategy],
  ["strategyOptions", (cell) => countsText(cell.strategyOptions)],
  ["engine", (cell) => cell.engine],
  ["workload", (cell) => cell.workload],
  ["hooks", (cell, results) => cell.hooks ?? (results.config.hooks as string | undefined)],
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
  ...nested("labelBytesByPart"),
  ...nested("labelSet"),
  ...nested("reclaim"),
  ...nested("retirement"),
  ...nested("counts"),
  ...nested("switches"),
  ["peakUnreclaimed", (cell) => cell.peakUnreclaimed],
  ...nested("buffers"),
  ...nested("slowWindows"),
  ["machine", (cell, results) => machineOf(cell, results)],
  ["efficiencyPct", (cell) => cell.efficiencyPct],
  ...nested("transfersPerRequest"),
  ...nested("timeSplitPct"),
  ...nested("gracePeriodTimes"),
  ["hottestLine", (cell) => cell.hottestLines?.[0]?.symbol],
  ["hottestLineTransfersPerRequest", (cell) => cell.hottestLines?.[0]?.transfersPerRequest],
  ["hottestLineMeanWaitNs", (cell) => cell.hottestLines?.[0]?.meanWaitNs],
  ["latenciesNsP50", (cell) => latenciesText(cell, "p50Ns")],
  ["latenciesNsP99", (cell) => latenciesText(cell, "p99Ns")],
  ["assumptions", (cell) => cell.assumptions?.join("; ")],
  ["policyErrors", (cell) => countsText(cell.policyErrors)],
  ["answers", (cell) => cell.answers?.join(" ")],
  ["variedParameter", (cell) => cell.varied?.parameter],
  ["variedValue", (cell) => cell.varied?.value],
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
  const all = [...columns, ...figureColumns(results.cells)];
  const rows = results.cells.map((cell) => all.map(([, value]) => value(cell, results) ?? ""));
  return stringify([all.map(([name]) => name), ...rows], { cast: { boolean: String } });
}

/** The figures of a scenario with a program of its own, behind all others: `figure exit (ms)`. */
function figureColumns(cells: readonly Cell[]): Column[] {
  const first = cells.flatMap(({ figures = [] }) => figures);
  const names = [...new Set(first.map(({ name }) => name))];
  const units = new Map(first.map(({ name, unit }) => [name, unit]));
  return names.map((name) => [
    `figure ${name} (${units.get(name)})`,
    (cell) => cell.figures?.find((figure) => figure.name === name)?.value,
  ]);
}

/** The simulated machine's name, of a simulated cell. */
function machineOf({ engine }: Cell, { machine }: ResultsRecord): string | undefined {
  return engine === "sim" && typeof machine?.name === "string" ? machine.name : undefined;
}

function latenciesText({ latencies }: Cell, figure: "p50Ns" | "p99Ns"): string | undefined {
  return latencies?.map((latency) => `${latency.event}=${latency[figure]}`).join(" ");
}

function countsText(counts: Readonly<Record<string, number>> | undefined): string {
  return Object.entries(counts ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

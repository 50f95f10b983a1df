/** The results as a table that fits 80 columns, with what a reader must not miss written out below it. */
import Table from "cli-table3";
import pc from "picocolors";
import { type Cell, isComplete, type ResultsRecord } from "../results/schema.ts";
import { figure, percent, plural, whole } from "./numbers.ts";

export interface TerminalOptions {
  readonly color: boolean;
}

/** Columns that the table may take. */
export const tableWidth = 80;

/** Longest strategy name shown in full. */
const nameWidth = 16;

/** The report, ending in a newline. */
export function terminalReport(results: ResultsRecord, options: TerminalOptions): string {
  const colors = pc.createColors(options.color);
  const parts = [heading(results, colors)];
  if (results.cells.length > 0) parts.push(table(results, colors), legend(results, colors));
  const remarks = remarkLines(results, colors);
  if (remarks.length > 0) parts.push(remarks.join("\n"));
  return `${parts.join("\n\n")}\n`;
}

type Colors = ReturnType<typeof pc.createColors>;

function heading(results: ResultsRecord, colors: Colors): string {
  const { config, host } = results;
  const scenario = `${config.scenario}, hooks ${config.hooks}, engine ${results.engine}, seed ${results.seed}`;
  const machine = `${host.cpuModel}, ${plural(host.cores, "core")}, Node ${host.node}, refplay ${host.refplay}`;
  return `${colors.bold(results.name)}: ${scenario}\n${colors.dim(machine)}`;
}

function table(results: ResultsRecord, colors: Colors): string {
  const head = [
    "strategy",
    "CPUs",
    "requests/s",
    "±%",
    "of 1st",
    "pair ns",
    "p99",
    "RMW/req",
    "label B",
    "faults",
  ];
  const gap = { "padding-left": 0, "padding-right": 2 };
  const none = "";
  const chars = {
    top: none,
    "top-mid": none,
    "top-left": none,
    "top-right": none,
    bottom: none,
    "bottom-mid": none,
    "bottom-left": none,
    "bottom-right": none,
    left: none,
    "left-mid": none,
    mid: none,
    "mid-mid": none,
    right: none,
    "right-mid": none,
    middle: none,
  };
  const grid = new Table({
    head: head.map((text) => colors.dim(text)),
    colAligns: head.map((_, column) => (column === 0 ? "left" : "right")),
    style: { head: [], border: [], ...gap, compact: true },
    chars,
  });
  let before: number | undefined;
  for (const cell of results.cells) {
    if (before !== undefined && before !== cell.cpus) grid.push(head.map(() => ""));
    before = cell.cpus;
    grid.push(row(cell, results, colors));
  }
  return grid
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function row(cell: Cell, results: ResultsRecord, colors: Colors): string[] {
  const first = results.cells.find((other) => other.cpus === cell.cpus && other.workload === cell.workload);
  const faults = cell.leaked + cell.violations;
  return [
    shortName(cell.strategy),
    `${cell.cpus}${cell.oversubscribed ? "*" : ""}`,
    colors.bold(whole(cell.requestsPerSecond)),
    percent(cell.requestsPerSecondSpread.medianAbsDev, cell.requestsPerSecond),
    first === undefined || first === cell
      ? "-"
      : `${percent(cell.requestsPerSecond, first.requestsPerSecond)}%`,
    cell.pairNs === null ? "-" : figure(cell.pairNs.p50),
    cell.pairNs === null ? "-" : figure(cell.pairNs.p99),
    cell.rmwPerRequest === null ? "-" : figure(cell.rmwPerRequest),
    whole(cell.labelBytes),
    faults === 0 ? colors.green("0") : colors.red(String(faults)),
  ];
}

function shortName(name: string): string {
  return name.length <= nameWidth ? name : `${name.slice(0, nameWidth - 1)}…`;
}

function legend(results: ResultsRecord, colors: Colors): string {
  const runs = results.config.repetitions;
  const lines = [
    `requests/s: median of ${runs} runs; ±%: median distance from it; of 1st: against the`,
    "first strategy on as many CPUs; pair: one get+put, median and 99th percentile;",
    "RMW/req: atomic operations of the strategy; faults: leaks and broken rules.",
  ];
  if (results.cells.some((cell) => cell.oversubscribed)) {
    lines.push("* more CPUs than cores (oversubscribed): workers share them, times say little.");
  }
  return colors.dim(lines.join("\n"));
}

function remarkLines(results: ResultsRecord, colors: Colors): string[] {
  const lines: string[] = [];
  for (const cell of results.cells) {
    const name = `${cell.strategy}, ${plural(cell.cpus, "CPU")}`;
    if (cell.leaked > 0)
      lines.push(colors.red(`${name}: leaked ${whole(cell.leaked)}${byName(cell.leakedByKind)}`));
    if (cell.violations > 0) {
      const verdicts = byName(cell.violationsByVerdict);
      lines.push(colors.red(`${name}: ${plural(cell.violations, "violation")}${verdicts}`));
    }
  }
  const long = results.cells.map((cell) => cell.strategy).filter((name) => name.length > nameWidth);
  for (const name of new Set(long)) lines.push(`${shortName(name)} is ${name}`);
  lines.push(...openLines(results.cells), ...noteLines(results.cells));
  if (!isComplete(results)) {
    const text = `Not finished: ${results.cells.length} of ${plural(results.planned.length, "cell")}.`;
    lines.push(colors.yellow(text));
  }
  if (results.failure !== undefined) {
    lines.push(colors.red(`Stopped at ${results.failure.cell}: ${results.failure.message}`));
  }
  return lines;
}

function byName(counts: Readonly<Record<string, number>> | undefined): string {
  const entries = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return entries.length === 0
    ? ""
    : ` (${entries.map(([name, count]) => `${name} ${whole(count)}`).join(", ")})`;
}

/** Descriptors open at the end, said once per number of CPUs: they come from the script, not from the strategy. */
function openLines(cells: readonly Cell[]): string[] {
  const lines = cells
    .filter((cell) => cell.openAtEnd > 0)
    .map(
      (cell) =>
        `${plural(cell.cpus, "CPU")}: ${plural(cell.openAtEnd, "descriptor")} still open at the end of the script (not leaked)`,
    );
  return [...new Set(lines)];
}

/** Notes that all cells share are said once; the others with the cells that have them. */
function noteLines(cells: readonly Cell[]): string[] {
  const holders = new Map<string, string[]>();
  for (const cell of cells) {
    for (const note of cell.notes) holders.set(note, [...(holders.get(note) ?? []), cell.id]);
  }
  return [...holders].map(([note, ids]) =>
    ids.length === cells.length ? `Note: ${note}` : `Note (${ids.join(", ")}): ${note}`,
  );
}

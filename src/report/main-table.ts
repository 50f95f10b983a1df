/** The table that every run has: how fast each cell was, what a pair and a request took, and whether a rule was broken. */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { cpusOf, grouped, isComparable } from "./figure-table.ts";
import { type Colors, type Layout, shortName, tableWidth } from "./layout.ts";
import { figure, percent, whole } from "./numbers.ts";
import { plainTable } from "./plain-table.ts";
import { wrapped } from "./wrapped.ts";

export interface Column {
  readonly name: string;
  readonly legend?: string;
  readonly text: (cell: Cell) => string;
}

/** What each cell is shown with, in the terminal and in other reports alike. */
export function mainColumns(
  results: ResultsRecord,
  { nameWidth }: Pick<Layout, "nameWidth">,
  colors: Colors,
): readonly Column[] {
  const { cells } = results;
  const runs = mostRuns(cells);
  // One run has no spread to speak of.
  const spreads = runs > 1;
  const spread: Column = {
    name: "±%",
    legend: "±%: median distance from it",
    text: (cell) => percent(cell.requestsPerSecondSpread.medianAbsDev, cell.requestsPerSecond),
  };
  const moves: Column = {
    name: "moves",
    legend: "moves: cache lines that came from elsewhere, per request",
    text: ({ transfersPerRequest: moves }) => (moves === undefined ? "-" : figure(moves.all)),
  };
  return [
    { name: "strategy", text: ({ strategy }) => shortName(strategy, nameWidth) },
    { name: "CPUs", text: cpusOf },
    {
      name: "requests/s",
      legend: spreads ? `requests/s: median of ${runs} runs` : "requests/s: of one run",
      text: (cell) => colors.bold(whole(cell.requestsPerSecond)),
    },
    ...(spreads ? [spread] : []),
    {
      name: "of 1st",
      legend: "of 1st: against the first strategy on as many CPUs",
      text: (cell) => shareOfFirst(cell, cells),
    },
    {
      name: "pair ns",
      legend: "pair: an open and a close (refscale: get, put), median and 99th percentile",
      text: ({ pairNs }) => (pairNs === null ? "-" : figure(pairNs.p50)),
    },
    { name: "p99", text: ({ pairNs }) => (pairNs === null ? "-" : figure(pairNs.p99)) },
    {
      name: "RMW/req",
      legend: "RMW/req: atomic operations of the strategy",
      text: ({ rmwPerRequest }) => (rmwPerRequest === null ? "-" : figure(rmwPerRequest)),
    },
    ...(cells.some(({ transfersPerRequest }) => transfersPerRequest !== undefined) ? [moves] : []),
    { name: "label B", text: ({ labelBytes }) => figure(labelBytes, 0) },
    {
      name: "faults",
      legend: "faults: leaks and broken rules",
      text(cell) {
        const faults = cell.leaked + cell.violations;
        return faults === 0 ? colors.green("0") : colors.red(String(faults));
      },
    },
  ];
}

/** The table of all cells of `results`. */
export function mainTable(results: ResultsRecord, layout: Layout, colors: Colors): string {
  const columns = mainColumns(results, layout, colors);
  const rows = grouped(results.cells, (cell) => columns.map(({ text }) => text(cell)));
  return plainTable([columns.map(({ name }) => colors.dim(name)), ...rows], layout.gap, (column) =>
    column === 0 ? "left" : "right",
  );
}

/** What its columns mean. */
export function mainLegend(results: ResultsRecord, layout: Layout, colors: Colors): string {
  const legends = mainColumns(results, layout, colors).flatMap(({ legend }) => legend ?? []);
  const lines = [wrapped(`${legends.join("; ")}.`, "", tableWidth)];
  if (results.cells.some((cell) => cell.oversubscribed)) {
    lines.push("* more CPUs than cores (oversubscribed): workers share them, times say little.");
  }
  return colors.dim(lines.join("\n"));
}

function mostRuns(cells: readonly Cell[]): number {
  return Math.max(0, ...cells.map((cell) => cell.requestsPerSecondSpread.repetitions.length));
}

function shareOfFirst(cell: Cell, cells: readonly Cell[]): string {
  const first = cells.find((other) => isComparable(other, cell));
  if (first === undefined || first === cell) return "-";
  const share = cell.requestsPerSecond / first.requestsPerSecond;
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;
}

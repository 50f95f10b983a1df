/** The table of slow windows: times in which references to some label cost more, against the rest of the run. */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { type FigureTable, figureTableText, shown, type TableStyle } from "./figure-table.ts";
import { figure } from "./numbers.ts";
import { wrapped } from "./wrapped.ts";

type Slow = NonNullable<Cell["slowWindows"]>;

interface Column {
  readonly name: string;
  readonly text: (slow: Slow) => string;
}

const rate = (value: number | null | undefined): string =>
  value === null || value === undefined ? "-" : shown(value);

const windows: Column = { name: "windows", text: (slow) => shown(slow.windows) };
const longest: Column = { name: "longest ms", text: (slow) => figure(slow.longestMs) };
const rates: readonly Column[] = [
  { name: "inside/s", text: ({ insidePerSecond }) => rate(insidePerSecond) },
  { name: "outside/s", text: ({ outsidePerSecond }) => rate(outsidePerSecond) },
];

const measured: readonly Column[] = [
  windows,
  { name: "open %", text: ({ openShare }) => (100 * openShare).toFixed(2) },
  longest,
  ...rates,
  {
    name: "inside %",
    text: ({ insidePerSecond: inside, outsidePerSecond: outside }) =>
      inside === null || outside === null ? "-" : (100 * (inside / outside)).toFixed(0),
  },
];

const measuredLegend = wrapped(
  "windows: times that a label's references cost more (all runs); open %: of the time, with one or more open; inside/s, outside/s: requests per second meanwhile and otherwise; inside %: the one against the other.",
);

const predicted: readonly Column[] = [
  windows,
  longest,
  ...rates,
  { name: "duty %", text: ({ dutyCycle = 0 }) => (100 * dutyCycle).toFixed(2) },
  { name: "steady/s", text: ({ steadyPerSecond }) => rate(steadyPerSecond) },
];

const predictedLegend = wrapped(
  "windows: times that a label's references cost more; inside/s, outside/s: requests per second meanwhile and otherwise; duty %: time that windows take where scans come at the strategy's interval; steady/s: requests per second then.",
);

/** The table with its legend; undefined where no label was ever in a slow window. */
export function slowTable(results: ResultsRecord, style: TableStyle): string | undefined {
  const figures = slowFigures(results);
  return figures === undefined ? undefined : figureTableText(figures, style);
}

/** The same before it is printed. */
export function slowFigures({ cells }: ResultsRecord): FigureTable | undefined {
  if (cells.every(({ slowWindows }) => slowWindows === undefined)) return undefined;
  const simulated = cells.some(({ slowWindows }) => slowWindows?.dutyCycle !== undefined);
  const columns = simulated ? predicted : measured;
  return {
    // A simulated run has many cells, and those without windows have nothing to say.
    cells: simulated ? cells.filter(({ slowWindows }) => slowWindows !== undefined) : cells,
    columns: columns.map(({ name }) => name),
    row: ({ slowWindows }) =>
      columns.map(({ text }) => (slowWindows === undefined ? "-" : text(slowWindows))),
    legend: simulated ? predictedLegend : measuredLegend,
  };
}

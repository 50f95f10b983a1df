/**
 * The table of strategies' weak points: labels that were retired and wait, counting that does not stay in a line of one's own, and
 * labels that change between one counter and many.
 * Columns are there where a cell has something to say in them.
 */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { type FigureTable, figureTable, figureTableText, shown, type TableStyle } from "./figure-table.ts";
import { figure } from "./numbers.ts";
import { widthOf } from "./plain-table.ts";
import { wrapped } from "./wrapped.ts";

interface Column {
  readonly name: string;
  readonly legend: string;
  readonly isOf: (cell: Cell) => boolean;
  readonly text: (cell: Cell) => string;
}

const retires = ({ retirement }: Cell): boolean =>
  retirement !== undefined && retirement.labels + retirement.waiting > 0;

function ofRetired(
  name: string,
  legend: string,
  value: (retirement: NonNullable<Cell["retirement"]>, cell: Cell) => string,
): Column {
  const text = (cell: Cell): string => (cell.retirement === undefined ? "-" : value(cell.retirement, cell));
  return { name, legend, isOf: retires, text };
}

function ofSwitches(
  name: string,
  legend: string,
  value: (switches: NonNullable<Cell["switches"]>) => number,
  onlySome = false,
): Column {
  return {
    name,
    legend,
    isOf: ({ switches }) => switches !== undefined && !(onlySome && value(switches) === 0),
    text: ({ switches }) => (switches === undefined ? "-" : shown(value(switches))),
  };
}

const columns: readonly Column[] = [
  {
    name: "own %",
    legend: "own %: counts that changed in the task's or CPU's own line (counted run)",
    isOf: ({ counts }) => counts !== undefined,
    text: ({ counts }) => (counts === undefined ? "-" : (100 * counts.ownShare).toFixed(1)),
  },
  ofSwitches(
    "hot",
    "hot, most: labels with counters per CPU at the end, and at most",
    ({ labels }) => labels,
  ),
  ofSwitches("most", "", ({ most }) => most),
  ofSwitches("up", "up, down: how often a label got such counters and lost them", ({ toPercpu }) => toPercpu),
  ofSwitches("down", "", ({ toAtomic }) => toAtomic),
  ofSwitches("refused", "refused: for want of per-CPU memory", ({ refused }) => refused, true),
  ofRetired("retired", "retired: labels replaced or removed", ({ labels }) => shown(labels)),
  ofRetired("mean ms", "mean, max ms: from then until freed", ({ freed, meanMs }) =>
    freed === 0 ? "-" : figure(meanMs),
  ),
  // Freed may be none in the run and some in its tear-down, which counts here.
  ofRetired("max ms", "", ({ freed, maxMs }) => (freed === 0 && maxMs === 0 ? "-" : shown(maxMs))),
  ofRetired("left", "left: not freed at the end", ({ waiting }) => shown(waiting)),
  ofRetired("for ms", "for ms: since when, on average", ({ waiting, waitingMeanMs }) =>
    waiting === 0 ? "-" : figure(waitingMeanMs, 1),
  ),
  ofRetired("peak", "peak, peak B: most that waited", (_, { peakUnreclaimed }) => shown(peakUnreclaimed)),
  ofRetired("peak B", "", ({ peakWaitingBytes }) => shown(peakWaitingBytes)),
  ofRetired("labels", "labels: most there were, of any kind", ({ peakLabels }) => shown(peakLabels)),
];

/** All columns that have something to say, before they are printed; undefined where none has. */
export function reclaimFigures(results: ResultsRecord): FigureTable | undefined {
  const used = usedColumns(results);
  return used.length === 0 ? undefined : figuresOf(results, used);
}

function usedColumns({ cells }: ResultsRecord): readonly Column[] {
  const has = ({ isOf, text }: Column): boolean => cells.some((cell) => isOf(cell) && text(cell) !== "-");
  const isFollowed = (index: number): boolean => {
    const next = columns[index + 1];
    return next?.legend === "" && (has(next) || isFollowed(index + 1));
  };
  // One without a legend stands behind the one whose legend tells of both.
  return columns.filter((column, index) => has(column) || (cells.some(column.isOf) && isFollowed(index)));
}

function figuresOf(results: ResultsRecord, used: readonly Column[]): FigureTable {
  const legends = used.map(({ legend }) => legend).filter((legend) => legend !== "");
  return {
    // A run has many cells, and most have nothing to say.
    cells: results.cells.filter((cell) => used.some(({ text }) => text(cell) !== "-")),
    columns: used.map(({ name }) => name),
    row: (cell) => used.map(({ text }) => text(cell)),
    legend: wrapped(`${legends.join("; ")}.`),
  };
}

/**
 * The table with its legend; undefined where there is nothing to say. Where not all columns fit, the last are left out: results
 * as JSON or CSV have them.
 */
export function reclaimTable(results: ResultsRecord, style: TableStyle): string | undefined {
  let used = usedColumns(results);
  if (used.length === 0) return undefined;
  const tableOf = (some: readonly Column[]): string => {
    const { cells, columns: names, row } = figuresOf(results, some);
    return figureTable(cells, names, row, style);
  };
  while (used.length > 1 && widthOf(tableOf(used)) > style.mostWidth) used = used.slice(0, -1);
  return figureTableText(figuresOf(results, used), style);
}

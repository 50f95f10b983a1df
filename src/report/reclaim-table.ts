/**
 * The table of strategies' weak points: labels that were retired and wait, and counting that does not stay in a line of one's own.
 * Columns are there where a cell has something to say in them.
 */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { figureTable, shown, type TableStyle } from "./figure-table.ts";
import { figure } from "./numbers.ts";

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

const columns: readonly Column[] = [
  {
    name: "own %",
    legend: "own %: counts that changed in the task's or CPU's own line (counted run)",
    isOf: ({ counts }) => counts !== undefined,
    text: ({ counts }) => (counts === undefined ? "-" : (100 * counts.ownShare).toFixed(1)),
  },
  ofRetired("retired", "retired: labels replaced or removed", ({ labels }) => shown(labels)),
  ofRetired("mean ms", "mean, max ms: from then until freed", ({ freed, meanMs }) =>
    freed === 0 ? "-" : figure(meanMs),
  ),
  ofRetired("max ms", "", ({ maxMs }) => shown(maxMs)),
  ofRetired("left", "left: not freed at the end", ({ waiting }) => shown(waiting)),
  ofRetired("for ms", "for ms: since when, on average", ({ waiting, waitingMeanMs }) =>
    waiting === 0 ? "-" : figure(waitingMeanMs, 1),
  ),
  ofRetired("peak", "peak, peak B: most that waited", (_, { peakUnreclaimed }) => shown(peakUnreclaimed)),
  ofRetired("peak B", "", ({ peakWaitingBytes }) => shown(peakWaitingBytes)),
  ofRetired("labels", "labels: most there were, of any kind", ({ peakLabels }) => shown(peakLabels)),
];

/** Characters of a line of the legend. */
const legendWidth = 78;

/** The table with its legend; undefined where no label was retired and no strategy counts in two places. */
export function reclaimTable(results: ResultsRecord, style: TableStyle): string | undefined {
  const used = columns.filter(({ isOf }) => results.cells.some(isOf));
  if (used.length === 0) return undefined;
  const table = figureTable(
    results.cells,
    used.map(({ name }) => name),
    (cell) => used.map(({ text }) => text(cell)),
    style,
  );
  const legends = used.map(({ legend }) => legend).filter((legend) => legend !== "");
  return `${table}\n\n${style.dim(wrapped(`${legends.join("; ")}.`))}`;
}

function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1] ?? "";
    if (line !== "" && line.length + 1 + word.length > legendWidth) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}

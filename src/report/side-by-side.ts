/** Prediction and measurement of the same strategy on as many CPUs, where a run has both. */
import type { Cell } from "../results/schema.ts";
import { type FigureTable, figureTableText, isComparable, type TableStyle } from "./figure-table.ts";
import { figure, whole } from "./numbers.ts";

const columns = ["predicted/s", "measured/s", "ratio", "pair ns", "measured", "ratio"];

const legend = [
  "requests per second, and the median of an open and a close, as simulated and as",
  "measured on this machine's threads; ratio: predicted by measured. It means",
  "something where the simulated machine describes this one (`refplay calibrate`).",
];

/** The table with its legend; undefined where no cell is on both engines. */
export function sideBySide(cells: readonly Cell[], style: TableStyle): string | undefined {
  const figures = bothFigures(cells);
  return figures === undefined ? undefined : figureTableText(figures, style);
}

/** The same before it is printed. */
export function bothFigures(cells: readonly Cell[]): FigureTable | undefined {
  const pairs = new Map<Cell, Cell>();
  for (const cell of cells) {
    if (cell.engine !== "sim") continue;
    const measured = cells.find(
      (other) => other.engine === "threads" && other.strategy === cell.strategy && isComparable(other, cell),
    );
    if (measured !== undefined) pairs.set(cell, measured);
  }
  if (pairs.size === 0) return undefined;
  const row = (cell: Cell): string[] => {
    const measured = pairs.get(cell);
    const [pair, other] = [cell.pairNs?.p50, measured?.pairNs?.p50];
    return [
      whole(cell.requestsPerSecond),
      whole(measured?.requestsPerSecond ?? 0),
      ratio(cell.requestsPerSecond, measured?.requestsPerSecond),
      pair === undefined ? "-" : figure(pair),
      other === undefined ? "-" : figure(other),
      ratio(pair, other),
    ];
  };
  const title = "Prediction and measurement";
  return { title, cells: [...pairs.keys()], columns, row, legend: legend.join("\n") };
}

function ratio(one: number | undefined, other: number | undefined): string {
  return one === undefined || other === undefined || other === 0 ? "-" : figure(one / other);
}

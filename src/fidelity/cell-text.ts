/** The figures of one predicted cell as reports show them. */
import { boundText, errorUnit } from "./bounds.ts";
import type { PredictedCell, PredictedTable } from "./types.ts";

/** Three digits that count, as the published figures have; whole numbers from 100 on. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** As published: no digit more than the source has, unless it was computed from what the source has. */
function publishedText(value: number): string {
  const text = String(value);
  return text.length <= 5 ? text : figureText(value);
}

/** With its sign: `+1.2 pt`. */
function errorText(cell: PredictedCell, unit: string): string {
  if (!Number.isFinite(cell.error)) return String(cell.error);
  const size = Math.abs(cell.error);
  const digits = size < 99.95 ? size.toFixed(1) : String(Math.round(size));
  const sign = Number(digits) === 0 ? "" : cell.error < 0 ? "-" : "+";
  return `${sign}${digits} ${errorUnit(cell, unit)}`;
}

/** What is to be said of a cell beside its figures. */
export function verdictText({ bound, fitted, within }: PredictedCell): string {
  if (!within) return fitted ? "fit BEYOND" : "BEYOND";
  if (fitted) return "fitted";
  return bound.kind === "none" ? "shown" : "within";
}

export const cellHead = ["", "", "predicted", "published", "error", "bound", ""] as const;

/** Row, column, predicted, published, error, bound, verdict. */
export function cellTexts(cell: PredictedCell, { unit }: Pick<PredictedTable, "unit">): string[] {
  return [
    cell.column,
    cell.row,
    figureText(cell.predicted),
    cell.published.map(publishedText).join(" / "),
    errorText(cell, unit),
    boundText(cell.bound),
    verdictText(cell),
  ];
}

/** `31 of 33 cells within their bounds, 2 fitted, 4 only shown`. */
export function summaryText(tables: readonly PredictedTable[]): string {
  const cells = tables.flatMap((table) => table.cells);
  const bounded = cells.filter(({ bound }) => bound.kind !== "none");
  const fitted = bounded.filter((cell) => cell.fitted).length;
  const within = bounded.filter((cell) => cell.within).length;
  const shown = cells.length - bounded.length;
  return `${within} of ${bounded.length} cells within their bounds (${fitted} of them fitted); ${shown} more only shown`;
}

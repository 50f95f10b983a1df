/** Compares a prediction with what was published. */
import type { Bound, Cell, PredictedCell, PredictedTable } from "./types.ts";

/** The published run that is nearest to the prediction. */
export function nearest(published: readonly number[], predicted: number): number {
  const [first, ...others] = published;
  if (first === undefined) throw new RangeError("a cell without a published figure");
  return others.reduce(
    (best, run) => (Math.abs(run - predicted) < Math.abs(best - predicted) ? run : best),
    first,
  );
}

/** Whether errors of a bound are relative. */
const relative = (bound: Bound, unit: string): boolean =>
  bound.kind === "percent" || (bound.kind !== "points" && bound.kind !== "ns" && unit !== "%");

/**
 * The difference to the nearest published run: in the unit itself where the bound is in points or ns, or the unit is percent; else in
 * percent of that run.
 */
export function errorOf(cell: Cell, unit: string, predicted: number): number {
  const published = nearest(cell.published, predicted);
  const difference = predicted - published;
  return relative(cell.bound, unit) ? (100 * difference) / published : difference;
}

/** Unit in which `errorOf` counts. */
export function errorUnit(cell: Cell, unit: string): "pt" | "%" | "ns" {
  if (relative(cell.bound, unit)) return "%";
  return cell.bound.kind === "ns" ? "ns" : "pt";
}

/** Whether a prediction is within the cell's bound; one that is no number never is. */
export function isWithin(bound: Bound, predicted: number, error: number): boolean {
  if (!Number.isFinite(predicted)) return false;
  switch (bound.kind) {
    case "none":
      return true;
    case "between":
      return predicted >= bound.low && predicted <= bound.high;
    default:
      return Math.abs(error) <= bound.most;
  }
}

export function judge(cell: Cell, unit: string, predicted: number): PredictedCell {
  const error = errorOf(cell, unit, predicted);
  return { ...cell, predicted, error, within: isWithin(cell.bound, predicted, error) };
}

/** As in reports: `±3 pt`, `±30 %`, `25..55`, `-`. */
export function boundText(bound: Bound): string {
  switch (bound.kind) {
    case "none":
      return "-";
    case "between":
      return `${bound.low}..${bound.high}`;
    case "points":
      return `±${bound.most} pt`;
    case "ns":
      return `±${bound.most} ns`;
    default:
      return `±${bound.most} %`;
  }
}

/** Whether every cell of every table is within its bound. */
export function allWithin(tables: readonly PredictedTable[]): boolean {
  return tables.every(({ cells }) => cells.every(({ within }) => within));
}

/** Says which conditions of `--fail-if` a comparison meets, and in which cells. */
import { RefplayError } from "../errors.ts";
import { didYouMean } from "../names.ts";
import { type Condition, meets } from "./condition.ts";
import type { Interval } from "./intervals.ts";
import type { CellChange, Comparison, FigureChange } from "./types.ts";

/** A cell that a condition is about. */
export interface ConditionCell {
  readonly id: string;
  /** What the condition is held against, in its unit; infinite where a percentage of nothing is asked for. */
  readonly value: number;
  readonly interval: Interval | null;
  /** Unit of both. */
  readonly unit: string;
  /** Whether the value is what the condition is about, and whether the whole interval is. */
  readonly met: boolean;
  readonly sure: boolean;
}

export interface ConditionResult {
  readonly condition: Condition;
  readonly cells: readonly ConditionCell[];
  /** It fails: some cell meets it, surely so where that is asked for. */
  readonly failed: boolean;
}

/**
 * Holds each condition against the cells that it is about.
 * @param sure a cell counts only where its whole interval meets the condition
 * @throws RefplayError `condition-without-cells` for one about no compared cell, which would never fail; `no-interval` where
 *   `sure` is asked of cells that have none
 */
export function evaluateConditions(
  conditions: readonly Condition[],
  { cells }: Pick<Comparison, "cells">,
  sure: boolean,
): ConditionResult[] {
  return conditions.map((condition) => {
    const about = cells.flatMap((cell) => {
      const figure = isAbout(condition, cell)
        ? cell.figures.find(({ name }) => name === condition.figure)
        : undefined;
      return figure === undefined ? [] : [conditionCell(condition, cell, figure)];
    });
    if (about.length === 0) throw withoutCells(condition, cells);
    const unknown = about.filter(({ interval }) => interval === null);
    if (sure && unknown.length > 0) {
      const ids = unknown.map(({ id }) => id).join(", ");
      throw new RefplayError(
        "no-interval",
        `--sure needs an interval, and \`${condition.figure}\` has none in ${ids}`,
        { hint: "Run both with more `repetitions` (6 are enough for 95 %), or leave --sure out." },
      );
    }
    return { condition, cells: about, failed: about.some((cell) => (sure ? cell.sure : cell.met)) };
  });
}

function isAbout({ cpus, strategy }: Condition, cell: CellChange): boolean {
  return (
    (strategy === undefined || cell.strategies.includes(strategy)) &&
    (cpus === undefined || cell.cpus === cpus)
  );
}

function conditionCell(condition: Condition, cell: CellChange, figure: FigureChange): ConditionCell {
  const { difference, differenceUnit, percent, unit } = figure;
  const value = condition.percent
    ? (percent ?? Math.sign(difference) * Number.POSITIVE_INFINITY)
    : difference;
  const interval = condition.percent ? figure.percentInterval : figure.interval;
  return {
    id: cell.id,
    value,
    interval,
    unit: condition.percent ? "%" : (differenceUnit ?? unit),
    met: meets(condition, value),
    sure: interval !== null && meets(condition, interval.low) && meets(condition, interval.high),
  };
}

function withoutCells(
  { cpus, figure, strategy, text }: Condition,
  cells: readonly CellChange[],
): RefplayError {
  const named =
    strategy === undefined ? cells : cells.filter(({ strategies }) => strategies.includes(strategy));
  if (strategy !== undefined && named.length === 0) {
    const known = [...new Set(cells.flatMap(({ strategies }) => strategies))];
    return new RefplayError(
      "condition-without-cells",
      `--fail-if \`${text}\`: no compared cell is of strategy \`${strategy}\`${didYouMean(strategy, known)}`,
      { hint: `Compared: ${known.join(", ")}.` },
    );
  }
  const having = named.filter(({ figures }) => figures.some(({ name }) => name === figure));
  const counts = [...new Set(having.map((cell) => cell.cpus))].sort((one, other) => one - other);
  const on = cpus === undefined ? "" : ` on ${cpus} CPUs`;
  const hint =
    counts.length > 0
      ? `There it is on ${counts.join(", ")} CPUs.`
      : figure === "efficiency"
        ? "Efficiency is held against the fewest CPUs of a strategy, so it takes cells on several."
        : "It was not measured there.";
  return new RefplayError(
    "condition-without-cells",
    `--fail-if \`${text}\`: no compared cell has \`${figure}\`${on}, so it would never fail`,
    { hint },
  );
}

/** Says which conditions of `--fail-if` a comparison meets, and in which cells. */
import { RefplayError } from "../errors.ts";
import { didYouMean } from "../names.ts";
import { type Condition, meets } from "./condition.ts";
import type { Interval } from "./intervals.ts";
import type { CellChange, Comparison, FigureChange } from "./types.ts";

/** A cell that a condition is about and that both sides have. */
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

/** As much of a cell as can be known before it is measured. */
export interface ExpectedCell {
  readonly strategies: readonly string[];
  readonly cpus: number;
  readonly figures: readonly { readonly name: string }[];
}

/** Throws RefplayError `condition-without-cells` for a condition about none of the cells that are to be measured. */
export function checkConditions(conditions: readonly Condition[], cells: readonly ExpectedCell[]): void {
  for (const condition of conditions) {
    const isExpected = cells.some(
      (cell) => isAbout(condition, cell) && cell.figures.some(({ name }) => name === condition.figure),
    );
    if (!isExpected) throw withoutCells(condition, cells);
  }
}

/** A cell that a condition is about and that B cannot be judged by. */
export interface Unjudged {
  readonly id: string;
  readonly why: string;
}

export interface ConditionResult {
  readonly condition: Condition;
  readonly cells: readonly ConditionCell[];
  readonly unjudged: readonly Unjudged[];
  /** It fails: some cell meets it, surely so where that is asked for, or cannot be judged where that is not allowed. */
  readonly failed: boolean;
}

export interface JudgeOptions {
  /** A cell counts only where its whole interval meets the condition. */
  readonly sure: boolean;
  /** What B has not is no failure. */
  readonly allowMissing: boolean;
}

/** What all conditions came to. */
export interface Judgement extends JudgeOptions {
  readonly results: readonly ConditionResult[];
  /** Why B is no whole run, where that alone fails. */
  readonly unfinished?: string;
  readonly failed: boolean;
}

/**
 * Holds each condition against the cells that it is about. With conditions, a B that is no whole run fails, whatever its cells say.
 * @throws RefplayError `condition-without-cells` for one about no compared cell, which would never fail; `no-interval` where
 *   `sure` is asked of cells that have none
 */
export function judge(
  conditions: readonly Condition[],
  comparison: Pick<Comparison, "cells" | "missing" | "unfinished">,
  { allowMissing, sure }: JudgeOptions,
): Judgement {
  const results = conditions.map((condition) => evaluate(condition, comparison, { allowMissing, sure }));
  const ended = comparison.unfinished.find(({ side }) => side !== "A");
  const unfinished =
    ended === undefined || allowMissing || conditions.length === 0
      ? {}
      : { unfinished: `B is no whole run: it ${ended.text}` };
  const failed = results.some((result) => result.failed) || unfinished.unfinished !== undefined;
  return { results, ...unfinished, failed, allowMissing, sure };
}

function evaluate(
  condition: Condition,
  { cells, missing }: Pick<Comparison, "cells" | "missing">,
  { allowMissing, sure }: JudgeOptions,
): ConditionResult {
  const { figure } = condition;
  const about = cells.flatMap((cell) => {
    const change = isAbout(condition, cell) ? cell.figures.find(({ name }) => name === figure) : undefined;
    return change === undefined ? [] : [conditionCell(condition, cell, change)];
  });
  const unjudged = [
    ...cells
      .filter((cell) => isAbout(condition, cell) && cell.lost.includes(figure))
      .map(({ id }) => ({ id, why: lostText(figure) })),
    ...missing
      .filter((cell) => isAbout(condition, cell) && cell.figures?.includes(figure) !== false)
      .map(({ id, why }) => ({ id, why })),
  ];
  if (about.length === 0 && unjudged.length === 0) throw withoutCells(condition, cells);
  const unknown = about.filter(({ interval }) => interval === null);
  if (sure && unknown.length > 0) {
    const ids = unknown.map(({ id }) => id);
    const of = cells.filter(({ id }) => ids.includes(id));
    throw withoutInterval(condition, ids, of);
  }
  const isMet = about.some((cell) => (sure ? cell.sure : cell.met));
  return {
    condition,
    cells: about,
    unjudged,
    failed: isMet || (unjudged.length > 0 && !allowMissing),
  };
}

function lostText(figure: string): string {
  return figure === "efficiency"
    ? "B's efficiency is held against other CPUs, or there is none"
    : `B has no \`${figure}\` there`;
}

function withoutInterval(
  { figure, text }: Condition,
  ids: readonly string[],
  cells: readonly CellChange[],
): RefplayError {
  const changes = cells.flatMap(({ figures }) => figures.filter(({ name }) => name === figure));
  const isOfThreads = cells.some(({ engine }) => engine === "threads");
  const oneRun =
    figure.startsWith("pairNs") && isOfThreads
      ? "on threads, pairs of a load with think time are timed in one run of their own"
      : "the files have it of one run only";
  const because = {
    few: "Run both with more `repetitions` (6 are enough for 95 %), or leave --sure out.",
    "one-run": `More repetitions do not help: ${oneRun}. Leave --sure out for it.`,
    seeds:
      "It follows from the seed's load, and seeds differ: run both with the same seed, or leave --sure out.",
    percent: "Percent take a value above 0 in every run of A: give the number in the figure's unit.",
  };
  const reason = changes.find(({ noInterval }) => noInterval !== undefined)?.noInterval ?? "percent";
  const list = ids.join(", ");
  return new RefplayError(
    "no-interval",
    `--fail-if \`${text}\`: --sure needs an interval, and \`${figure}\` has none in ${list}`,
    { hint: because[reason] },
  );
}

function isAbout(
  { cpus, strategy }: Condition,
  cell: Pick<CellChange, "cpus"> & { readonly strategies: readonly string[] },
): boolean {
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
  cells: readonly ExpectedCell[],
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

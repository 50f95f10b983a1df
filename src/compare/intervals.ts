/**
 * Confidence intervals of a difference between two cells. Repetitions on threads are taken as independent, which
 * those of one start are not of the next; simulated runs of the same seed
 * have the same load, so each is held against its twin, which leaves out what the load itself varies. Nothing is drawn: the same
 * figures give the same interval.
 */
import { independentRank, mostConfidence, pairedRank } from "./rank-distributions.ts";

/** Both ends belong to it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface ShiftIntervals {
  /** Of B - A, in the figure's unit. */
  readonly difference: Interval;
  /** Of B against A, percent; null where A has a value that is not above 0. */
  readonly percent: Interval | null;
}

export interface Samples {
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** Whether values at the same place belong together. */
  readonly paired: boolean;
}

/**
 * The intervals that hold what the difference would be in the long run with `confidence` (0 to 1, not 1), or null where there are
 * too few values for it: 95 % takes four on each side, and six where pairs are to be of use.
 */
export function shiftIntervals({ a, b, paired }: Samples, confidence: number): ShiftIntervals | null {
  const positive = a.every((value) => value > 0) && b.every((value) => value >= 0);
  const rankOfPairs = paired && a.length === b.length ? pairedRank(a.length, confidence) : 0;
  if (rankOfPairs > 0) {
    const logs = pairs(a, b, (one, other) => Math.log(other) - Math.log(one));
    return {
      difference: between(means(pairs(a, b, (one, other) => other - one)), rankOfPairs),
      percent: positive ? inPercent(between(means(logs), rankOfPairs)) : null,
    };
  }
  const rank = independentRank(a.length, b.length, confidence);
  if (rank === 0) return null;
  const all = (of: (one: number, other: number) => number): number[] =>
    a.flatMap((one) => b.map((other) => of(one, other)));
  return {
    difference: between(
      all((one, other) => other - one),
      rank,
    ),
    percent: positive
      ? inPercent(
          between(
            all((one, other) => Math.log(other) - Math.log(one)),
            rank,
          ),
        )
      : null,
  };
}

/** Fewest repetitions of two cells that give an interval. */
export function fewestRepetitions(confidence: number): number {
  let count = 1;
  while (mostConfidence(count, count) < confidence - 1e-12) count++;
  return count;
}

/** Fewest pairs of runs that are compared in pairs; fewer are taken as independent. */
export function fewestPairs(confidence: number): number {
  let count = 1;
  while (pairedRank(count, confidence) === 0) count++;
  return count;
}

/** From the value of that rank to the one of that rank from the other end. */
function between(values: readonly number[], rank: number): Interval {
  const sorted = Float64Array.from(values).sort();
  return { low: sorted[rank - 1] as number, high: sorted[sorted.length - rank] as number };
}

function pairs(
  a: readonly number[],
  b: readonly number[],
  of: (one: number, other: number) => number,
): number[] {
  return a.map((one, index) => of(one, b[index] as number));
}

/** Means of every two values, each with itself too. */
function means(values: readonly number[]): number[] {
  return values.flatMap((one, index) => values.slice(index).map((other) => (one + other) / 2));
}

function inPercent({ low, high }: Interval): Interval {
  return { low: 100 * Math.expm1(low), high: 100 * Math.expm1(high) };
}

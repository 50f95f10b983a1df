/** What a series of times says, and which rounds something disturbed. */
import { max, median, medianAbsoluteDeviation, min } from "simple-statistics";

/** A figure over rounds, in ns. */
export interface Figure {
  readonly medianNs: number;
  /** Median distance from the median. */
  readonly madNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly rounds: number;
  /** Rounds that were thrown away as outliers and measured again. */
  readonly repeated: number;
}

/** @param values one time for each round, at least one */
export function figureOf(values: readonly number[], repeated = 0): Figure {
  const list = [...values];
  return {
    medianNs: median(list),
    madNs: medianAbsoluteDeviation(list),
    minNs: min(list),
    maxNs: max(list),
    rounds: list.length,
    repeated,
  };
}

/** Distances from the median, in MADs, beyond which a round is an outlier: some 3.4 standard deviations of a normal distribution. */
const outlierMads = 5;
/** A MAD counts as at least this share of the median: where all rounds agree to the last digit, not every other one is an outlier. */
const leastMadShare = 0.01;

/** Indices of values that are far from the others. */
export function outliers(values: readonly number[]): number[] {
  if (values.length === 0) return [];
  const { medianNs, madNs } = figureOf(values);
  const limit = outlierMads * Math.max(madNs, leastMadShare * Math.abs(medianNs));
  return values.flatMap((value, index) => (Math.abs(value - medianNs) > limit ? [index] : []));
}

/** For tables and machine files: two decimals below 10, one below 100, none above. */
export function rounded(ns: number): number {
  const decimals = Math.abs(ns) < 10 ? 2 : Math.abs(ns) < 100 ? 1 : 0;
  return Number(ns.toFixed(decimals));
}

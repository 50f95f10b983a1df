/**
 * How likely rank statistics are where there is no difference: what turns a list of differences into an exact interval. Intervals of
 * this kind suppose no bell curve, which nobody could tell from five values: independent runs and, where these are not pairs, the same
 * spread on both sides, shifted; of pairs, differences that lie evenly around their middle.
 */
import { probit } from "simple-statistics";

/** Samples above this size are counted by the normal approximation, which is right to a rank there. */
const mostCounted = 30;

/**
 * Of all differences between n values and m others in ascending order, the position (from 1) of the interval's lower end; its upper
 * end is as far from the other end of the list. 0 where even the whole list holds with less confidence than asked for.
 * The inverted Mann-Whitney test (Moses 1953; Hollander and Wolfe, Nonparametric Statistical Methods, section 4.3).
 */
export function independentRank(n: number, m: number, confidence: number): number {
  if (n < 1 || m < 1) return 0;
  if (Math.max(n, m) > mostCounted) {
    return approximateRank((n * m) / 2, (n * m * (n + m + 1)) / 12, confidence);
  }
  return lowestRank(rankSumCounts(n, m), confidence);
}

/**
 * The same for the means of all pairs out of n differences, each with itself too.
 * The inverted signed-rank test (Tukey 1949; Hollander and Wolfe, section 3.3).
 */
export function pairedRank(n: number, confidence: number): number {
  if (n < 1) return 0;
  if (n > mostCounted) {
    return approximateRank((n * (n + 1)) / 4, (n * (n + 1) * (2 * n + 1)) / 24, confidence);
  }
  return lowestRank(signedRankCounts(n), confidence);
}

/** Most confidence, 0 to 1, that n values against m others can give. */
export function mostConfidence(n: number, m: number): number {
  return 1 - 2 / sum(rankSumCounts(n, m));
}

/** The largest k of which the k lowest values of the statistic have at most half of what the interval may miss. */
function lowestRank(counts: readonly number[], confidence: number): number {
  const all = sum(counts);
  const mayMiss = (1 - confidence) / 2;
  let below = 0;
  let rank = 0;
  while (rank < counts.length) {
    below += counts[rank] ?? 0;
    // Counts are whole, so what is over the bound is so by more than rounding.
    if (below / all > mayMiss + 1e-12) return rank;
    rank++;
  }
  return rank;
}

function approximateRank(mean: number, variance: number, confidence: number): number {
  return Math.max(0, Math.floor(mean - probit((1 + confidence) / 2) * Math.sqrt(variance)));
}

/** In how many orders of n and m values u of the pairs have the first value in front, for u from 0. */
export function rankSumCounts(n: number, m: number): number[] {
  // Orders of i and j values, for all j at a time: the last one is of the first kind, in front of nobody, or of the second, behind all i.
  let rows = Array.from({ length: m + 1 }, () => [1]);
  for (let i = 1; i <= n; i++) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= m; j++) {
      const first = rows[j] ?? [];
      const second = next[j - 1] ?? [];
      next.push(Array.from({ length: i * j + 1 }, (_, u) => (first[u - j] ?? 0) + (second[u] ?? 0)));
    }
    rows = next;
  }
  return rows[m] ?? [];
}

/** In how many choices of signs the ranks 1 to n of positive ones add up to t, for t from 0. */
export function signedRankCounts(n: number): number[] {
  let counts = [1];
  for (let rank = 1; rank <= n; rank++) {
    const before = counts;
    counts = Array.from(
      { length: before.length + rank },
      (_, total) => (before[total] ?? 0) + (before[total - rank] ?? 0),
    );
  }
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

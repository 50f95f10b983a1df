/** What a series of search times says. */
import { medianSorted, quantileSorted } from "simple-statistics";

export interface Times {
  readonly medianMs: number;
  /** Distance of the quartiles over the median. */
  readonly spread: number;
}

/** Needs at least one. */
export function timesOf(ms: readonly number[]): Times {
  const sorted = [...ms].sort((a, b) => a - b);
  const medianMs = medianSorted(sorted);
  const spread = (quantileSorted(sorted, 0.75) - quantileSorted(sorted, 0.25)) / medianMs;
  return { medianMs, spread };
}

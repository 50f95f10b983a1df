/** Distributions as cells have them: with the unit in the names. */
import type { Buckets } from "../engines/histogram.ts";
import type { Cell } from "../results/schema.ts";

/** Buckets of nanoseconds. */
export function histogramNs({ upTo, counts }: Buckets): NonNullable<Cell["pairHistogram"]> {
  return { upToNs: [...upTo], counts: [...counts] };
}

/** Buckets of milliseconds. */
export function histogramMs({
  upTo,
  counts,
}: Buckets): NonNullable<NonNullable<Cell["retirement"]>["waitHistogram"]> {
  return { upToMs: [...upTo], counts: [...counts] };
}

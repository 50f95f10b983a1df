/** Distributions and courses of the results: how often which times were met, and how a number went over the run. */
import { z } from "zod";

const count = z.int().nonnegative();
const amount = z.number().nonnegative();

/**
 * Times by length, 60 buckets at most. A bucket has those above the edge before it and up to its own, ascending; edges grow by one
 * ratio (2 to the power of 1/4, 1/2 or 1, the finest that fits), in which the first bucket lies too. First and last are not empty.
 */
export const histogramNs = z.object({
  /** Upper edges, ns. */
  upToNs: z.array(amount),
  /** As long as `upToNs`. */
  counts: z.array(count),
});

/** The same in milliseconds; on threads of whole ms, so that edges are 0, 1, 3, 7, 15, ... and the last bucket has all that is longer. */
export const histogramMs = z.object({
  /** Upper edges, ms. */
  upToMs: z.array(amount),
  /** As long as `upToMs`. */
  counts: z.array(count),
});

/**
 * Labels that were retired and not yet freed, over the median run: 200 points at most, in order of time, each as it is until the next.
 * On sim the run is cut into at most 64 equal parts of which the least, the most and the last are told, so that no peak is missing;
 * on threads a look every millisecond or more takes their place.
 */
export const unreclaimed = z.object({
  /** Since the run's beginning, ns. */
  atNs: z.array(amount),
  /** As long as `atNs`. */
  labels: z.array(count),
});

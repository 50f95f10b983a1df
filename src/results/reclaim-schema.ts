/** What results tell of labels that go: how many, and how long they waited for it. */
import { z } from "zod";
import { histogramMs } from "./distribution-schema.ts";

const count = z.int().nonnegative();
const amount = z.number().nonnegative();

/** Labels freed in the median run, and the time from their last put until then. */
export const reclaim = z.object({ labels: count, meanMs: amount, maxMs: amount });

/** Labels that became stale or unreachable in the median run; the time from then, not from the last put, until they are freed. */
export const retirement = z.object({
  /** Retired, and those that were freed, by the run's end. */
  labels: count,
  freed: count,
  /** Of those freed. */
  meanMs: amount,
  /** Of all: what still waited at the run's end was freed in the tear-down. */
  maxMs: amount,
  /** Times of those freed; absent where none was. */
  waitHistogram: histogramMs.optional(),
  /** Retired and not freed at the run's end, and how long they had waited by then, on average. */
  waiting: count,
  waitingMeanMs: amount,
  /** The most that waited at a time, times the bytes of a label of one profile. */
  peakWaitingBytes: count,
  /** Most labels at a time, as of retirements and drops of kept labels; set-up included. */
  peakLabels: count,
});

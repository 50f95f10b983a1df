/** Medians, spreads and latency percentiles of repeated runs. */
import hdr from "hdr-histogram-js";
import { max, median, medianAbsoluteDeviation, min } from "simple-statistics";
import { type Buckets, bucketsOf } from "../histogram.ts";
import type { Times } from "./protocol.ts";

/** A figure over repetitions. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Median distance from the median. */
  readonly medianAbsDev: number;
  /** In the order of the repetitions. */
  readonly values: readonly number[];
}

/** Summarises one figure; `values` must not be empty. */
export function spreadOf(values: readonly number[]): Spread {
  const list = [...values];
  return {
    median: median(list),
    min: min(list),
    max: max(list),
    medianAbsDev: medianAbsoluteDeviation(list),
    values: list,
  };
}

export interface Latency {
  /** Nanoseconds. Means over a batch each, so single slow pairs show only as far as they slow their batch. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
  /** All sampled batches, ns; of a long run every second, fourth, ... of them, so `max` may be longer. */
  readonly histogram: Buckets;
  /** Batches behind these figures. */
  readonly samples: number;
}

/** Histogram values are picoseconds: a pair of 4 ns would keep one digit otherwise. Up to an hour. */
const psPerNs = 1000;
const longestPs = 3.6e15;

/** Percentiles of the time per unit over sampled batches of `unitsPerBatch` units each; null without a sample. */
export function latencyOf(runs: readonly Times[], unitsPerBatch: number): Latency | null {
  const histogram = hdr.build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestPs,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  const record = (batchNs: number): number =>
    Math.min(longestPs, Math.round((batchNs / unitsPerBatch) * psPerNs));
  let slowestPs = 0;
  let samples = 0;
  for (const run of runs) {
    for (const batchNs of run.sampleNs) histogram.recordValue(record(batchNs));
    samples += run.sampleNs.length;
    slowestPs = Math.max(slowestPs, record(run.slowestSampleNs));
  }
  const buckets = bucketsOf(histogram, psPerNs);
  if (buckets === null) return null;
  return {
    p50: histogram.getValueAtPercentile(50) / psPerNs,
    p99: histogram.getValueAtPercentile(99) / psPerNs,
    max: slowestPs / psPerNs,
    mean: histogram.mean / psPerNs,
    histogram: buckets,
    samples,
  };
}

/** The same of each repetition apart: `runs` are those of all `cpus`, repetition by repetition. */
export function latencyOfEach(
  runs: readonly Times[],
  cpus: number,
  unitsPerBatch: number,
): readonly (Latency | null)[] {
  return Array.from({ length: runs.length / cpus }, (_, repetition) =>
    latencyOf(runs.slice(repetition * cpus, (repetition + 1) * cpus), unitsPerBatch),
  );
}

/**
 * Samples of `percpu-dynamic`: which labels this CPU's gets change most. Only the CPU itself fills a place, only `maintain` empties
 * one, so a place that its CPU finds empty stays empty until the CPU fills it.
 */

import { type i32, load, type ptr, store, storeRelease } from "refplay/machine";
import {
  Sample,
  Samples,
  sampleEvery,
  sampleLimit,
  sampleOf,
  samplesOf,
  sharedBit,
} from "./dynamic-places.ts";

/**
 * Counts a get down. Where it is a sample of a label not yet met in this period: the place to keep it in, for `fillSample` once
 * the get has taken a reference more. Else 0. `word` is what the get found in the label; one with counters needs no samples.
 */
export function placeForSample(cpu: i32, label: ptr, word: i32): ptr {
  if (word !== sharedBit) return 0;
  const own: ptr = samplesOf(cpu);
  const left: i32 = load(own + Samples.left) - 1;
  if (left > 0) {
    store(own + Samples.left, left);
    return 0;
  }
  store(own + Samples.left, sampleEvery);
  return place(cpu, label);
}

/** The place for a first sample of the label, or 0: it has one, which counts one more, or there is no room. */
function place(cpu: i32, label: ptr): ptr {
  let free: ptr = 0;
  for (let index: i32 = 0; index < sampleLimit; index += 1) {
    const sample: ptr = sampleOf(cpu, index);
    const found: ptr = load(sample + Sample.label);
    if (found === label) {
      // Emptied at this moment, the place counts for nobody: it begins at 1 for the next.
      const hits: i32 = load(sample + Sample.hits);
      store(sample + Sample.hits, hits + 1);
      return 0;
    }
    if (found === 0 && free === 0) free = sample;
  }
  return free;
}

/** The sample is there, with its reference. */
export function fillSample(sample: ptr, label: ptr): void {
  store(sample + Sample.hits, 1);
  // Who finds the label finds its hits, and its reference in the counter.
  storeRelease(sample + Sample.label, label);
}

/**
 * One atomic counter, and counters per CPU for those labels only that are used so much that it pays: a cold label is as small as
 * with kref.
 *
 * Who is hot. Every CPU lets each n-th get that changes a label's atomic counter be a sample, and keeps a few sampled labels on
 * a line of its own. `maintain` collects the samples once in a period of known length and multiplies. So nothing is counted
 * where others count too, and the counter keeps its range. A sampled label must still be there when `maintain` looks, so the
 * sample is a reference: that get adds two instead of one.
 *
 * Counters per CPU are a pair, gets and puts. What a reference costs is the same as with one number, and the sum of the gets
 * tells `maintain` whether the label is still hot, which a number that gets and puts change both ways cannot.
 *
 * Getting hot. `maintain` marks the label as under way, adds the bias and names the counters, in this order. From the naming on gets
 * and puts leave the atomic counter alone. The bias is on it before the first of them does, so no put of a reference
 * that was counted elsewhere finds that it was the last.
 *
 * Getting cold, because of few gets or because somebody retired it. The mark comes back, and everybody changes the atomic counter
 * from then on. After a grace period nobody is left who read the word without the mark (gets and puts do so in a read
 * section), so the counters stand still: their sum comes into the atomic counter together with the bias's leaving, in one
 * addition. One grace period serves all labels that get cold in a period.
 *
 * The end. In the atomic counter every reference is counted, so the last put finds it; it may be that of `maintain`, which has a
 * reference to each label that it knows. A label that counts per CPU has none to be the last, so what nobody uses must get cold:
 * also where nobody retires it, as with compound labels.
 *
 * Misuse is noticed as with kref where the counter is what it seems, that is in a read section in which the label had no
 * counters before and after: to get them and lose them again takes a grace period.
 */

import { Mark, percpuCell, release, type StrategyMeta, spinTryLock, spinUnlock, warn } from "refplay/kernel";
import {
  type bool,
  compareExchange,
  fetchAdd,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  u32,
} from "refplay/machine";
import { choose, collect, inState, measure } from "./parts/dynamic-manager.ts";
import {
  Cell,
  globals,
  maximum,
  Own,
  RecordState,
  Samples,
  Shared,
  sampleEvery,
  samplesOf,
  saturated,
  sharedBit,
} from "./parts/dynamic-places.ts";
import { fillSample, placeForSample } from "./parts/dynamic-samples.ts";
import { coolDown, forget, heatUp } from "./parts/dynamic-switch.ts";

export { cpuBytes, globalBytes, labelBytes } from "./parts/dynamic-places.ts";

export const maintenanceIntervalMs: i32 = option("intervalMs");

export function boot(cpu: i32): void {
  store(samplesOf(cpu) + Samples.left, sampleEvery);
}

export function init(_cpu: i32, holder: ptr, label: ptr): void {
  store(label + Own.refs, 1);
  store(label + Own.word, sharedBit);
  store(holder, label);
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  rcuReadLock();
  const word: i32 = load(label + Own.word);
  if ((word & sharedBit) === 0) countOne(percpuCell(cpu, word) + Cell.gets);
  else getShared(cpu, label, word);
  rcuReadUnlock();
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  let taken: bool = true;
  rcuReadLock();
  const word: i32 = load(label + Own.word);
  // With counters the label has a reference of `maintain`'s: nothing to look at.
  if ((word & sharedBit) === 0) countOne(percpuCell(cpu, word) + Cell.gets);
  else taken = tryGetShared(cpu, label, word);
  rcuReadUnlock();
  if (taken) store(holder, label);
  return taken;
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  rcuReadLock();
  const word: i32 = load(label + Own.word);
  if ((word & sharedBit) === 0) countOne(percpuCell(cpu, word) + Cell.puts);
  else putShared(cpu, label, word);
  rcuReadUnlock();
}

/** Adds to a cell of this CPU's, which nobody else writes, in the read section in which its place was found. */
function countOne(cell: ptr): void {
  const before: i32 = load(cell);
  store(cell, before + 1);
}

function getShared(cpu: i32, label: ptr, word: i32): void {
  const sample: ptr = placeForSample(cpu, label, word);
  const amount: i32 = sample === 0 ? 1 : 2;
  const before: i32 = fetchAdd(label + Own.refs, amount);
  // One comparison for all that is wrong: 0 (wraps to the top), below 0, or no room. With the bias it is below 0, and nothing is wrong.
  if (u32(before - 1) >= u32(maximum - amount) && isExact(label, word))
    saturate(cpu, label, before === 0 ? Mark.getFromZero : Mark.overflow);
  // After the reference that it is.
  else if (sample !== 0) fillSample(sample, label);
}

function tryGetShared(cpu: i32, label: ptr, word: i32): bool {
  let before: i32 = load(label + Own.refs);
  if (before === 0) return false;
  const sample: ptr = placeForSample(cpu, label, word);
  const amount: i32 = sample === 0 ? 1 : 2;
  while (before !== 0) {
    const found: i32 = compareExchange(label + Own.refs, before, before + amount);
    if (found === before) {
      if (u32(before - 1) >= u32(maximum - amount) && isExact(label, word))
        saturate(cpu, label, Mark.overflow);
      else if (sample !== 0) fillSample(sample, label);
      return true;
    }
    before = found;
  }
  return false;
}

function putShared(cpu: i32, label: ptr, word: i32): void {
  // Fully ordered: all that holders did with the label comes before its release.
  const before: i32 = fetchAdd(label + Own.refs, -1);
  if (before === 1) release(cpu, label);
  else if (before <= 0 && isExact(label, word)) saturate(cpu, label, Mark.underflow);
}

/** Whether nothing but references was in the counter between reading `word` and here, all in one read section. */
function isExact(label: ptr, word: i32): bool {
  const again: i32 = load(label + Own.word);
  return word === sharedBit && again === sharedBit;
}

/** From here on the label is leaked, on purpose. */
function saturate(cpu: i32, label: ptr, event: i32): void {
  store(label + Own.refs, saturated);
  warn(cpu, event, label);
}

/** A label that counts per CPU gets cold: nobody will find it from now on, and its end must be noticed. */
export function retire(_cpu: i32, label: ptr): void {
  const word: i32 = load(label + Own.word);
  // Where this fails `maintain` was faster.
  if ((word & sharedBit) === 0) compareExchange(label + Own.word, word, word | sharedBit);
}

export function maintain(cpu: i32): i32 {
  if (!spinTryLock(globals + Shared.busy)) return 0;
  const samples: i32 = collect(cpu);
  measure();
  choose();
  const cooled: i32 = coolDown(cpu);
  // After that: what gets cold makes room, and with `hottestLabels` there are never more.
  const heated: i32 = heatUp(cpu);
  forget(cpu, RecordState.met);
  // Labels that are still hot get cold if nothing happens until the next call.
  const hot: i32 = inState(RecordState.hot);
  spinUnlock(globals + Shared.busy);
  return samples + cooled + heated + hot;
}

export default {
  title: "percpu_dynamic",
  summary:
    "One atomic counter as small as kref's. Each CPU samples the gets that change it; maintenance gives counters per CPU to the labels that were got more often in a period than a limit, and takes them back where there are few gets or somebody retired the label. Memory for counters per CPU is taken for hot labels only.",
  sources: [
    "Kent Overstreet, percpu refcounts, 2013: started atomic, went per-CPU after so many gets in a second",
    "lib/percpu-refcount.c, Linux v6.6, for the bias and the switch back",
  ],
  options: {
    switchPerSecond: {
      unit: "gets/s",
      default: 4096,
      min: 0,
      max: 100000,
      doc: "A label that is got more often, on all CPUs together, gets counters per CPU.",
    },
    coolPerSecond: {
      unit: "gets/s",
      default: 1024,
      min: 1,
      max: 100000,
      doc: "A label with counters per CPU that is got less often loses them.",
    },
    intervalMs: {
      unit: "ms",
      default: 1000,
      min: 1,
      max: 20000,
      doc: "Period: pause between two calls of maintain.",
    },
    sampleEvery: {
      unit: "gets",
      default: 61,
      min: 1,
      max: 4096,
      doc: "Each CPU samples every so manieth get that changes an atomic counter; a prime keeps in step with no loop.",
    },
    samples: {
      unit: "labels",
      default: 7,
      min: 1,
      max: 63,
      doc: "Labels that each CPU can have samples of in one period.",
    },
    hottestLabels: {
      unit: "labels",
      default: 0,
      min: 0,
      max: 100000,
      doc: "At most so many labels count per CPU at a time, those got most often; 0: all above switchPerSecond.",
    },
  },
  capabilities: {
    releases: "scan",
    detects: ["underflow", "overflow", "getFromZero"],
    needsMaintenance: true,
  },
} satisfies StrategyMeta;

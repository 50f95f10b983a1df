/**
 * Work buffers as entries of a program: single takes and gives, users that write to what they have, and looks into the lists.
 */
import {
  Boot,
  coreBoot,
  type ProgramMeta,
  spinLock,
  spinTryLock,
  spinUnlock,
  Verdict,
  violation,
  violations,
  warnings,
} from "refplay/kernel";
import { i32, load, type ptr, store } from "refplay/machine";
import {
  bufferBytes,
  bufferBytesNow,
  bufferGive,
  buffersBoot,
  buffersDismantle,
  buffersNow,
  bufferTake,
} from "../../src/kernel/buffers/index.ts";
import {
  BufferCpu,
  bufferCell,
  bufferNext,
  poolCount,
  poolHead,
  poolLock,
} from "../../src/kernel/buffers/layout.ts";
import { Counter } from "../../src/kernel/core/counter-names.ts";
import { counted } from "../../src/kernel/core/counters.ts";

export function boot(): void {
  coreBoot();
}

export function bootCpu(cpu: i32): void {
  buffersBoot(cpu);
}

export function take(cpu: i32): ptr {
  return bufferTake(cpu);
}

export function give(cpu: i32, buffer: ptr): void {
  bufferGive(cpu, buffer);
}

export function dismantle(cpu: i32): void {
  buffersDismantle(cpu);
}

/** Fills a buffer with one value in the first and last cell and one in the middle. */
function fill(buffer: ptr, value: i32): void {
  store(buffer, value);
  store(buffer + bufferBytes / 2, value);
  store(buffer + bufferBytes - 4, value);
}

/** Nobody else has written to it. */
function checkFilled(cpu: i32, buffer: ptr, value: i32): void {
  const first: i32 = load(buffer);
  const middle: i32 = load(buffer + bufferBytes / 2);
  const last: i32 = load(buffer + bufferBytes - 4);
  if (first !== value || middle !== value || last !== value) violation(cpu, Verdict.assertion, buffer);
}

/**
 * `rounds` times one buffer is taken, and a second one while the first is in use; what is written to one stays as it is
 * whatever becomes of the other. Returns how often none was to be had.
 */
export function user(cpu: i32, rounds: i32): i32 {
  let missing: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const value: i32 = cpu * 1000000 + round * 2;
    const outer: ptr = bufferTake(cpu);
    if (outer !== 0) fill(outer, value);
    const inner: ptr = bufferTake(cpu);
    if (inner !== 0) fill(inner, value + 1);
    if (outer === 0) missing += 1;
    else checkFilled(cpu, outer, value);
    if (inner === 0) missing += 1;
    else checkFilled(cpu, inner, value + 1);
    // Every second time the one that was taken first goes first.
    if ((round & 1) === 0) {
      bufferGive(cpu, inner);
      if (outer !== 0) checkFilled(cpu, outer, value);
      bufferGive(cpu, outer);
    } else {
      bufferGive(cpu, outer);
      if (inner !== 0) checkFilled(cpu, inner, value + 1);
      bufferGive(cpu, inner);
    }
  }
  return missing;
}

/** Takes the pool's lock and gives it back, `rounds` times. */
export function keeper(_cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    spinLock(poolLock);
    store(poolCount, load(poolCount));
    spinUnlock(poolLock);
  }
}

/** Takes `count` buffers, then gives all of them back. What the CPU's count of taken locks was in between. */
export function collector(cpu: i32, count: i32): i32 {
  const last: ptr = collect(cpu, count);
  const met: i32 = load(bufferCell(cpu, BufferCpu.hold));
  giveAll(cpu, last);
  return met;
}

/** Takes up to `count` buffers, as many as there are. The last one, which leads to the others. */
export function collect(cpu: i32, count: i32): ptr {
  let last: ptr = 0;
  for (let taken: i32 = 0; taken < count; taken += 1) {
    const buffer: ptr = bufferTake(cpu);
    if (buffer === 0) return last;
    store(buffer + 8, last);
    last = buffer;
  }
  return last;
}

/** Gives back what `collect` took. */
export function giveAll(cpu: i32, last: ptr): void {
  let buffer: ptr = last;
  while (buffer !== 0) {
    const before: ptr = load(buffer + 8);
    bufferGive(cpu, buffer);
    buffer = before;
  }
}

// ---- what a test looks at ----

function lengthFrom(head: ptr): i32 {
  let length: i32 = 0;
  let buffer: ptr = load(head);
  while (buffer !== 0) {
    length += 1;
    buffer = load(buffer + bufferNext);
  }
  return length;
}

/** Buffers in the pool's list, which must be as many as it says. */
export function listed(): i32 {
  const length: i32 = lengthFrom(poolHead);
  const count: i32 = load(poolCount);
  if (length !== count) violation(0, Verdict.assertion, poolHead);
  return length;
}

/** Buffers that a CPU has cached. */
export function cached(cpu: i32): i32 {
  return lengthFrom(bufferCell(cpu, BufferCpu.cached));
}

/** Buffers that all CPUs have cached. */
export function allCached(): i32 {
  const cpus: i32 = load(Boot.cpus);
  let sum: i32 = 0;
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) sum += lengthFrom(bufferCell(cpu, BufferCpu.cached));
  return sum;
}

export function hold(cpu: i32): i32 {
  return load(bufferCell(cpu, BufferCpu.hold));
}

/** Takes the pool's lock, which is free, as somebody in between would. */
export function occupy(): i32 {
  return i32(spinTryLock(poolLock));
}

export function leave(): void {
  spinUnlock(poolLock);
}

export function exist(): i32 {
  return buffersNow();
}

export function bytes(): i32 {
  return bufferBytesNow();
}

export function takes(): i32 {
  return counted(Counter.bufferTakes);
}

export function lockWaits(): i32 {
  return counted(Counter.bufferLockWaits);
}

export function lockWaitTicks(): i32 {
  return counted(Counter.bufferLockWaitTicks);
}

export function warningCount(event: i32): i32 {
  return warnings(event);
}

export function violationCount(verdict: i32): i32 {
  return violations(verdict);
}

export default {
  options: {
    buffers: { unit: "0..3", default: 3, min: 0, max: 3, doc: "Which variant: `BufferVariant`." },
    bufferBytes: { unit: "bytes", default: 8192, min: 64, max: 65536, doc: "Bytes of one work buffer." },
  },
} satisfies ProgramMeta;

/**
 * Work buffers under few actors, each of which takes one or two, writes to them and gives them back. `buffers` chooses the
 * variant; only what is shared is checked here, the pool and the hybrid.
 *
 * `broken` chooses a deliberate bug (`Bug`).
 */
import {
  Boot,
  Cpu,
  coreBoot,
  cpuArea,
  heapAlloc,
  Kind,
  kernelCpu,
  type ProgramMeta,
  spinLock,
  spinTryLock,
  spinUnlock,
  Verdict,
  violation,
} from "refplay/kernel";
import { type i32, load, option, type ptr, store } from "refplay/machine";
import { bufferBytes, bufferGive, buffersDismantle, bufferTake } from "../../../src/kernel/buffers/index.ts";
import {
  BufferCpu,
  bufferCell,
  bufferNext,
  poolCount,
  poolHead,
  poolLock,
} from "../../../src/kernel/buffers/layout.ts";
import { poolGive, poolPop, poolPush, poolReserve, poolTake } from "../../../src/kernel/buffers/pool.ts";

/** Values of the option `broken`. */
export enum Bug {
  none = 0,
  /** A buffer is pushed onto the list without the lock. */
  giveWithoutLock = 1,
  /** A buffer is popped off the list without the lock. */
  takeWithoutLock = 2,
  /** The lock is given back as soon as it is known which buffer comes off the list. */
  unlockEarly = 3,
  /** Who finds the lock taken when giving a buffer back pushes it onto the list all the same. */
  ignoreContention = 4,
  /** All CPUs have one cache. */
  oneCache = 5,
}

const broken: i32 = option("broken");

/** Offsets in a buffer, behind the link. */
export enum Work {
  /** The area of the CPU that has the buffer, or 0. */
  owner = 8,
}

/** Nothing here has more buffers; a list that seems to goes in a circle. */
const listLimit: i32 = 32;

/** A list with `spare` buffers beside the reserve. They come from a CPU that no actor has, so that all others begin alike. */
export function boot(spare: i32): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  for (let made: i32 = 0; made < poolReserve + spare; made += 1) {
    poolPush(heapAlloc(cpus - 1, Kind.buffer, bufferBytes));
  }
}

/** Uses a buffer and, while it has it, another one if `hands` is 2; `rounds` times. */
export function user(cpu: i32, rounds: i32, hands: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    const first: ptr = takeOwned(cpu);
    if (hands === 2) {
      const second: ptr = takeOwned(cpu);
      giveOwned(cpu, second);
    }
    giveOwned(cpu, first);
  }
}

function takeOwned(cpu: i32): ptr {
  const buffer: ptr = take(cpu);
  const before: ptr = load(buffer + Work.owner);
  if (before !== 0) violation(cpu, Verdict.assertion, buffer);
  store(buffer + Work.owner, kernelCpu(cpu));
  return buffer;
}

function giveOwned(cpu: i32, buffer: ptr): void {
  const owner: ptr = load(buffer + Work.owner);
  if (owner !== kernelCpu(cpu)) violation(cpu, Verdict.assertion, buffer);
  store(buffer + Work.owner, 0);
  give(cpu, buffer);
}

function take(cpu: i32): ptr {
  if (broken === Bug.takeWithoutLock) {
    const buffer: ptr = poolPop();
    return buffer !== 0 ? buffer : heapAlloc(cpu, Kind.buffer, bufferBytes);
  }
  if (broken === Bug.unlockEarly) return takeUnlockedEarly(cpu);
  if (broken === Bug.oneCache) {
    const cached: ptr = load(sharedCache());
    if (cached === 0) return poolTake(cpu);
    const rest: ptr = load(cached + bufferNext);
    store(sharedCache(), rest);
    return cached;
  }
  return bufferTake(cpu);
}

function takeUnlockedEarly(cpu: i32): ptr {
  spinLock(poolLock);
  const count: i32 = load(poolCount);
  const buffer: ptr = load(poolHead);
  spinUnlock(poolLock);
  if (count <= poolReserve) return heapAlloc(cpu, Kind.buffer, bufferBytes);
  const rest: ptr = load(buffer + bufferNext);
  store(poolHead, rest);
  store(poolCount, count - 1);
  return buffer;
}

function give(cpu: i32, buffer: ptr): void {
  if (broken === Bug.giveWithoutLock) {
    poolPush(buffer);
  } else if (broken === Bug.ignoreContention) {
    const free: i32 = spinTryLock(poolLock) ? 1 : 0;
    poolPush(buffer);
    if (free !== 0) spinUnlock(poolLock);
  } else if (broken === Bug.oneCache) {
    if (spinTryLock(poolLock)) {
      poolPush(buffer);
      spinUnlock(poolLock);
    } else {
      const rest: ptr = load(sharedCache());
      store(buffer + bufferNext, rest);
      store(sharedCache(), buffer);
    }
  } else if (broken === Bug.unlockEarly || broken === Bug.takeWithoutLock) {
    poolGive(cpu, buffer);
  } else bufferGive(cpu, buffer);
}

/** The cache of the last CPU. */
function sharedCache(): ptr {
  const cpus: i32 = load(Boot.cpus);
  return bufferCell(cpus - 1, BufferCpu.cached);
}

/** The end: each buffer that was ever made is in the list or in a cache, once; then all are freed. */
export function ended(): void {
  const cpus: i32 = load(Boot.cpus);
  let made: i32 = 0;
  let found: i32 = lengthFrom(poolHead);
  const count: i32 = load(poolCount);
  if (found !== count) violation(0, Verdict.assertion, poolHead);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    // Nothing else is allocated, and nothing freed is used again: what a CPU made is as high as its heap.
    const top: i32 = load(cpuArea(cpu) + Cpu.heapTop);
    made += top / bufferBytes;
    found += lengthFrom(bufferCell(cpu, BufferCpu.cached));
  }
  if (found !== made) violation(0, Verdict.assertion, poolHead);
  buffersDismantle(0);
}

function lengthFrom(head: ptr): i32 {
  let length: i32 = 0;
  let buffer: ptr = load(head);
  while (buffer !== 0 && length < listLimit) {
    length += 1;
    buffer = load(buffer + bufferNext);
  }
  return length;
}

export default {
  options: {
    buffers: { unit: "2/3", default: 3, min: 2, max: 3, doc: "2 = pool, 3 = hybrid." },
    bufferBytes: { unit: "bytes", default: 64, min: 64, max: 64, doc: "Bytes of one buffer: a line." },
    broken: { unit: "number", default: 0, min: 0, max: 5, doc: "Which deliberate bug (`Bug`); 0 = none." },
  },
} satisfies ProgramMeta;

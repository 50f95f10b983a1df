/**
 * What is counted of work buffers, for `audit`: cells of each CPU, added up when somebody asks. Watched builds have none,
 * for there each access would be a step. Exact once the CPUs rest.
 */
import { type i32, load, type ptr, store } from "refplay/machine";
import { Cpu, watched } from "../core/areas.ts";
import { sumOverCpus } from "../core/evidence.ts";
import { heapLive } from "../core/heap.ts";
import { Kind } from "../core/kinds.ts";
import { BufferCpu, bufferBytes, bufferCell } from "./layout.ts";

/** A buffer was asked for. */
export function countTake(cpu: i32): void {
  if (watched) return;
  add(bufferCell(cpu, BufferCpu.takes), 1);
}

/** Somebody waited that many ticks (0 where the clock is too coarse) for the pool's lock. */
export function countLockWait(cpu: i32, ticks: i32): void {
  if (watched) return;
  add(bufferCell(cpu, BufferCpu.lockWaits), 1);
  add(bufferCell(cpu, BufferCpu.lockWaitTicks), ticks);
}

function add(cell: ptr, amount: i32): void {
  const before: i32 = load(cell);
  store(cell, before + amount);
}

/** Buffers that exist, in use or not. */
export function buffersNow(): i32 {
  return heapLive(Kind.buffer);
}

/** Bytes that they take. */
export function bufferBytesNow(): i32 {
  return heapLive(Kind.buffer) * bufferBytes;
}

/** Times that a buffer was asked for. */
export function bufferTakesNow(): i32 {
  return sumOverCpus(Cpu.kernel + BufferCpu.takes);
}

/** Times that somebody found the pool's lock taken and waited for it. */
export function bufferLockWaitsNow(): i32 {
  return sumOverCpus(Cpu.kernel + BufferCpu.lockWaits);
}

/** Ticks (`now`) that they waited. */
export function bufferLockWaitTicksNow(): i32 {
  return sumOverCpus(Cpu.kernel + BufferCpu.lockWaitTicks);
}

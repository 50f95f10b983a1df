/**
 * Two work buffers for each CPU, made at boot: how AppArmor had it before commit df323337e507 ("apparmor: Use a memory pool
 * instead per-CPU caches"). No lock and no shared line, but memory that grows with the CPUs (16 KB for each), and the kernel
 * had to keep a task on its CPU, with preemption off, from the take to the give.
 */
import { type i32, load, type ptr, store } from "refplay/machine";
import { violation } from "../core/evidence.ts";
import { heapAlloc, heapFree } from "../core/heap.ts";
import { Kind } from "../core/kinds.ts";
import { Verdict } from "../core/marks.ts";
import { BufferCpu, bufferBytes, bufferCell } from "./layout.ts";

export function percpuBoot(cpu: i32): void {
  store(bufferCell(cpu, BufferCpu.first), heapAlloc(cpu, Kind.buffer, bufferBytes));
  store(bufferCell(cpu, BufferCpu.second), heapAlloc(cpu, Kind.buffer, bufferBytes));
}

/** One that this CPU does not use, or 0. */
export function percpuTake(cpu: i32): ptr {
  const inUse: i32 = load(bufferCell(cpu, BufferCpu.inUse));
  if ((inUse & 1) === 0) {
    store(bufferCell(cpu, BufferCpu.inUse), inUse | 1);
    return load(bufferCell(cpu, BufferCpu.first));
  }
  if ((inUse & 2) === 0) {
    store(bufferCell(cpu, BufferCpu.inUse), inUse | 2);
    return load(bufferCell(cpu, BufferCpu.second));
  }
  return 0;
}

/** Gives one back, in any order. One of another CPU, or one that is not in use, is a violation. */
export function percpuGive(cpu: i32, buffer: ptr): void {
  const inUse: i32 = load(bufferCell(cpu, BufferCpu.inUse));
  const first: ptr = load(bufferCell(cpu, BufferCpu.first));
  const second: ptr = load(bufferCell(cpu, BufferCpu.second));
  let bit: i32 = 0;
  if (buffer === first) bit = 1;
  else if (buffer === second) bit = 2;
  if ((inUse & bit) === 0) violation(cpu, Verdict.assertion, buffer);
  store(bufferCell(cpu, BufferCpu.inUse), inUse & ~bit);
}

/** Frees what CPU `owner` has, on `cpu`. */
export function percpuDismantle(cpu: i32, owner: i32): void {
  const first: ptr = load(bufferCell(owner, BufferCpu.first));
  const second: ptr = load(bufferCell(owner, BufferCpu.second));
  if (first !== 0) heapFree(cpu, first);
  if (second !== 0) heapFree(cpu, second);
  store(bufferCell(owner, BufferCpu.first), 0);
  store(bufferCell(owner, BufferCpu.second), 0);
}

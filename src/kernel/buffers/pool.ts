/**
 * One list of work buffers for all CPUs under a spinlock, as AppArmor has it since commit df323337e507 (aa_get_buffer,
 * aa_put_buffer, alloc_buffers, security/apparmor/lsm.c): the memory of the CPUs that are at work, and a lock that all of them
 * meet at in every path hook.
 *
 * The list grows: who finds only the reserve in it allocates a buffer, which ends up in the list and is never freed. The
 * reserve is for callers that may not allocate (in_atomic); this kernel has none, so its reserve is memory and nothing else.
 *
 * All of a buffer is the caller's from the take to the give; its first cell is the link while it is in the list. The lock
 * orders both: who pops a buffer has seen the link that its giver wrote.
 */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { Counter } from "../core/counter-names.ts";
import { count, countSince, ticks } from "../core/counters.ts";
import { heapAlloc, heapFree } from "../core/heap.ts";
import { Kind } from "../core/kinds.ts";
import { spinLock, spinTryLock, spinUnlock } from "../core/spinlock.ts";
import { bufferBytes, bufferNext, poolCount, poolHead, poolLock } from "./layout.ts";

/** Buffers that stay in the list: RESERVE_COUNT. */
export const poolReserve: i32 = 2;

/** Makes the list's first buffers: two that one hook may need at once, with more than one CPU four, and the reserve. */
export function poolBoot(cpu: i32, cpus: i32): void {
  const count: i32 = poolReserve + (cpus > 1 ? 4 : 2);
  for (let made: i32 = 0; made < count; made += 1) {
    const buffer: ptr = heapAlloc(cpu, Kind.buffer, bufferBytes);
    if (buffer === 0) return;
    poolPush(buffer);
  }
}

/** Takes the lock if it is free; whether it did. */
export function poolTryLock(): bool {
  return spinTryLock(poolLock);
}

/** Takes the lock that was found taken, and counts the wait. */
export function poolAwaitLock(cpu: i32): void {
  count(cpu, Counter.bufferLockWaits, 1);
  const start: i32 = ticks();
  spinLock(poolLock);
  countSince(cpu, Counter.bufferLockWaitTicks, start);
}

function lock(cpu: i32): void {
  if (!poolTryLock()) poolAwaitLock(cpu);
}

/** A buffer from the list, or a new one; 0 where memory is used up. */
export function poolTake(cpu: i32): ptr {
  lock(cpu);
  return poolTakeLocked(cpu);
}

/** The same with the lock held, which it gives back. */
export function poolTakeLocked(cpu: i32): ptr {
  const listed: ptr = poolPop();
  spinUnlock(poolLock);
  if (listed !== 0) return listed;
  // Without the lock: in the kernel an allocation may sleep.
  const fresh: ptr = heapAlloc(cpu, Kind.buffer, bufferBytes);
  if (fresh !== 0) return fresh;
  // Somebody may have given one back meanwhile.
  lock(cpu);
  const late: ptr = poolPop();
  spinUnlock(poolLock);
  return late;
}

/** Gives a buffer back. */
export function poolGive(cpu: i32, buffer: ptr): void {
  lock(cpu);
  poolGiveLocked(buffer);
}

/** The same with the lock held, which it gives back. */
export function poolGiveLocked(buffer: ptr): void {
  poolPush(buffer);
  spinUnlock(poolLock);
}

/** Takes the newest buffer off the list, or 0 where only the reserve is left. Lock held. */
export function poolPop(): ptr {
  const count: i32 = load(poolCount);
  if (count <= poolReserve) return 0;
  const buffer: ptr = load(poolHead);
  const rest: ptr = load(buffer + bufferNext);
  store(poolHead, rest);
  store(poolCount, count - 1);
  return buffer;
}

/** Puts a buffer in front of the list. Lock held. */
export function poolPush(buffer: ptr): void {
  const rest: ptr = load(poolHead);
  store(buffer + bufferNext, rest);
  store(poolHead, buffer);
  const count: i32 = load(poolCount);
  store(poolCount, count + 1);
}

/** Frees the list, reserve and all. Nobody else runs. */
export function poolDismantle(cpu: i32): void {
  freeList(cpu, poolHead);
  store(poolCount, 0);
}

/** Frees the list that begins in the cell `head`, and empties it. */
export function freeList(cpu: i32, head: ptr): void {
  let buffer: ptr = load(head);
  while (buffer !== 0) {
    const rest: ptr = load(buffer + bufferNext);
    heapFree(cpu, buffer);
    buffer = rest;
  }
  store(head, 0);
}

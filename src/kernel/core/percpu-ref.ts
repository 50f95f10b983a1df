/**
 * percpu_ref: a reference count that is one counter per CPU while the object lives and a single atomic one when its end
 * comes near. Described by lib/percpu-refcount.c and include/linux/percpu-refcount.h of Linux v6.6, written anew here.
 *
 * The hot path. A get loads the word; where no mode bit is set it adds one to this CPU's own cell with a load and a store.
 * Nobody else writes the cell meanwhile: CPUs write only their own, one actor runs on a CPU, and no get or put is called
 * from something that interrupts another. A cell alone means nothing (a get here, its put there), only the sum does.
 *
 * The sum. To switch to atomic mode a bit is set in the word, and then a grace period passes. Every get and put reads the
 * word and writes its cell inside one RCU read section. So after the grace period all those that found the bit clear have
 * written their cells, visibly, and all later ones use the atomic count: the cells stand still and can be summed. Without
 * the grace period an add could be in flight and be lost. During it, atomic puts may outnumber atomic gets (their gets
 * are in the cells); the bias keeps the count far from 0, and comes off in the same atomic addition that brings the sum in,
 * so there is no moment at which the count is too small.
 *
 * Functions that switch may wait for a switch under way, so they must not be called inside a read section or from an RCU
 * callback; gets and puts never wait. This file is the hot path; switching is in `percpu-ref-switch.ts`.
 */
import {
  type bool,
  compareExchange,
  fetchAdd,
  type i32,
  load,
  loadAcquire,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "../../machine/index.ts";
import { Global } from "./areas.ts";
import { percpuCell } from "./percpu.ts";
import { modeBits, PercpuRef, RefData, RefDataFlags, RefMode } from "./percpu-ref-layout.ts";
import { spinLock, spinUnlock } from "./spinlock.ts";

/** One reference more: percpu_ref_get. The caller has one. */
export function percpuRefGet(cpu: i32, ref: ptr): void {
  percpuRefGetMany(cpu, ref, 1);
}

/** `count` references more (1 or more): percpu_ref_get_many. */
export function percpuRefGetMany(cpu: i32, ref: ptr, count: i32): void {
  rcuReadLock();
  const word: i32 = load(ref + PercpuRef.word);
  if ((word & RefMode.mask) === 0) addToCell(cpu, word, count);
  else {
    const data: ptr = load(ref + PercpuRef.data);
    fetchAdd(data + RefData.count, count);
  }
  rcuReadUnlock();
}

/** Drops one reference: percpu_ref_put. True: it was the last, and the caller releases the object. */
export function percpuRefPut(cpu: i32, ref: ptr): bool {
  return percpuRefPutMany(cpu, ref, 1);
}

/** Drops `count` references: percpu_ref_put_many. True: they were the last. */
export function percpuRefPutMany(cpu: i32, ref: ptr, count: i32): bool {
  let last: bool = false;
  rcuReadLock();
  const word: i32 = load(ref + PercpuRef.word);
  if ((word & RefMode.mask) === 0) addToCell(cpu, word, 0 - count);
  else {
    const data: ptr = load(ref + PercpuRef.data);
    last = dropAtomic(data, count);
  }
  rcuReadUnlock();
  return last;
}

/** One reference more unless none is left: percpu_ref_tryget. The caller is inside a read section that found the object. */
export function percpuRefTryGet(cpu: i32, ref: ptr): bool {
  return percpuRefTryGetMany(cpu, ref, 1);
}

/** `count` references more unless none is left: percpu_ref_tryget_many. */
export function percpuRefTryGetMany(cpu: i32, ref: ptr, count: i32): bool {
  let taken: bool = true;
  rcuReadLock();
  const word: i32 = load(ref + PercpuRef.word);
  // A per-CPU ref still has the reference that it was made with: nothing to look at.
  if ((word & RefMode.mask) === 0) addToCell(cpu, word, count);
  else taken = addUnlessZero(ref, count);
  rcuReadUnlock();
  return taken;
}

/**
 * One reference more unless the ref was killed: percpu_ref_tryget_live. For a while after the kill it may still succeed on
 * other CPUs; when the kill is confirmed it does so nowhere.
 */
export function percpuRefTryGetLive(cpu: i32, ref: ptr): bool {
  let taken: bool = false;
  rcuReadLock();
  const word: i32 = load(ref + PercpuRef.word);
  if ((word & RefMode.mask) === 0) {
    addToCell(cpu, word, 1);
    taken = true;
  } else if ((word & RefMode.dead) === 0) taken = addUnlessZero(ref, 1);
  rcuReadUnlock();
  return taken;
}

/** Whether the ref was killed: percpu_ref_is_dying. */
export function percpuRefIsDying(ref: ptr): bool {
  const word: i32 = load(ref + PercpuRef.word);
  return (word & RefMode.dead) !== 0;
}

/** Whether no reference is left: percpu_ref_is_zero. Never of a per-CPU one; after exit, what was so then. */
export function percpuRefIsZero(ref: ptr): bool {
  const mode: i32 = loadAcquire(ref + PercpuRef.word);
  if ((mode & RefMode.mask) === 0) return false;
  // Against an exit on another CPU, which frees what is looked at.
  spinLock(Global.switchLock);
  const word: i32 = load(ref + PercpuRef.word);
  const data: ptr = load(ref + PercpuRef.data);
  let count: i32 = word >> modeBits;
  if (data !== 0) count = load(data + RefData.count);
  spinUnlock(Global.switchLock);
  return count === 0;
}

/** Adds to this CPU's own cell. The caller is inside the read section in which it found `word` without a mode bit. */
function addToCell(cpu: i32, word: i32, count: i32): void {
  const cell: ptr = percpuCell(cpu, word);
  const before: i32 = load(cell);
  store(cell, before + count);
}

/** Drops references in atomic mode; whether the count is 0 now. Also used by the switch. */
export function dropAtomic(data: ptr, count: i32): bool {
  const before: i32 = fetchAdd(data + RefData.count, 0 - count);
  if (before !== count) return false;
  const flags: i32 = load(data + RefData.flags);
  return (flags & RefDataFlags.leaked) === 0;
}

/** Adds in atomic mode unless the count is 0. */
function addUnlessZero(ref: ptr, count: i32): bool {
  const data: ptr = load(ref + PercpuRef.data);
  // Given up altogether: nothing is left to take.
  if (data === 0) return false;
  let before: i32 = load(data + RefData.count);
  while (before !== 0) {
    const found: i32 = compareExchange(data + RefData.count, before, before + count);
    if (found === before) return true;
    before = found;
  }
  return false;
}

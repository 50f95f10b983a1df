/**
 * The list of dentries that nobody has a reference to but that stay in the cache: s_dentry_lru, on which a dentry goes with its
 * first last put, and from which it is taken when it ends (d_lru_add, d_lru_del in fs/dcache.c, list_lru_add and list_lru_del in
 * mm/list_lru.c, v4.16). The kernel has one list, with a lock of its own, for each memory node that dentries lie on; here it is one,
 * as for dentries that were all made by one process.
 */
import { type i32, load, option, type ptr, store } from "refplay/machine";
import { DcacheGlobal, Dentry, DentryFlags } from "./dcache-layout.ts";
import { queuedLock, queuedUnlock } from "./queued-lock.ts";

/** Whether the end of a dentry and of its inode takes every lock that it takes in the kernel, or the inode list's alone. */
const listed: i32 = option("wholeEviction");

/** Puts a dentry at the list's end. With its lock held; it is not on the list. */
export function unusedAdd(cpu: i32, dentry: ptr): void {
  if (listed === 0) return;
  queuedLock(cpu, DcacheGlobal.unusedLock);
  const last: ptr = load(DcacheGlobal.unusedLast);
  store(dentry + Dentry.lruPrev, last);
  store(dentry + Dentry.lruNext, 0);
  if (last === 0) store(DcacheGlobal.unusedFirst, dentry);
  else store(last + Dentry.lruNext, dentry);
  store(DcacheGlobal.unusedLast, dentry);
  count(1);
  queuedUnlock(DcacheGlobal.unusedLock);
}

/** Takes a dentry off it, if it is on it. With its lock held. */
export function unusedDelete(cpu: i32, dentry: ptr): void {
  if (listed === 0) return;
  const flags: i32 = load(dentry + Dentry.flags);
  if ((flags & DentryFlags.lru) === 0) return;
  store(dentry + Dentry.flags, flags & ~DentryFlags.lru);
  // d_walk, which comes from one sibling to the next, has read this line before the lock is taken.
  load(dentry + Dentry.childNext);
  queuedLock(cpu, DcacheGlobal.unusedLock);
  const next: ptr = load(dentry + Dentry.lruNext);
  const previous: ptr = load(dentry + Dentry.lruPrev);
  if (next === 0) store(DcacheGlobal.unusedLast, previous);
  else store(next + Dentry.lruPrev, previous);
  if (previous === 0) store(DcacheGlobal.unusedFirst, next);
  else store(previous + Dentry.lruNext, next);
  count(-1);
  queuedUnlock(DcacheGlobal.unusedLock);
}

/** Dentries on the list. Exact once the CPUs rest. */
export function unusedListed(): i32 {
  return load(DcacheGlobal.unusedCount);
}

function count(change: i32): void {
  const before: i32 = load(DcacheGlobal.unusedCount);
  store(DcacheGlobal.unusedCount, before + change);
}

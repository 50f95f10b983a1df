/**
 * Inodes of the superblock: made, counted, evicted. All of them are on one list under one lock (s_inode_list_lock), which every new
 * inode and every eviction takes: new_inode in fs/inode.c, proc_pid_make_inode and proc_evict_inode in fs/proc (v5.15).
 */
import { type bool, callRcu, fetchAdd, type i32, load, now, option, type ptr, store } from "refplay/machine";
import { heapAlloc, heapFreeKnown } from "../core/heap.ts";
import { ProcCallback } from "./callback-ids.ts";
import { ProcCpu, procCpu } from "./cpu-block.ts";
import { DcacheGlobal, Inode, inodeBytes } from "./dcache-layout.ts";
import { ProcKind } from "./kinds.ts";
import { queuedLock, queuedUnlock } from "./queued-lock.ts";
import { pidGet, pidPut } from "./tasks.ts";

/** Whether the clock is read around the list's lock. */
const lockTimes: bool = option("lockTimes") !== 0;

/** Takes the list's lock; when that was, for `unlockList`. */
function lockList(cpu: i32): i32 {
  const asked: i32 = lockTimes ? now() : 0;
  queuedLock(cpu, DcacheGlobal.inodeLock);
  if (!lockTimes) return 0;
  const held: i32 = now();
  raise(procCpu(cpu) + ProcCpu.longestWait, held - asked);
  return held;
}

function unlockList(cpu: i32, held: i32): void {
  queuedUnlock(DcacheGlobal.inodeLock);
  if (lockTimes) raise(procCpu(cpu) + ProcCpu.longestHold, now() - held);
}

function raise(cell: ptr, ticks: i32): void {
  const before: i32 = load(cell);
  if (ticks > before) store(cell, ticks);
}

/** A new inode with one reference, on the superblock's list; `pid` is kept with it, 0 for one of no process. 0: no memory. */
export function inodeNew(cpu: i32, pid: ptr, what: i32): ptr {
  const inode: ptr = heapAlloc(cpu, ProcKind.inode, inodeBytes);
  if (inode === 0) return 0;
  store(inode + Inode.pid, pid);
  if (pid !== 0) pidGet(pid);
  store(inode + Inode.what, what);
  store(inode + Inode.count, 1);
  store(inode + Inode.listPrev, 0);
  const held: i32 = lockList(cpu);
  const first: ptr = load(DcacheGlobal.inodes);
  store(inode + Inode.listNext, first);
  if (first !== 0) store(first + Inode.listPrev, inode);
  store(DcacheGlobal.inodes, inode);
  unlockList(cpu, held);
  return inode;
}

/** One reference more for a further name: ihold. */
export function inodeGet(inode: ptr): void {
  fetchAdd(inode + Inode.count, 1);
}

/** One less; the last evicts: iput. */
export function inodePut(cpu: i32, inode: ptr): void {
  const before: i32 = fetchAdd(inode + Inode.count, -1);
  if (before !== 1) return;
  const held: i32 = lockList(cpu);
  const next: ptr = load(inode + Inode.listNext);
  const previous: ptr = load(inode + Inode.listPrev);
  if (next !== 0) store(next + Inode.listPrev, previous);
  if (previous === 0) store(DcacheGlobal.inodes, next);
  else store(previous + Inode.listNext, next);
  unlockList(cpu, held);
  callRcu(inode + Inode.rcu, ProcCallback.inodeFree);
}

/**
 * What is freed a grace period after the inode was evicted: proc_free_inode. The pid goes here, too, and not with the eviction: a
 * walk under RCU may still be about to ask it for its task. v5.16 to v6.8 had that wrong (47458802f660 "procfs: move dropping pde
 * and pid from ->evict_inode() to ->free_inode()").
 */
export function inodeFree(cpu: i32, inode: ptr): void {
  const pid: ptr = load(inode + Inode.pid);
  if (pid !== 0) pidPut(cpu, pid);
  heapFreeKnown(cpu, ProcKind.inode, inodeBytes, inode);
}

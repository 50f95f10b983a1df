/**
 * Inodes of the superblock: made, counted, evicted. All of them are on one list under one lock (s_inode_list_lock), which every new
 * inode and every eviction takes: new_inode and evict in fs/inode.c, proc_pid_make_inode and proc_evict_inode in fs/proc (v5.15; what
 * an eviction does beside that as of v4.16, which the published figures of `proc-dedup` are of).
 */
import {
  type bool,
  callRcu,
  compareExchange,
  fetchAdd,
  fetchOr,
  type i32,
  load,
  now,
  option,
  type ptr,
  store,
} from "refplay/machine";
import { heapAlloc, heapFreeKnown } from "../core/heap.ts";
import { ProcCallback } from "./callback-ids.ts";
import { ProcCpu, procCpu } from "./cpu-block.ts";
import { DcacheGlobal, Inode, InodeState, inodeBytes } from "./dcache-layout.ts";
import { ProcKind } from "./kinds.ts";
import { QueuedLock, queuedLock, queuedUnlock } from "./queued-lock.ts";
import { pidGet, pidPut } from "./tasks.ts";

/** Whether the clock is read around the list's lock. */
const lockTimes: bool = option("lockTimes") !== 0;

/** Whether an inode's end takes its own locks, too; as in `unused-list.ts`. */
const wholeEviction: bool = option("wholeEviction") !== 0;

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
  if (!lockTimes) return;
  const ticks: i32 = now() - held;
  const block: ptr = procCpu(cpu);
  raise(block + ProcCpu.longestHold, ticks);
  // A section is shorter than the clock's tick; the mean of many is told rightly all the same.
  const before: i32 = load(block + ProcCpu.heldTicks);
  store(block + ProcCpu.heldTicks, before + ticks);
  const sections: i32 = load(block + ProcCpu.sections);
  store(block + ProcCpu.sections, sections + 1);
}

/** What is known of the lock's times on this CPU begins anew. */
export function clearLockTimes(cpu: i32): void {
  const block: ptr = procCpu(cpu);
  store(block + ProcCpu.longestHold, 0);
  store(block + ProcCpu.longestWait, 0);
  store(block + ProcCpu.heldTicks, 0);
  store(block + ProcCpu.sections, 0);
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
  if (wholeEviction) {
    store(inode + Inode.state, 0);
    store(inode + Inode.lock + QueuedLock.word, 0);
    store(inode + Inode.lock + QueuedLock.tail, 0);
    store(inode + Inode.mappingFlags, 0);
    store(inode + Inode.mappingLock + QueuedLock.word, 0);
    store(inode + Inode.mappingLock + QueuedLock.tail, 0);
  }
  const held: i32 = lockList(cpu);
  const first: ptr = load(DcacheGlobal.inodes);
  store(inode + Inode.listNext, first);
  if (first !== 0) store(first + Inode.listPrev, inode);
  store(DcacheGlobal.inodes, inode);
  unlockList(cpu, held);
  return inode;
}

/** One reference more; the caller has one. ihold. */
export function inodeGet(inode: ptr): void {
  fetchAdd(inode + Inode.count, 1);
}

/**
 * One reference more unless it is being freed; whether it worked. In an RCU read section in which the inode was found, for a look-up
 * in a table: __iget after the test of I_FREEING in find_inode. procfs' inodes are evicted with their last reference
 * (generic_delete_inode), so that a count of 0 is that state.
 */
export function inodeTryGet(inode: ptr): bool {
  return changeUnless(inode, 1, 0);
}

/** Adds to the count unless it is `least`; whether it did. atomic_add_unless. */
function changeUnless(inode: ptr, amount: i32, least: i32): bool {
  let seen: i32 = load(inode + Inode.count);
  while (seen > least) {
    const before: i32 = compareExchange(inode + Inode.count, seen, seen + amount);
    if (before === seen) return true;
    seen = before;
  }
  return false;
}

/** One less; the last evicts: iput, iput_final, evict. */
export function inodePut(cpu: i32, inode: ptr): void {
  if (!lastPut(cpu, inode)) return;
  listDelete(cpu, inode);
  if (wholeEviction) clearInode(cpu, inode);
  callRcu(inode + Inode.rcu, ProcCallback.inodeFree);
}

/** One less; whether it was the last, and then nobody gets one any more. */
function lastPut(cpu: i32, inode: ptr): bool {
  if (!wholeEviction) return fetchAdd(inode + Inode.count, -1) === 1;
  // atomic_dec_and_lock: the last one goes under the inode's lock.
  if (changeUnless(inode, -1, 1)) return false;
  queuedLock(cpu, inode + Inode.lock);
  const last: bool = fetchAdd(inode + Inode.count, -1) === 1;
  if (last) store(inode + Inode.state, InodeState.freeing);
  queuedUnlock(inode + Inode.lock);
  return last;
}

/** Takes it off the superblock's list: inode_sb_list_del. */
function listDelete(cpu: i32, inode: ptr): void {
  // It looks before it takes the lock whether the inode is on the list: under the lock, its own line is at hand.
  if (wholeEviction) load(inode + Inode.listNext);
  const held: i32 = lockList(cpu);
  const next: ptr = load(inode + Inode.listNext);
  const previous: ptr = load(inode + Inode.listPrev);
  if (next !== 0) store(next + Inode.listPrev, previous);
  if (previous === 0) store(DcacheGlobal.inodes, next);
  else store(previous + Inode.listNext, next);
  unlockList(cpu, held);
}

/**
 * What else evict does with an inode that was never hashed (so that the hash's lock is not taken) and has no pages: waits for
 * writeback under its lock, says that its pages end (mapping_set_exiting), takes and gives back their lock (clear_inode), wakes who
 * waits for its state under its lock. Its own lines, all of it; the table of wait queues is only read.
 */
function clearInode(cpu: i32, inode: ptr): void {
  touchLock(cpu, inode + Inode.lock);
  fetchOr(inode + Inode.mappingFlags, exiting);
  touchLock(cpu, inode + Inode.mappingLock);
  store(inode + Inode.state, InodeState.freeing | InodeState.clear);
  touchLock(cpu, inode + Inode.lock);
}

/** AS_EXITING. */
const exiting: i32 = 16;

function touchLock(cpu: i32, lock: ptr): void {
  queuedLock(cpu, lock);
  queuedUnlock(lock);
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

/**
 * The kernel's queued spinlock: whoever finds it taken queues up and waits on a line of its own, so that handing on costs as many
 * line transfers with a hundred waiters as with two. After kernel/locking/qspinlock.c (v6.6) and its source, J. Mellor-Crummey and
 * M. Scott, "Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors", ACM TOCS 9(1), 1991. The lock word leaves
 * room for a count, because a lockref is this lock and a count in one word (`lockref.ts`).
 *
 * Two cells: the word, {count, queued bit, locked bit}, and the queue's last node. While somebody queues the word says so, and
 * whoever comes new queues up as well; the first of the queue alone waits on the word.
 */
import {
  awaitNotEqual,
  compareExchange,
  exchange,
  fetchAdd,
  fetchAnd,
  fetchOr,
  type i32,
  load,
  loadAcquire,
  type ptr,
  store,
  storeRelease,
} from "refplay/machine";
import { ProcCpu, procCpu } from "./cpu-block.ts";

/** Offsets of the lock's cells. */
export enum QueuedLock {
  word = 0,
  tail = 4,
}

/** Bits of the word. */
export enum LockBits {
  locked = 1,
  queued = 2,
  busy = 3,
  /** One in the count above them. */
  one = 4,
}

/** Takes the lock; waits while another CPU has it. */
export function queuedLock(cpu: i32, lock: ptr): void {
  const seen: i32 = load(lock + QueuedLock.word);
  if ((seen & LockBits.busy) === 0) {
    const before: i32 = fetchOr(lock + QueuedLock.word, LockBits.locked);
    if ((before & LockBits.locked) === 0) return;
  }
  queueUp(cpu, lock);
}

/** Gives the lock back and adds to the count, 0 where there is none, in one step. */
export function queuedUnlockAdd(lock: ptr, amount: i32): void {
  // An atomic because the queued bit may be set meanwhile; the kernel stores the lock's own byte.
  fetchAdd(lock + QueuedLock.word, amount * LockBits.one - LockBits.locked);
}

export function queuedUnlock(lock: ptr): void {
  queuedUnlockAdd(lock, 0);
}

function queueUp(cpu: i32, lock: ptr): void {
  const node: ptr = procCpu(cpu) + ProcCpu.queueNext;
  store(node, 0);
  store(node + 4, 0);
  const before: ptr = exchange(lock + QueuedLock.tail, node);
  if (before === 0) {
    fetchOr(lock + QueuedLock.word, LockBits.queued);
  } else {
    store(before, node);
    awaitNotEqual(node + 4, 0);
  }
  takeAsFirst(lock);
  leaveQueue(lock, node);
}

/** The first of the queue waits for the holder only. */
function takeAsFirst(lock: ptr): void {
  while (true) {
    const seen: i32 = load(lock + QueuedLock.word);
    if ((seen & LockBits.locked) !== 0) {
      awaitNotEqual(lock + QueuedLock.word, seen);
    } else {
      const before: i32 = fetchOr(lock + QueuedLock.word, LockBits.locked);
      if ((before & LockBits.locked) === 0) return;
    }
  }
}

/** Hands the first place of the queue on, with the lock held. */
function leaveQueue(lock: ptr, node: ptr): void {
  const last: ptr = load(lock + QueuedLock.tail);
  if (last === node) {
    // Before the queue is seen empty: whoever queues up then sets the bit itself.
    fetchAnd(lock + QueuedLock.word, ~LockBits.queued);
    const before: ptr = compareExchange(lock + QueuedLock.tail, node, 0);
    if (before === node) return;
    fetchOr(lock + QueuedLock.word, LockBits.queued);
  }
  let next: ptr = loadAcquire(node);
  if (next === 0) {
    awaitNotEqual(node, 0);
    next = load(node);
  }
  storeRelease(next + 4, 1);
}

/**
 * The kernel's mutex as it is while its holder runs: whoever finds it taken does not sleep but spins, in a queue. After
 * kernel/locking/mutex.c and osq_lock.c (v5.15): mutex_lock tries a compare-exchange of the owner, then mutex_optimistic_spin
 * queues up (osq_lock), and the first of the queue alone waits for the owner to leave. Newcomers may be faster than the queue.
 *
 * What it does not have: sleeping. A spinner sleeps where the holder does not run or where something else wants its CPU; here every
 * CPU has one task.
 */
import {
  awaitNotEqual,
  type bool,
  compareExchange,
  exchange,
  type i32,
  load,
  loadAcquire,
  type ptr,
  store,
  storeRelease,
} from "refplay/machine";
import { ProcCpu, procCpu } from "./cpu-block.ts";

/** Offsets of the mutex's cells, on one line as there. */
export enum Mutex {
  /** The CPU that has it + 1, or 0. */
  owner = 0,
  /** The queue's last node. */
  tail = 12,
}

/** Takes the mutex; spins while another CPU has it. */
export function mutexLock(cpu: i32, mutex: ptr): void {
  if (tryLock(cpu, mutex)) return;
  const node: ptr = procCpu(cpu) + ProcCpu.queueNext;
  store(node, 0);
  store(node + 4, 0);
  const before: ptr = exchange(mutex + Mutex.tail, node);
  if (before !== 0) {
    store(before, node);
    awaitNotEqual(node + 4, 0);
  }
  while (true) {
    const seen: i32 = load(mutex + Mutex.owner);
    if (seen !== 0) awaitNotEqual(mutex + Mutex.owner, seen);
    else if (tryLock(cpu, mutex)) break;
  }
  leaveQueue(mutex, node);
}

/** Gives it back. */
export function mutexUnlock(mutex: ptr): void {
  // A compare-exchange there, too: who waits asleep is noted in the same word.
  exchange(mutex + Mutex.owner, 0);
}

function tryLock(cpu: i32, mutex: ptr): bool {
  const before: i32 = compareExchange(mutex + Mutex.owner, 0, cpu + 1);
  return before === 0;
}

/** Hands the first place of the queue on: osq_unlock. */
function leaveQueue(mutex: ptr, node: ptr): void {
  const before: ptr = compareExchange(mutex + Mutex.tail, node, 0);
  if (before === node) return;
  let next: ptr = loadAcquire(node);
  if (next === 0) {
    awaitNotEqual(node, 0);
    next = load(node);
  }
  storeRelease(next + 4, 1);
}

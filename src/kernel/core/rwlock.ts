/**
 * Many readers or one writer: rwlock_t. Kernel counterpart: kernel/locking/qrwlock.c (v6.6), from which it takes that a
 * waiting writer keeps new readers out, so that readers cannot starve it; the queue it does not have.
 *
 * A writer closes the gate, then waits until the readers inside have left. A reader counts itself in, then looks at the
 * gate: both sides write before they read with fully ordered operations, so at least one sees the other.
 */
import { awaitEqual, type bool, fetchAdd, type i32, load, type ptr } from "../../machine/index.ts";
import { spinLock, spinTryLock, spinUnlock } from "./spinlock.ts";

/** Offsets of `struct rwlock`. */
export enum RwLock {
  /** Readers inside, and those about to find the gate closed. */
  readers = 0,
  /** Spinlock that the writer holds. */
  gate = 4,
}

export const rwlockBytes: i32 = 8;

/** Enters as a reader; waits while a writer is inside or waits. Does not nest: a writer may come between. */
export function readLock(lock: ptr): void {
  while (true) {
    fetchAdd(lock + RwLock.readers, 1);
    const closed: i32 = load(lock + RwLock.gate);
    if (closed === 0) return;
    fetchAdd(lock + RwLock.readers, -1);
    awaitEqual(lock + RwLock.gate, 0);
  }
}

/** Leaves as a reader. */
export function readUnlock(lock: ptr): void {
  fetchAdd(lock + RwLock.readers, -1);
}

/** Enters as the only one. */
export function writeLock(lock: ptr): void {
  spinLock(lock + RwLock.gate);
  awaitEqual(lock + RwLock.readers, 0);
}

/** Enters as the only one if nobody is inside; whether it did. */
export function writeTryLock(lock: ptr): bool {
  if (!spinTryLock(lock + RwLock.gate)) return false;
  const readers: i32 = load(lock + RwLock.readers);
  if (readers === 0) return true;
  spinUnlock(lock + RwLock.gate);
  return false;
}

/** Leaves as the writer. */
export function writeUnlock(lock: ptr): void {
  spinUnlock(lock + RwLock.gate);
}

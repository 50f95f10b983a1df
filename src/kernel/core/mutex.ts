/**
 * Mutual exclusion for long sections: struct mutex (kernel/locking/mutex.c). Unlike with a spinlock, whoever waits sleeps, so
 * the holder may wait for a grace period, and grace periods end while others wait for the holder.
 *
 * One cell, 0 = free. Not recursive. Not inside a read section, nor with a spinlock held.
 */
import { awaitEqual, type ptr } from "../../machine/index.ts";
import { rcuOffline, rcuOnline } from "./rcu-periods.ts";
import { spinTryLock, spinUnlock } from "./spinlock.ts";

/** Takes the lock; sleeps while another CPU has it. */
export function mutexLock(lock: ptr): void {
  if (spinTryLock(lock)) return;
  rcuOffline();
  awaitEqual(lock, 0);
  while (!spinTryLock(lock)) awaitEqual(lock, 0);
  rcuOnline();
}

/** Gives the lock back; what was written under it is visible to the next holder. */
export function mutexUnlock(lock: ptr): void {
  spinUnlock(lock);
}

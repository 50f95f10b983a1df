/**
 * Mutual exclusion for short sections: spinlock_t. Kernel counterpart: the test-and-set fall-back of queued spinlocks
 * (virt_spin_lock in arch/x86/include/asm/qspinlock.h, v6.6), which is what the kernel uses where a queue would hand the
 * lock to a CPU that does not run: our threads may outnumber the cores.
 *
 * One cell, 0 = free. Not recursive. A holder must not wait for a grace period.
 */
import {
  awaitEqual,
  type bool,
  compareExchange,
  exchange,
  type i32,
  type ptr,
  storeRelease,
} from "../../machine/index.ts";

export const spinlockBytes: i32 = 8;

/** Takes the lock; waits while another CPU has it. */
export function spinLock(lock: ptr): void {
  while (true) {
    const before: i32 = exchange(lock, 1);
    if (before === 0) return;
    // Wait by reading: a loop of exchanges would take the line away from the holder again and again.
    awaitEqual(lock, 0);
  }
}

/** Takes the lock if it is free; whether it did. */
export function spinTryLock(lock: ptr): bool {
  const before: i32 = compareExchange(lock, 0, 1);
  return before === 0;
}

/** Gives the lock back; what was written under it is visible to the next holder. */
export function spinUnlock(lock: ptr): void {
  storeRelease(lock, 0);
}

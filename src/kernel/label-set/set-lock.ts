/**
 * The lock of a label set as a spinlock, with books about who waited: for the variants whose look-ups take none.
 */
import type { i32, ptr } from "refplay/machine";
import { Counter } from "../core/counter-names.ts";
import { count, countSince, ticks } from "../core/counters.ts";
import { spinLock, spinTryLock } from "../core/spinlock.ts";
import { LabelSet } from "./layout.ts";

/** Takes the lock of the set. */
export function lockSet(cpu: i32, set: ptr): void {
  if (spinTryLock(set + LabelSet.lock)) return;
  count(cpu, Counter.setLockWaits, 1);
  const start: i32 = ticks();
  spinLock(set + LabelSet.lock);
  countSince(cpu, Counter.setLockWaitTicks, start);
}

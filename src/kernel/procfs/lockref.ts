/**
 * A spinlock and a count in one word: struct lockref (include/linux/lockref.h, lib/lockref.c, v6.6). While nobody has the lock, the
 * count is changed by compare-exchange of the whole word; else under the lock. A count below 0 is dead: the object is going,
 * whoever finds it must not take it any more.
 *
 * The kernel has 32 bits of lock and 32 of count in 8 bytes; here the count has the word's upper 30 bits and the lock's queue the
 * second cell, so a lockref is as large and lies on one line as there.
 */
import { type bool, compareExchange, fetchAdd, type i32, load, type ptr, store } from "refplay/machine";
import { LockBits, QueuedLock, queuedLock, queuedUnlock, queuedUnlockAdd } from "./queued-lock.ts";

/** What `lockrefMarkDead` makes of the count, as there. */
const deadCount: i32 = -128;

/** Compare-exchanges before the lock is taken instead, as there: each that fails means that somebody else got on. */
const mostTries: i32 = 100;

/** A new one, which nobody else knows. */
export function lockrefInit(ref: ptr, count: i32): void {
  store(ref + QueuedLock.word, count * LockBits.one);
  store(ref + QueuedLock.tail, 0);
}

/** The count as it is now. */
export function lockrefCount(ref: ptr): i32 {
  const word: i32 = load(ref + QueuedLock.word);
  return word >> 2;
}

/** Adds `amount` unless the lock is held or the count is below `least`; 1 done, 0 too low, -1 locked. */
function changeUnlocked(ref: ptr, amount: i32, least: i32): i32 {
  let seen: i32 = load(ref + QueuedLock.word);
  for (let tries: i32 = 0; tries < mostTries; tries += 1) {
    if ((seen & LockBits.busy) !== 0) return -1;
    if (seen >> 2 < least) return 0;
    const before: i32 = compareExchange(ref + QueuedLock.word, seen, seen + amount * LockBits.one);
    if (before === seen) return 1;
    seen = before;
  }
  return -1;
}

/** The same, waiting for the lock where it must; whether it was done. */
function change(cpu: i32, ref: ptr, amount: i32, least: i32): bool {
  const done: i32 = changeUnlocked(ref, amount, least);
  if (done >= 0) return done === 1;
  queuedLock(cpu, ref);
  const enough: bool = lockrefCount(ref) >= least;
  queuedUnlockAdd(ref, enough ? amount : 0);
  return enough;
}

/** One reference more; the caller has one. lockref_get. */
export function lockrefGet(cpu: i32, ref: ptr): void {
  change(cpu, ref, 1, deadCount);
}

/** One more unless nobody has one; whether it worked. lockref_get_not_zero. */
export function lockrefGetNotZero(cpu: i32, ref: ptr): bool {
  return change(cpu, ref, 1, 1);
}

/** One more unless it is dead; whether it worked. lockref_get_not_dead. */
export function lockrefGetNotDead(cpu: i32, ref: ptr): bool {
  return change(cpu, ref, 1, 0);
}

/** One less unless that was the last, or locked; whether it worked. lockref_put_return, which tells -1 where it did not. */
export function lockrefPutNotLast(ref: ptr): bool {
  return changeUnlocked(ref, -1, 2) === 1;
}

/** One less; true. If it is the last: nothing but the lock, and false. lockref_put_or_lock. */
export function lockrefPutOrLock(cpu: i32, ref: ptr): bool {
  if (changeUnlocked(ref, -1, 2) === 1) return true;
  queuedLock(cpu, ref);
  if (lockrefCount(ref) <= 1) return false;
  queuedUnlockAdd(ref, -1);
  return true;
}

/** Nobody gets a reference any more. With the lock held. lockref_mark_dead. */
export function lockrefMarkDead(ref: ptr): void {
  const word: i32 = load(ref + QueuedLock.word);
  fetchAdd(ref + QueuedLock.word, deadCount * LockBits.one - (word & ~LockBits.busy));
}

/** The lock alone; see `queued-lock.ts`. */
export function lockrefLock(cpu: i32, ref: ptr): void {
  queuedLock(cpu, ref);
}

export function lockrefUnlock(ref: ptr): void {
  queuedUnlock(ref);
}

/** Unlocks and adds to the count in one step. */
export function lockrefUnlockAdd(ref: ptr, amount: i32): void {
  queuedUnlockAdd(ref, amount);
}

/**
 * A lock for long sections with many readers or one writer: struct rw_semaphore. Who waits sleeps, so whoever has it may take long, and
 * grace periods go on. After kernel/locking/rwsem.c (v6.6): one atomic operation where nobody is in the way, and first come, first
 * served where somebody is, so that neither readers nor writers starve. What it does not have: optimistic spinning, waking all
 * readers of the queue at once.
 *
 * Whoever cannot get in at once draws a ticket. The one whose ticket is up sets `waiting`, which keeps newcomers out, and gets
 * in as soon as those inside let it.
 */
import {
  awaitEqual,
  awaitNotEqual,
  type bool,
  compareExchange,
  fetchAdd,
  fetchAnd,
  fetchOr,
  type i32,
  load,
  type ptr,
  storeRelease,
} from "refplay/machine";
import { rcuOffline, rcuOnline } from "../../core/rcu-periods.ts";

/** Offsets of the semaphore's cells. */
export enum RwSem {
  /** Readers inside, and the two bits below. */
  count = 0,
  /** The next ticket, and the one that is up. */
  ticket = 8,
  serving = 12,
}

/** Bits of `count`. */
enum Bits {
  writer = 1,
  waiting = 2,
  /** One reader. */
  reader = 256,
}

const closed: i32 = Bits.writer | Bits.waiting;

/** Enters as a reader. Does not nest: a writer may queue between. */
export function downRead(sem: ptr): void {
  const before: i32 = fetchAdd(sem + RwSem.count, Bits.reader);
  if ((before & closed) === 0) return;
  fetchAdd(sem + RwSem.count, 0 - Bits.reader);
  const ticket: i32 = queueUp(sem);
  let seen: i32 = load(sem + RwSem.count);
  while ((seen & Bits.writer) !== 0) {
    awaitNotEqual(sem + RwSem.count, seen);
    seen = load(sem + RwSem.count);
  }
  // Newcomers are kept out: no writer can come between.
  fetchAdd(sem + RwSem.count, Bits.reader);
  leaveQueue(sem, ticket);
}

/** Enters as a reader if nobody is in the way; whether it did. */
export function downReadTry(sem: ptr): bool {
  const seen: i32 = load(sem + RwSem.count);
  if ((seen & closed) !== 0) return false;
  const before: i32 = compareExchange(sem + RwSem.count, seen, seen + Bits.reader);
  return before === seen;
}

/** Leaves as a reader. */
export function upRead(sem: ptr): void {
  fetchAdd(sem + RwSem.count, 0 - Bits.reader);
}

/** Enters as the only one. */
export function downWrite(sem: ptr): void {
  const before: i32 = compareExchange(sem + RwSem.count, 0, Bits.writer);
  if (before === 0) return;
  const ticket: i32 = queueUp(sem);
  while (true) {
    const seen: i32 = load(sem + RwSem.count);
    if (seen === Bits.waiting) {
      const found: i32 = compareExchange(sem + RwSem.count, seen, Bits.waiting | Bits.writer);
      if (found === seen) break;
    } else awaitNotEqual(sem + RwSem.count, seen);
  }
  leaveQueue(sem, ticket);
}

/** Leaves as the writer. */
export function upWrite(sem: ptr): void {
  fetchAdd(sem + RwSem.count, 0 - Bits.writer);
}

/** Sleeps until its ticket is up, then keeps newcomers out. */
function queueUp(sem: ptr): i32 {
  const ticket: i32 = fetchAdd(sem + RwSem.ticket, 1);
  rcuOffline();
  awaitEqual(sem + RwSem.serving, ticket);
  fetchOr(sem + RwSem.count, Bits.waiting);
  return ticket;
}

/** It is in: lets newcomers come where nobody else queues, and the next one of the queue. */
function leaveQueue(sem: ptr, ticket: i32): void {
  const next: i32 = load(sem + RwSem.ticket);
  // Whoever draws a ticket just now sets the bit again itself.
  if (next === ticket + 1) fetchAnd(sem + RwSem.count, ~Bits.waiting);
  storeRelease(sem + RwSem.serving, ticket + 1);
  rcuOnline();
}

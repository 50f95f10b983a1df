/**
 * The list of labels that are members and not in the tree yet: the newest first, appended to without a lock, emptied by
 * whoever holds the set's lock; and a second one of labels that are to leave. What `rcu-list-set.ts` is made of; why it is right
 * stands there.
 *
 * The end of the list is not 0 but an odd number, which no label's address is, and another one each time the list was
 * emptied. So a compare-exchange on the first cell succeeds only where the list was neither appended to nor emptied since
 * that cell was read. It would have to be emptied 2^31 times in between to look the same.
 */
import {
  type bool,
  callRcu,
  compareExchange,
  fence,
  i32,
  load,
  loadAcquire,
  ptr,
  store,
} from "refplay/machine";
import { Callback } from "../core/callback-ids.ts";
import { Counter } from "../core/counter-names.ts";
import { count, countMost } from "../core/counters.ts";
import { Label } from "../core/label-layout.ts";
import { listFirst, listNext, listTakeAll } from "../core/llist.ts";
import { RbNode } from "../core/rb-tree.ts";
import { spinTryLock, spinUnlock } from "../core/spinlock.ts";
import { LabelSet, Member, MemberState } from "./layout.ts";
import { compareWith, takeFound, treeAdd, treeRemove } from "./tree.ts";

/** What the list's first cell is in a new set. */
export const firstEnd: i32 = 1;

/** Whether this is where the list ends. */
export function isEnd(label: ptr): bool {
  return (i32(label) & 1) !== 0;
}

/** The newest label of the list, or its end, for `listSearch` and `listAppend`. */
export function listNewest(set: ptr): ptr {
  return loadAcquire(set + LabelSet.pending);
}

/**
 * The live label with that vector in the list that begins with `first`, with a reference in `holder`, or 0. Inside the RCU
 * section in which `first` was read.
 */
export function listSearch(cpu: i32, first: ptr, holder: ptr, vector: ptr, size: i32): ptr {
  return takeFound(cpu, holder, listWalk(first, vector, size));
}

/** The newest label with that vector in that list, dead or alive, or 0. In the same section. */
export function listWalk(first: ptr, vector: ptr, size: i32): ptr {
  let label: ptr = first;
  while (!isEnd(label)) {
    // Those behind an equal one are older, and were dead or out of date when it was appended.
    if (compareWith(vector, size, label) === 0) return label;
    label = load(label + Member.next);
  }
  return 0;
}

/** Makes `label` a member if the list still is what it was when `first` was read; whether it did. Fully ordered. */
export function listAppend(set: ptr, label: ptr, first: ptr): bool {
  store(label + Member.state, MemberState.listed);
  store(label + Member.next, first);
  const before: ptr = compareExchange(set + LabelSet.pending, first, label);
  return before === first;
}

/** Does all that waits for whoever has the lock: new labels come into the tree, and those that are to leave it do. */
export function drain(cpu: i32, set: ptr): void {
  // First: who is to leave may be in the list of new ones still.
  let leaving: ptr = listFirst(set + LabelSet.leaving);
  if (leaving !== 0) leaving = listTakeAll(set + LabelSet.leaving);
  insertPending(cpu, set);
  while (leaving !== 0) {
    const next: ptr = listNext(leaving);
    treeRemove(set, leaving - Label.rcu);
    callRcu(leaving, Callback.labelReclaim);
    leaving = next;
  }
}

/** Inserts all labels of the list into the tree and empties it. Under the lock. */
function insertPending(cpu: i32, set: ptr): void {
  let first: ptr = loadAcquire(set + LabelSet.pending);
  if (isEnd(first)) return;
  const drains: i32 = load(set + LabelSet.drains) + 1;
  store(set + LabelSet.drains, drains);
  const end: ptr = ptr(drains * 2 + firstEnd);
  let known: ptr = end;
  while (true) {
    insertNewer(cpu, set, first, known);
    // Emptied only after the tree has them all, and only if there is nothing that it does not have.
    const before: ptr = compareExchange(set + LabelSet.pending, first, end);
    if (before === first) return;
    known = first;
    first = before;
  }
}

/**
 * Inserts the labels from `first` down to the one before `known`, the oldest first: where two are equal, the one that was
 * appended later replaces the other.
 */
export function insertNewer(cpu: i32, set: ptr, first: ptr, known: ptr): void {
  // The list leads from new to old. For the way back there is the parent word, which readers never look at.
  let label: ptr = first;
  let oldest: ptr = 0;
  let length: i32 = 0;
  while (!isEnd(label) && label !== known) {
    length += 1;
    store(label + Label.node + RbNode.parent, oldest);
    oldest = label;
    label = load(label + Member.next);
  }
  count(cpu, Counter.drains, 1);
  count(cpu, Counter.listed, length);
  countMost(cpu, Counter.longestList, length);
  while (oldest !== 0) {
    const newer: ptr = load(oldest + Label.node + RbNode.parent);
    treeAdd(cpu, set, 0, oldest);
    oldest = newer;
  }
}

/** Gives the lock back, after `drain`. */
export function unlockDrained(cpu: i32, set: ptr): void {
  spinUnlock(set + LabelSet.lock);
  // Before the list is looked at: whoever appended and then found the lock taken relies on this look.
  fence();
  drainIfFree(cpu, set);
}

/** Empties the lists unless somebody else has the lock, who then does so. After adding to one, which is fully ordered. */
export function drainIfFree(cpu: i32, set: ptr): void {
  while (true) {
    const first: ptr = load(set + LabelSet.pending);
    if (isEnd(first) && listFirst(set + LabelSet.leaving) === 0) return;
    if (!spinTryLock(set + LabelSet.lock)) return;
    drain(cpu, set);
    spinUnlock(set + LabelSet.lock);
    fence();
  }
}

/**
 * Deliberate bugs of the label set with a list: what `rcu-list-set.ts` does, wrong in one place each.
 */
import { Label, spinLock, spinTryLock, spinUnlock } from "refplay/kernel";
import {
  type bool,
  compareExchange,
  exchange,
  fence,
  type i32,
  load,
  option,
  ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";
import { LabelSet, Member, MemberState } from "../../../src/kernel/label-set/index.ts";
import { treeSearch, untilKnown } from "../../../src/kernel/label-set/optimistic.ts";
import {
  insertNewer,
  isEnd,
  listAppend,
  listNewest,
  listSearch,
} from "../../../src/kernel/label-set/pending.ts";
import { takeFound, treeAdd, treeWalk } from "../../../src/kernel/label-set/tree.ts";

/** Values of the option `broken`. */
export enum Bug {
  none = 0,
  /** The list is emptied with a plain store: what was appended during the drain is gone. */
  storeEnd = 1,
  /** The drain does not take the lock. */
  noLock = 2,
  /** Neither those who append nor those who look up read the sequence counter again after a miss. */
  noRecheck = 3,
  /** A new label that is equal to one in the tree, dead as that may be, is not put into the tree. */
  keepDead = 4,
  /** After giving the lock back, nobody looks at the list again. */
  noLookAgain = 5,
  /** That look is not ordered behind giving the lock back. */
  noFence = 6,
  /** The list is emptied first, and then its labels are inserted. */
  emptyFirst = 7,
  /** An empty list always looks the same. */
  sameEnd = 8,
  /** A removed label is freed without a second grace period. */
  freeAtOnce = 9,
  /** A creator looks at the list only after it found nothing in the tree. */
  treeFirst = 10,
  /** A creator takes the lock. */
  creatorLocks = 11,
}

export const broken: i32 = option("broken");

/** `labelSetFind` for `rcu-list`, without its fall-back. */
export function brokenFind(cpu: i32, set: ptr, holder: ptr, vector: ptr, size: i32): ptr {
  rcuReadLock();
  const found: ptr = search(cpu, set, listNewest(set), holder, vector, size);
  rcuReadUnlock();
  return found;
}

/** `labelSetAdd` for `rcu-list`. */
export function brokenAdd(cpu: i32, set: ptr, holder: ptr, label: ptr): ptr {
  const vector: ptr = label + Label.vec;
  const size: i32 = load(label + Label.size);
  if (broken === Bug.creatorLocks) spinLock(set + LabelSet.lock);
  rcuReadLock();
  let appended: bool = false;
  let found: ptr = 0;
  while (!appended && found === 0) {
    if (broken === Bug.treeFirst) found = treeSearch(cpu, set, holder, vector, size, untilKnown);
    const first: ptr = listNewest(set);
    if (found === 0) found = search(cpu, set, first, holder, vector, size);
    if (found === 0) appended = listAppend(set, label, first);
  }
  rcuReadUnlock();
  if (broken === Bug.creatorLocks) spinUnlock(set + LabelSet.lock);
  if (appended) {
    drainIfFree(cpu, set);
    return label;
  }
  store(label + Member.state, MemberState.never);
  return found;
}

function search(cpu: i32, set: ptr, first: ptr, holder: ptr, vector: ptr, size: i32): ptr {
  const found: ptr = listSearch(cpu, first, holder, vector, size);
  if (found !== 0 || broken === Bug.treeFirst) return found;
  if (broken === Bug.noRecheck) return takeFound(cpu, holder, treeWalk(set, vector, size));
  return treeSearch(cpu, set, holder, vector, size, untilKnown);
}

function drainIfFree(cpu: i32, set: ptr): void {
  while (true) {
    if (isEnd(load(set + LabelSet.pending))) return;
    if (broken !== Bug.noLock && !spinTryLock(set + LabelSet.lock)) return;
    drain(cpu, set);
    if (broken !== Bug.noLock) spinUnlock(set + LabelSet.lock);
    if (broken === Bug.noLookAgain) return;
    if (broken !== Bug.noFence) fence();
  }
}

function drain(cpu: i32, set: ptr): void {
  let first: ptr = listNewest(set);
  if (isEnd(first)) return;
  const drains: i32 = load(set + LabelSet.drains) + 1;
  if (broken !== Bug.sameEnd) store(set + LabelSet.drains, drains);
  const end: ptr = ptr(broken === Bug.sameEnd ? 1 : drains * 2 + 1);
  if (broken === Bug.emptyFirst) {
    insert(cpu, set, exchange(set + LabelSet.pending, end), end);
    return;
  }
  let known: ptr = end;
  while (true) {
    insert(cpu, set, first, known);
    if (broken === Bug.storeEnd) {
      store(set + LabelSet.pending, end);
      return;
    }
    const before: ptr = compareExchange(set + LabelSet.pending, first, end);
    if (before === first) return;
    known = first;
    first = before;
  }
}

function insert(cpu: i32, set: ptr, first: ptr, known: ptr): void {
  if (broken !== Bug.keepDead) {
    insertNewer(cpu, set, first, known);
    return;
  }
  let label: ptr = first;
  while (!isEnd(label) && label !== known) {
    const size: i32 = load(label + Label.size);
    if (treeWalk(set, label + Label.vec, size) === 0) treeAdd(cpu, set, 0, label);
    label = load(label + Member.next);
  }
}

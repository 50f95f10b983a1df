/**
 * The label set under a reader/writer lock, as in the kernel today (aa_label_find, aa_label_insert, aa_label_remove,
 * security/apparmor/label.c, v6.6): the baseline.
 *
 * Why it is right. All of the tree is read under the lock by readers and changed under it by one writer, and the lock orders
 * everything (`core/rwlock.ts`). That leaves the references, which do not hang on the lock:
 *
 * - *Look-up against last put.* A label may lose its last reference while it is in the tree; the look-up's tryGet fails, and
 *   that is a miss.
 * - *Two creators.* Walking and inserting are one writer's section, so the second one finds the first one's label. If that is
 *   dead by then, the second one takes its place.
 * - *Freeing.* Who removes a label has had the lock to himself since its last reference went, so no reader stands on it, and
 *   nobody can get to it: its memory may go at once. The grace period before that is for those who read it from elsewhere.
 */
import { type bool, type i32, load, type ptr, rcuReadLock, rcuReadUnlock } from "refplay/machine";
import { Counter } from "../core/counter-names.ts";
import { count, countSince, ticks } from "../core/counters.ts";
import { readLock, readUnlock, writeLock, writeTryLock, writeUnlock } from "../core/rwlock.ts";
import { LabelSet, Member, MemberState } from "./layout.ts";
import { takeFound, treeAdd, treeFindOutOfDate, treeRemove, treeReplace, treeWalk } from "./tree.ts";

/** See `labelSetFind`. */
export function rwlockFind(cpu: i32, set: ptr, holder: ptr, vector: ptr, size: i32): ptr {
  // The section is for the strategy's tryGet; the lock alone would keep the label's memory.
  rcuReadLock();
  readLock(set + LabelSet.lock);
  const found: ptr = takeFound(cpu, holder, treeWalk(set, vector, size));
  readUnlock(set + LabelSet.lock);
  rcuReadUnlock();
  return found;
}

/** See `labelSetAdd`. */
export function rwlockAdd(cpu: i32, set: ptr, holder: ptr, label: ptr): ptr {
  rcuReadLock();
  lockWriting(cpu, set);
  const member: ptr = treeAdd(cpu, set, holder, label);
  writeUnlock(set + LabelSet.lock);
  rcuReadUnlock();
  return member;
}

/** See `labelSetReplace`. */
export function rwlockReplace(cpu: i32, set: ptr, old: ptr, fresh: ptr): bool {
  lockWriting(cpu, set);
  const state: i32 = load(old + Member.state);
  const there: bool = state === MemberState.inTree;
  if (there) treeReplace(set, old, fresh);
  writeUnlock(set + LabelSet.lock);
  return there;
}

/** See `labelSetRemove`. */
export function rwlockRemove(cpu: i32, set: ptr, label: ptr): bool {
  lockWriting(cpu, set);
  treeRemove(set, label);
  writeUnlock(set + LabelSet.lock);
  return true;
}

/** See `labelSetFindOutOfDate`. Under the readers' lock, as in the kernel: creators wait for the whole scan. */
export function rwlockFindOutOfDate(cpu: i32, set: ptr, holder: ptr): ptr {
  rcuReadLock();
  readLock(set + LabelSet.lock);
  const found: ptr = treeFindOutOfDate(cpu, set, holder);
  readUnlock(set + LabelSet.lock);
  rcuReadUnlock();
  return found;
}

/** Takes the lock as a writer, with books about waiting. */
function lockWriting(cpu: i32, set: ptr): void {
  const lock: ptr = set + LabelSet.lock;
  if (writeTryLock(lock)) return;
  count(cpu, Counter.setLockWaits, 1);
  const start: i32 = ticks();
  writeLock(lock);
  countSince(cpu, Counter.setLockWaitTicks, start);
}

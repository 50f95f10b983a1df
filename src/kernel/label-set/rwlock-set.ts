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
import { readLock, readUnlock, writeLock, writeUnlock } from "../core/rwlock.ts";
import { LabelSet, Member, MemberState } from "./layout.ts";
import { takeFound, treeAdd, treeRemove, treeReplace, treeWalk } from "./tree.ts";

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
  writeLock(set + LabelSet.lock);
  const member: ptr = treeAdd(cpu, set, holder, label);
  writeUnlock(set + LabelSet.lock);
  rcuReadUnlock();
  return member;
}

/** See `labelSetReplace`. */
export function rwlockReplace(set: ptr, old: ptr, fresh: ptr): bool {
  writeLock(set + LabelSet.lock);
  const state: i32 = load(old + Member.state);
  const there: bool = state === MemberState.inTree;
  if (there) treeReplace(set, old, fresh);
  writeUnlock(set + LabelSet.lock);
  return there;
}

/** See `labelSetRemove`. */
export function rwlockRemove(set: ptr, label: ptr): bool {
  writeLock(set + LabelSet.lock);
  treeRemove(set, label);
  writeUnlock(set + LabelSet.lock);
  return true;
}

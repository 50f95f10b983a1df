/**
 * The label set: all labels of a namespace by their vectors, so that there is one live label for each (struct aa_labelset,
 * security/apparmor/label.c). Three variants of one contract; the option `labelSet` chooses (`LabelSetVariant`).
 *
 * A set holds no references. Members that lost their last reference stay until the label's RCU callback removes them, and are
 * not found in the meantime.
 */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { Counter } from "../core/counter-names.ts";
import { count } from "../core/counters.ts";
import { RbTree } from "../core/rb-tree.ts";
import { LabelSet, LabelSetVariant, labelSetVariant, Member, MemberState } from "./layout.ts";
import { firstEnd } from "./pending.ts";
import {
  rcuListAdd,
  rcuListFind,
  rcuListFindOutOfDate,
  rcuListRemove,
  rcuListReplace,
} from "./rcu-list-set.ts";
import { rwlockAdd, rwlockFind, rwlockFindOutOfDate, rwlockRemove, rwlockReplace } from "./rwlock-set.ts";
import {
  seqlockAdd,
  seqlockFind,
  seqlockFindOutOfDate,
  seqlockRemove,
  seqlockReplace,
} from "./seqlock-set.ts";

export { LabelSet, LabelSetVariant, labelSetBytes, labelSetVariant, Member, MemberState } from "./layout.ts";
export { outOfDate } from "./tree.ts";
export {
  Ranked,
  vectorCanonical,
  vectorCompare,
  vectorCopy,
  vectorEntryBytes,
  vectorIsSubset,
  vectorMerge,
} from "./vector.ts";

/** Makes an empty set of `labelSetBytes` bytes, on a line's beginning. Before anybody else knows it. */
export function labelSetInit(set: ptr): void {
  store(set + LabelSet.tree + RbTree.top, 0);
  store(set + LabelSet.sequence, 0);
  store(set + LabelSet.pending, firstEnd);
  store(set + LabelSet.lock, 0);
  store(set + LabelSet.lock + 4, 0);
  store(set + LabelSet.drains, 0);
  store(set + LabelSet.leaving, 0);
  store(set + LabelSet.cursor, 0);
}

/**
 * The live label with the canonical vector of `size` profiles, with a reference in the empty `holder`; 0 where there is none.
 * Waits for the lock with `rwlock`, and after too many changes met with the others.
 */
export function labelSetFind(cpu: i32, set: ptr, holder: ptr, vector: ptr, size: i32): ptr {
  count(cpu, Counter.lookUps, 1);
  if (labelSetVariant === LabelSetVariant.rwlock) return rwlockFind(cpu, set, holder, vector, size);
  if (labelSetVariant === LabelSetVariant.seqlock) return seqlockFind(cpu, set, holder, vector, size);
  return rcuListFind(cpu, set, holder, vector, size);
}

/**
 * Makes `label`, which is new and complete and of which the caller has the only reference, a member. Returns `label`, or, where
 * a live label is equal to it, that one, with a reference in the empty `holder`; the caller then drops his own label.
 * Replaces an equal one that is dead or out of date; if that one was not marked stale yet, `holder` comes back with a reference to
 * it, and the caller makes `label` its successor.
 */
export function labelSetAdd(cpu: i32, set: ptr, holder: ptr, label: ptr): ptr {
  if (labelSetVariant === LabelSetVariant.rwlock) return rwlockAdd(cpu, set, holder, label);
  if (labelSetVariant === LabelSetVariant.seqlock) return seqlockAdd(cpu, set, holder, label);
  return rcuListAdd(cpu, set, holder, label);
}

/**
 * Puts `fresh`, which is new, in the place of `old`, which is equal, not stale, and of which the caller has a reference; mark
 * `old` stale afterwards. Replacements of one label exclude each other by a lock of the caller's. False, and nothing
 * happened, where `old` is no member.
 */
export function labelSetReplace(cpu: i32, set: ptr, old: ptr, fresh: ptr): bool {
  if (labelSetVariant === LabelSetVariant.rwlock) return rwlockReplace(cpu, set, old, fresh);
  if (labelSetVariant === LabelSetVariant.seqlock) return seqlockReplace(cpu, set, old, fresh);
  return rcuListReplace(cpu, set, old, fresh);
}

/**
 * A member that is not marked stale although one of its profiles was replaced or removed before this call, with a reference in
 * the empty `holder`; 0 where there is none. A look at all members up to that one (labelset_next_stale). Those that become
 * members during the call may be left out: their makers must look at the profiles afterwards.
 */
export function labelSetFindOutOfDate(cpu: i32, set: ptr, holder: ptr): ptr {
  if (labelSetVariant === LabelSetVariant.rwlock) return rwlockFindOutOfDate(cpu, set, holder);
  if (labelSetVariant === LabelSetVariant.seqlock) return seqlockFindOutOfDate(cpu, set, holder);
  return rcuListFindOutOfDate(cpu, set, holder);
}

/**
 * Takes a label out of the set that nobody refers to any more, if it is a member; from its RCU callback, once. Whether its
 * memory may go at once. If not, readers may still stand on it: `Callback.labelReclaim` comes for it, another grace period after
 * it left. With `rcu-list` that may be later: whoever has the lock takes it out.
 */
export function labelSetRemove(cpu: i32, set: ptr, label: ptr): bool {
  const state: i32 = load(label + Member.state);
  // Only its maker could change that.
  if (state === MemberState.never) return true;
  if (labelSetVariant === LabelSetVariant.rwlock) return rwlockRemove(cpu, set, label);
  if (labelSetVariant === LabelSetVariant.seqlock) return seqlockRemove(cpu, set, label);
  return rcuListRemove(cpu, set, label);
}

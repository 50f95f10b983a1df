/**
 * The label set with look-ups that take no lock: they walk under RCU and a sequence counter (`optimistic.ts`), and take the
 * lock only after some failures. Whoever changes the set takes the lock. It shows what the list of `rcu-list-set.ts` buys.
 *
 * Why it is right, beside what `optimistic.ts` says:
 *
 * - *Two creators, creator against a dead label.* As with `rwlock`: walking and inserting are one section under the lock.
 * - *Freeing takes a second grace period.* A label goes through one between its last reference and its removal, but it is
 *   visible all that time: a look-up that began during that grace period may stand on the label when it is removed, and
 *   nothing waits for it. So what was a member is freed a grace period after its *removal*. Readers under a lock do not need
 *   that; it is the price of walking without.
 * - *A replaced label* leaves the tree earlier, when its own removal finds nothing to do. The second grace period begins after
 *   that all the same.
 */
import { type bool, callRcu, type i32, load, type ptr, rcuReadLock, rcuReadUnlock } from "refplay/machine";
import { Callback } from "../core/callback-ids.ts";
import { Counter } from "../core/counter-names.ts";
import { count } from "../core/counters.ts";
import { Label } from "../core/label-layout.ts";
import { spinUnlock } from "../core/spinlock.ts";
import { LabelSet, labelSetRetries, Member, MemberState } from "./layout.ts";
import { treeSearch, undecided } from "./optimistic.ts";
import { lockSet } from "./set-lock.ts";
import { takeFound, treeAdd, treeFindOutOfDate, treeRemove, treeReplace, treeWalk } from "./tree.ts";

/** See `labelSetFind`. */
export function seqlockFind(cpu: i32, set: ptr, holder: ptr, vector: ptr, size: i32): ptr {
  rcuReadLock();
  let found: ptr = treeSearch(cpu, set, holder, vector, size, labelSetRetries);
  if (found === undecided) {
    count(cpu, Counter.lookUpFallbacks, 1);
    lockSet(cpu, set);
    found = takeFound(cpu, holder, treeWalk(set, vector, size));
    spinUnlock(set + LabelSet.lock);
  }
  rcuReadUnlock();
  return found;
}

/** See `labelSetAdd`. */
export function seqlockAdd(cpu: i32, set: ptr, holder: ptr, label: ptr): ptr {
  rcuReadLock();
  lockSet(cpu, set);
  const member: ptr = treeAdd(cpu, set, holder, label);
  spinUnlock(set + LabelSet.lock);
  rcuReadUnlock();
  return member;
}

/** See `labelSetReplace`. */
export function seqlockReplace(cpu: i32, set: ptr, old: ptr, fresh: ptr): bool {
  lockSet(cpu, set);
  const state: i32 = load(old + Member.state);
  const there: bool = state === MemberState.inTree;
  if (there) treeReplace(set, old, fresh);
  spinUnlock(set + LabelSet.lock);
  return there;
}

/** See `labelSetRemove`. */
export function seqlockRemove(cpu: i32, set: ptr, label: ptr): bool {
  lockSet(cpu, set);
  treeRemove(set, label);
  spinUnlock(set + LabelSet.lock);
  callRcu(label + Label.rcu, Callback.labelReclaim);
  return false;
}

/** See `labelSetFindOutOfDate`. */
export function seqlockFindOutOfDate(cpu: i32, set: ptr, holder: ptr): ptr {
  rcuReadLock();
  lockSet(cpu, set);
  const found: ptr = treeFindOutOfDate(cpu, set, holder);
  spinUnlock(set + LabelSet.lock);
  rcuReadUnlock();
  return found;
}

/**
 * The label set whose look-ups take no lock and whose creators wait for no lock: the rework that AppArmor's maintainers
 * sketched. A new label is appended to a lock-free list (`pending.ts`) and is a member from that moment on; whoever holds the
 * lock puts what is in the list into the tree. The longest wait of a creator is for one change of the tree in progress (a
 * few stores), and only where he found no equal label; never for the lock, whatever its holder does under it.
 *
 * Why it is right. *Everything new comes through the list*; the tree gets nodes from it, or loses some, under the lock only.
 * A label is in the list, then in both, then in the tree, without a gap until it is removed or replaced.
 *
 * - *A look-up misses nothing that moves.* It looks at the list first, then at the tree: what left the list before it looked
 *   was in the tree already (the emptying compare-exchange comes after the insertions and is fully ordered; the first cell
 *   is read with acquire). What is in the list when it looks, it sees: links in the list never change. The tree's part is in
 *   `optimistic.ts`.
 * - *Two creators of one label.* A creator (1) reads the list's first cell, (2) finds no live equal in the list from there,
 *   (3) nor in the tree, (4) appends by a compare-exchange that expects what (1) read. If it succeeds, nothing was appended
 *   and nothing was unlinked between (1) and (4). So what the tree got meanwhile came from the list that (2) searched: no
 *   equal. Equal labels that were in the tree before were found, or dead or stale, and stay so. If it fails he begins again,
 *   and another one has got on.
 * - *The drain between a creator's miss in the tree and its append* would make (4) fail to notice an equal label that was
 *   appended and drained in between, if the list were just empty both times (ABA). Hence the ends that never come back. An
 *   address of a label cannot come back: the creator is in an RCU section, and each label is appended once.
 * - *An append while the list is drained.* The list is emptied by a compare-exchange from the last label that was inserted;
 *   an append makes that fail, and the drain goes on with what is new. Only the drainer, under the lock, unlinks.
 * - *Creator against drainer: one label is both in the list and in the tree for a while.* They are one object, so it does not
 *   matter which one is found. Emptying first and inserting then would hide it from both.
 * - *The holder sees an empty list and unlocks while an append arrives.* Creator: append, then try the lock. Holder: unlock,
 *   then look at the list again, and try the lock. Both write before they read with full ordering between (the creator's
 *   compare-exchange, the holder's fence), so at least one of them sees the other: no label waits in the list while the
 *   lock is free. It would be found there, but the list would grow.
 * - *Dead and stale labels.* A new label that is equal to one that is dead or stale replaces it in the tree. In the list the
 *   newer one is found first; the drain inserts the oldest first, so that the newer one replaces the older.
 * - *Replacing a live label* goes through the list as well, so that creators who saw the old one, and look-ups, are covered by
 *   all of the above. The caller marks the old one stale afterwards: who sees that finds the new one, since the counter
 *   moved before.
 * - *Leaving waits for nobody either*: it happens in RCU callbacks, which a creator on the same CPU would have to wait for. Labels
 *   that are to be taken out go into a second list. It is emptied where the first one is, so the same argument says that none
 *   waits in it while the lock is free. The holder takes it before he drains the first one: who is in it was a member
 *   before, so he is in the tree after that, or has left.
 * - *Freeing* takes a second grace period, as in `seqlock-set.ts`, and that way even for a label that left the tree long ago: a
 *   replaced label may still be in the list, until the drain that replaced it is done.
 */
import { type bool, type i32, load, type ptr, rcuReadLock, rcuReadUnlock, store } from "refplay/machine";
import { Counter } from "../core/counter-names.ts";
import { count } from "../core/counters.ts";
import { Label } from "../core/label-layout.ts";
import { listAdd } from "../core/llist.ts";
import { rbFirst, rbNext } from "../core/rb-tree.ts";
import { ownLabel } from "../reference.ts";
import { LabelSet, labelSetRetries, Member, MemberState } from "./layout.ts";
import { treeSearch, undecided, untilKnown } from "./optimistic.ts";
import {
  drain,
  drainIfFree,
  listAppend,
  listNewest,
  listSearch,
  listWalk,
  unlockDrained,
} from "./pending.ts";
import { lockSet } from "./set-lock.ts";
import { dropDisplaced, takeFound, takeOrDisplace, takeOutOfDate, treeWalk } from "./tree.ts";

/** Members that a search of all of them looks at between two drains: about a microsecond. */
const membersBetweenDrains: i32 = 64;

/** See `labelSetFind`. */
export function rcuListFind(cpu: i32, set: ptr, holder: ptr, vector: ptr, size: i32): ptr {
  rcuReadLock();
  let found: ptr = listSearch(cpu, listNewest(set), holder, vector, size);
  if (found === 0) found = treeSearch(cpu, set, holder, vector, size, labelSetRetries);
  if (found === undecided) {
    count(cpu, Counter.lookUpFallbacks, 1);
    lockSet(cpu, set);
    drain(cpu, set);
    found = takeFound(cpu, holder, treeWalk(set, vector, size));
    unlockDrained(cpu, set);
  }
  rcuReadUnlock();
  return found;
}

/** See `labelSetAdd`. */
export function rcuListAdd(cpu: i32, set: ptr, holder: ptr, label: ptr): ptr {
  const vector: ptr = label + Label.vec;
  const size: i32 = load(label + Label.size);
  rcuReadLock();
  let appended: bool = false;
  let found: ptr = 0;
  while (!appended && found === 0) {
    const first: ptr = listNewest(set);
    found = takeOrDisplace(cpu, holder, listWalk(first, vector, size));
    // What is behind one in the list that is out of date gave way to it.
    if (found === 0 && ownLabel(holder) === 0) {
      found = treeSearch(cpu, set, holder, vector, size, untilKnown);
    }
    if (found === 0) {
      appended = listAppend(set, label, first);
      if (!appended) dropDisplaced(cpu, holder);
    }
  }
  rcuReadUnlock();
  if (appended) {
    drainIfFree(cpu, set);
    return label;
  }
  // It may have been about to become a member, but nobody has seen it.
  store(label + Member.state, MemberState.never);
  return found;
}

/** See `labelSetReplace`. */
export function rcuListReplace(cpu: i32, set: ptr, old: ptr, fresh: ptr): bool {
  lockSet(cpu, set);
  drain(cpu, set);
  const state: i32 = load(old + Member.state);
  const there: bool = state === MemberState.inTree;
  if (there) {
    while (!listAppend(set, fresh, listNewest(set))) drain(cpu, set);
    drain(cpu, set);
  }
  unlockDrained(cpu, set);
  return there;
}

/** See `labelSetRemove`. */
export function rcuListRemove(cpu: i32, set: ptr, label: ptr): bool {
  // The set is kept by its members, and this may be the last one.
  rcuReadLock();
  listAdd(set + LabelSet.leaving, label + Label.rcu);
  drainIfFree(cpu, set);
  rcuReadUnlock();
  return false;
}

/** See `labelSetFindOutOfDate`. Labels that are appended meanwhile are not looked at: see `compound.ts`. */
export function rcuListFindOutOfDate(cpu: i32, set: ptr, holder: ptr): ptr {
  rcuReadLock();
  lockSet(cpu, set);
  drain(cpu, set);
  const found: ptr = findOutOfDate(cpu, set, holder);
  unlockDrained(cpu, set);
  rcuReadUnlock();
  return found;
}

/** `treeFindOutOfDate`, with a drain every so many members: what creators have to look through would grow all the time. */
function findOutOfDate(cpu: i32, set: ptr, holder: ptr): ptr {
  let node: ptr = rbFirst(set + LabelSet.tree);
  let seen: i32 = 0;
  let found: ptr = 0;
  while (node !== 0 && found === 0) {
    seen += 1;
    found = takeOutOfDate(cpu, holder, node - Label.node);
    node = rbNext(node);
    if (seen % membersBetweenDrains === 0) {
      // Whatever takes a node out of the tree moves the cursor on.
      store(set + LabelSet.cursor, node);
      drain(cpu, set);
      node = load(set + LabelSet.cursor);
      store(set + LabelSet.cursor, 0);
    }
  }
  count(cpu, Counter.scanned, seen);
  return found;
}

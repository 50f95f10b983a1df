/**
 * What a label set consists of, and what a label needs to be a member. `labelSet` chooses the variant when a program is
 * linked; programs that use a set declare that option and `labelSetRetries`.
 */
import { type i32, option } from "refplay/machine";
import { Label } from "../core/label-layout.ts";

/** Values of the option `labelSet`. */
export enum LabelSetVariant {
  /** Everybody takes the reader/writer lock, as in the kernel today (`rwlock-set.ts`). */
  rwlock = 0,
  /** Look-ups without a lock, all others with it (`seqlock-set.ts`). */
  seqlock = 1,
  /** The same, and who makes a label waits for nobody either (`rcu-list-set.ts`). */
  rcuList = 2,
}

export const labelSetVariant: i32 = option("labelSet");

/** How often a look-up without the lock begins again before it takes the lock. */
export const labelSetRetries: i32 = option("labelSetRetries");

/** Offsets of a label set (struct aa_labelset). What look-ups read is on one line, what the lock's holders write on another. */
export enum LabelSet {
  /** The red-black tree of members. */
  tree = 0,
  /** Sequence counter that moves for every single change of the tree. Not for `rwlock`. */
  sequence = 8,
  /** `rcu-list`: the newest label that is not in the tree yet, or an odd number (`pending.ts`). */
  pending = 16,
  /** A reader/writer lock for `rwlock`, a spinlock for the others. */
  lock = 64,
  /** `rcu-list`: how often the list was emptied; under the lock. */
  drains = 72,
  /** `rcu-list`: labels that are to leave (llist of their `Label.rcu`); added to without the lock. */
  leaving = 80,
  /** `rcu-list`: where in the tree a search of all members goes on after a drain; 0 while there is none. Under the lock. */
  cursor = 88,
}

export const labelSetBytes: i32 = 128;

/**
 * What the set keeps in a label, in the upper halves of the two first pointers of `Label.node`. The kernel would need a word
 * more for each: 16 bytes per label with `rcu-list`, 8 (or a flag) with the others.
 */
export enum Member {
  /** A `MemberState`. 0 in a new label. */
  state = Label.node + 4,
  /** `rcu-list`: the label that was appended before, or an odd number. Never changes once the label is visible. */
  next = Label.node + 12,
}

/**
 * A label goes through these once, in this order. `listed` is set by its maker before anybody else sees it, the rest under the
 * lock.
 */
export enum MemberState {
  never = 0,
  listed = 1,
  inTree = 2,
  /** Out of the set for good: removed, or replaced by an equal label. */
  left = 3,
}

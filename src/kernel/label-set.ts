/**
 * The place of the label set: the tree of all labels of a namespace, by which a compound label is found or made
 * (struct aa_labelset, security/apparmor/label.c). It comes with compound labels, in the variants that the design names
 * (rwlock, rcu-list, seqlock).
 *
 * What the rest of the kernel must know of it is true already: membership holds no reference, so a label without references
 * stays a member until it is freed, a grace period later; and `LabelFlags.inTree` says who is a member. A profile's own label
 * is found through the profile list and needs no tree, so today membership is that flag and nothing else.
 */
import { type i32, load, type ptr, store } from "refplay/machine";
import { Label, LabelFlags } from "./core/label-layout.ts";

/** Makes a label that is not visible yet a member. A duplicate will be given back here, once labels can be equal. */
export function labelSetInsert(label: ptr): void {
  const flags: i32 = load(label + Label.flags);
  store(label + Label.flags, flags | LabelFlags.inTree);
}

/** Takes a label that nobody refers to any more out of the set. */
export function labelSetRemove(label: ptr): void {
  const flags: i32 = load(label + Label.flags);
  store(label + Label.flags, flags & ~LabelFlags.inTree);
}

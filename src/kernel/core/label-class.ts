/**
 * Classes of labels: how many there are of a kind and how much they are used differs so much that a strategy may count each
 * kind in its own way. A label's class can be told from `init` on and never changes: its size and the flags looked at here are
 * written before, and not again.
 */
import { type i32, load, type ptr } from "../../machine/index.ts";
import { LabelClass } from "./label-classes.ts";
import { Label, LabelFlags } from "./label-layout.ts";

/** The class of a label, a `LabelClass`. */
export function labelClass(label: ptr): i32 {
  const profiles: i32 = load(label + Label.size);
  if (profiles > 1) return LabelClass.compound;
  const flags: i32 = load(label + Label.flags);
  if ((flags & LabelFlags.belowRoot) !== 0) return LabelClass.namespace;
  return (flags & LabelFlags.unconfined) !== 0 ? LabelClass.unconfined : LabelClass.profile;
}

/** What the tree of a label set must be while nobody runs, for test programs that have one. */
import { Label, RbFault, rbCheckShape, rbFirst, rbNext } from "refplay/kernel";
import { type i32, load, type ptr } from "refplay/machine";
import { LabelSet, Member, MemberState, vectorCompare } from "../../src/kernel/label-set/index.ts";

/** `RbFault` of the tree, with the order of its labels (`order`) and with their states (`count`). */
export function checkTree(set: ptr): i32 {
  const fault: i32 = rbCheckShape(set + LabelSet.tree, -1);
  if (fault !== RbFault.none) return fault;
  let node: ptr = rbFirst(set + LabelSet.tree);
  let before: ptr = 0;
  while (node !== 0) {
    const label: ptr = node - Label.node;
    const state: i32 = load(label + Member.state);
    if (state !== MemberState.inTree) return RbFault.count;
    if (before !== 0) {
      const size: i32 = load(before + Label.size);
      const order: i32 = vectorCompare(before + Label.vec, size, label + Label.vec, load(label + Label.size));
      if (order >= 0) return RbFault.order;
    }
    before = label;
    node = rbNext(node);
  }
  return RbFault.none;
}

/**
 * New nodes for a change of the tree, which nobody knows yet: the slots of old ones are copied to a list, changed there, and dealt out to
 * as many nodes as it takes, level by level. After mas_wr_bnode and mas_split of lib/maple_tree.c (v6.6), written anew and simpler.
 */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { heapAlloc, heapFree } from "../../core/heap.ts";
import { MapsKind } from "./kinds.ts";
import {
  isLeaf,
  lastSlot,
  leastSlotsOf,
  MapleNode,
  mapleNodeBytes,
  metaOf,
  pivotAt,
  slotAddress,
  slotsOf,
} from "./maple-layout.ts";
import {
  leftStep,
  listClear,
  listCount,
  listPivot,
  listPush,
  listSlot,
  Plan,
  planCell,
  rightStep,
  Step,
  siblingCell,
  slotList,
} from "./maple-scratch.ts";

/** The slots of the leaf, or leaves, as they will be. */
export function leafList(cpu: i32, level: i32, first: i32, last: i32, entry: ptr): void {
  const list: ptr = slotList(cpu, level);
  listClear(list);
  const left: ptr = leftStep(cpu, level);
  const leftNode: ptr = load(left + Step.node);
  const leftSlot: i32 = load(left + Step.slot);
  copySlots(list, leftNode, 0, leftSlot, 0);
  const starts: i32 = leftSlot === 0 ? load(left + Step.first) : pivotAt(leftNode, leftSlot - 1) + 1;
  if (starts < first) listPush(list, first - 1, load(slotAddress(leftNode, leftSlot)));
  listPush(list, last, entry);
  const right: ptr = rightStep(cpu, level);
  const rightNode: ptr = load(right + Step.node);
  const rightSlot: i32 = load(right + Step.slot);
  const rightLast: i32 = load(right + Step.last);
  const rightMeta: i32 = load(rightNode + MapleNode.meta);
  const ends: i32 = rightSlot < lastSlot(rightMeta) ? pivotAt(rightNode, rightSlot) : rightLast;
  if (last < ends) listPush(list, ends, load(slotAddress(rightNode, rightSlot)));
  copySlots(list, rightNode, rightSlot + 1, lastSlot(rightMeta) + 1, rightLast);
}

/** Appends slots `from` to `to - 1` of a node that ends at `nodeLast`, which only matters where its last slot is among them. */
function copySlots(list: ptr, node: ptr, from: i32, to: i32, nodeLast: i32): void {
  const meta: i32 = load(node + MapleNode.meta);
  const last: i32 = lastSlot(meta);
  for (let slot: i32 = from; slot < to; slot += 1)
    listPush(list, slot === last ? nodeLast : pivotAt(node, slot), load(slotAddress(node, slot)));
}

/** The list of the level above: what is left and right of the nodes that change, and between them the new ones. */
export function listAbove(cpu: i32, level: i32, leaf: bool): bool {
  const above: ptr = slotList(cpu, level - 1);
  listClear(above);
  const left: ptr = leftStep(cpu, level - 1);
  copySlots(above, load(left + Step.node), 0, load(left + Step.slot), 0);
  if (!pushNodes(cpu, level, leaf, above)) return false;
  const right: ptr = rightStep(cpu, level - 1);
  const rightNode: ptr = load(right + Step.node);
  const rightMeta: i32 = load(rightNode + MapleNode.meta);
  const behind: i32 = load(right + Step.slot) + 1;
  copySlots(above, rightNode, behind, lastSlot(rightMeta) + 1, load(right + Step.last));
  return true;
}

/** Makes as many nodes of a level's list as it takes, all about as full, and appends them to another. */
export function pushNodes(cpu: i32, level: i32, leaf: bool, to: ptr): bool {
  const list: ptr = slotList(cpu, level);
  const count: i32 = listCount(list);
  const most: i32 = slotsOf(leaf);
  const nodes: i32 = (count + most - 1) / most;
  let from: i32 = 0;
  for (let made: i32 = 1; made <= nodes; made += 1) {
    const end: i32 = (count * made) / nodes;
    const fresh: ptr = makeNode(cpu, list, from, end, leaf);
    if (fresh === 0) return false;
    listPush(to, listPivot(list, end - 1), fresh);
    from = end;
  }
  return true;
}

/** A node of entries `from` to `to - 1` of a list. Nobody knows it yet but `discardMade`. 0 where memory is used up. */
export function makeNode(cpu: i32, list: ptr, from: i32, to: i32, leaf: bool): ptr {
  const node: ptr = heapAlloc(cpu, MapsKind.mapleNode, mapleNodeBytes);
  if (node === 0) return node;
  const cell: ptr = planCell(cpu, Plan.made);
  store(node + MapleNode.rcu, load(cell));
  store(cell, node);
  store(node + MapleNode.dead, 0);
  store(node + MapleNode.meta, metaOf(to - from - 1, leaf));
  for (let index: i32 = from; index < to; index += 1) {
    const slot: i32 = index - from;
    // The last one's pivot is the node's own end.
    if (index + 1 < to) store(node + MapleNode.pivots + slot * 8, listPivot(list, index));
    store(slotAddress(node, slot), listSlot(list, index));
  }
  return node;
}

/** A node that would be too empty takes in the one to its right, or else to its left, below the same parent. */
export function takeSiblingIn(cpu: i32, level: i32): void {
  const list: ptr = slotList(cpu, level);
  const node: ptr = load(leftStep(cpu, level) + Step.node);
  const leaf: bool = isLeaf(load(node + MapleNode.meta));
  if (listCount(list) >= leastSlotsOf(leaf)) return;
  const right: ptr = rightStep(cpu, level - 1);
  const rightParent: ptr = load(right + Step.node);
  const rightSlot: i32 = load(right + Step.slot);
  const rightMeta: i32 = load(rightParent + MapleNode.meta);
  if (rightSlot < lastSlot(rightMeta)) {
    const next: i32 = rightSlot + 1;
    const sibling: ptr = load(slotAddress(rightParent, next));
    const ends: i32 = next < lastSlot(rightMeta) ? pivotAt(rightParent, next) : load(right + Step.last);
    const siblingMeta: i32 = load(sibling + MapleNode.meta);
    copySlots(list, sibling, 0, lastSlot(siblingMeta) + 1, ends);
    store(right + Step.slot, next);
    store(siblingCell(cpu, level), sibling);
    return;
  }
  const left: ptr = leftStep(cpu, level - 1);
  const leftParent: ptr = load(left + Step.node);
  const leftSlot: i32 = load(left + Step.slot);
  if (leftSlot === 0) return;
  const sibling: ptr = load(slotAddress(leftParent, leftSlot - 1));
  const siblingMeta: i32 = load(sibling + MapleNode.meta);
  // The list of the level above is free: what is there already goes behind the sibling's.
  const whole: ptr = slotList(cpu, level - 1);
  listClear(whole);
  copySlots(whole, sibling, 0, lastSlot(siblingMeta) + 1, pivotAt(leftParent, leftSlot - 1));
  const count: i32 = listCount(list);
  for (let index: i32 = 0; index < count; index += 1)
    listPush(whole, listPivot(list, index), listSlot(list, index));
  listClear(list);
  const all: i32 = listCount(whole);
  for (let index: i32 = 0; index < all; index += 1)
    listPush(list, listPivot(whole, index), listSlot(whole, index));
  store(left + Step.slot, leftSlot - 1);
  store(siblingCell(cpu, level), sibling);
}

/** Gives back what `makeNode` has made since `Plan.made` was 0: memory was used up before all was there. */
export function discardMade(cpu: i32): void {
  let node: ptr = load(planCell(cpu, Plan.made));
  while (node !== 0) {
    const before: ptr = load(node + MapleNode.rcu);
    heapFree(cpu, node);
    node = before;
  }
}

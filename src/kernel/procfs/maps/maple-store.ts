/**
 * Changing the tree beside readers who hold no lock: what a range of pages belongs to is stored with a single write to one slot
 * (or to the root) that puts new nodes in the place of old ones; these are marked dead and freed after a grace period. After
 * mas_store of lib/maple_tree.c (v6.6), whose nodes, rules of replacement and order of steps these are; how new nodes are made up is
 * written anew and simpler: no in-place stores, the same rebuilding for ranges within a leaf and across leaves.
 */
import { type bool, callRcu, type i32, load, type ptr, store, storeRelease } from "refplay/machine";
import { heapAlloc, heapFree } from "../../core/heap.ts";
import { MapsCallback, MapsKind } from "./kinds.ts";
import {
  isLeaf,
  lastPage,
  lastSlot,
  leastSlotsOf,
  MapleNode,
  mapleNodeBytes,
  metaOf,
  pivotAt,
  slotAddress,
  slotOf,
  slotsOf,
} from "./maple-layout.ts";
import {
  leftStep,
  listClear,
  listCount,
  listPivot,
  listPush,
  listSlot,
  rightStep,
  Step,
  siblingCell,
  slotList,
} from "./maple-scratch.ts";

/** Makes an empty tree, in which all pages are a gap; false where memory is used up. */
export function mapleInit(cpu: i32, root: ptr): bool {
  const node: ptr = heapAlloc(cpu, MapsKind.mapleNode, mapleNodeBytes);
  if (node === 0) return false;
  store(node + MapleNode.dead, 0);
  store(node + MapleNode.meta, metaOf(0, true));
  store(slotAddress(node, 0), 0);
  store(root, node);
  return true;
}

/** Frees the nodes of a tree that nobody walks any more. */
export function mapleDestroy(cpu: i32, root: ptr): void {
  let page: i32 = 0;
  // From left to right, each node when its last leaf goes.
  while (page >= 0) {
    let level: i32 = descend(cpu, root, page, false);
    const last: i32 = load(leftStep(cpu, level) + Step.last);
    while (level >= 0) {
      const step: ptr = leftStep(cpu, level);
      const ends: i32 = load(step + Step.last);
      if (ends === last) heapFree(cpu, load(step + Step.node));
      level -= 1;
    }
    page = last === lastPage ? -1 : last + 1;
  }
  store(root, 0);
}

/** The RCU callback of a node. */
export function mapleNodeFree(cpu: i32, head: ptr): void {
  heapFree(cpu, head - MapleNode.rcu);
}

/**
 * Makes pages `first` to `last` belong to `entry` (0: to nobody), whatever they belonged to. Readers see all of it or nothing. The
 * caller has the write lock. False where memory is used up: then nothing has changed, but new nodes may be lost
 * (`Mark.heapExhausted` tells).
 */
export function mapleStore(cpu: i32, root: ptr, first: i32, last: i32, entry: ptr): bool {
  const height: i32 = descend(cpu, root, first, false);
  descend(cpu, root, last, true);
  leafList(cpu, height, first, last, entry);
  let level: i32 = height;
  while (true) {
    store(siblingCell(cpu, level), 0);
    if (level === 0) return replaceRoot(cpu, root, height);
    takeSiblingIn(cpu, level);
    const above: ptr = leftStep(cpu, level - 1);
    const parent: ptr = load(above + Step.node);
    const rightParent: ptr = load(rightStep(cpu, level - 1) + Step.node);
    const slot: i32 = load(above + Step.slot);
    const rightSlot: i32 = load(rightStep(cpu, level - 1) + Step.slot);
    const list: ptr = slotList(cpu, level);
    const leaf: bool = level === height;
    if (parent === rightParent && slot === rightSlot && listCount(list) <= slotsOf(leaf)) {
      const fresh: ptr = makeNode(cpu, list, 0, listCount(list), leaf);
      if (fresh === 0) return false;
      const old: ptr = load(slotAddress(parent, slot));
      storeRelease(slotAddress(parent, slot), fresh);
      retire(cpu, old, level, height);
      return true;
    }
    if (!listAbove(cpu, level, leaf)) return false;
    level -= 1;
  }
}

/** Notes the way down to a page, and returns the leaf's level; the root's is 0. */
function descend(cpu: i32, root: ptr, page: i32, right: bool): i32 {
  let node: ptr = load(root);
  let nodeFirst: i32 = 0;
  let nodeLast: i32 = lastPage;
  let level: i32 = 0;
  while (true) {
    const meta: i32 = load(node + MapleNode.meta);
    const slot: i32 = slotOf(node, meta, page);
    const step: ptr = right ? rightStep(cpu, level) : leftStep(cpu, level);
    store(step + Step.node, node);
    store(step + Step.slot, slot);
    store(step + Step.first, nodeFirst);
    store(step + Step.last, nodeLast);
    if (isLeaf(meta)) return level;
    if (slot > 0) nodeFirst = pivotAt(node, slot - 1) + 1;
    if (slot < lastSlot(meta)) nodeLast = pivotAt(node, slot);
    node = load(slotAddress(node, slot));
    level += 1;
  }
}

/** The slots of the leaf, or leaves, as they will be. */
function leafList(cpu: i32, level: i32, first: i32, last: i32, entry: ptr): void {
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
function listAbove(cpu: i32, level: i32, leaf: bool): bool {
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
function pushNodes(cpu: i32, level: i32, leaf: bool, to: ptr): bool {
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

/** A node of entries `from` to `to - 1` of a list. Nobody knows it yet. 0 where memory is used up. */
function makeNode(cpu: i32, list: ptr, from: i32, to: i32, leaf: bool): ptr {
  const node: ptr = heapAlloc(cpu, MapsKind.mapleNode, mapleNodeBytes);
  if (node === 0) return node;
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
function takeSiblingIn(cpu: i32, level: i32): void {
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

/** The whole tree changes: one more level where the root's slots do not fit into a node, fewer where it has only one child. */
function replaceRoot(cpu: i32, root: ptr, height: i32): bool {
  const list: ptr = slotList(cpu, 0);
  const leaf: bool = height === 0;
  let fresh: ptr = 0;
  if (listCount(list) > slotsOf(leaf)) {
    const above: ptr = slotList(cpu, 1);
    listClear(above);
    if (!pushNodes(cpu, 0, leaf, above)) return false;
    fresh = makeNode(cpu, above, 0, listCount(above), false);
  } else if (!leaf && listCount(list) === 1) {
    fresh = onlyDescendant(cpu, listSlot(list, 0));
  } else {
    fresh = makeNode(cpu, list, 0, listCount(list), leaf);
  }
  if (fresh === 0) return false;
  const old: ptr = load(root);
  storeRelease(root, fresh);
  retire(cpu, old, 0, height);
  return true;
}

/** The first node below that has more than one child. Those above it were made just now, or they would not be alone. */
function onlyDescendant(cpu: i32, top: ptr): ptr {
  let node: ptr = top;
  let meta: i32 = load(node + MapleNode.meta);
  while (!isLeaf(meta) && lastSlot(meta) === 0) {
    const child: ptr = load(slotAddress(node, 0));
    heapFree(cpu, node);
    node = child;
    meta = load(node + MapleNode.meta);
  }
  return node;
}

/** Marks the nodes dead that were replaced, `top` at `level` and those below it down to the leaves, and has them freed. */
function retire(cpu: i32, top: ptr, level: i32, height: i32): void {
  // From the leaves up: the way down to a node must not lead through one that may be freed already.
  for (let at: i32 = height; at >= level; at -= 1) {
    const right: ptr = load(rightStep(cpu, at) + Step.node);
    let page: i32 = load(leftStep(cpu, at) + Step.first);
    let node: ptr = 0;
    // All nodes of the level from the left path's to the right path's.
    while (node !== right) {
      node = top;
      let nodeLast: i32 = level === 0 ? lastPage : load(rightStep(cpu, level) + Step.last);
      for (let down: i32 = level; down < at; down += 1) {
        const meta: i32 = load(node + MapleNode.meta);
        const slot: i32 = slotOf(node, meta, page);
        if (slot < lastSlot(meta)) nodeLast = pivotAt(node, slot);
        node = load(slotAddress(node, slot));
      }
      page = nodeLast + 1;
      retireNode(node);
    }
    const sibling: ptr = load(siblingCell(cpu, at));
    if (sibling !== 0) retireNode(sibling);
  }
}

function retireNode(node: ptr): void {
  store(node + MapleNode.dead, 1);
  callRcu(node + MapleNode.rcu, MapsCallback.mapleFree);
}

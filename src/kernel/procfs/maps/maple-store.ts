/**
 * Changing the tree beside readers who hold no lock: what a range of pages belongs to is stored with a single write to one slot
 * (or to the root) that puts new nodes in the place of old ones; these are marked dead and freed after a grace period. After
 * mas_store of lib/maple_tree.c (v6.6), whose nodes, rules of replacement and order of steps these are; how new nodes are made up is
 * simpler (`maple-build.ts`): no in-place stores, the same rebuilding for ranges within a leaf and across leaves.
 */
import { type bool, callRcu, type i32, load, type ptr, store, storeRelease } from "refplay/machine";
import { heapAlloc, heapFree } from "../../core/heap.ts";
import { MapsCallback, MapsKind } from "./kinds.ts";
import { discardMade, leafList, listAbove, makeNode, pushNodes, takeSiblingIn } from "./maple-build.ts";
import {
  isLeaf,
  lastPage,
  lastSlot,
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
  listSlot,
  Plan,
  planCell,
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
 * caller has the write lock. False where memory is used up: then nothing has changed.
 */
export function mapleStore(cpu: i32, root: ptr, first: i32, last: i32, entry: ptr): bool {
  if (!maplePrepare(cpu, root, first, last, entry)) return false;
  mapleCommit(cpu);
  return true;
}

/**
 * Makes all nodes that the same store takes, and changes nothing yet: who changes areas together with the tree must know before the
 * first of them that there is memory (vma_iter_prealloc). Then `mapleCommit`, with no other store between. False where memory is used
 * up.
 */
export function maplePrepare(cpu: i32, root: ptr, first: i32, last: i32, entry: ptr): bool {
  store(planCell(cpu, Plan.made), 0);
  if (plan(cpu, root, first, last, entry)) return true;
  discardMade(cpu);
  return false;
}

function plan(cpu: i32, root: ptr, first: i32, last: i32, entry: ptr): bool {
  const height: i32 = descend(cpu, root, first, false);
  descend(cpu, root, last, true);
  store(planCell(cpu, Plan.height), height);
  leafList(cpu, height, first, last, entry);
  let level: i32 = height;
  while (true) {
    store(siblingCell(cpu, level), 0);
    if (level === 0) return planRoot(cpu, root, height);
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
      return planned(cpu, slotAddress(parent, slot), fresh, level);
    }
    if (!listAbove(cpu, level, leaf)) return false;
    level -= 1;
  }
}

/** Notes what is to be stored where. False where `fresh` is 0. */
function planned(cpu: i32, cell: ptr, fresh: ptr, level: i32): bool {
  store(planCell(cpu, Plan.cell), cell);
  store(planCell(cpu, Plan.fresh), fresh);
  store(planCell(cpu, Plan.level), level);
  return fresh !== 0;
}

/** Makes the change that was prepared: the one store that readers see, and what goes with the old nodes. */
export function mapleCommit(cpu: i32): void {
  const cell: ptr = load(planCell(cpu, Plan.cell));
  const old: ptr = load(cell);
  const fresh: ptr = load(planCell(cpu, Plan.fresh));
  storeRelease(cell, fresh);
  retire(cpu, old, load(planCell(cpu, Plan.level)), load(planCell(cpu, Plan.height)));
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

/** The whole tree changes: one more level where the root's slots do not fit into a node, fewer where it has only one child. */
function planRoot(cpu: i32, root: ptr, height: i32): bool {
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
  return planned(cpu, root, fresh, 0);
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

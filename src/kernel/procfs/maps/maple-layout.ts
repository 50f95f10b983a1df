/**
 * Nodes of the tree in which an address space keeps its areas, laid out as maple_range_64 (include/linux/maple_tree.h, v6.6): a
 * node covers a range of page numbers without holes; its slots cover consecutive parts of it, each up to its pivot, the last
 * up to the node's own end. A leaf's slots are areas, or 0 for gaps; those of other nodes are nodes.
 *
 * Once it is in the tree a node does not change but in three ways: a slot of an inner node may be given another child of the same
 * range, the node may be marked dead, and its RCU head is used. Everything else is a new node in its place.
 */
import { type bool, type i32, load, option, type ptr } from "refplay/machine";

/** Most slots of a leaf, 16 as in the kernel; inner nodes have at most 10 (maple_arange_64). Tests have smaller ones. */
export const leafSlots: i32 = option("mapleSlots");
export const innerSlots: i32 = leafSlots < 10 ? leafSlots : 10;
/** A node with fewer takes a sibling's in, where there is one. */
const leastLeafSlots: i32 = (leafSlots + 2) / 3;
const leastInnerSlots: i32 = (innerSlots + 2) / 3;

/** Highest page number: they have 31 bits. */
export const lastPage: i32 = 0x7fffffff;

/** Offsets in a node of 256 bytes. Values have 4 of a field's 8 bytes; the RCU head takes what is left of two of them. */
export enum MapleNode {
  /** 1 when the node was replaced: where the kernel's has its parent, which is the node itself then. */
  dead = 0,
  /** Number of the last slot, and `leafBit`. */
  meta = 4,
  pivots = 8,
  rcu = 12,
  slots = 128,
}

export const mapleNodeBytes: i32 = 256;
const leafBit: i32 = 256;

export function metaOf(last: i32, leaf: bool): i32 {
  return leaf ? last | leafBit : last;
}

export function isLeaf(meta: i32): bool {
  return (meta & leafBit) !== 0;
}

export function lastSlot(meta: i32): i32 {
  return meta & (leafBit - 1);
}

/** Last page of a slot that is not the node's last. */
export function pivotAt(node: ptr, slot: i32): i32 {
  return load(node + MapleNode.pivots + slot * 8);
}

export function slotAddress(node: ptr, slot: i32): ptr {
  return node + MapleNode.slots + slot * 8;
}

export function slotsOf(leaf: bool): i32 {
  return leaf ? leafSlots : innerSlots;
}

export function leastSlotsOf(leaf: bool): i32 {
  return leaf ? leastLeafSlots : leastInnerSlots;
}

/** The slot that has the page. */
export function slotOf(node: ptr, meta: i32, page: i32): i32 {
  const last: i32 = lastSlot(meta);
  let slot: i32 = 0;
  while (slot < last && page > pivotAt(node, slot)) slot += 1;
  return slot;
}

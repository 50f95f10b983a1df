/**
 * Looking areas up, with the write lock or inside an RCU read section beside a writer. A walk from the root finds what was there
 * at some moment of the walk: nodes do not change, and a dead one leads to what was there when it died. An iterator that
 * stays in a leaf must ask whether that died meanwhile.
 */
import { type i32, load, loadAcquire, loadFence, ptr, store } from "refplay/machine";
import { isLeaf, lastPage, lastSlot, MapleNode, pivotAt, slotAddress, slotOf } from "./maple-layout.ts";

/** Offsets in an iterator (struct ma_state), private to whoever walks. */
export enum MapleState {
  /** Leaf of the last entry, 0 for none; its slot and the leaf's last page. */
  node = 0,
  slot = 4,
  nodeLast = 8,
  /** The page behind that entry. */
  next = 12,
}

export const mapleStateBytes: i32 = 16;

/** Makes the iterator begin anew. */
export function mapleReset(state: ptr): void {
  store(state + MapleState.node, 0);
}

/** The entry that has the page; 0 in a gap. `root` is the address of the tree's root cell. */
export function mapleLoad(root: ptr, page: i32): ptr {
  let node: ptr = loadAcquire(root);
  while (true) {
    const meta: i32 = load(node + MapleNode.meta);
    const next: ptr = loadAcquire(slotAddress(node, slotOf(node, meta, page)));
    if (isLeaf(meta)) return next;
    node = next;
  }
}

/**
 * The first entry with a page from `page` on; 0 where there is none. Goes on in the leaf of the last one if that is where it left
 * off, as mas_find does.
 */
export function mapleNext(root: ptr, state: ptr, page: i32): ptr {
  const node: ptr = load(state + MapleState.node);
  const expected: i32 = load(state + MapleState.next);
  if (node !== 0 && expected === page) {
    const slot: i32 = load(state + MapleState.slot);
    const last: i32 = load(state + MapleState.nodeLast);
    const found: ptr = scan(state, node, slot + 1, last);
    if (found !== 0) return found;
  }
  return fromRoot(root, state, page);
}

/** The first entry of the leaf from a slot on; 0 where there is none, or where the leaf is dead. */
function scan(state: ptr, node: ptr, from: i32, nodeLast: i32): ptr {
  const meta: i32 = load(node + MapleNode.meta);
  const last: i32 = lastSlot(meta);
  for (let slot: i32 = from; slot <= last; slot += 1) {
    const entry: ptr = load(slotAddress(node, slot));
    if (entry !== 0) {
      // What it leads to was there if the leaf is still in the tree.
      loadFence();
      const dead: i32 = load(node + MapleNode.dead);
      if (dead !== 0) return ptr(0);
      remember(state, node, slot, slot === last ? nodeLast : pivotAt(node, slot), nodeLast);
      return entry;
    }
  }
  return ptr(0);
}

function fromRoot(root: ptr, state: ptr, page: i32): ptr {
  let from: i32 = page;
  while (true) {
    let node: ptr = loadAcquire(root);
    let nodeLast: i32 = lastPage;
    let meta: i32 = load(node + MapleNode.meta);
    let slot: i32 = slotOf(node, meta, from);
    while (!isLeaf(meta)) {
      if (slot < lastSlot(meta)) nodeLast = pivotAt(node, slot);
      node = loadAcquire(slotAddress(node, slot));
      meta = load(node + MapleNode.meta);
      slot = slotOf(node, meta, from);
    }
    const last: i32 = lastSlot(meta);
    while (slot <= last) {
      const entry: ptr = load(slotAddress(node, slot));
      if (entry !== 0) {
        remember(state, node, slot, slot === last ? nodeLast : pivotAt(node, slot), nodeLast);
        return entry;
      }
      slot += 1;
    }
    if (nodeLast === lastPage) {
      store(state + MapleState.node, 0);
      return ptr(0);
    }
    from = nodeLast + 1;
  }
}

function remember(state: ptr, node: ptr, slot: i32, entryLast: i32, nodeLast: i32): void {
  store(state + MapleState.node, node);
  store(state + MapleState.slot, slot);
  store(state + MapleState.nodeLast, nodeLast);
  store(state + MapleState.next, entryLast + 1);
}

/**
 * An address space as entries of a program: the tree alone, one store at a time; areas, one system call at a time, for a model to
 * follow. Entries of the tree are made-up pointers, never followed.
 */
import {
  coreBoot,
  heapAlloc,
  heapFree,
  heapLive,
  kernelGlobals,
  type ProgramMeta,
  RcuHead,
} from "refplay/kernel";
import { type bool, i32, load, ptr, rcuTake, store } from "refplay/machine";
import { runCallback } from "../../src/kernel/procfs/maps/callbacks.ts";
import { MapsKind } from "../../src/kernel/procfs/maps/kinds.ts";
import {
  isLeaf,
  lastPage,
  lastSlot,
  MapleNode,
  mapleNodeBytes,
  pivotAt,
  slotAddress,
  slotOf,
  slotsOf,
} from "../../src/kernel/procfs/maps/maple-layout.ts";
import { mapleLoad, mapleNext, mapleReset } from "../../src/kernel/procfs/maps/maple-read.ts";
import { mapleDestroy, mapleInit, mapleStore } from "../../src/kernel/procfs/maps/maple-store.ts";
import { readerState } from "../../src/kernel/procfs/maps/maps-cpu.ts";
import { Mm, mmWriteLock, mmWriteUnlock } from "../../src/kernel/procfs/maps/mm.ts";
import { Vma, vmaBytes } from "../../src/kernel/procfs/maps/vma.ts";
import {
  vmaFind,
  vmaMap,
  vmaProtect,
  vmaReplace,
  vmaUnmap,
} from "../../src/kernel/procfs/maps/vma-change.ts";

import { MapleFault } from "./maple-fault.ts";

const mm: ptr = kernelGlobals;

/** Cells behind the address space: nodes and areas that nobody else is to have, each leading to the next. */
const nodes: ptr = kernelGlobals + 256;
const areas: ptr = kernelGlobals + 264;

export function boot(): void {
  coreBoot();
  mapleInit(0, mm + Mm.tree);
}

// ---- the tree ----

export function set(first: i32, last: i32, entry: i32): bool {
  return mapleStore(0, mm + Mm.tree, first, last, ptr(entry));
}

export function get(page: i32): i32 {
  return i32(mapleLoad(mm + Mm.tree, page));
}

/** Makes the iterator begin anew. */
export function restart(): void {
  mapleReset(readerState(0));
}

/** The iterator's next entry from a page on. */
export function next(page: i32): i32 {
  return i32(mapleNext(mm + Mm.tree, readerState(0), page));
}

/** The page behind the entry that `next` found. */
export function nextPage(): i32 {
  return load(readerState(0) + 12);
}

/** A `MapleFault` of the whole tree. Follows every leaf from the root, by its first page. */
export function check(): i32 {
  let page: i32 = 0;
  let depth: i32 = -1;
  while (true) {
    let node: ptr = load(mm + Mm.tree);
    let first: i32 = 0;
    let last: i32 = lastPage;
    let level: i32 = 0;
    let meta: i32 = load(node + MapleNode.meta);
    let fault: i32 = nodeFault(node, first, last, level);
    if (fault !== MapleFault.none) return fault;
    while (!isLeaf(meta)) {
      const slot: i32 = slotOf(node, meta, page);
      if (slot > 0) first = pivotAt(node, slot - 1) + 1;
      if (slot < lastSlot(meta)) last = pivotAt(node, slot);
      node = load(slotAddress(node, slot));
      meta = load(node + MapleNode.meta);
      level += 1;
      fault = nodeFault(node, first, last, level);
      if (fault !== MapleFault.none) return fault;
    }
    if (depth === -1) depth = level;
    if (depth !== level) return MapleFault.depth;
    if (last === lastPage) return MapleFault.none;
    page = last + 1;
  }
}

function nodeFault(node: ptr, first: i32, last: i32, level: i32): i32 {
  const meta: i32 = load(node + MapleNode.meta);
  const end: i32 = lastSlot(meta);
  const dead: i32 = load(node + MapleNode.dead);
  if (dead !== 0) return MapleFault.dead;
  if (end >= slotsOf(isLeaf(meta))) return MapleFault.size;
  if (!isLeaf(meta) && level === 0 && end === 0) return MapleFault.size;
  let before: i32 = first - 1;
  for (let slot: i32 = 0; slot < end; slot += 1) {
    const pivot: i32 = pivotAt(node, slot);
    if (pivot <= before || pivot >= last) return MapleFault.order;
    before = pivot;
    if (isLeaf(meta)) {
      const one: i32 = load(slotAddress(node, slot));
      const other: i32 = load(slotAddress(node, slot + 1));
      if (one === other) return MapleFault.twice;
    }
  }
  return MapleFault.none;
}

/** Levels of the tree. */
export function height(): i32 {
  let node: ptr = load(mm + Mm.tree);
  let levels: i32 = 1;
  while (!isLeaf(load(node + MapleNode.meta))) {
    node = load(slotAddress(node, 0));
    levels += 1;
  }
  return levels;
}

export function destroy(): void {
  mapleDestroy(0, mm + Mm.tree);
}

export function liveNodes(): i32 {
  return heapLive(MapsKind.mapleNode);
}

export function liveAreas(): i32 {
  return heapLive(MapsKind.vma);
}

export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    runCallback(cpu, id, head);
    head = rcuTake();
  }
}

// ---- areas ----

export function map(start: i32, end: i32, flags: i32, offset: i32, file: i32): bool {
  mmWriteLock(mm);
  const done: bool = vmaMap(0, mm, start, end, flags, offset, ptr(file));
  mmWriteUnlock(mm);
  return done;
}

export function replace(start: i32, end: i32, flags: i32, offset: i32, file: i32): bool {
  mmWriteLock(mm);
  const done: bool = vmaReplace(0, mm, start, end, flags, offset, ptr(file));
  mmWriteUnlock(mm);
  return done;
}

export function unmap(start: i32, end: i32): bool {
  mmWriteLock(mm);
  const done: bool = vmaUnmap(0, mm, start, end);
  mmWriteUnlock(mm);
  return done;
}

export function protect(start: i32, end: i32, flags: i32): bool {
  mmWriteLock(mm);
  const done: bool = vmaProtect(0, mm, start, end, flags);
  mmWriteUnlock(mm);
  return done;
}

/** Field of the area with that page, by its offset; -1 in a gap. */
export function areaField(page: i32, field: i32): i32 {
  const vma: ptr = vmaFind(mm, page);
  if (vma === 0) return -1;
  return load(vma + field);
}

export function areaCount(): i32 {
  return load(mm + Mm.mapCount);
}

/** References of the area with that page: 1 unless somebody has it locked. */
export function areaRefs(page: i32): i32 {
  return areaField(page, Vma.refs);
}

// ---- memory that is used up ----

/** Takes all memory that there is for nodes and areas. */
export function hoard(): void {
  fill(nodes, MapsKind.mapleNode, mapleNodeBytes);
  fill(areas, MapsKind.vma, vmaBytes);
}

function fill(chain: ptr, kind: i32, bytes: i32): void {
  while (true) {
    const object: ptr = heapAlloc(0, kind, bytes);
    if (object === 0) return;
    store(object, load(chain));
    store(chain, object);
  }
}

/** Gives one of them back. */
export function spareNode(): bool {
  return spare(nodes);
}

export function spareArea(): bool {
  return spare(areas);
}

function spare(chain: ptr): bool {
  const object: ptr = load(chain);
  if (object === 0) return false;
  store(chain, load(object));
  heapFree(0, object);
  return true;
}

export function spareAll(): void {
  while (spare(nodes)) {}
  while (spare(areas)) {}
}

export default {
  options: {
    mapleSlots: { unit: "count", default: 16, min: 4, max: 16, doc: "Slots of a leaf of the tree." },
  },
} satisfies ProgramMeta;

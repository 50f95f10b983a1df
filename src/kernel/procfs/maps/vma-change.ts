/**
 * What mmap, munmap and mprotect do to the areas of an address space: split, merge, take away. After mm/vma.c (v6.17), in the
 * order of steps that readers without the lock can see: areas are write-locked, their ranges set, the tree changed by one store,
 * and what is left over is detached and freed. Before the first of these steps all memory is there that they take, so that areas
 * and tree say the same whether it was enough or not. Everything here is called with the write lock.
 */
import { type bool, i32, load, ptr, store } from "refplay/machine";
import { heapFree } from "../../core/heap.ts";
import { mapleLoad, mapleNext, mapleReset } from "./maple-read.ts";
import { mapleCommit, maplePrepare } from "./maple-store.ts";
import { writerState } from "./maps-cpu.ts";
import { Mm } from "./mm.ts";
import { Vma, vmaAlloc, vmaAttach, vmaDetach, vmaFree, vmaStartWrite } from "./vma.ts";

/** The area with the page; 0 in a gap. */
export function vmaFind(mm: ptr, page: i32): ptr {
  return page < 0 ? ptr(0) : mapleLoad(mm + Mm.tree, page);
}

/**
 * mmap at a fixed place that nobody has: one area more, or neighbours that grow together. False where memory is used up.
 */
export function vmaMap(
  cpu: i32,
  mm: ptr,
  start: i32,
  end: i32,
  flags: i32,
  pageOffset: i32,
  file: ptr,
): bool {
  const before: ptr = vmaFind(mm, start - 1);
  const after: ptr = vmaFind(mm, end);
  const left: bool = before !== 0 && alike(before, flags, file) && follows(before, pageOffset);
  const right: bool = after !== 0 && alike(after, flags, file) && leads(after, pageOffset + end - start);
  if (left) {
    const to: i32 = right ? load(after + Vma.end) : end;
    return mergeInto(cpu, mm, before, to, ptr(0), right ? after : ptr(0));
  }
  if (right) {
    if (!maplePrepare(cpu, mm + Mm.tree, start, load(after + Vma.end) - 1, after)) return false;
    vmaStartWrite(mm, after);
    growDown(after, start, pageOffset);
    mapleCommit(cpu);
    return true;
  }
  const vma: ptr = vmaAlloc(cpu, mm, start, end, flags, pageOffset, file);
  if (!prepareInsert(cpu, mm, vma)) return false;
  vmaStartWrite(mm, vma);
  insert(cpu, mm, vma);
  return true;
}

/**
 * munmap: nobody has the pages afterwards. Areas that reach out of the range are split. False where memory is used up: then all
 * pages are mapped as before.
 */
export function vmaUnmap(cpu: i32, mm: ptr, start: i32, end: i32): bool {
  if (!splitEdges(cpu, mm, start, end)) return false;
  const first: ptr = firstOf(cpu, mm, start, end);
  if (first === 0) return true;
  if (!maplePrepare(cpu, mm + Mm.tree, start, end - 1, ptr(0))) return false;
  const gone: ptr = detachFrom(cpu, mm, first, end);
  // Until here readers find areas that are detached, and look again.
  mapleCommit(cpu);
  freeAll(gone);
  return true;
}

/**
 * mmap at a fixed place that somebody may have: what is there goes and the new area comes with the same store, so that readers
 * see no gap between (since v6.12). False where memory is used up: then all pages are mapped as before.
 */
export function vmaReplace(
  cpu: i32,
  mm: ptr,
  start: i32,
  end: i32,
  flags: i32,
  pageOffset: i32,
  file: ptr,
): bool {
  if (!splitEdges(cpu, mm, start, end)) return false;
  const vma: ptr = vmaAlloc(cpu, mm, start, end, flags, pageOffset, file);
  if (!prepareInsert(cpu, mm, vma)) return false;
  vmaStartWrite(mm, vma);
  const gone: ptr = detachFrom(cpu, mm, firstOf(cpu, mm, start, end), end);
  insert(cpu, mm, vma);
  freeAll(gone);
  return true;
}

/**
 * mprotect of a range that lies in one area: gives it other flags, with whatever split or merge that takes. False where memory is
 * used up, or where the range is not within one area: then all pages have the flags that they had.
 */
export function vmaProtect(cpu: i32, mm: ptr, start: i32, end: i32, flags: i32): bool {
  const vma: ptr = vmaFind(mm, start);
  if (vma === 0) return false;
  const vmaStart: i32 = load(vma + Vma.start);
  const vmaEnd: i32 = load(vma + Vma.end);
  if (end > vmaEnd) return false;
  const old: i32 = load(vma + Vma.flags);
  if (old === flags) return true;
  const file: ptr = load(vma + Vma.file);
  const offset: i32 = i32(load(vma + Vma.pageOffset)) + start - vmaStart;
  const before: ptr = start === vmaStart ? vmaFind(mm, start - 1) : ptr(0);
  const after: ptr = end === vmaEnd ? vmaFind(mm, end) : ptr(0);
  const left: bool = before !== 0 && alike(before, flags, file) && follows(before, offset);
  const right: bool = after !== 0 && alike(after, flags, file) && leads(after, offset + end - start);
  if (left) {
    if (right) return mergeInto(cpu, mm, before, load(after + Vma.end), vma, after);
    if (end === vmaEnd) return mergeInto(cpu, mm, before, end, vma, ptr(0));
    // The one before takes over the range, and the rest stays as it is.
    if (!maplePrepare(cpu, mm + Mm.tree, load(before + Vma.start), end - 1, before)) return false;
    vmaStartWrite(mm, vma);
    vmaStartWrite(mm, before);
    store(before + Vma.end, end);
    growDown(vma, end, offset + end - start);
    mapleCommit(cpu);
    return true;
  }
  if (right) {
    if (!maplePrepare(cpu, mm + Mm.tree, start, load(after + Vma.end) - 1, after)) return false;
    vmaStartWrite(mm, vma);
    vmaStartWrite(mm, after);
    if (start > vmaStart) store(vma + Vma.end, start);
    growDown(after, start, offset);
    mapleCommit(cpu);
    if (start === vmaStart) takeAway(mm, vma);
    return true;
  }
  vmaStartWrite(mm, vma);
  if (start > vmaStart && !vmaSplit(cpu, mm, vma, start, true)) return false;
  if (end < vmaEnd && !vmaSplit(cpu, mm, vma, end, false)) return false;
  store(vma + Vma.flags, flags);
  return true;
}

/**
 * Makes two areas of one, at a page inside it: the new one is what is below the page, or what is from it on. False where memory is
 * used up: then nothing has changed. __split_vma.
 */
export function vmaSplit(cpu: i32, mm: ptr, vma: ptr, page: i32, newBelow: bool): bool {
  const start: i32 = load(vma + Vma.start);
  const end: i32 = load(vma + Vma.end);
  const flags: i32 = load(vma + Vma.flags);
  const offset: i32 = load(vma + Vma.pageOffset);
  const file: ptr = load(vma + Vma.file);
  const upper: i32 = offset + page - start;
  const fresh: ptr = newBelow
    ? vmaAlloc(cpu, mm, start, page, flags, offset, file)
    : vmaAlloc(cpu, mm, page, end, flags, upper, file);
  if (!prepareInsert(cpu, mm, fresh)) return false;
  vmaStartWrite(mm, vma);
  vmaStartWrite(mm, fresh);
  if (newBelow) growDown(vma, page, upper);
  else store(vma + Vma.end, page);
  insert(cpu, mm, fresh);
  return true;
}

/** Splits the areas that the range begins and ends in. */
function splitEdges(cpu: i32, mm: ptr, start: i32, end: i32): bool {
  const first: ptr = vmaFind(mm, start);
  if (first !== 0) {
    const begins: i32 = load(first + Vma.start);
    if (begins < start && !vmaSplit(cpu, mm, first, start, true)) return false;
  }
  const last: ptr = vmaFind(mm, end - 1);
  if (last !== 0) {
    const ends: i32 = load(last + Vma.end);
    if (ends > end && !vmaSplit(cpu, mm, last, end, false)) return false;
  }
  return true;
}

/** The first area of a range, which the writer's iterator then stands at; 0 where it has none. */
function firstOf(cpu: i32, mm: ptr, start: i32, end: i32): ptr {
  const state: ptr = writerState(cpu);
  mapleReset(state);
  const vma: ptr = mapleNext(mm + Mm.tree, state, start);
  if (vma === 0) return vma;
  const begins: i32 = load(vma + Vma.start);
  return begins < end ? vma : ptr(0);
}

/** Write-locks and detaches areas from that of `firstOf` to the range's end, at which none reaches out; a list through `Vma.rcu`. */
function detachFrom(cpu: i32, mm: ptr, first: ptr, end: i32): ptr {
  const state: ptr = writerState(cpu);
  let list: ptr = 0;
  let vma: ptr = first;
  while (vma !== 0) {
    const begins: i32 = load(vma + Vma.start);
    if (begins >= end) break;
    vmaStartWrite(mm, vma);
    vmaDetach(vma);
    addAreas(mm, -1);
    store(vma + Vma.rcu, list);
    list = vma;
    vma = mapleNext(mm + Mm.tree, state, load(vma + Vma.end));
  }
  return list;
}

/** Frees areas that the tree no longer leads to. */
function freeAll(list: ptr): void {
  let vma: ptr = list;
  while (vma !== 0) {
    const next: ptr = load(vma + Vma.rcu);
    vmaFree(vma);
    vma = next;
  }
}

/** `vma` grows up to `end`, over one or two others, which go, or over a gap. False where memory is used up. */
function mergeInto(cpu: i32, mm: ptr, vma: ptr, end: i32, middle: ptr, next: ptr): bool {
  if (!maplePrepare(cpu, mm + Mm.tree, load(vma + Vma.start), end - 1, vma)) return false;
  if (middle !== 0) vmaStartWrite(mm, middle);
  vmaStartWrite(mm, vma);
  if (next !== 0) vmaStartWrite(mm, next);
  store(vma + Vma.end, end);
  mapleCommit(cpu);
  if (middle !== 0) takeAway(mm, middle);
  if (next !== 0) takeAway(mm, next);
  return true;
}

/** An area that the tree does not lead to any more. */
function takeAway(mm: ptr, vma: ptr): void {
  vmaDetach(vma);
  vmaFree(vma);
  addAreas(mm, -1);
}

/** Makes ready to put a new area into the tree. False where `vma` is 0 or memory is used up: then it is freed. */
function prepareInsert(cpu: i32, mm: ptr, vma: ptr): bool {
  if (vma === 0) return false;
  const start: i32 = load(vma + Vma.start);
  const end: i32 = load(vma + Vma.end);
  if (maplePrepare(cpu, mm + Mm.tree, start, end - 1, vma)) return true;
  heapFree(cpu, vma);
  return false;
}

/** Puts it there. */
function insert(cpu: i32, mm: ptr, vma: ptr): void {
  vmaAttach(vma);
  addAreas(mm, 1);
  mapleCommit(cpu);
}

/** Sets where an area begins, and with it what it shows of its file. */
function growDown(vma: ptr, start: i32, pageOffset: i32): void {
  store(vma + Vma.start, start);
  store(vma + Vma.pageOffset, pageOffset);
}

function addAreas(mm: ptr, more: i32): void {
  const areas: i32 = load(mm + Mm.mapCount);
  store(mm + Mm.mapCount, areas + more);
}

/** Whether an area could be part of one with these. */
function alike(vma: ptr, flags: i32, file: ptr): bool {
  const itsFlags: i32 = load(vma + Vma.flags);
  const itsFile: ptr = load(vma + Vma.file);
  return itsFlags === flags && itsFile === file;
}

/** Whether what begins at `pageOffset` of the file follows the area there. */
function follows(vma: ptr, pageOffset: i32): bool {
  const start: i32 = load(vma + Vma.start);
  const end: i32 = load(vma + Vma.end);
  const offset: i32 = load(vma + Vma.pageOffset);
  return offset + end - start === pageOffset;
}

/** Whether the area shows the file from `pageOffset` on. */
function leads(vma: ptr, pageOffset: i32): bool {
  const offset: i32 = load(vma + Vma.pageOffset);
  return offset === pageOffset;
}

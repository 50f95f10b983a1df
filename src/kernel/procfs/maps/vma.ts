/**
 * One area of an address space (struct vm_area_struct) and its own lock. After include/linux/mmap_lock.h (v6.17): `refs` is 0
 * while the area is in no tree, 1 while it is, and 1 more for each reader that has it locked; a writer that waits for them adds
 * `writerOffset`, which keeps new ones out. An area is write-locked until the address space's number moves: while its own
 * number is the same as that.
 */
import {
  awaitEqual,
  callRcu,
  compareExchange,
  fetchAdd,
  type i32,
  load,
  loadAcquire,
  type ptr,
  store,
  storeRelease,
} from "refplay/machine";
import { heapAlloc, heapFree } from "../../core/heap.ts";
import { MapsCallback, MapsKind } from "./kinds.ts";
import { Mm } from "./mm.ts";

/** Offsets in an area, as in v6.17 on x86-64; addresses are page numbers. */
export enum Vma {
  /** First page, and the page behind the last. */
  start = 0,
  end = 8,
  mm = 16,
  flags = 32,
  /** The address space's number when it was last write-locked. */
  lockSequence = 40,
  /** Where in the file it begins, pages; for anonymous memory its own first page. */
  pageOffset = 80,
  /** A `MappedFile`, or 0. */
  file = 88,
  /** On a line of its own: readers write it. */
  refs = 128,
  rcu = 136,
}

export const vmaBytes: i32 = 192;

/** Bits of `flags`, as VM_READ ... VM_SHARED. */
export enum VmaFlags {
  read = 1,
  write = 2,
  execute = 4,
  shared = 8,
}

/** VMA_LOCK_OFFSET: more than there can be readers. */
const writerOffset: i32 = 0x40000000;
/** A number that no address space has when it is write-locked. */
const neverLocked: i32 = -2;

/** What `vmaStartRead` found. */
export enum ReadLock {
  /** The area is on its way out of the tree: look again. */
  gone = -1,
  /** A writer has it, or all of the address space. */
  busy = 0,
  taken = 1,
}

/** A new area, in no tree yet; 0 where memory is used up. */
export function vmaAlloc(
  cpu: i32,
  mm: ptr,
  start: i32,
  end: i32,
  flags: i32,
  pageOffset: i32,
  file: ptr,
): ptr {
  const vma: ptr = heapAlloc(cpu, MapsKind.vma, vmaBytes);
  if (vma === 0) return vma;
  store(vma + Vma.start, start);
  store(vma + Vma.end, end);
  store(vma + Vma.mm, mm);
  store(vma + Vma.flags, flags);
  store(vma + Vma.lockSequence, neverLocked);
  store(vma + Vma.pageOffset, pageOffset);
  store(vma + Vma.file, file);
  store(vma + Vma.refs, 0);
  return vma;
}

/** Frees an area that is in no tree once nobody can stand on it any more. */
export function vmaFree(vma: ptr): void {
  callRcu(vma + Vma.rcu, MapsCallback.vmaFree);
}

/** The RCU callback of an area. */
export function vmaFreeNow(cpu: i32, head: ptr): void {
  heapFree(cpu, head - Vma.rcu);
}

/** The area is about to be put into the tree. vma_mark_attached. */
export function vmaAttach(vma: ptr): void {
  storeRelease(vma + Vma.refs, 1);
}

/** The area, write-locked, is no longer in the tree; nobody has it locked afterwards. vma_mark_detached. */
export function vmaDetach(vma: ptr): void {
  const before: i32 = fetchAdd(vma + Vma.refs, -1);
  if (before === 1) return;
  // Readers that were too late: they drop it as soon as they see that it is write-locked. Were their references left behind, others
  // who have found the area before could lock it once the address space is unlocked. Here they would tell what was there when they
  // looked, as the area is freed a grace period later; in the kernel, where it may be used again at once, they would tell anything.
  fetchAdd(vma + Vma.refs, writerOffset);
  awaitEqual(vma + Vma.refs, writerOffset);
  store(vma + Vma.refs, 0);
}

/** Locks an area found under RCU for reading, without waiting; a `ReadLock`. vma_start_read. */
export function vmaStartRead(mm: ptr, vma: ptr): i32 {
  const now: i32 = load(mm + Mm.sequence);
  const locked: i32 = load(vma + Vma.lockSequence);
  if (locked === now) return ReadLock.busy;
  let refs: i32 = load(vma + Vma.refs);
  while (true) {
    if (refs === 0) return ReadLock.gone;
    if (refs >= writerOffset) return ReadLock.busy;
    const before: i32 = compareExchange(vma + Vma.refs, refs, refs + 1);
    if (before === refs) break;
    refs = before;
  }
  // A writer may have locked it between the look and the count: it has seen no reader then, and its number is there to be seen.
  const nowLocked: i32 = load(vma + Vma.lockSequence);
  // With the writer's number come its stores: start and end must not be read as they were before.
  const later: i32 = loadAcquire(mm + Mm.sequence);
  if (nowLocked !== later) return ReadLock.taken;
  vmaEndRead(vma);
  return ReadLock.busy;
}

/** Locks an area for reading while the whole address space is read-locked: no writer can have it. vma_start_read_locked. */
export function vmaStartReadLocked(vma: ptr): void {
  fetchAdd(vma + Vma.refs, 1);
}

/** Unlocks it. vma_end_read. */
export function vmaEndRead(vma: ptr): void {
  fetchAdd(vma + Vma.refs, -1);
}

/** Locks it for writing until the address space's write lock is given back; waits for its readers. vma_start_write. */
export function vmaStartWrite(mm: ptr, vma: ptr): void {
  const now: i32 = load(mm + Mm.sequence);
  const locked: i32 = load(vma + Vma.lockSequence);
  if (locked === now) return;
  const refs: i32 = load(vma + Vma.refs);
  if (refs === 0) {
    // In no tree: nobody else knows it.
    store(vma + Vma.lockSequence, now);
    return;
  }
  fetchAdd(vma + Vma.refs, writerOffset);
  awaitEqual(vma + Vma.refs, writerOffset + 1);
  store(vma + Vma.lockSequence, now);
  fetchAdd(vma + Vma.refs, 0 - writerOffset);
}

/**
 * An address space (struct mm_struct): its tree of areas, the lock of all of it, and the number that tells readers without that lock
 * that it is being changed. The number moves when the write lock is taken and when it is given back (mm_lock_seq since v6.13):
 * odd while a writer is inside.
 */
import { type bool, type i32, load, loadFence, type ptr } from "refplay/machine";
import { seqRetry, seqWriteBegin, seqWriteEnd } from "../../core/seqcount.ts";
import { downWrite, upWrite } from "./rwsem.ts";

/** Offsets in an address space; what different CPUs write is on lines of its own. */
export enum Mm {
  /** The tree's root. */
  tree = 0,
  /** Areas. */
  mapCount = 8,
  /** mmap_lock. */
  lock = 64,
  sequence = 128,
}

/** mmap_write_lock. */
export function mmWriteLock(mm: ptr): void {
  downWrite(mm + Mm.lock);
  seqWriteBegin(mm + Mm.sequence);
}

/** mmap_write_unlock: all areas that were write-locked are free again, because the number has moved (vma_end_write_all). */
export function mmWriteUnlock(mm: ptr): void {
  seqWriteEnd(mm + Mm.sequence);
  upWrite(mm + Mm.lock);
}

/** Begins to look without the lock: the number to give to `mmChanged`. Odd where a writer is inside just now. */
export function mmLook(mm: ptr): i32 {
  const seen: i32 = load(mm + Mm.sequence);
  // What is looked at comes after the number.
  loadFence();
  return seen;
}

/** Whether what was looked at since `mmLook` returned `seen` may have been changed meanwhile. mmap_lock_speculate_retry. */
export function mmChanged(mm: ptr, seen: i32): bool {
  return (seen & 1) !== 0 || seqRetry(mm + Mm.sequence, seen);
}

/**
 * References to labels, the only way in which the kernel around the strategy takes and drops them.
 *
 * In a measured program each function is the strategy's function and nothing else. In a verify build the kernel keeps books
 * beside the strategy: every label counts the holders that refer to it, every holder knows its label and its generation.
 * So a reference that is dropped twice, put through the wrong holder or kept beyond the label's life is found for every
 * strategy, also for one whose own count could not tell. (That a label is released while holders are left is found where
 * it happens, in `release` of the core.) In a watched build the engine keeps the books and is told by marks.
 */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { borrow, get, init, move, put, swap, tryGet, unborrow } from "refplay/strategy";
import { verify, watched } from "./core/areas.ts";
import { noteDrop, noteEmpty, noteMove, noteSwap, noteTake } from "./holder-notes.ts";

/** A holder in memory that was just allocated: it refers to nothing. */
export function emptyHolder(holder: ptr): void {
  store(holder, 0);
  if (verify) noteEmpty(holder);
}

/**
 * A new label, seen by nobody else: its first reference comes into `holder`. False where the strategy had no memory for it:
 * the label is then no good, and the holder empty.
 */
export function labelInit(cpu: i32, holder: ptr, label: ptr): bool {
  init(cpu, holder, label);
  const first: ptr = load(holder);
  if (first === 0) return false;
  if (verify || watched) noteTake(cpu, holder, label);
  return true;
}

/** One reference more, kept in `holder`, which is empty. The caller has or borrows a reference. */
export function labelGet(cpu: i32, holder: ptr, label: ptr): void {
  get(cpu, holder, label);
  if (verify || watched) noteTake(cpu, holder, label);
}

/** The same unless the label is dying; inside an RCU read section. Whether the reference was taken. */
export function labelTryGet(cpu: i32, holder: ptr, label: ptr): bool {
  if (!tryGet(cpu, holder, label)) return false;
  if (verify || watched) noteTake(cpu, holder, label);
  return true;
}

/** Drops the reference in `holder`, which refers to `label`; the holder is empty afterwards. */
export function labelPut(cpu: i32, holder: ptr, label: ptr): void {
  // Before the strategy: with the last reference it may release the label at once.
  if (verify || watched) noteDrop(cpu, holder, label);
  put(cpu, holder, label);
}

/** Carries the reference from one holder over to another, empty one. */
export function labelMove(cpu: i32, from: ptr, to: ptr, label: ptr): void {
  move(cpu, from, to, label);
  if (verify) noteMove(cpu, from, to, label);
}

/**
 * The references in `slot`, which others may borrow from or look into meanwhile, and in `other` change places; either may be
 * empty. Callers for one slot exclude each other.
 */
export function labelSwap(cpu: i32, slot: ptr, other: ptr): void {
  swap(cpu, slot, other);
  if (verify) noteSwap(slot, other);
}

/**
 * Protects the label that the shared slot `source` refers to until `labelUnborrow`, whoever changes the slot meanwhile.
 * That label, or 0 where the slot is empty.
 */
export function labelBorrow(cpu: i32, guard: ptr, source: ptr): ptr {
  return borrow(cpu, guard, source);
}

/** Ends a borrow that returned `label`, which is not 0. */
export function labelUnborrow(cpu: i32, guard: ptr, label: ptr): void {
  unborrow(cpu, guard, label);
}

/**
 * The label in a holder of the caller's own, which nobody else changes: a plain read, no reference taken. The kernel calls
 * it the current label's critical section.
 */
export function ownLabel(holder: ptr): ptr {
  return load(holder);
}

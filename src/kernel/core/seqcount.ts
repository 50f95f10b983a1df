/**
 * Readers that notice a writer instead of keeping it out: seqcount_t (include/linux/seqlock.h, v6.6). Writers exclude each
 * other by a lock of their own; the cell is odd while one is at work.
 */
import {
  awaitNotEqual,
  type bool,
  type i32,
  load,
  loadFence,
  type ptr,
  store,
  storeFence,
} from "../../machine/index.ts";

export const seqcountBytes: i32 = 8;

/** Begins to read: waits until no writer is at work and returns the number to give to `seqRetry`. */
export function seqBegin(sequence: ptr): i32 {
  let start: i32 = load(sequence);
  while ((start & 1) !== 0) {
    awaitNotEqual(sequence, start);
    start = load(sequence);
  }
  // The data must be read after the number.
  loadFence();
  return start;
}

/** Whether a writer was at work since `seqBegin` returned `start`: what was read is then worthless. */
export function seqRetry(sequence: ptr, start: i32): bool {
  // The data must have been read before the number is looked at again.
  loadFence();
  const end: i32 = load(sequence);
  return end !== start;
}

/** Begins to write. The caller holds the writers' lock. */
export function seqWriteBegin(sequence: ptr): void {
  const before: i32 = load(sequence);
  store(sequence, before + 1);
  // Readers that see the new data must see the odd number.
  storeFence();
}

/** Ends writing. */
export function seqWriteEnd(sequence: ptr): void {
  // Readers that see the even number must see all the data.
  storeFence();
  const before: i32 = load(sequence);
  store(sequence, before + 1);
}

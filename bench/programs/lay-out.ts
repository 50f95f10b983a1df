/**
 * Where bare programs keep their labels and slots: at the far end of memory, at the strides of
 * bench/peers/peer.h, so that both sides touch as many lines in the same pattern.
 */
import { type i32, ptr } from "refplay/machine";

/** Where the benchmark's own memory begins: far above what the kernel's heap takes for its tables at boot. */
const benchAt: i32 = 0x2000000;
/** Bytes of the memory that a bare program is run with. */
export const memoryBytes: i32 = 0x2100000;

/** Bytes from one label, and from one slot that points to a label, to the next: LABEL_STRIDE of the C peers. */
export const labelStride: i32 = 128;
/** Most labels and most threads, as in the C peers. */
export const maxLabels: i32 = 1024;
export const maxThreads: i32 = 64;

const labelsAt: i32 = benchAt;
const sourcesAt: i32 = labelsAt + maxLabels * labelStride;
/** First byte of the threads' own lines; counts lie below. */
export const lanesAt: i32 = sourcesAt + maxLabels * labelStride;

/** What one thread has to itself: three holders on one line, a hazard-pointer slot on the next. */
export enum Lane {
  holder = 0,
  secondHolder = 8,
  thirdHolder = 16,
  /** Holds the initial reference of the labels between `lay` and the end: never read. */
  creator = 24,
  slot = 64,
}
const laneStride: i32 = 128;

/** The label of the i-th turn. */
export function labelAt(index: i32): ptr {
  return ptr(labelsAt + index * labelStride);
}

/** A shared slot that points to the label of the same index. */
export function sourceAt(index: i32): ptr {
  return ptr(sourcesAt + index * labelStride);
}

/** The thread's own lines. */
export function laneOf(cpu: i32): ptr {
  return ptr(lanesAt + cpu * laneStride);
}

/**
 * Where bare programs keep their labels, slots and tasks: at the far end of memory, at the strides of
 * bench/peers/peer.h, so that both sides touch as many lines in the same pattern.
 */
import { type i32, layoutBytes, ptr } from "refplay/machine";

/** Where the benchmark's own memory begins: far above what the kernel's heap takes for its tables at boot. */
const benchAt: i32 = 0x2000000;
/** Bytes of the memory that a bare program is run with. */
export const memoryBytes: i32 = 0x2200000;

/** Bytes from one label, and from one slot that points to a label, to the next: LABEL_STRIDE of the C peers. */
export const labelStride: i32 = 128;
/** Most labels, most threads and tasks of each, as in the C peers. */
export const maxLabels: i32 = 1024;
export const maxThreads: i32 = 64;
export const maxTasks: i32 = 64;
export const taskStride: i32 = 64;

const labelsAt: i32 = benchAt;
const sourcesAt: i32 = labelsAt + maxLabels * labelStride;
const tasksAt: i32 = sourcesAt + maxLabels * labelStride;
/** First byte of the threads' own lines; counts lie below. */
export const lanesAt: i32 = tasksAt + maxThreads * maxTasks * taskStride;

/** Bytes of a holder: 8, or what the strategy keeps in one. */
const holderStep: i32 = layoutBytes("holder");

/** What one thread has to itself: three holders (of 8 bytes: on one line), a hazard-pointer slot and a guard on the next. */
export enum Lane {
  holder = 0,
  secondHolder = holderStep,
  thirdHolder = 2 * holderStep,
  slot = ((3 * holderStep + 63) / 64) * 64,
  guard = slot + 64,
  end = guard + layoutBytes("guard"),
}
const laneStride: i32 = ((Lane.end + 127) / 128) * 128;
/** Holders for tests, one for each label. */
const testHoldersAt: i32 = lanesAt + maxThreads * laneStride;

/** The label of the i-th turn. */
export function labelAt(index: i32): ptr {
  return ptr(labelsAt + index * labelStride);
}

/** A shared slot that points to the label of the same index; where a strategy is linked, the holder it was made with. */
export function sourceAt(index: i32): ptr {
  return ptr(sourcesAt + index * labelStride);
}

/** A task of the thread's, which bears the label of the same index. */
export function taskAt(cpu: i32, index: i32): ptr {
  return ptr(tasksAt + (cpu * maxTasks + index) * taskStride);
}

/** The thread's own lines. */
export function laneOf(cpu: i32): ptr {
  return ptr(lanesAt + cpu * laneStride);
}

/** A holder that only tests use. */
export function testHolder(index: i32): ptr {
  return ptr(testHoldersAt + index * labelStride);
}

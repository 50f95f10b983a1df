/** How labels of `percpu-dynamic` get and lose their counters per CPU. Why in this order is told in `../percpu-dynamic.ts`. */

import { Counter, count, countMost, heapFree, Mark, percpuFree, percpuTryAlloc, warn } from "refplay/kernel";
import {
  fetchAdd,
  type i32,
  load,
  mark,
  type ptr,
  store,
  storeRelease,
  synchronizeRcu,
} from "refplay/machine";
import { drop, inState, sumOfCells } from "./dynamic-manager.ts";
import {
  bias,
  Cell,
  cellBytes,
  globals,
  Own,
  Record,
  RecordState,
  Shared,
  saturated,
  sharedBit,
} from "./dynamic-places.ts";

/** Takes the counters of all labels that get cold, after one grace period for all. How many. */
export function coolDown(cpu: i32): i32 {
  const labels: i32 = inState(RecordState.cooling);
  if (labels === 0) return 0;
  // Who read a word without the shared bit has counted by then, and nobody reads one any more. (The lock that is held is one that
  // nobody waits for.)
  synchronizeRcu();
  let record: ptr = load(globals + Shared.records);
  while (record !== 0) {
    const state: i32 = load(record + Record.state);
    if (state === RecordState.cooling) fold(cpu, load(record + Record.label));
    record = load(record + Record.next);
  }
  forget(cpu, RecordState.cooling);
  return labels;
}

/** Brings the counters, which stand still, into the atomic one and gives them back. */
export function fold(cpu: i32, label: ptr): void {
  const word: i32 = load(label + Own.word);
  const sum: i32 = sumOfCells(word, Cell.gets) - sumOfCells(word, Cell.puts);
  // One addition for both: with the bias gone first, puts of what was taken per CPU would find that they are the last.
  const before: i32 = fetchAdd(label + Own.refs, sum - bias);
  endFold(cpu, label, before + sum - bias);
}

/** The atomic counter is `references` and tells the truth. */
export function endFold(cpu: i32, label: ptr, references: i32): void {
  if (references <= 0) {
    // Our own reference is in it: somebody put what he had not.
    store(label + Own.refs, saturated);
    warn(cpu, Mark.sumNotPositive, label);
  }
  const word: i32 = load(label + Own.word);
  storeRelease(label + Own.word, sharedBit);
  percpuFree(word & ~sharedBit, cellBytes);
  mark(Mark.switchedToAtomic, label);
  count(cpu, Counter.toAtomic, 1);
}

/** Gives counters to the labels that were chosen. How many got some. */
export function heatUp(cpu: i32): i32 {
  let heated: i32 = 0;
  let record: ptr = load(globals + Shared.records);
  while (record !== 0) {
    const state: i32 = load(record + Record.state);
    if (state === RecordState.chosen) heated += heat(cpu, record);
    record = load(record + Record.next);
  }
  countMost(cpu, Counter.mostPercpu, inState(RecordState.hot));
  return heated;
}

/** Whether there was memory: 1, else 0, and the label stays as it is. */
function heat(cpu: i32, record: ptr): i32 {
  const offset: i32 = percpuTryAlloc(cellBytes);
  if (offset === 0) {
    count(cpu, Counter.percpuRefused, 1);
    store(record + Record.state, RecordState.met);
    return 0;
  }
  const label: ptr = load(record + Record.label);
  // First under way, then ahead, then in use: a get or put that finds the counter below 0 must find why.
  store(label + Own.word, offset | sharedBit);
  fetchAdd(label + Own.refs, bias);
  // Whoever finds the counters must find them at 0, and the bias on.
  storeRelease(label + Own.word, offset);
  store(record + Record.state, RecordState.hot);
  store(record + Record.gets, 0);
  mark(Mark.switchedToPercpu, label);
  count(cpu, Counter.toPercpu, 1);
  return 1;
}

/** Forgets the labels whose records are in `state`. */
export function forget(cpu: i32, state: i32): void {
  let cell: ptr = globals + Shared.records;
  let record: ptr = load(cell);
  while (record !== 0) {
    const next: ptr = load(record + Record.next);
    const its: i32 = load(record + Record.state);
    if (its === state) {
      const label: ptr = load(record + Record.label);
      store(cell, next);
      heapFree(cpu, record);
      drop(cpu, label);
    } else cell = record + Record.next;
    record = next;
  }
}

/**
 * One counter per CPU and a flag instead of a switch with a grace period. Users change their own cell and then look at the
 * flag; retirement sets the flag and then sums the cells. Whoever finds the sum at zero after that releases the label. Under
 * sequential consistency one of the two always sees the other (Dekker). With store buffers neither need to: the cell's change
 * is still in the user's buffer when it finds the flag clear, and the sum is taken without it.
 *
 * What is missing is one fence per get and put, which is the very cost that percpu_ref's grace period saves. With option
 * `fence` it is there, and the strategy is right.
 */

import { Boot, percpuAlloc, percpuCell, percpuFree, release, type StrategyMeta } from "refplay/kernel";
import {
  type bool,
  exchange,
  fence,
  type i32,
  layout,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";

export const labelBytes: i32 = 16;
export const labelCpuBytes: i32 = 8;

const fenced: bool = option("fence") !== 0;
const retiredFlag: i32 = layout("label");
const releasedFlag: i32 = layout("label") + 4;
/** Offset of the cells in the CPUs' areas. */
const cells: i32 = layout("label") + 8;

function add(cpu: i32, label: ptr, amount: i32): void {
  const cell: ptr = percpuCell(cpu, load(label + cells));
  const before: i32 = load(cell);
  store(cell, before + amount);
  // Here a fence is missing.
  if (fenced) fence();
}

/** Releases a retired label once the cells sum up to zero. Inside a read section, for somebody else may do it first. */
function releaseIfUnused(cpu: i32, label: ptr): void {
  const cpus: i32 = load(Boot.cpus);
  let sum: i32 = 0;
  for (let other: i32 = 0; other < cpus; other += 1) {
    const count: i32 = load(percpuCell(other, load(label + cells)));
    sum += count;
  }
  if (sum !== 0) return;
  const before: i32 = exchange(label + releasedFlag, 1);
  if (before === 0) release(cpu, label);
}

function drop(cpu: i32, label: ptr): void {
  rcuReadLock();
  add(cpu, label, -1);
  const retired: i32 = load(label + retiredFlag);
  if (retired !== 0) releaseIfUnused(cpu, label);
  rcuReadUnlock();
}

export function init(cpu: i32, holder: ptr, label: ptr): void {
  const offset: i32 = percpuAlloc(labelCpuBytes);
  store(label + retiredFlag, 0);
  store(label + releasedFlag, 0);
  store(label + cells, offset);
  if (offset === 0) {
    store(holder, 0);
    return;
  }
  const cpus: i32 = load(Boot.cpus);
  for (let other: i32 = 0; other < cpus; other += 1) store(percpuCell(other, offset), 0);
  store(percpuCell(cpu, offset), 1);
  store(holder, label);
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  add(cpu, label, 1);
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  add(cpu, label, 1);
  const retired: i32 = load(label + retiredFlag);
  if (retired !== 0) {
    drop(cpu, label);
    return false;
  }
  store(holder, label);
  return true;
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  drop(cpu, label);
}

export function retire(_cpu: i32, label: ptr): void {
  store(label + retiredFlag, 1);
  if (fenced) fence();
}

export function destroy(_cpu: i32, label: ptr): void {
  percpuFree(load(label + cells), labelCpuBytes);
}

export default {
  title: "per-CPU counters and a flag, without fence",
  summary:
    "Users change their cell and read the flag, retirement sets the flag and reads the cells: right in any order of operations, wrong where a store may wait in a buffer.",
  sources: ["E. W. Dijkstra, Cooperating Sequential Processes, 1965: Dekker's algorithm"],
  options: { fence: { unit: "0/1", default: 0, min: 0, max: 1, doc: "Has the fence that is missing." } },
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", model: "tso", program: "put-vs-look-up" },
} satisfies StrategyMeta;

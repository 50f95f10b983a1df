/**
 * Another strategy for each class of labels: counters on every CPU for the few labels that everybody bears, one counter for the
 * many that hardly anybody does. A strategy that is good at one of the two is bad at the other.
 *
 * A label belongs to one strategy for good: to that of the class which it has when it is made. The number of that strategy
 * stands in the label, next to what the strategy itself reads there, and is never written again. So every get and put costs one
 * load and one branch more than the strategy of its label alone. It must not be made out from anything that changes: if a
 * reference were taken by one strategy and dropped by another, both would miscount.
 *
 * A label, holder and guard serve one label at a time, and so one strategy: their bytes there lie one over the other. The
 * kernel's events that name a label go to its strategy, the others (task switches, maintenance) to each.
 *
 * Two things need more than that, since they concern labels of different strategies at once. `borrow` reads the slot first and
 * then knows whose label it has: it takes a reference, inside a read section, whatever way of its own the strategy may have. And
 * `swap` lets labels of two strategies change places. Where a holder is nothing but the label's address, that is two stores.
 * Where one of the strategies keeps more in it (a place in a list), the holder is split: the address in front, which others look
 * at, is written here, and the strategies have the rest to themselves; references move there one after the other by way of a
 * spare place of the CPU, while the slot goes on showing the old label, which is held all the time.
 *
 * With the same strategy for all classes nothing of this is left: no number, no branch, its own `borrow` and `swap`.
 */

import { LabelClass, labelClass, type StrategyMeta, strategyCpu } from "refplay/kernel";
import {
  type bool,
  type i32,
  layout,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  storeRelease,
} from "refplay/machine";
import {
  labelCpuBytes as profileCpuBytes,
  labelExtraBytes as profileExtraBytes,
} from "refplay/strategy/profile";
import {
  borrow as onlyBorrow,
  swap as onlySwap,
  unborrow as onlyUnborrow,
} from "refplay/strategy/unconfined";
import { shortestIntervalMs } from "./parts/hybrid-maintenance.ts";
import {
  compound,
  largestGuard,
  largestHolder,
  namespace,
  callback as partCallback,
  destroy as partDestroy,
  enterTask as partEnterTask,
  get as partGet,
  init as partInit,
  leaveTask as partLeaveTask,
  move as partMove,
  publish as partPublish,
  put as partPut,
  retire as partRetire,
  tryGet as partTryGet,
  profile,
  several,
  unconfined,
} from "./parts/hybrid-parts.ts";

export { globalBytes, maintain } from "./parts/hybrid-maintenance.ts";
export { boot, enterKernel, switchOut } from "./parts/hybrid-parts.ts";

/** Whether holders are split: the address that everybody reads, and behind it what the label's strategy keeps. */
const split: bool = several && largestHolder > 8;
/** Where a strategy's part of a holder begins. */
const behind: i32 = split ? 8 : 0;
/** What `borrow` fills is a holder. */
const borrowed: i32 = behind + largestHolder;

export const labelBytes: i32 = several ? 8 : 0;
export const holderBytes: i32 = behind;
export const guardBytes: i32 = several && borrowed > largestGuard ? borrowed - largestGuard : 0;
export const cpuBytes: i32 = split ? largestHolder : 0;
/** Those of a plain profile's label; results have the others by class. */
export const labelCpuBytes: i32 = profileCpuBytes;
export const labelExtraBytes: i32 = profileExtraBytes;
/** Who wants longer pauses is left out of some calls. */
export const maintenanceIntervalMs: i32 = shortestIntervalMs;
/** Only where it makes a difference. */
export const namespaceClass: i32 = namespace !== unconfined ? 1 : 0;

/** In a label: the number of its strategy, written once. */
const which: i32 = layout("label");
/** In a CPU's area: a strategy's part of a holder, for `swap`. */
const spare: i32 = layout("cpu");
/** Each strategy has as many callbacks; this one has none. */
const callbacks: i32 = 16;

/** The number of the label's strategy. */
export function strategyOf(label: ptr): i32 {
  return several ? load(label + which) : 0;
}

/** The number of the strategy for labels of that class. */
function strategyFor(kind: i32): i32 {
  if (kind === LabelClass.compound) return compound;
  if (kind === LabelClass.namespace) return namespace;
  return kind === LabelClass.unconfined ? unconfined : profile;
}

export function init(cpu: i32, holder: ptr, label: ptr): void {
  let number: i32 = 0;
  if (several) {
    number = strategyFor(labelClass(label));
    // Whoever is handed the label, or finds it, sees this with the rest of it.
    store(label + which, number);
  }
  partInit(number, cpu, holder + behind, label);
  // The label's address, or 0 where there was no memory.
  if (split) store(holder, load(holder + behind));
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  partGet(strategyOf(label), cpu, holder + behind, label);
  if (split) store(holder, label);
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  const taken: bool = partTryGet(strategyOf(label), cpu, holder + behind, label);
  if (split && taken) store(holder, label);
  return taken;
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  if (split) store(holder, 0);
  partPut(strategyOf(label), cpu, holder + behind, label);
}

export function move(cpu: i32, from: ptr, to: ptr, label: ptr): void {
  partMove(strategyOf(label), cpu, from + behind, to + behind, label);
  if (split) {
    store(to, label);
    store(from, 0);
  }
}

export function swap(cpu: i32, slot: ptr, other: ptr): void {
  if (several) {
    const before: ptr = load(slot);
    const after: ptr = load(other);
    if (split) swapPlaces(cpu, slot, other, before, after);
    // Who borrows from the slot must find the label complete.
    storeRelease(slot, after);
    store(other, before);
  } else onlySwap(cpu, slot, other);
}

/** What is behind the addresses changes places, without a moment in which either label is in no holder. */
function swapPlaces(cpu: i32, slot: ptr, other: ptr, before: ptr, after: ptr): void {
  const between: ptr = strategyCpu(cpu) + spare;
  if (after !== 0) partMove(strategyOf(after), cpu, other + behind, between, after);
  if (before !== 0) partMove(strategyOf(before), cpu, slot + behind, other + behind, before);
  if (after !== 0) partMove(strategyOf(after), cpu, between, slot + behind, after);
}

export function borrow(cpu: i32, guard: ptr, source: ptr): ptr {
  if (!several) return onlyBorrow(cpu, guard, source);
  rcuReadLock();
  let label: ptr = load(source);
  // Not taken: the label is dying, so the slot has been, or is being, pointed elsewhere.
  while (label !== 0 && !tryGet(cpu, guard, label)) label = load(source);
  rcuReadUnlock();
  return label;
}

export function unborrow(cpu: i32, guard: ptr, label: ptr): void {
  if (several) put(cpu, guard, label);
  else onlyUnborrow(cpu, guard, label);
}

export function publish(cpu: i32, label: ptr): void {
  partPublish(strategyOf(label), cpu, label);
}

export function retire(cpu: i32, label: ptr): void {
  partRetire(strategyOf(label), cpu, label);
}

export function enterTask(cpu: i32, task: ptr, label: ptr): void {
  partEnterTask(strategyOf(label), cpu, task, label);
}

/** Who was told that the task bears the label is told that it does no longer. */
export function leaveTask(cpu: i32, task: ptr, label: ptr): void {
  partLeaveTask(strategyOf(label), cpu, task, label);
}

export function callback(cpu: i32, id: i32, head: ptr): void {
  partCallback(id / callbacks - 1, cpu, id % callbacks, head);
}

export function destroy(cpu: i32, label: ptr): void {
  partDestroy(strategyOf(label), cpu, label);
}

export default {
  title: "hybrid",
  summary:
    "Another strategy for each class of labels: one for the root's unconfined, which most tasks bear, one for profiles, one for compound labels, one for the unconfined of inner namespaces. A label keeps the number of its strategy, so a get or put costs a load and a branch more than that strategy alone.",
  sources: ["The nginx thread, 2024: per-CPU counts only where they pay, chosen by a config option"],
  options: {
    automatic: {
      unit: "labels",
      default: 0,
      min: 0,
      max: 100000,
      doc: "Not 0: no classes, but percpu-dynamic for all labels, the so many hottest of which count per CPU.",
      allParts: { strategy: "percpu-dynamic", option: "hottestLabels" },
    },
  },
  parts: {
    unconfined: {
      default: "percpu-ref",
      doc: "For the root namespace's unconfined, and profiles that are loaded in unconfined mode.",
    },
    profile: { default: "kref", doc: "For all other labels of one profile." },
    compound: { default: "kref", doc: "For labels of several profiles." },
    namespace: { default: "percpu-ref", doc: "For the own unconfined of a namespace inside the root." },
  },
} satisfies StrategyMeta;

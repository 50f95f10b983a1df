/**
 * RCU for the compiled build: quiescent-state based, so that read sections cost nothing. After M. Desnoyers, P. McKenney,
 * A. Stern, M. Dagenais and J. Walpole, "User-Level Implementations of Read-Copy Update", IEEE TPDS 23(2), 2012, section
 * on QSBR. The linker puts these functions where portable code says callRcu, synchronizeRcu, quiescent and work; stepped
 * engines have their own RCU and never run them.
 *
 * A CPU's callbacks go through three lists: `next` (no grace period yet), `wait` (for `rcuTarget`), `done` (to be run). A
 * whole list shares one grace period. Why it is safe to run them then is told in `rcu-periods.ts`.
 */

import { runCallback } from "refplay/callbacks";
import {
  type bool,
  type i32,
  load,
  now,
  option,
  type ptr,
  spin,
  store,
  thisCpu,
} from "../../machine/index.ts";
import { Boot, RcuHead } from "../../machine/memory-map.ts";
import { Cpu, cpuArea, Global } from "./areas.ts";
import { sumOverCpus } from "./evidence.ts";
import { awaitPeriod, isOffline, newPeriod, periodOver, rcuOffline, rcuOnline, show } from "./rcu-periods.ts";

export { rcuBoot, rcuOffline, rcuOnline } from "./rcu-periods.ts";

/** Above so many waiting callbacks a CPU waits at its quiescent state until they have run: memory is bounded by that. */
const backlogLimit: i32 = option("rcuBacklog");
/** Thinking at least this long goes offline, which costs two atomic operations on a line of this CPU. */
const offlineFromNs: i32 = 1000;
/** Least length of a grace period. Here they take microseconds, a kernel's milliseconds, and some strategies show it. */
const leastUs: i32 = option("gracePeriodUs");
/** The same for callbacks, in ticks of `now`: rounded up, and one more because the first may be nearly over. */
const leastTicks: i32 = leastUs === 0 ? 0 : (leastUs + 999) / 1000 + 1;

/** call_rcu. The first callback of a batch makes the next quiescent state look after it. */
export function rcuCall(head: ptr, callback: i32): void {
  const area: ptr = cpuArea(thisCpu());
  store(head + RcuHead.callback, callback);
  append(area + Cpu.rcuNextHead, head, head, 1);
  store(area + Cpu.rcuMirror, 0);
}

/** synchronize_rcu. Callbacks that this CPU queued before have had their grace period too, and run at its next quiescent state. */
export function rcuSynchronize(): void {
  const area: ptr = cpuArea(thisCpu());
  const wasOffline: bool = isOffline(area);
  if (!wasOffline) rcuOffline();
  const target: i32 = newPeriod();
  if (leastUs > 0) spin(leastUs * 1000);
  awaitPeriod(target);
  splice(area + Cpu.rcuWaitHead, area + Cpu.rcuDoneHead);
  splice(area + Cpu.rcuNextHead, area + Cpu.rcuDoneHead);
  store(area + Cpu.rcuMirror, 0);
  if (!wasOffline) rcuOnline();
}

/** A quiescent state. Two loads and a comparison where no grace period was asked for and no callback waits here. */
export function rcuQuiescent(): void {
  const area: ptr = cpuArea(thisCpu());
  const current: i32 = load(Global.rcuCurrent);
  const mirror: i32 = load(area + Cpu.rcuMirror);
  if (current !== mirror) lookAfterCallbacks(area, current);
}

/** Time outside the kernel: about `ns` of processor time without a read section. */
export function rcuWork(ns: i32): void {
  rcuQuiescent();
  if (ns < offlineFromNs) {
    if (ns > 0) spin(ns);
    return;
  }
  rcuOffline();
  spin(ns);
  rcuOnline();
}

/** Waits until this CPU (`cpu` is the one that calls) has no callbacks left, those included that its callbacks queue. */
export function rcuDrain(cpu: i32): void {
  const area: ptr = cpuArea(cpu);
  // Callbacks may hold read sections.
  const wasOffline: bool = isOffline(area);
  if (wasOffline) rcuOnline();
  while (waiting(area) !== 0) {
    rcuSynchronize();
    rcuQuiescent();
  }
  if (wasOffline) rcuOffline();
}

/** Most callbacks that ever waited on one CPU at a quiescent state, the greatest over all CPUs. */
export function rcuPeakBacklog(): i32 {
  const cpus: i32 = load(Boot.cpus);
  let peak: i32 = 0;
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const one: i32 = load(cpuArea(cpu) + Cpu.rcuPeak);
    if (one > peak) peak = one;
  }
  return peak;
}

/** Grace periods that CPUs waited for with callbacks, all together. */
export function rcuPeriods(): i32 {
  return sumOverCpus(Cpu.rcuPeriods);
}

/** The slow half of a quiescent state: tells the number, then moves callbacks along. */
function lookAfterCallbacks(area: ptr, current: i32): void {
  show(area, current);
  const count: i32 = waiting(area);
  if (count === 0) {
    store(area + Cpu.rcuMirror, current);
    return;
  }
  const peak: i32 = load(area + Cpu.rcuPeak);
  if (count > peak) store(area + Cpu.rcuPeak, count);
  if (count > backlogLimit) rcuSynchronize();
  advance(area);
  runDone(area);
}

/** Finishes the waiting batch if its grace period is over, and gives the next batch one. */
function advance(area: ptr): void {
  const inWait: i32 = load(area + Cpu.rcuWaitCount);
  if (inWait !== 0) {
    const target: i32 = load(area + Cpu.rcuTarget);
    if (!periodOver(area, target) || isTooShort(area)) return;
    splice(area + Cpu.rcuWaitHead, area + Cpu.rcuDoneHead);
    const periods: i32 = load(area + Cpu.rcuPeriods);
    store(area + Cpu.rcuPeriods, periods + 1);
  }
  const inNext: i32 = load(area + Cpu.rcuNextCount);
  if (inNext === 0) return;
  splice(area + Cpu.rcuNextHead, area + Cpu.rcuWaitHead);
  const target: i32 = newPeriod();
  store(area + Cpu.rcuTarget, target);
  if (leastTicks > 0) store(area + Cpu.rcuBegun, now());
  store(area + Cpu.rcuCursor, 0);
  // This CPU is quiescent here, and the number is newer than anything it has read: it has seen it.
  show(area, target);
}

/** Whether the grace period that callbacks wait for must go on although every CPU was quiescent. */
function isTooShort(area: ptr): bool {
  if (leastTicks === 0) return false;
  const begun: i32 = load(area + Cpu.rcuBegun);
  return now() - begun < leastTicks;
}

/** Runs the callbacks whose grace period is over. They may queue new ones, which go to another list. */
function runDone(area: ptr): void {
  let head: ptr = load(area + Cpu.rcuDoneHead);
  store(area + Cpu.rcuDoneHead, 0);
  store(area + Cpu.rcuDoneTail, 0);
  store(area + Cpu.rcuDoneCount, 0);
  while (head !== 0) {
    // Before the callback: it may free the object that the head is in.
    const next: ptr = load(head + RcuHead.next);
    const callback: i32 = load(head + RcuHead.callback);
    runCallback(thisCpu(), callback, head);
    head = next;
  }
}

/** Callbacks of this CPU that have not run. */
function waiting(area: ptr): i32 {
  const next: i32 = load(area + Cpu.rcuNextCount);
  const wait: i32 = load(area + Cpu.rcuWaitCount);
  const done: i32 = load(area + Cpu.rcuDoneCount);
  return next + wait + done;
}

/** Hangs `count` linked callbacks, `first` to `last`, behind a list of {head, tail, count}. */
function append(list: ptr, first: ptr, last: ptr, count: i32): void {
  store(last + RcuHead.next, 0);
  const tail: ptr = load(list + 4);
  if (tail === 0) store(list, first);
  else store(tail + RcuHead.next, first);
  store(list + 4, last);
  const before: i32 = load(list + 8);
  store(list + 8, before + count);
}

/** Moves a whole list behind another. */
function splice(from: ptr, to: ptr): void {
  const count: i32 = load(from + 8);
  if (count === 0) return;
  const first: ptr = load(from);
  const last: ptr = load(from + 4);
  append(to, first, last, count);
  store(from, 0);
  store(from + 4, 0);
  store(from + 8, 0);
}

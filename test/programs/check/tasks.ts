/**
 * Strategies that know tasks, at their barest: tasks bear a label, open and close files under it, close each other's, go from
 * CPU to CPU and leave the label, while it is taken away. A task is its strategy's bytes; a file is its reference to the label, which lies where
 * the one who closes it looks for it; a cred is the reference that keeps the label for the task.
 *
 * Labels are as in `label.ts`. Actors whose first parameter is `cpu` differ in nothing but that number.
 */
import {
  Boot,
  Callback,
  callbacksPerOwner,
  coreBoot,
  heapAlloc,
  heapFree,
  holderSlotBytes,
  Kind,
  kernelCpu,
  kernelGlobals,
  Label,
  RcuHead,
} from "refplay/kernel";
import { awaitNotEqual, type i32, layoutBytes, load, type ptr, rcuTake, storeRelease } from "refplay/machine";
import {
  callback,
  destroy,
  enterKernel,
  enterTask,
  leaveTask,
  publish,
  retire,
  boot as strategyBoot,
  switchOut,
} from "refplay/strategy";
import { labelGet, labelInit, labelPut } from "../../../src/kernel/reference.ts";

const taskBytes: i32 = ((layoutBytes("task") + 7) / 8) * 8;

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** 1 once the wanderer may go on where it is to go next. */
  arrived = 0,
  /** The task that wanders. */
  wanderer = 64,
  wandererCred = wanderer + taskBytes,
}

/** Cells of a CPU. */
export enum Own {
  task = 0,
  cred = taskBytes,
  /** A file that somebody else opened, for this CPU to close. */
  file = cred + holderSlotBytes,
  /** A file that it opens itself. */
  temporary = file + holderSlotBytes,
}

const keeper: i32 = Label.vec + 16;
const objectBytes: i32 = keeper + holderSlotBytes;

/** A published label; objects lie in the last CPU's area, so that all others begin alike. */
function make(): ptr {
  const last: i32 = load(Boot.cpus) - 1;
  const label: ptr = heapAlloc(last, Kind.label, objectBytes);
  labelInit(last, label + keeper, label);
  publish(last, label);
  return label;
}

/** What a user does with its label: whoever may not is caught here. */
function use(label: ptr): void {
  load(label + Label.secid);
}

function bootCpus(): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) strategyBoot(cpu);
}

/** The task bears the label from now on, and its cred has a reference. */
function bear(cpu: i32, task: ptr, cred: ptr, label: ptr): void {
  labelGet(cpu, cred, label);
  enterTask(cpu, task, label);
}

/** A file is opened and closed at once. */
function openClose(cpu: i32, label: ptr): void {
  labelGet(cpu, kernelCpu(cpu) + Own.temporary, label);
  use(label);
  labelPut(cpu, kernelCpu(cpu) + Own.temporary, label);
}

/** The file in the holder is closed. */
function close(cpu: i32, file: ptr): void {
  const label: ptr = load(file);
  use(label);
  labelPut(cpu, file, label);
}

/** The task, which this CPU runs, bears its label no longer. */
function changeLabel(cpu: i32, task: ptr, cred: ptr, next: ptr): void {
  const label: ptr = load(cred);
  leaveTask(cpu, task, label);
  labelPut(cpu, cred, label);
  bear(cpu, task, cred, next);
}

function exit(cpu: i32, task: ptr, cred: ptr): void {
  const label: ptr = load(cred);
  leaveTask(cpu, task, label);
  switchOut(cpu, task, 0);
  labelPut(cpu, cred, label);
}

/**
 * Tasks on CPUs below `bearers` bear the label and have opened and closed a file; the first of them has opened a file for each of the
 * others and for the `closers` behind them. The label is in the cell `file` of the last CPU but one.
 */
export function boot(bearers: i32, closers: i32): void {
  bootCpus();
  const label: ptr = make();
  for (let cpu: i32 = 0; cpu < bearers; cpu += 1) {
    const own: ptr = kernelCpu(cpu);
    bear(cpu, own + Own.task, own + Own.cred, label);
    enterKernel(cpu, own + Own.task);
    openClose(cpu, label);
  }
  for (let cpu: i32 = 1; cpu < bearers + closers; cpu += 1) labelGet(0, kernelCpu(cpu) + Own.file, label);
  storeRelease(kernelCpu(bearers + closers) + Own.file, label);
}

/** Opens and closes `rounds` files of its own, then exits. */
export function opener(cpu: i32, rounds: i32): void {
  const own: ptr = kernelCpu(cpu);
  enterKernel(cpu, own + Own.task);
  for (let round: i32 = 0; round < rounds; round += 1) openClose(cpu, load(own + Own.cred));
  exit(cpu, own + Own.task, own + Own.cred);
}

/** A task with the same label closes a file of the opener's, then exits. */
export function sibling(cpu: i32): void {
  const own: ptr = kernelCpu(cpu);
  enterKernel(cpu, own + Own.task);
  close(cpu, own + Own.file);
  exit(cpu, own + Own.task, own + Own.cred);
}

/** A task without that label closes a file of the opener's. */
export function closer(cpu: i32): void {
  const own: ptr = kernelCpu(cpu);
  enterKernel(cpu, own + Own.task);
  close(cpu, own + Own.file);
}

/** The label is taken away: retired, and its owner's reference dropped. */
export function remove(cpu: i32): void {
  const label: ptr = load(kernelCpu(cpu) + Own.file);
  retire(cpu, label);
  labelPut(cpu, label + keeper, label);
}

/**
 * A task on CPU 0, which will go on on CPU 1, bears a first label, has opened a file on each of the two, and one for each of CPUs 2 to
 * 1 + `closers`. Behind those is the CPU that takes the label away. CPU 1 has a second label, which stays.
 */
export function bootWanderer(closers: i32): void {
  bootCpus();
  const label: ptr = make();
  const task: ptr = kernelGlobals + Shared.wanderer;
  bear(0, task, kernelGlobals + Shared.wandererCred, label);
  enterKernel(0, task);
  for (let cpu: i32 = 0; cpu < closers + 2; cpu += 1) labelGet(0, kernelCpu(cpu) + Own.file, label);
  storeRelease(kernelCpu(closers + 2) + Own.file, label);
  storeRelease(kernelCpu(1) + Own.cred, make());
}

/** The task leaves the CPU, which closes a file for nobody in particular afterwards, as RCU callbacks do. */
export function before(cpu: i32): void {
  const task: ptr = kernelGlobals + Shared.wanderer;
  enterKernel(cpu, task);
  openClose(cpu, load(kernelGlobals + Shared.wandererCred));
  switchOut(cpu, task, 0);
  storeRelease(kernelGlobals + Shared.arrived, 1);
  close(cpu, kernelCpu(cpu) + Own.file);
}

/** The task goes on here: closes a file, changes its label, opens a file if `opens`, and exits. */
export function after(cpu: i32, opens: i32): void {
  const task: ptr = kernelGlobals + Shared.wanderer;
  const cred: ptr = kernelGlobals + Shared.wandererCred;
  const next: ptr = load(kernelCpu(cpu) + Own.cred);
  awaitNotEqual(kernelGlobals + Shared.arrived, 0);
  enterKernel(cpu, task);
  close(cpu, kernelCpu(cpu) + Own.file);
  changeLabel(cpu, task, cred, next);
  if (opens !== 0) openClose(cpu, next);
  enterKernel(cpu, task);
  exit(cpu, task, cred);
}

/** The end of the second label. */
export function clearWanderer(): void {
  const label: ptr = load(kernelCpu(1) + Own.cred);
  retire(0, label);
  labelPut(0, label + keeper, label);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    if (id === Callback.labelFree) {
      destroy(cpu, head - Label.rcu);
      heapFree(cpu, head - Label.rcu);
    } else callback(cpu, id - callbacksPerOwner, head);
    head = rcuTake();
  }
}

/**
 * Task-local references: who opens and closes files under his own label counts that himself.
 *
 * Every task may have a *home*: one label that it is a user of. What the task takes and drops of that label changes a signed
 * number in the task, and nothing else. Everybody else changes one counter in the label, as with kref. The counter also has
 * `bias` for each user, and a user's number stays between the two: so while there is a user the counter is above 0, whatever
 * the numbers are. A user who leaves takes his bias off and brings his number in, with one addition. The addition that leaves
 * 0 releases the label: no user, no reference.
 *
 * Why that is right. Take any moment in the counter's order of changes, and with it everything that happened before any change
 * up to there. Nothing drops a reference before it was taken, so in that past at least as many are taken as dropped; and each
 * task is in it up to some point between two of its own changes of the counter. There
 *
 *     counter = references taken and not dropped + the sum of (bias - number) over the users
 *
 * and no term of the sum is below 1. That holds for weakly ordered machines, too: a task's number is private, it goes from CPU to CPU with
 * the task, and all that is asked of others is that they hand references on with release and acquire, as they must for files.
 *
 * - Not too early: at 0 there is no user and nothing is held in that past. Somebody who has a reference beyond it got it from
 *   a holder who still had his own, and so back to the first holder, who is in the past.
 * - Not never: the last to go, holder or user, changes the counter and finds 0; every user goes, see `leave`.
 * - Not twice: at 0 nobody is left to change it, and look-ups do not count up from 0.
 *
 * A task leaves its home when its cred gets another label, and at exit: the cred has kept the label until then, so being a user
 * of it keeps nothing from going. With `stayHome` it does so only when it takes a reference to its new label, and until then closes without
 * atomic operations what it opened under the old one. Such a task would keep the old label for ever if it never opened
 * anything again. Three things end that: its next system call, if the label was retired; the CPU's turning to another task; exit.
 */

import { Mark, release, type StrategyMeta, strategyCpu, taskStrategy, warn } from "refplay/kernel";
import {
  type bool,
  compareExchange,
  fetchAdd,
  type i32,
  layout,
  load,
  mark,
  option,
  type ptr,
  store,
  u32,
} from "refplay/machine";

export const labelBytes: i32 = 8;
export const cpuBytes: i32 = 8;
export const taskBytes: i32 = 24;

/** In a label: references that no task counts, with `bias` for each user. */
export const refs: i32 = layout("label");
/** Only with `stayHome`: 1 once it was retired. A hint: read late, it only delays a release. */
const retired: i32 = layout("label") + 4;
/** In a CPU's area: the task that it runs and that came by its own system call, or 0. */
export const current: i32 = layout("cpu");

/** Offsets in a task. One CPU at a time uses them; the kernel hands a task over with release and acquire. */
export enum Own {
  /** The label of the task's cred, or 0. */
  label = layout("task"),
  /** The label that it is a user of, or 0. */
  home = label + 8,
  /** References to its home that it took, less those it dropped, since it last changed the label's counter. */
  counts = label + 16,
}

/** `counts` is always between -bias and bias. */
export const bias: i32 = option("bias");
const stayHome: bool = option("stayHome") !== 0;
const foldAtSwitch: bool = option("foldAtSwitch") !== 0;
/** REFCOUNT_MAX and REFCOUNT_SATURATED of include/linux/refcount.h. */
const maximum: i32 = 0x7fffffff;
const saturated: i32 = -0x40000000;

export function init(_cpu: i32, holder: ptr, label: ptr): void {
  store(label + refs, 1);
  if (stayHome) store(label + retired, 0);
  store(holder, label);
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  const own: ptr = currentTask(cpu);
  if (own !== 0) {
    const home: ptr = load(own + Own.home);
    if (home === label) {
      count(cpu, own, label, 1);
      return;
    }
    if (isOwn(own, label)) {
      settle(cpu, own, label);
      return;
    }
  }
  raise(cpu, label, 1);
}

/** A user's label is not dying, so he need not ask. */
export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  const own: ptr = currentTask(cpu);
  if (own !== 0) {
    const home: ptr = load(own + Own.home);
    if (home === label) {
      count(cpu, own, label, 1);
      store(holder, label);
      return true;
    }
  }
  let before: i32 = load(label + refs);
  while (before !== 0) {
    const found: i32 = compareExchange(label + refs, before, before + 1);
    if (found === before) {
      mark(Mark.sharedCount, label);
      store(holder, label);
      if (before < 0 || before === maximum) saturate(cpu, label, Mark.overflow);
      return true;
    }
    before = found;
  }
  return false;
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  const own: ptr = currentTask(cpu);
  if (own !== 0) {
    const home: ptr = load(own + Own.home);
    if (home === label) {
      count(cpu, own, label, -1);
      return;
    }
  }
  lower(cpu, label, 1);
}

export function retire(_cpu: i32, label: ptr): void {
  if (stayHome) store(label + retired, 1);
}

/** The strategy's bytes of the task whose system call this CPU is in, or 0. */
export function currentTask(cpu: i32): ptr {
  return load(strategyCpu(cpu) + current);
}

function isOwn(own: ptr, label: ptr): bool {
  const its: ptr = load(own + Own.label);
  return its === label;
}

/** Adds `change` (1 or -1) to the task's number; before that reaches the bias it goes into the label's counter. */
export function count(cpu: i32, own: ptr, label: ptr, change: i32): void {
  mark(Mark.ownCount, label);
  const counts: i32 = load(own + Own.counts) + change;
  // -bias < counts < bias, in one comparison.
  if (u32(counts + (bias - 1)) < u32(2 * bias - 1)) {
    store(own + Own.counts, counts);
    return;
  }
  if (counts > 0) raise(cpu, label, counts);
  else lower(cpu, label, -counts);
  store(own + Own.counts, 0);
}

/** The task's home becomes `label`, of which it takes a reference; it leaves the one it had. */
function settle(cpu: i32, own: ptr, label: ptr): void {
  leave(cpu, own);
  raise(cpu, label, bias + 1);
  store(own + Own.home, label);
}

/** The task is nobody's user any more. One addition: with the bias off and the number not yet in, the counter would be wrong. */
export function leave(cpu: i32, own: ptr): void {
  const home: ptr = load(own + Own.home);
  if (home === 0) return;
  const counts: i32 = load(own + Own.counts);
  store(own + Own.home, 0);
  store(own + Own.counts, 0);
  lower(cpu, home, bias - counts);
}

/** The task leaves a home that its cred does not bear, and that it would otherwise keep from going. */
function leaveForeign(cpu: i32, own: ptr): void {
  const home: ptr = load(own + Own.home);
  if (!isOwn(own, home)) leave(cpu, own);
}

/** Adds to the label's counter; the caller has or borrows a reference. */
function raise(cpu: i32, label: ptr, amount: i32): void {
  mark(Mark.sharedCount, label);
  const before: i32 = fetchAdd(label + refs, amount);
  // One comparison for all that is wrong: 0 (wraps to the top), below 0, or no room.
  if (u32(before - 1) >= u32(maximum - amount))
    saturate(cpu, label, before === 0 ? Mark.getFromZero : Mark.overflow);
}

/** Takes off the label's counter; who takes the rest releases the label. */
export function lower(cpu: i32, label: ptr, amount: i32): void {
  mark(Mark.sharedCount, label);
  // Fully ordered: all that holders did with the label comes before its release.
  const before: i32 = fetchAdd(label + refs, -amount);
  if (before === amount) release(cpu, label);
  else if (before < amount) saturate(cpu, label, Mark.underflow);
}

/** From here on the label is leaked, on purpose. */
function saturate(cpu: i32, label: ptr, event: i32): void {
  store(label + refs, saturated);
  warn(cpu, event, label);
}

export function enterTask(_cpu: i32, task: ptr, label: ptr): void {
  store(taskStrategy(task) + Own.label, label);
}

export function leaveTask(cpu: i32, task: ptr, _label: ptr): void {
  const own: ptr = taskStrategy(task);
  store(own + Own.label, 0);
  if (!stayHome) leave(cpu, own);
}

export function enterKernel(cpu: i32, task: ptr): void {
  const own: ptr = taskStrategy(task);
  store(strategyCpu(cpu) + current, own);
  if (stayHome) leaveRetired(cpu, own);
}

/** Where the task's home was retired and its cred does not bear it, nobody else might need it any more. */
function leaveRetired(cpu: i32, own: ptr): void {
  const home: ptr = load(own + Own.home);
  if (home !== 0 && !isOwn(own, home)) {
    const old: i32 = load(home + retired);
    if (old !== 0) leave(cpu, own);
  }
}

/** Somebody else may run the task next, or nobody for a long time. */
export function switchOut(cpu: i32, task: ptr, _next: ptr): void {
  const own: ptr = taskStrategy(task);
  if (currentTask(cpu) === own) store(strategyCpu(cpu) + current, 0);
  if (foldAtSwitch) leave(cpu, own);
  else if (stayHome) leaveForeign(cpu, own);
}

export default {
  title: "cred-local",
  summary:
    "Each task counts references to the label of its own cred itself, in a signed number that no other CPU touches; everybody else changes a counter in the label, which has a bias for every such task. Leaving the label takes the bias off and brings the number in with one addition; the addition that leaves 0 releases the label.",
  sources: [
    "Mateusz Guzik on the nginx thread, 19 September 2024: an outline of task-local label references",
    "sys/kern/kern_prot.c, FreeBSD 13.0: cr_users and cr_ref; review D24007",
  ],
  options: {
    bias: {
      unit: "references",
      default: 1024,
      min: 2,
      max: 65536,
      doc: "What each user adds to the label's counter; a task's own number goes there before it is as large.",
    },
    stayHome: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "1: a task leaves a label when it opens something under its next one, not as soon as its cred changes.",
    },
    foldAtSwitch: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "1: a task leaves its label whenever the CPU turns to another task.",
    },
  },
  capabilities: {
    releases: "lastPut",
    detects: ["underflow", "overflow", "getFromZero"],
    needsMaintenance: false,
  },
} satisfies StrategyMeta;

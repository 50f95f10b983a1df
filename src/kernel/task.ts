/**
 * Tasks and their descriptor tables (struct task_struct, struct files_struct). All tasks of a program exist from boot on; one
 * without a cred is dead and may become the child of a fork.
 *
 * A task runs on one CPU at a time and has a table of its own (threads too: what they share here is the cred), so its
 * descriptors need neither lock nor RCU. `Task.cpu` serves to count scripts that break the rule, and hands the task over: a CPU
 * that finds it 0 (acquire) also finds all that the CPU which cleared it (release) did with the task. Without the pair a weakly
 * ordered host (AArch64) could show the 0 first, and the next CPU would run on an older cred, older descriptors or an older
 * state of the strategy's.
 */
import { type bool, type i32, load, loadAcquire, type ptr, store, storeRelease, u32 } from "refplay/machine";
import { enterTask, leaveTask, switchOut } from "refplay/strategy";
import { ScriptError } from "./audit.ts";
import { heapAlloc, zero } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { credAlloc, credLabel } from "./cred.ts";
import { Cred, credLeave, credShare, takeCounts } from "./cred-count.ts";
import { closeAll, copyDescriptors } from "./descriptors.ts";
import { KernelGlobal, pointerBytes } from "./globals.ts";
import { labelGetNewest } from "./label.ts";
import { labelGet, labelPut, ownLabel } from "./reference.ts";
import { scriptError } from "./script-errors.ts";
import { holderBytes } from "./settings.ts";
import { Task } from "./task-layout.ts";

const taskObjectBytes: i32 = Task.previous + holderBytes;

/** A dead task with its empty descriptor table, or 0 where memory is exhausted. */
export function taskAlloc(cpu: i32, descriptors: ptr): ptr {
  const task: ptr = heapAlloc(cpu, Kind.task, taskObjectBytes);
  if (task === 0) return 0;
  zero(task, taskObjectBytes);
  store(task + Task.descriptors, descriptors);
  return task;
}

/** The task of that index, or 0. */
export function taskOf(index: i32): ptr {
  const count: i32 = load(KernelGlobal.taskCount);
  if (u32(index) >= u32(count)) return 0;
  const table: ptr = load(KernelGlobal.tasks);
  return load(table + index * pointerBytes);
}

/** The label of the task's own cred, plainly read: the cred keeps it, and only the task itself changes its cred. */
export function taskLabel(task: ptr): ptr {
  const cred: ptr = load(task + Task.cred);
  return credLabel(cred);
}

/** The task's descriptor table. */
export function descriptorsOf(task: ptr): ptr {
  return load(task + Task.descriptors);
}

/** Whether the task has not exited. */
export function isAlive(task: ptr): bool {
  const cred: ptr = load(task + Task.cred);
  return cred !== 0;
}

/** Whether no CPU runs the task; if so, what the last one did with it is visible. */
export function isIdle(task: ptr): bool {
  const runner: i32 = loadAcquire(task + Task.cpu);
  return runner === 0;
}

/**
 * This CPU leaves `task` (0: none) and runs the task of that index from now on, which is returned; 0 where it is unknown, dead or
 * runs elsewhere: the CPU then runs no task.
 */
export function switchTask(cpu: i32, task: ptr, index: i32): ptr {
  const next: ptr = taskOf(index);
  if (task !== 0 && task !== next) {
    switchOut(cpu, task, next);
    // After the last use of the task here, which whoever finds the 0 must see: see the head of this file.
    storeRelease(task + Task.cpu, 0);
  }
  if (next === 0 || !mayRun(cpu, next)) {
    scriptError(cpu, ScriptError.badTask);
    return 0;
  }
  store(next + Task.cpu, cpu + 1);
  return next;
}

/** Whether the task is alive and runs nowhere but on this CPU; if so, what the last CPU did with it is visible. */
function mayRun(cpu: i32, task: ptr): bool {
  // Before the look at the cred: that one could be older than the hand-over.
  const runner: i32 = loadAcquire(task + Task.cpu);
  return isAlive(task) && (runner === 0 || runner === cpu + 1);
}

/** Makes a dead task live with a cred that has the task among its users already. */
export function taskStart(cpu: i32, task: ptr, cred: ptr): void {
  // Who looks at another task finds its cred complete.
  storeRelease(task + Task.cred, cred);
  enterTask(cpu, task, credLabel(cred));
}

/** Replaces the task's cred by a new one, which was made for it (commit_creds). */
export function commitCred(cpu: i32, task: ptr, cred: ptr): void {
  const old: ptr = load(task + Task.cred);
  leaveTask(cpu, task, credLabel(old));
  const counts: i32 = takeCounts(task);
  // Who looks at another task finds its cred complete.
  storeRelease(task + Task.cred, cred);
  enterTask(cpu, task, credLabel(cred));
  credLeave(old, counts);
}

/** The task has no label to go back to any more. */
export function forgetPrevious(cpu: i32, task: ptr): void {
  const previous: ptr = ownLabel(task + Task.previous);
  if (previous !== 0) labelPut(cpu, task + Task.previous, previous);
}

/**
 * fork and clone: the task `child`, which runs nowhere, becomes a copy of `parent`, with the parent's cred itself (a thread) or
 * a cred of its own with the newest version of the label (cred_prepare), and with all descriptors. If it is still alive, as
 * the tasks made at boot are, it exits first.
 */
export function taskFork(cpu: i32, parent: ptr, child: ptr, sharesCred: bool): void {
  const own: ptr = load(parent + Task.cred);
  let cred: ptr = own;
  if (sharesCred) {
    credShare(own);
  } else {
    cred = credAlloc(cpu);
    if (cred === 0) {
      scriptError(cpu, ScriptError.noMemory);
      return;
    }
    labelGetNewest(cpu, cred + Cred.label, credLabel(own));
  }
  if (isAlive(child)) taskExit(cpu, child);
  copyDescriptors(descriptorsOf(parent), descriptorsOf(child));
  const previous: ptr = ownLabel(parent + Task.previous);
  if (previous !== 0) labelGet(cpu, child + Task.previous, previous);
  taskStart(cpu, child, cred);
}

/** The task dies: all descriptors are closed, then it leaves its cred. Run by it, or by nobody. */
export function taskExit(cpu: i32, task: ptr): void {
  closeAll(cpu, task, descriptorsOf(task));
  forgetPrevious(cpu, task);
  const cred: ptr = load(task + Task.cred);
  leaveTask(cpu, task, credLabel(cred));
  // No CPU goes on with it (do_task_dead ends in schedule).
  switchOut(cpu, task, 0);
  const counts: i32 = takeCounts(task);
  store(task + Task.cred, 0);
  // Who forks into the task as soon as it is idle must find it dead, its descriptors closed and the strategy through with it.
  storeRelease(task + Task.cpu, 0);
  credLeave(cred, counts);
}

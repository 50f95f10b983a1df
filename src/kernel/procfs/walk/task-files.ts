/**
 * What a read of a process's files touches of the process, beside its usage: locks and counts that all who read the same process
 * share. After fs/proc/array.c and fs/proc/base.c (v5.15); `kernel/fork.c` for get_task_mm. Kernel threads have no address space.
 */
import { type bool, fetchAdd, type i32, load, type ptr } from "refplay/machine";
import { downRead, upRead } from "../maps/rwsem.ts";
import { queuedLock, queuedUnlock } from "../queued-lock.ts";
import { Task, TaskFlags } from "../tasks.ts";
import { workerName } from "./workqueue.ts";

/** do_task_stat. */
export function readStat(cpu: i32, task: ptr): void {
  // ptrace_may_access.
  briefly(cpu, task + Task.allocLock);
  const counted: bool = getMm(cpu, task);
  name(cpu, task);
  queuedLock(cpu, task + Task.sighand);
  // thread_group_cputime_adjusted, cputime_adjust.
  briefly(cpu, task + Task.prevCputime);
  queuedUnlock(task + Task.sighand);
  if (counted) putMm(task);
}

/** proc_pid_status. */
export function readStatus(cpu: i32, task: ptr): void {
  const counted: bool = getMm(cpu, task);
  name(cpu, task);
  // task_state: get_task_cred, and umask and files under the task's lock.
  fetchAdd(task + Task.cred, 1);
  briefly(cpu, task + Task.allocLock);
  fetchAdd(task + Task.cred, -1);
  if (counted) putMm(task);
  // task_sig.
  briefly(cpu, task + Task.sighand);
}

/** proc_pid_cmdline_read, get_mm_cmdline: the target's arguments are in its own memory. */
export function readCmdline(cpu: i32, task: ptr): void {
  if (!getMm(cpu, task)) return;
  briefly(cpu, task + Task.argLock);
  // access_remote_vm.
  downRead(task + Task.mmapLock);
  upRead(task + Task.mmapLock);
  putMm(task);
}

/** task_dump_owner of anything but a directory asks whether the process may be dumped, under its lock. */
export function askDumpable(cpu: i32, task: ptr): void {
  if (!isKernelThread(task)) briefly(cpu, task + Task.allocLock);
}

/** proc_task_name: get_task_comm, or a worker's. */
function name(cpu: i32, task: ptr): void {
  if (load(task + Task.flags) === TaskFlags.worker) workerName(cpu, task);
  else briefly(cpu, task + Task.allocLock);
}

/** get_task_mm; whether there is one. */
function getMm(cpu: i32, task: ptr): bool {
  const has: bool = !isKernelThread(task);
  queuedLock(cpu, task + Task.allocLock);
  if (has) fetchAdd(task + Task.mmUsers, 1);
  queuedUnlock(task + Task.allocLock);
  return has;
}

/** mmput; the process itself has one reference. */
function putMm(task: ptr): void {
  fetchAdd(task + Task.mmUsers, -1);
}

function isKernelThread(task: ptr): bool {
  return load(task + Task.flags) !== TaskFlags.none;
}

/** A lock that is taken to read something, and given back. */
function briefly(cpu: i32, lock: ptr): void {
  queuedLock(cpu, lock);
  queuedUnlock(lock);
}

/**
 * Processes as procfs sees them: a pid (struct pid), which inodes keep, and the task behind it (struct task_struct with what each
 * process has to itself: credentials, signal handlers, address space), which is gone once the process has exited.
 *
 * A task's usage is only read from its pid in an RCU read section and dropped a grace period after it was taken off the pid, so
 * whoever finds it there may count it up.
 */
import {
  callRcu,
  exchange,
  fetchAdd,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  storeRelease,
} from "refplay/machine";
import { heapAlloc, heapFreeKnown, zero } from "../core/heap.ts";
import { ProcCallback } from "./callback-ids.ts";
import { ProcKind } from "./kinds.ts";

/** Offsets of `struct pid`. */
export enum Pid {
  count = 0,
  /** tasks[PIDTYPE_PID]: 0 once the process has exited. */
  task = 16,
  number = 24,
  rcu = 40,
}
export const pidBytes: i32 = 64;

/** Offsets in a task; each part on a line of its own, as these are objects of their own in the kernel, or far apart in one. */
export enum Task {
  usage = 0,
  /** `TaskFlags`; with the usage on one line, as there. */
  flags = 4,
  /** The pid's index in the pid table. */
  index = 8,
  /** task_struct.rcu. */
  rcu = 16,
  /** files: a number for the descriptor table, the same for all that share it. */
  files = 32,
  /** cred: its count, and the ids that inodes get. */
  cred = 64,
  uid = 72,
  gid = 76,
  /** sighand_struct.siglock, a queued lock. */
  sighand = 128,
  /** mm_struct: mm_users, mmap_lock (an rw-semaphore), arg_lock (a queued lock). */
  mmUsers = 192,
  mmapLock = 384,
  argLock = 448,
  /** task_struct.alloc_lock (task_lock), a queued lock. */
  allocLock = 256,
  /** signal_struct.prev_cputime.lock, a queued lock. */
  prevCputime = 320,
  /** Of a worker: its struct kthread; see `walk/workqueue.ts`. */
  worker = 464,
}
export const taskBytes: i32 = 512;

/** What `Task.flags` tells. */
export enum TaskFlags {
  /** A process of its own. */
  none = 0,
  /** PF_KTHREAD: it has no address space. */
  kernelThread = 1,
  /** PF_KTHREAD and PF_WQ_WORKER. */
  worker = 2,
}

/** A new pid with its task, published in `cell` (an entry of the pid table). 0 where there is no memory. */
export function processNew(cpu: i32, cell: ptr, number: i32): ptr {
  const pid: ptr = pidNew(cpu, number);
  if (pid !== 0) storeRelease(cell, pid);
  return pid;
}

/** The same for a kernel thread, which is a worker where `worker` is not 0. */
export function kernelThreadNew(cpu: i32, cell: ptr, number: i32, worker: ptr): void {
  const pid: ptr = pidNew(cpu, number);
  if (pid === 0) return;
  const task: ptr = load(pid + Pid.task);
  store(task + Task.flags, worker === 0 ? TaskFlags.kernelThread : TaskFlags.worker);
  store(task + Task.worker, worker);
  storeRelease(cell, pid);
}

function pidNew(cpu: i32, number: i32): ptr {
  const pid: ptr = heapAlloc(cpu, ProcKind.pid, pidBytes);
  if (pid === 0) return 0;
  const task: ptr = heapAlloc(cpu, ProcKind.task, taskBytes);
  if (task === 0) {
    heapFreeKnown(cpu, ProcKind.pid, pidBytes, pid);
    return 0;
  }
  zero(pid, pidBytes);
  zero(task, taskBytes);
  store(pid + Pid.count, 1);
  store(pid + Pid.number, number);
  store(pid + Pid.task, task);
  store(task + Task.usage, 1);
  store(task + Task.cred, 1);
  store(task + Task.mmUsers, 1);
  return pid;
}

/**
 * The process in `cell` has exited: nobody finds pid or task from now on. Whoever has the pid keeps it. The caller flushes the
 * dcache before (`dInvalidate`), or later look-ups find that the pid is dead.
 */
export function processGone(cell: ptr): void {
  const pid: ptr = exchange(cell, 0);
  if (pid === 0) return;
  const task: ptr = exchange(pid + Pid.task, 0);
  callRcu(task + Task.rcu, ProcCallback.taskPut);
  callRcu(pid + Pid.rcu, ProcCallback.pidPut);
}

/** One more for a pid that somebody has: get_pid. */
export function pidGet(pid: ptr): void {
  fetchAdd(pid + Pid.count, 1);
}

/** One less; the last frees it: put_pid. */
export function pidPut(cpu: i32, pid: ptr): void {
  const before: i32 = fetchAdd(pid + Pid.count, -1);
  if (before === 1) heapFreeKnown(cpu, ProcKind.pid, pidBytes, pid);
}

/** The pid's task with a reference, or 0 where it has exited: get_pid_task. */
export function taskGet(pid: ptr): ptr {
  rcuReadLock();
  const task: ptr = load(pid + Pid.task);
  if (task !== 0) fetchAdd(task + Task.usage, 1);
  rcuReadUnlock();
  return task;
}

/** put_task_struct. */
export function taskPut(cpu: i32, task: ptr): void {
  const before: i32 = fetchAdd(task + Task.usage, -1);
  if (before === 1) heapFreeKnown(cpu, ProcKind.task, taskBytes, task);
}

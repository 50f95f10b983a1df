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
import { QueuedLock, queuedLock, queuedUnlock } from "./queued-lock.ts";

/** Offsets of `struct pid`. */
export enum Pid {
  count = 0,
  /** tasks[PIDTYPE_PID]: 0 once the process has exited. */
  task = 16,
  number = 24,
  rcu = 40,
}
export const pidBytes: i32 = 64;

/** Offsets in a task; each part on a line of its own, as these are objects of their own in the kernel. */
export enum Task {
  usage = 0,
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
  /** mm_struct.mm_users. */
  mm = 192,
}
export const taskBytes: i32 = 256;

/** A new pid with its task, published in `cell` (an entry of the pid table). 0 where there is no memory. */
export function processNew(cpu: i32, cell: ptr, number: i32): ptr {
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
  store(task + Task.mm, 1);
  storeRelease(cell, pid);
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

/** What `stat` takes of a task: lock_task_sighand, and the lock again for nothing else. */
export function lockSignals(cpu: i32, task: ptr): void {
  queuedLock(cpu, task + Task.sighand + QueuedLock.word);
  queuedUnlock(task + Task.sighand + QueuedLock.word);
}

/** What `status` takes of it: get_task_cred and put_cred. */
export function countCred(task: ptr): void {
  fetchAdd(task + Task.cred, 1);
  fetchAdd(task + Task.cred, -1);
}

/** What `cmdline` takes of it: get_task_mm and mmput. */
export function countMm(task: ptr): void {
  fetchAdd(task + Task.mm, 1);
  fetchAdd(task + Task.mm, -1);
}

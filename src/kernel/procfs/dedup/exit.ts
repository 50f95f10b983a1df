/** The end of threads: each takes its directories out of the dcache, and the inodes off the superblock's list. */
import { type i32, load, type ptr, rcuReadLock, rcuReadUnlock, store } from "refplay/machine";
import { dcacheFind, dput } from "../dcache.ts";
import { dInvalidate } from "../dcache-shrink.ts";
import { badRecord } from "../script-run.ts";
import { Pid, processGone, Task } from "../tasks.ts";
import { DedupName } from "./dedup-names.ts";
import { DedupGlobal } from "./globals.ts";
import { putShared } from "./shared-inodes.ts";
import { hardLinks, isThread, pidOfThread } from "./structure.ts";

/** Descriptor table of thread 0 once it has left the shared one; the others' follow. */
const ownFiles: i32 = 2;

/** Thread `index` has exited: release_task, and proc_flush_task for /proc/<tid> and /proc/<tgid>/task/<tid>. */
export function exitThread(cpu: i32, index: i32): void {
  if (!isThread(index)) {
    badRecord(cpu);
    return;
  }
  if (pidOfThread(index) === 0) return;
  const table: ptr = load(DedupGlobal.table);
  processGone(table + index * 8);
  const proc: ptr = load(DedupGlobal.proc);
  flush(cpu, proc, index);
  if (hardLinks) putShared(cpu, index);
  if (index === 0) return;
  const leader: ptr = dcacheFind(cpu, proc, 0);
  if (leader === 0) return;
  const tasks: ptr = dcacheFind(cpu, leader, DedupName.task);
  if (tasks !== 0) {
    flush(cpu, tasks, index);
    dput(cpu, tasks);
  }
  dput(cpu, leader);
}

/** A name goes, and all that is below it. */
function flush(cpu: i32, parent: ptr, name: i32): void {
  const dentry: ptr = dcacheFind(cpu, parent, name);
  if (dentry === 0) return;
  dInvalidate(cpu, dentry);
  dput(cpu, dentry);
}

/** What the dcache has of /proc/<thread> goes, as shrinking it would make it. */
export function forget(cpu: i32, index: i32): void {
  flush(cpu, load(DedupGlobal.proc), index);
}

/** unshare(CLONE_FILES): the thread has a descriptor table of its own from now on. */
export function unshareFiles(cpu: i32, index: i32): void {
  if (!isThread(index)) {
    badRecord(cpu);
    return;
  }
  rcuReadLock();
  const pid: ptr = pidOfThread(index);
  if (pid !== 0) {
    const task: ptr = load(pid + Pid.task);
    if (task !== 0) store(task + Task.files, ownFiles + index);
  }
  rcuReadUnlock();
}

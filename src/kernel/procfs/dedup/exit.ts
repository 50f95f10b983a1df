/** The end of threads: each takes its directories out of the dcache, and the inodes off the superblock's list. */
import { exchange, type i32, load, type ptr, store } from "refplay/machine";
import { dcacheFind, dput } from "../dcache.ts";
import { dInvalidate } from "../dcache-shrink.ts";
import { inodePut } from "../inodes.ts";
import { Pid, processGone, Task } from "../tasks.ts";
import { DedupName } from "./dedup-names.ts";
import { DedupGlobal } from "./globals.ts";
import { pidOfThread } from "./structure.ts";

/** Thread `index` has exited: release_task, and proc_flush_task for /proc/<tid> and /proc/<tgid>/task/<tid>. */
export function exitThread(cpu: i32, index: i32): void {
  if (pidOfThread(index) === 0) return;
  const table: ptr = load(DedupGlobal.table);
  processGone(table + index * 8);
  const proc: ptr = load(DedupGlobal.proc);
  flush(cpu, proc, index);
  if (index === 0) {
    putShared(cpu);
    return;
  }
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

/** Hard links: the table's references go. */
function putShared(cpu: i32): void {
  const table: ptr = load(DedupGlobal.shared);
  if (table === 0) return;
  const files: i32 = load(DedupGlobal.files);
  for (let place: i32 = 0; place < 2 * files; place += 1) {
    const inode: ptr = exchange(table + place * 8, 0);
    if (inode !== 0) inodePut(cpu, inode);
  }
}

/** unshare(CLONE_FILES): the thread has a descriptor table of its own from now on. */
export function unshareFiles(index: i32): void {
  const pid: ptr = pidOfThread(index);
  if (pid === 0) return;
  const task: ptr = load(pid + Pid.task);
  store(task + Task.files, index + 2);
}

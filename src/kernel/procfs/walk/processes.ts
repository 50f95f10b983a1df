/** Processes of `proc-walk`: that come and go, and that look at others as `ps -fe` does. */
import { type i32, load, type ptr, rcuReadLock, rcuReadUnlock, u32, work } from "refplay/machine";
import { Boot } from "../../../machine/memory-map.ts";
import { procCount } from "../cpu-block.ts";
import { dcacheFind, dput, pidOfDentry } from "../dcache.ts";
import { Dentry, Inode, lockrefOf } from "../dcache-layout.ts";
import { dInvalidate } from "../dcache-shrink.ts";
import { lockrefGet } from "../lockref.ts";
import { badRecord } from "../script-run.ts";
import { processGone, processNew, taskGet, taskPut } from "../tasks.ts";
import { pidEntryBytes, WalkGlobal } from "./globals.ts";
import { walkPath } from "./path-walk.ts";
import { readCmdline, readStat, readStatus } from "./task-files.ts";
import { WalkCounter, WalkName } from "./walk-names.ts";

/** Index of the pid that a CPU's own process has. */
function ownIndex(cpu: i32): i32 {
  const fixed: i32 = load(WalkGlobal.pids);
  return fixed + cpu;
}

function entryOf(index: i32): ptr {
  const table: ptr = load(WalkGlobal.table);
  return table + index * pidEntryBytes;
}

/** The CPU has a process from now on. */
export function startProcess(cpu: i32): void {
  const index: i32 = ownIndex(cpu);
  processNew(cpu, entryOf(index), index);
}

/** A process begins: fork and exec. */
export function spawn(cpu: i32): void {
  procCount(cpu, WalkCounter.spawned, 1);
  startProcess(cpu);
  work(load(WalkGlobal.processNs));
}

/** The CPU's process ends, and with it what the dcache has of it: release_task, proc_flush_pid. */
export function exitProcess(cpu: i32): void {
  goneFromProc(cpu, ownIndex(cpu));
}

/** A process is no more: nothing of it is found in procfs. */
export function goneFromProc(cpu: i32, index: i32): void {
  processGone(entryOf(index));
  const directory: ptr = dcacheFind(cpu, load(WalkGlobal.proc), index);
  if (directory === 0) return;
  dInvalidate(cpu, directory);
  dput(cpu, directory);
}

/** What `ps -fe` does for one pid: its entry in readdir, a stat of the directory, three files; then it computes for `userNs`. */
export function visit(cpu: i32, index: i32, userNs: i32): void {
  const pids: i32 = load(WalkGlobal.pids);
  const cpus: i32 = load(Boot.cpus);
  const entries: i32 = pids + cpus;
  if (u32(index) >= u32(entries)) {
    badRecord(cpu);
    return;
  }
  readEntry(cpu, index);
  statDirectory(cpu, index);
  readFile(cpu, index, WalkName.stat);
  readFile(cpu, index, WalkName.status);
  readFile(cpu, index, WalkName.cmdline);
  if (userNs > 0) work(userNs);
}

/** proc_pid_readdir: next_tgid holds the task while proc_fill_cache looks up the pid's dentry, for its inode number. */
function readEntry(cpu: i32, index: i32): void {
  rcuReadLock();
  const pid: ptr = load(entryOf(index));
  const task: ptr = pid === 0 ? 0 : taskGet(pid);
  rcuReadUnlock();
  if (task === 0) return;
  const proc: ptr = load(WalkGlobal.proc);
  const directory: ptr = dcacheFind(cpu, proc, index);
  if (directory !== 0) {
    const inode: ptr = load(directory + Dentry.inode);
    load(inode + Inode.what);
    dput(cpu, directory);
  }
  taskPut(cpu, task);
}

/** newfstatat of /proc/<pid>. */
function statDirectory(cpu: i32, index: i32): void {
  const directory: ptr = walkPath(cpu, index, 0);
  if (directory === 0) return;
  work(load(WalkGlobal.statNs));
  dput(cpu, directory);
}

/** openat, read, close. */
function readFile(cpu: i32, index: i32, file: i32): void {
  const dentry: ptr = walkPath(cpu, index, file);
  if (dentry === 0) return;
  // The open file has a reference of its own (do_dentry_open), then the walk's is dropped.
  lockrefGet(cpu, lockrefOf(dentry));
  dput(cpu, dentry);
  const task: ptr = taskGet(pidOfDentry(dentry));
  if (task !== 0) {
    if (file === WalkName.stat) readStat(cpu, task);
    else if (file === WalkName.status) readStatus(cpu, task);
    else readCmdline(cpu, task);
    work(load(WalkGlobal.fileNs));
    taskPut(cpu, task);
  }
  dput(cpu, dentry);
}

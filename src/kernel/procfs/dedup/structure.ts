/**
 * What stands where below /proc/<pid>, by variant: directories of their own for every thread, as the kernel has them, or links to
 * the leader's. After J. Mahoney's series "procfs: reduce duplication by using symlinks" (April 2018), which was not merged.
 */
import { type bool, type i32, load, option, type ptr } from "refplay/machine";
import { Dentry, Inode } from "../dcache-layout.ts";
import { Pid, Task } from "../tasks.ts";
import { DedupName, What } from "./dedup-names.ts";
import { DedupGlobal } from "./globals.ts";

/** How far links go: 0 nowhere, 1 `task` of threads, 2 their fd and fdinfo, 3 also the leader's own to its thread directory. */
const links: i32 = option("links");

/** Whether the entries of all fd directories that show one descriptor table are names of one inode. */
export const hardLinks: bool = option("hardLinks") !== 0;

/** The pid of thread `index`, or 0 once it is gone. */
export function pidOfThread(index: i32): ptr {
  const table: ptr = load(DedupGlobal.table);
  return load(table + index * 8);
}

/** The descriptor table that a thread shows, or 0. */
function filesOf(pid: ptr): i32 {
  const task: ptr = load(pid + Pid.task);
  if (task === 0) return 0;
  return load(task + Task.files);
}

/** Whether a thread shares the leader's descriptor table. */
function sharesFiles(pid: ptr): bool {
  const leader: ptr = pidOfThread(0);
  if (leader === 0) return false;
  const its: i32 = filesOf(pid);
  return its !== 0 && its === filesOf(leader);
}

function isLeader(pid: ptr): bool {
  return load(pid + Pid.number) === 0;
}

/** What the name in that directory stands for now; `none` where there is no such entry. */
export function whatIs(parent: ptr, name: i32): i32 {
  const inode: ptr = load(parent + Dentry.inode);
  const where: i32 = load(inode + Inode.what);
  const pid: ptr = load(inode + Inode.pid);
  switch (where) {
    case What.none:
      return isThread(name) ? What.process : What.none;
    case What.tasks:
      return isThread(name) ? What.thread : What.none;
    case What.process:
    case What.thread:
      return entryOf(where, pid, name);
    case What.fd:
    case What.fdinfo: {
      const files: i32 = load(DedupGlobal.files);
      return name >= 0 && name < files ? What.file : What.none;
    }
    default:
      return What.none;
  }
}

function isThread(name: i32): bool {
  const threads: i32 = load(DedupGlobal.threads);
  return name >= 0 && name < threads;
}

/** An entry of a process's or a thread's directory. */
function entryOf(where: i32, pid: ptr, name: i32): i32 {
  if (name === DedupName.task) {
    if (where !== What.process) return What.none;
    return links >= 1 && !isLeader(pid) ? What.taskLink : What.tasks;
  }
  if (name === DedupName.fd) return isLinked(where, pid) ? What.fdLink : What.fd;
  if (name === DedupName.fdinfo) return isLinked(where, pid) ? What.fdinfoLink : What.fdinfo;
  const others: i32 = load(DedupGlobal.others);
  return name >= DedupName.other && name < DedupName.other + others ? What.other : What.none;
}

/** Whether fd and fdinfo of that directory are links. */
function isLinked(where: i32, pid: ptr): bool {
  if (links < 2) return false;
  if (isLeader(pid)) {
    // One of the leader's two directories has them: the process's, or with `links` 3 the thread's.
    return links === 3 ? where === What.process : where === What.thread;
  }
  // With `links` 3 a thread's own /proc/<tid>/fd leads to its thread directory, whoever shares what.
  if (links === 3 && where === What.process) return true;
  return sharesFiles(pid);
}

/**
 * What stands where below /proc/<pid>, by variant: directories of their own for every thread, as the kernel has them, or links to
 * the leader's. After J. Mahoney's series "procfs: reduce duplication by using symlinks" (April 2018), which was not merged.
 */
import { type bool, type i32, load, option, type ptr, rcuReadLock, rcuReadUnlock } from "refplay/machine";
import { Dentry, Inode } from "../dcache-layout.ts";
import { Pid, pidGet, Task } from "../tasks.ts";
import { DedupName, What } from "./dedup-names.ts";
import { DedupGlobal } from "./globals.ts";

/**
 * How far links go: 0 nowhere, 1 `task` of threads, 2 their fd and fdinfo, 3 also fd, fdinfo, ns, net and attr of every /proc/<tid>,
 * to its thread directory.
 */
const links: i32 = option("links");

/** Whether the entries of all fd directories that show the leader's descriptor table are names of one inode. */
export const hardLinks: bool = option("hardLinks") !== 0;

/** The pid of thread `index`, or 0 once it is gone. In an RCU read section, or of a thread that cannot go. */
export function pidOfThread(index: i32): ptr {
  const table: ptr = load(DedupGlobal.table);
  return load(table + index * 8);
}

/** The descriptor table that a thread shows, or 0. In an RCU read section. */
function filesOf(pid: ptr): i32 {
  const task: ptr = load(pid + Pid.task);
  if (task === 0) return 0;
  return load(task + Task.files);
}

/** Whether a thread shares the leader's descriptor table, as the leader does itself. */
export function sharesFiles(pid: ptr): bool {
  let shares: bool = false;
  rcuReadLock();
  const leader: ptr = pidOfThread(0);
  if (leader !== 0) {
    const its: i32 = filesOf(pid);
    shares = its !== 0 && its === filesOf(leader);
  }
  rcuReadUnlock();
  return shares;
}

/** Whose inodes a thread's descriptors have with hard links, with a reference: the leader's, or the thread's own. */
export function fileOwnerGet(pid: ptr): ptr {
  let owner: ptr = pid;
  rcuReadLock();
  if (sharesFiles(pid)) {
    const leader: ptr = pidOfThread(0);
    if (leader !== 0) owner = leader;
  }
  pidGet(owner);
  rcuReadUnlock();
  return owner;
}

function isLeader(pid: ptr): bool {
  return load(pid + Pid.number) === 0;
}

/** What a dentry stands for. */
export function whatOf(dentry: ptr): i32 {
  const inode: ptr = load(dentry + Dentry.inode);
  return load(inode + Inode.what);
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
    default:
      return name >= 0 && name < entriesOf(where) ? numbered(where) : What.none;
  }
}

/** Entries of a directory that has numbered ones; 0 for what is none. */
export function entriesOf(where: i32): i32 {
  switch (where) {
    case What.fd:
    case What.fdinfo:
      return load(DedupGlobal.files);
    case What.nsDirectory:
      return load(DedupGlobal.ns);
    case What.netDirectory:
      return load(DedupGlobal.net);
    case What.attrDirectory:
      return load(DedupGlobal.attr);
    default:
      return 0;
  }
}

function numbered(where: i32): i32 {
  return where === What.fd || where === What.fdinfo ? What.file : What.other;
}

export function isThread(name: i32): bool {
  const threads: i32 = load(DedupGlobal.threads);
  return name >= 0 && name < threads;
}

/** An entry of a process's or a thread's directory. */
function entryOf(where: i32, pid: ptr, name: i32): i32 {
  const inThread: bool = links === 3 && where === What.process;
  switch (name) {
    case DedupName.task:
      if (where !== What.process) return What.none;
      return links >= 1 && !isLeader(pid) ? What.taskLink : What.tasks;
    case DedupName.fd:
      return isLinked(where, pid) ? What.fdLink : What.fd;
    case DedupName.fdinfo:
      return isLinked(where, pid) ? What.fdinfoLink : What.fdinfo;
    case DedupName.ns:
      return inThread ? What.nsLink : What.nsDirectory;
    case DedupName.net:
      return inThread ? What.netLink : What.netDirectory;
    case DedupName.attr:
      return inThread ? What.attrLink : What.attrDirectory;
    default: {
      const others: i32 = load(DedupGlobal.others);
      return name >= DedupName.other && name < DedupName.other + others ? What.other : What.none;
    }
  }
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

/** Looks names up below /proc and makes dentries and inodes of them, as proc_pident_lookup, proc_lookupfd and others of fs/proc do. */
import {
  type bool,
  compareExchange,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
} from "refplay/machine";
import { procCount } from "../cpu-block.ts";
import { dcacheFind, dentryAdd, dentryNew, dput, pidOfDentry } from "../dcache.ts";
import { Dentry, Inode } from "../dcache-layout.ts";
import { dInvalidate } from "../dcache-shrink.ts";
import { inodeGet, inodeNew, inodePut } from "../inodes.ts";
import { Pid, pidGet, pidPut } from "../tasks.ts";
import { DedupCounter, What } from "./dedup-names.ts";
import { DedupGlobal } from "./globals.ts";
import { hardLinks, pidOfThread, whatIs } from "./structure.ts";

/**
 * The dentry of a name with a reference, or 0. What was found stands for what the name leads to now, or else it goes, with all that
 * is below it: a link whose thread has left the shared descriptor table bounces here (unshare(CLONE_FILES)).
 */
export function lookUp(cpu: i32, parent: ptr, name: i32): ptr {
  const found: ptr = dcacheFind(cpu, parent, name);
  if (found !== 0) {
    if (isValid(parent, found, name)) return found;
    procCount(cpu, DedupCounter.invalidated, 1);
    dInvalidate(cpu, found);
    dput(cpu, found);
  }
  return make(cpu, parent, name);
}

/** pid_revalidate, and whether the entry is still of that kind. */
function isValid(parent: ptr, dentry: ptr, name: i32): bool {
  const inode: ptr = load(dentry + Dentry.inode);
  const pid: ptr = load(inode + Inode.pid);
  const task: ptr = load(pid + Pid.task);
  if (task === 0) return false;
  return load(inode + Inode.what) === whatIs(parent, name);
}

function make(cpu: i32, parent: ptr, name: i32): ptr {
  const what: i32 = whatIs(parent, name);
  if (what === What.none) return 0;
  const pid: ptr = ownerOf(parent, name, what);
  if (pid === 0) return 0;
  const task: ptr = load(pid + Pid.task);
  const inode: ptr = task === 0 ? 0 : inodeOf(cpu, parent, name, pid, what);
  pidPut(cpu, pid);
  if (inode === 0) return 0;
  const dentry: ptr = dentryNew(cpu, parent, name, inode, 0);
  if (dentry === 0) {
    inodePut(cpu, inode);
    return 0;
  }
  procCount(cpu, DedupCounter.dentriesMade, 1);
  return dentryAdd(cpu, dentry);
}

/** The pid that the entry is of, with a reference: that of the directory it is in, but for a thread's own. */
function ownerOf(parent: ptr, name: i32, what: i32): ptr {
  rcuReadLock();
  let pid: ptr = 0;
  if (what === What.process || what === What.thread) pid = pidOfThread(name);
  else pid = pidOfDentry(parent);
  if (pid !== 0) pidGet(pid);
  rcuReadUnlock();
  return pid;
}

/** A new inode, or with hard links the one that all names of that descriptor have. */
function inodeOf(cpu: i32, parent: ptr, name: i32, pid: ptr, what: i32): ptr {
  if (!hardLinks || what !== What.file) {
    procCount(cpu, DedupCounter.inodesMade, 1);
    return inodeNew(cpu, pid, what);
  }
  const directory: ptr = load(parent + Dentry.inode);
  const files: i32 = load(DedupGlobal.files);
  const table: ptr = load(DedupGlobal.shared);
  const place: i32 = load(directory + Inode.what) === What.fd ? name : files + name;
  const known: ptr = load(table + place * 8);
  if (known !== 0) {
    inodeGet(known);
    return known;
  }
  const leader: ptr = pidOfThread(0);
  const inode: ptr = inodeNew(cpu, leader, what);
  if (inode === 0) return 0;
  // The table's own reference, until the leader is gone.
  inodeGet(inode);
  const before: ptr = compareExchange(table + place * 8, 0, inode);
  if (before === 0) {
    procCount(cpu, DedupCounter.inodesMade, 1);
    return inode;
  }
  inodePut(cpu, inode);
  inodePut(cpu, inode);
  inodeGet(before);
  return before;
}

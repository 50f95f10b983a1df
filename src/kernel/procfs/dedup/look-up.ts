/** Looks names up below /proc and makes dentries and inodes of them, as proc_pident_lookup, proc_lookupfd and others of fs/proc do. */
import { type bool, type i32, load, type ptr, rcuReadLock, rcuReadUnlock } from "refplay/machine";
import { procCount } from "../cpu-block.ts";
import { dcacheFind, dentryAdd, dentryDrop, dentryNew, dput, pidOfDentry } from "../dcache.ts";
import { Dentry, Inode } from "../dcache-layout.ts";
import { dInvalidate } from "../dcache-shrink.ts";
import { inodeNew, inodePut } from "../inodes.ts";
import { Pid, pidGet, pidPut } from "../tasks.ts";
import { DedupCounter, What } from "./dedup-names.ts";
import { sharedInode } from "./shared-inodes.ts";
import { fileOwnerGet, hardLinks, pidOfThread, whatIs, whatOf } from "./structure.ts";

/**
 * The dentry of a name with a reference, or 0. What was found stands for what the name leads to now, or else it goes, with all that
 * is below it: a link whose thread has left the shared descriptor table bounces here (unshare(CLONE_FILES)).
 */
export function lookUp(cpu: i32, parent: ptr, name: i32): ptr {
  const found: ptr = dcacheFind(cpu, parent, name);
  if (found !== 0) {
    if (isValid(cpu, parent, found, name)) return found;
    procCount(cpu, DedupCounter.invalidated, 1);
    dInvalidate(cpu, found);
    dput(cpu, found);
  }
  return make(cpu, parent, name);
}

/** pid_revalidate, and whether the entry is still of that kind and, with hard links, still shows that descriptor table. */
function isValid(cpu: i32, parent: ptr, dentry: ptr, name: i32): bool {
  const inode: ptr = load(dentry + Dentry.inode);
  const pid: ptr = load(inode + Inode.pid);
  const task: ptr = load(pid + Pid.task);
  if (task === 0) return false;
  const what: i32 = load(inode + Inode.what);
  if (what !== whatIs(parent, name)) return false;
  if (!hardLinks || what !== What.file) return true;
  const owner: ptr = fileOwnerGet(pidOfDentry(parent));
  pidPut(cpu, owner);
  // The inode keeps its pid, so that no other can have that address.
  return owner === pid;
}

function make(cpu: i32, parent: ptr, name: i32): ptr {
  const what: i32 = whatIs(parent, name);
  if (what === What.none) return 0;
  const pid: ptr = ownerOf(parent, name, what);
  if (pid === 0) return 0;
  const made: ptr = isAlive(pid) ? makeFor(cpu, parent, name, pid, what) : 0;
  pidPut(cpu, pid);
  return made;
}

/** The same for what the name stands for and the pid it is of, which was alive a moment ago; the caller has a reference to it. */
export function makeFor(cpu: i32, parent: ptr, name: i32, pid: ptr, what: i32): ptr {
  const inode: ptr = inodeOf(cpu, parent, name, pid, what);
  if (inode === 0) return 0;
  const made: ptr = added(cpu, parent, name, inode);
  // The thread may have exited meanwhile, and been flushed: then nobody else would drop this one.
  if (made !== 0 && !isAlive(pid)) dentryDrop(cpu, made);
  return made;
}

function isAlive(pid: ptr): bool {
  const task: ptr = load(pid + Pid.task);
  return task !== 0;
}

/** The dentry of a name that has none yet, with a reference; takes over the one to the inode. */
function added(cpu: i32, parent: ptr, name: i32, inode: ptr): ptr {
  const dentry: ptr = dentryNew(cpu, parent, name, inode, 0);
  if (dentry === 0) {
    inodePut(cpu, inode);
    return 0;
  }
  const known: ptr = dentryAdd(cpu, dentry);
  if (known === dentry) procCount(cpu, DedupCounter.dentriesMade, 1);
  return known;
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
  const owner: ptr = fileOwnerGet(pid);
  const inode: ptr = sharedInode(cpu, owner, whatOf(parent), name);
  pidPut(cpu, owner);
  return inode;
}

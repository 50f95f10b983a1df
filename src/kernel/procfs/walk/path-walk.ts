/**
 * The way from `/proc/<pid>` or `/proc/<pid>/<file>` to a dentry, component by component, as fs/namei.c goes it (v5.15): first under
 * RCU, with sequence numbers and without writing anything; where that does not do, with a counted reference to each dentry.
 *
 * The question of `proc-walk` is pid_revalidate (fs/proc/base.c), which procfs asks of every dentry of a process. Until v5.15 it
 * answers "not under RCU", so every walk takes references to procfs' root, to `/` and to what it has found, and drops them a
 * moment later (`refWalk`). Since v5.16 (commit da4d6b9cf80a) it answers under RCU, too, and only the walk's end is counted.
 */
import {
  type bool,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";
import { checkLive } from "../../core/heap-verify.ts";
import { procCount } from "../cpu-block.ts";
import {
  dcacheFind,
  dcacheFindRcu,
  dentryAdd,
  dentryNew,
  dput,
  foundSeq,
  isSame,
  pidOfDentry,
} from "../dcache.ts";
import { Dentry, Inode, lockrefOf } from "../dcache-layout.ts";
import { dInvalidate } from "../dcache-shrink.ts";
import { inodeNew, inodePut } from "../inodes.ts";
import { lockrefGet, lockrefGetNotDead } from "../lockref.ts";
import { Pid, pidGet, pidPut, Task, taskGet, taskPut } from "../tasks.ts";
import { pidEntryBytes, WalkGlobal } from "./globals.ts";
import { askDumpable } from "./task-files.ts";
import { WalkCounter, WalkName } from "./walk-names.ts";

/** Whether pid_revalidate answers under RCU. */
const rcuRevalidate: bool = option("rcuRevalidate") !== 0;

/** What revalidation says of a dentry. */
enum Valid {
  no = 0,
  yes = 1,
  /** -ECHILD: ask again with a reference. */
  notUnderRcu = 2,
}

/**
 * The dentry of pid `index`'s directory, or with `file` (a `WalkName`, else 0) of that file in it, with a reference; 0 where there is
 * no such process. Not in a read section.
 */
export function walkPath(cpu: i32, index: i32, file: i32): ptr {
  procCount(cpu, WalkCounter.walks, 1);
  let found: ptr = walkUnderRcu(cpu, index, file);
  if (found === failed) {
    procCount(cpu, WalkCounter.restarts, 1);
    found = walkCounted(cpu, index, file);
  }
  if (found === 0) procCount(cpu, WalkCounter.missing, 1);
  return found;
}

/** No address: the walk under RCU met a change and must begin anew, counted. */
const failed: ptr = 4;

/** Walks under RCU as far as that goes, and on from there with references. */
function walkUnderRcu(cpu: i32, index: i32, file: i32): ptr {
  const root: ptr = load(WalkGlobal.root);
  rcuReadLock();
  const rootSeq: i32 = load(root + Dentry.seq);
  const mountPoint: ptr = dcacheFindRcu(cpu, root, WalkName.proc);
  if (mountPoint === 0 || !isSame(root, rootSeq)) {
    rcuReadUnlock();
    return failed;
  }
  // What is mounted there: one look at the mount's hash table in the kernel.
  const proc: ptr = load(WalkGlobal.proc);
  const procSeq: i32 = load(proc + Dentry.seq);
  let parent: ptr = proc;
  let parentSeq: i32 = procSeq;
  let name: i32 = index;
  while (true) {
    const child: ptr = dcacheFindRcu(cpu, parent, name);
    const seq: i32 = foundSeq(cpu);
    if (!isSame(parent, parentSeq)) break;
    let valid: i32 = Valid.no;
    if (child !== 0) valid = revalidateUnderRcu(cpu, child);
    if (valid !== Valid.yes) {
      // try_to_unlazy and try_to_unlazy_next: parent, child and root, in this order.
      if (!legitimize(cpu, parent, parentSeq)) break;
      if (child !== 0 && !legitimize(cpu, child, seq)) {
        rcuReadUnlock();
        dput(cpu, parent);
        return failed;
      }
      const rooted: bool = legitimize(cpu, root, rootSeq);
      rcuReadUnlock();
      if (!rooted) {
        if (child !== 0) dput(cpu, child);
        dput(cpu, parent);
        return failed;
      }
      procCount(cpu, valid === Valid.notUnderRcu ? WalkCounter.refWalks : WalkCounter.misses, 1);
      const here: ptr = confirm(cpu, parent, child, name);
      const end: ptr = here === 0 || name !== index || file === 0 ? here : enter(cpu, here, file);
      dput(cpu, root);
      return end;
    }
    parent = child;
    parentSeq = seq;
    if (name !== index || file === 0) {
      // complete_walk: only the end gets a reference.
      const kept: bool = legitimize(cpu, child, seq);
      rcuReadUnlock();
      return kept ? child : failed;
    }
    if (!mayLookUp(cpu, child)) {
      rcuReadUnlock();
      return 0;
    }
    name = file;
  }
  rcuReadUnlock();
  return failed;
}

/** The same from the beginning with references: what is left when something changed under the walk's feet. */
function walkCounted(cpu: i32, index: i32, file: i32): ptr {
  const root: ptr = load(WalkGlobal.root);
  const proc: ptr = load(WalkGlobal.proc);
  lockrefGet(cpu, lockrefOf(root));
  lockrefGet(cpu, lockrefOf(proc));
  const directory: ptr = step(cpu, proc, index);
  const end: ptr = directory === 0 || file === 0 ? directory : enter(cpu, directory, file);
  dput(cpu, root);
  return end;
}

/**
 * A reference to a dentry that a walk under RCU has come to, if it still is what it was; whether there is one. The number is asked for
 * after the reference: a dentry that somebody keeps lives on when it is dropped, and only its number tells.
 */
function legitimize(cpu: i32, dentry: ptr, seq: i32): bool {
  if (!lockrefGetNotDead(cpu, lockrefOf(dentry))) return false;
  if (isSame(dentry, seq)) return true;
  dput(cpu, dentry);
  return false;
}

/** One component with references: puts `parent`, returns the child with one, or 0. */
function step(cpu: i32, parent: ptr, name: i32): ptr {
  return confirm(cpu, parent, dcacheFind(cpu, parent, name), name);
}

/** The same for a file in a process's directory. */
function enter(cpu: i32, directory: ptr, file: i32): ptr {
  if (mayLookUp(cpu, directory)) return step(cpu, directory, file);
  dput(cpu, directory);
  return 0;
}

/** proc_pid_permission: whether names in a process's directory may be looked up; not when it has exited. Under RCU or not. */
function mayLookUp(cpu: i32, directory: ptr): bool {
  const task: ptr = taskGet(pidOfDentry(directory));
  if (task === 0) return false;
  taskPut(cpu, task);
  return true;
}

/** Revalidates what was found (0: nothing), or looks the name up in procfs itself. Puts `parent`. */
function confirm(cpu: i32, parent: ptr, found: ptr, name: i32): ptr {
  let child: ptr = found;
  if (child !== 0 && !revalidate(cpu, child)) {
    procCount(cpu, WalkCounter.invalidated, 1);
    dInvalidate(cpu, child);
    dput(cpu, child);
    child = 0;
  }
  if (child === 0) child = lookUpSlow(cpu, parent, name);
  dput(cpu, parent);
  return child;
}

/** pid_revalidate in an RCU read section. */
function revalidateUnderRcu(cpu: i32, dentry: ptr): i32 {
  // The answer is a function of the file system: d_op is on the line of the count.
  load(dentry + Dentry.ops);
  if (!rcuRevalidate) return Valid.notUnderRcu;
  const inode: ptr = load(dentry + Dentry.inode);
  const pid: ptr = load(inode + Inode.pid);
  const task: ptr = load(pid + Pid.task);
  if (task === 0) return Valid.no;
  updateInode(cpu, inode, task);
  return Valid.yes;
}

/** pid_revalidate with references. */
function revalidate(cpu: i32, dentry: ptr): bool {
  checkLive(cpu, dentry);
  load(dentry + Dentry.ops);
  const inode: ptr = load(dentry + Dentry.inode);
  const task: ptr = taskGet(load(inode + Inode.pid));
  if (task === 0) return false;
  updateInode(cpu, inode, task);
  taskPut(cpu, task);
  return true;
}

/** pid_update_inode: the inode's owner is the task's, written each time. What an inode stands for is its name here; files have those above. */
function updateInode(cpu: i32, inode: ptr, task: ptr): void {
  const what: i32 = load(inode + Inode.what);
  if (what > WalkName.proc) askDumpable(cpu, task);
  const uid: i32 = load(task + Task.uid);
  const gid: i32 = load(task + Task.gid);
  store(inode + Inode.uid, uid);
  store(inode + Inode.gid, gid);
}

/** Looks a name up in procfs and makes its dentry: proc_pid_lookup, proc_tgid_base_lookup. With a reference; 0: no such process. */
function lookUpSlow(cpu: i32, parent: ptr, name: i32): ptr {
  procCount(cpu, WalkCounter.slowLookUps, 1);
  const pid: ptr = pidOf(parent, name);
  if (pid === 0) return 0;
  const task: ptr = taskGet(pid);
  if (task === 0) {
    pidPut(cpu, pid);
    return 0;
  }
  const inode: ptr = inodeNew(cpu, pid, name);
  let made: ptr = 0;
  if (inode !== 0) {
    updateInode(cpu, inode, task);
    const dentry: ptr = dentryNew(cpu, parent, name, inode, 0);
    if (dentry === 0) inodePut(cpu, inode);
    else made = dentryAdd(cpu, dentry);
  }
  taskPut(cpu, task);
  pidPut(cpu, pid);
  return made;
}

/** The pid that a name below `parent` belongs to, with a reference, or 0. */
function pidOf(parent: ptr, name: i32): ptr {
  const proc: ptr = load(WalkGlobal.proc);
  let pid: ptr = 0;
  rcuReadLock();
  if (parent === proc) {
    const table: ptr = load(WalkGlobal.table);
    pid = load(table + name * pidEntryBytes);
  } else {
    pid = pidOfDentry(parent);
  }
  if (pid !== 0) pidGet(pid);
  rcuReadUnlock();
  return pid;
}

/**
 * A walk under RCU asks a dentry of procfs for its process, while the dentry goes and with it the inode, which has a count of the
 * pid. The process itself has exited before: the inode's count is the last.
 *
 * `broken` 1: the kernel from da4d6b9cf80a, which lets walks ask under RCU, to before 47458802f660: the pid's count is dropped when
 * the inode is evicted, and only the inode waits for a grace period.
 */
import {
  Boot,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelGlobals,
  type ProgramMeta,
  rcuHeadBytes,
} from "refplay/kernel";
import {
  callRcu,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
  storeRelease,
} from "refplay/machine";
import { put } from "./count.ts";

const broken: i32 = option("broken");

/** The inode. */
export enum Scratch {
  pid = 0,
  rcu = 8,
  end = rcu + rcuHeadBytes,
}

/** `struct pid`. */
export enum LabelExtra {
  count = 0,
  task = 8,
  end = 16,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** The inode of the dentry, while the dentry is in the hash table. */
  inode = 0,
}

const dentryInode: ptr = kernelGlobals + Shared.inode;
const freeInode: i32 = 1;

export function boot(): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  const cpu: i32 = cpus - 1;
  const pid: ptr = heapAlloc(cpu, Kind.labelExtra, LabelExtra.end);
  store(pid + LabelExtra.count, 1);
  const inode: ptr = heapAlloc(cpu, Kind.scratch, Scratch.end);
  store(inode + Scratch.pid, pid);
  store(dentryInode, inode);
}

function putPid(cpu: i32, inode: ptr): void {
  const pid: ptr = load(inode + Scratch.pid);
  if (put(pid + LabelExtra.count)) heapFree(cpu, pid);
}

/** Comes to the dentry under RCU and asks whether its process is still there (pid_revalidate). */
export function walker(_cpu: i32): void {
  rcuReadLock();
  const inode: ptr = load(dentryInode);
  if (inode !== 0) {
    const pid: ptr = load(inode + Scratch.pid);
    load(pid + LabelExtra.task);
  }
  rcuReadUnlock();
}

/** Has found that the process is gone: invalidates the dentry, whose end is the inode's. */
export function invalidator(cpu: i32): void {
  const inode: ptr = load(dentryInode);
  storeRelease(dentryInode, 0);
  if (broken === 1) putPid(cpu, inode);
  callRcu(inode + Scratch.rcu, freeInode);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const inode: ptr = head - Scratch.rcu;
    if (broken === 0) putPid(cpu, inode);
    heapFree(cpu, inode);
    head = rcuTake();
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 1, doc: "1: before the fix." },
  },
} satisfies ProgramMeta;

/** Dentries and inodes of a directory as entries of one program, one name after the other or by several CPUs at a time. */
import { coreBoot, heapLive, type ProgramMeta, RcuHead, Verdict, violation } from "refplay/kernel";
import {
  type bool,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
} from "refplay/machine";
import { runCallback } from "../../src/kernel/procfs/callbacks.ts";
import {
  dcacheBoot,
  dcacheFind,
  dcacheFindRcu,
  dentryAdd,
  dentryDrop,
  dentryNew,
  dput,
  foundSeq,
  isSame,
} from "../../src/kernel/procfs/dcache.ts";
import { DcacheGlobal, Dentry, Inode, lockrefOf } from "../../src/kernel/procfs/dcache-layout.ts";
import { dInvalidate } from "../../src/kernel/procfs/dcache-shrink.ts";
import { inodeGet, inodeNew, inodePut } from "../../src/kernel/procfs/inodes.ts";
import { ProcKind } from "../../src/kernel/procfs/kinds.ts";
import { lockrefCount } from "../../src/kernel/procfs/lockref.ts";

/** Cells behind the dcache's own. */
enum Cell {
  directory = DcacheGlobal.end,
  kept = DcacheGlobal.end + 8,
  seq = DcacheGlobal.end + 16,
}

/** A directory without entries, and a table of one bucket: all names share it. */
export function boot(): void {
  coreBoot();
  dcacheBoot(0, 0);
  store(Cell.directory, dentryNew(0, 0, 0, inodeNew(0, 0, 0), 0));
}

/** Makes a name's dentry with a reference; another CPU's where that was faster. */
function made(cpu: i32, name: i32): ptr {
  const directory: ptr = load(Cell.directory);
  return dentryAdd(cpu, dentryNew(cpu, directory, name, inodeNew(cpu, 0, name), 0));
}

/** Makes a name `rounds` times and lets it go unused. */
export function make(cpu: i32, name: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) dput(cpu, made(cpu, name));
}

/** Makes a name and invalidates it, `rounds` times. */
export function comeAndGo(cpu: i32, name: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    const dentry: ptr = made(cpu, name);
    dInvalidate(cpu, dentry);
    dput(cpu, dentry);
  }
}

/** How often a name was found with a reference; what is found has that name. */
export function find(cpu: i32, name: i32, rounds: i32): i32 {
  let found: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const dentry: ptr = dcacheFind(cpu, load(Cell.directory), name);
    if (dentry !== 0) {
      found += 1;
      if (load(dentry + Dentry.name) !== name) violation(cpu, Verdict.assertion, dentry);
      if (lockrefCount(lockrefOf(dentry)) < 1) violation(cpu, Verdict.assertion, dentry);
      dput(cpu, dentry);
    }
  }
  return found;
}

/** The same without references, in read sections. */
export function findRcu(cpu: i32, name: i32, rounds: i32): i32 {
  let found: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    rcuReadLock();
    const dentry: ptr = dcacheFindRcu(cpu, load(Cell.directory), name);
    if (dentry !== 0) {
      found += 1;
      if (load(dentry + Dentry.name) !== name) violation(cpu, Verdict.assertion, dentry);
    }
    rcuReadUnlock();
  }
  return found;
}

// ---- one at a time ----

/** Finds a name under RCU and remembers it with its number; whether it was there. */
export function remember(cpu: i32, name: i32): bool {
  const dentry: ptr = dcacheFindRcu(cpu, load(Cell.directory), name);
  store(Cell.kept, dentry);
  store(Cell.seq, foundSeq(cpu));
  return dentry !== 0;
}

/** Whether what is remembered is still what it was. */
export function same(): bool {
  const dentry: ptr = load(Cell.kept);
  return isSame(dentry, load(Cell.seq));
}

/** Takes a reference and keeps it. */
export function keep(cpu: i32, name: i32): void {
  store(Cell.kept, dcacheFind(cpu, load(Cell.directory), name));
}

export function dropKept(cpu: i32): void {
  dentryDrop(cpu, load(Cell.kept));
}

export function invalidateKept(cpu: i32): void {
  dInvalidate(cpu, load(Cell.kept));
}

export function putKept(cpu: i32): void {
  dput(cpu, load(Cell.kept));
}

/** References to what is kept, and to the directory: children keep it. */
export function keptCount(): i32 {
  const dentry: ptr = load(Cell.kept);
  return lockrefCount(lockrefOf(dentry));
}

export function directoryCount(): i32 {
  const directory: ptr = load(Cell.directory);
  return lockrefCount(lockrefOf(directory));
}

/** Entries on the directory's list, whose links back agree. */
export function children(): i32 {
  const directory: ptr = load(Cell.directory);
  let count: i32 = 0;
  let before: ptr = 0;
  let child: ptr = load(directory + Dentry.children);
  while (child !== 0) {
    const back: ptr = load(child + Dentry.childPrev);
    if (back !== before) violation(0, Verdict.assertion, child);
    count += 1;
    before = child;
    child = load(child + Dentry.childNext);
  }
  return count;
}

export function liveDentries(): i32 {
  return heapLive(ProcKind.dentry);
}

export function liveInodes(): i32 {
  return heapLive(ProcKind.inode);
}

// ---- the list of inodes ----

/** Makes inodes and drops them, `rounds` times, and one that stays. */
export function inodes(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) inodePut(cpu, inodeNew(cpu, 0, 1));
  inodeNew(cpu, 0, 1);
}

/** One inode with two references, and what is dropped of them. */
export function twice(cpu: i32): void {
  const inode: ptr = inodeNew(cpu, 0, 1);
  inodeGet(inode);
  store(Cell.kept, inode);
}

export function putInode(cpu: i32): void {
  inodePut(cpu, load(Cell.kept));
}

/** Inodes on the superblock's list, whose links back agree. */
export function listed(): i32 {
  let count: i32 = 0;
  let before: ptr = 0;
  let inode: ptr = load(DcacheGlobal.inodes);
  while (inode !== 0) {
    const back: ptr = load(inode + Inode.listPrev);
    if (back !== before) violation(0, Verdict.assertion, inode);
    count += 1;
    before = inode;
    inode = load(inode + Inode.listNext);
  }
  return count;
}

/** Takes everything down; what is alive after that was leaked. */
export function end(cpu: i32): void {
  const directory: ptr = load(Cell.directory);
  dInvalidate(cpu, directory);
  dput(cpu, directory);
  while (load(DcacheGlobal.inodes) !== 0) inodePut(cpu, load(DcacheGlobal.inodes));
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    runCallback(cpu, load(head + RcuHead.callback), head);
    head = rcuTake();
  }
}

export default {
  options: {
    lockTimes: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
    wholeEviction: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
  },
} satisfies ProgramMeta;

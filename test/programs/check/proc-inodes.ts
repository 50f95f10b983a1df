/**
 * Inodes of procfs under few actors: their list, and the end of one, which another CPU finds under RCU meanwhile.
 *
 * `broken` chooses a deliberate bug (`Bug`).
 */
import {
  Boot,
  coreBoot,
  heapAlloc,
  kernelGlobals,
  type ProgramMeta,
  RcuHead,
  Verdict,
  violation,
} from "refplay/kernel";
import {
  type bool,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
} from "refplay/machine";
import { runCallback } from "../../../src/kernel/procfs/callbacks.ts";
import { DcacheGlobal, Inode, inodeBytes } from "../../../src/kernel/procfs/dcache-layout.ts";
import { inodeNew, inodePut, inodeTryGet } from "../../../src/kernel/procfs/inodes.ts";
import { ProcKind } from "../../../src/kernel/procfs/kinds.ts";

/** Values of the option `broken`. */
export enum Bug {
  none = 0,
  /** A new inode goes on the list without the list's lock. */
  listUnlocked = 1,
  /** A look-up uses an inode that is being freed. */
  useFreeing = 2,
  /** A put that is not the last is a load and a store. */
  putWithStore = 3,
}

const broken: i32 = option("broken");

/** The inode, while it can be found: behind `kernelGlobals`, far enough for procfs' own. */
const found: ptr = kernelGlobals + 512;

export function bootList(): void {
  coreBoot();
}

/** Makes an inode and drops it, and makes one that stays. */
export function inodeUser(cpu: i32): void {
  if (broken !== Bug.listUnlocked) {
    inodePut(cpu, inodeNew(cpu, 0, 0));
    inodeNew(cpu, 0, 0);
    return;
  }
  const inode: ptr = heapAlloc(cpu, ProcKind.inode, inodeBytes);
  store(inode + Inode.pid, 0);
  store(inode + Inode.count, 1);
  store(inode + Inode.listPrev, 0);
  const first: ptr = load(DcacheGlobal.inodes);
  store(inode + Inode.listNext, first);
  if (first !== 0) store(first + Inode.listPrev, inode);
  store(DcacheGlobal.inodes, inode);
}

/** What stays is on the list, linked both ways; then it goes. */
export function listEnded(): void {
  const users: i32 = load(Boot.cpus) - 1;
  let listed: i32 = 0;
  let before: ptr = 0;
  let inode: ptr = load(DcacheGlobal.inodes);
  while (inode !== 0) {
    const back: ptr = load(inode + Inode.listPrev);
    if (back !== before) violation(0, Verdict.assertion, inode);
    listed += 1;
    before = inode;
    inode = load(inode + Inode.listNext);
  }
  if (listed !== users) violation(0, Verdict.assertion, DcacheGlobal.inodes);
  while (load(DcacheGlobal.inodes) !== 0) inodePut(users, load(DcacheGlobal.inodes));
}

// ---- the end of an inode ----

export function bootInode(): void {
  coreBoot();
  const cpu: i32 = load(Boot.cpus) - 1;
  store(found, inodeNew(cpu, 0, 1));
}

/** Finds the inode under RCU, uses it with a reference, drops it. */
export function finder(cpu: i32): void {
  rcuReadLock();
  const inode: ptr = load(found);
  const got: bool = inode !== 0 && inodeTryGet(inode);
  rcuReadUnlock();
  if (got || (broken === Bug.useFreeing && inode !== 0)) load(inode + Inode.what);
  if (got) put(cpu, inode);
}

function put(cpu: i32, inode: ptr): void {
  const seen: i32 = broken === Bug.putWithStore ? load(inode + Inode.count) : 0;
  if (seen > 1) store(inode + Inode.count, seen - 1);
  else inodePut(cpu, inode);
}

/** The owner has done with it. */
export function inodeOwner(cpu: i32): void {
  const inode: ptr = load(found);
  store(found, 0);
  put(cpu, inode);
}

/** Whoever was last has taken it off the list. */
export function inodeEnded(): void {
  if (load(DcacheGlobal.inodes) !== 0) violation(0, Verdict.assertion, DcacheGlobal.inodes);
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
    broken: { unit: "number", default: 0, min: 0, max: 3, doc: "A deliberate bug; 0: none." },
  },
} satisfies ProgramMeta;

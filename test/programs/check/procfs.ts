/**
 * procfs' locks and dcache under few actors: the queued spinlock, the mutex, a lockref whose object ends, the list of inodes, and
 * walks that meet the end of a process.
 *
 * `broken` chooses a deliberate bug (`Bug`).
 */
import {
  Boot,
  coreBoot,
  heapAlloc,
  heapFree,
  kernelGlobals,
  type ProgramMeta,
  RcuHead,
  rcuHeadBytes,
  Verdict,
  violation,
} from "refplay/kernel";
import {
  awaitNotEqual,
  type bool,
  callRcu,
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
import { dcacheBoot, dentryAdd, dentryNew, dput } from "../../../src/kernel/procfs/dcache.ts";
import { DcacheGlobal, Inode, inodeBytes } from "../../../src/kernel/procfs/dcache-layout.ts";
import { dInvalidate } from "../../../src/kernel/procfs/dcache-shrink.ts";
import { inodeNew, inodePut } from "../../../src/kernel/procfs/inodes.ts";
import { ProcKind } from "../../../src/kernel/procfs/kinds.ts";
import {
  lockrefCount,
  lockrefGetNotDead,
  lockrefInit,
  lockrefLock,
  lockrefMarkDead,
  lockrefPutNotLast,
  lockrefPutOrLock,
  lockrefUnlock,
} from "../../../src/kernel/procfs/lockref.ts";
import { Mutex, mutexLock, mutexUnlock } from "../../../src/kernel/procfs/mutex.ts";
import { LockBits, QueuedLock, queuedLock, queuedUnlock } from "../../../src/kernel/procfs/queued-lock.ts";
import { processNew } from "../../../src/kernel/procfs/tasks.ts";
import { pidEntryBytes, WalkGlobal } from "../../../src/kernel/procfs/walk/globals.ts";
import { walkPath } from "../../../src/kernel/procfs/walk/path-walk.ts";
import { goneFromProc } from "../../../src/kernel/procfs/walk/processes.ts";
import { WalkName } from "../../../src/kernel/procfs/walk/walk-names.ts";

/** Values of the option `broken`. */
export enum Bug {
  none = 0,
  /** The lock is taken with a load and a store. */
  takeWithStore = 1,
  /** A look-up uses the object although it is dead. */
  useDead = 2,
  /** The last put leaves the count at 1, and not dead. */
  leaveAlive = 3,
  /** Whether a put is the last is decided before the lock is taken. */
  decideUnlocked = 4,
  /** Whoever has seen the mutex free takes it with a store. */
  takeMutexWithStore = 5,
  /** A new inode goes on the list without the list's lock. */
  listUnlocked = 6,
}

const broken: i32 = option("broken");

/** Cells behind `kernelGlobals`, far enough for procfs' own. */
export enum Shared {
  lock = 512,
  /** What the lock protects. */
  inside = 576,
  /** The object, while it can be found. */
  object = 640,
}

/** The object. */
export enum Scratch {
  ref = 0,
  value = 8,
  rcu = 16,
  end = rcu + rcuHeadBytes,
}

const scratchKind: i32 = ProcKind.table;
const freeScratch: i32 = 15;

function shared(cell: i32): ptr {
  return kernelGlobals + cell;
}

// ---- the lock ----

export function bootLock(): void {
  coreBoot();
}

/** Nobody else is inside until `leave`. */
function enter(cpu: i32): void {
  if (load(shared(Shared.inside)) !== 0) violation(cpu, Verdict.assertion, shared(Shared.inside));
  store(shared(Shared.inside), cpu + 1);
}

function leave(cpu: i32): void {
  if (load(shared(Shared.inside)) !== cpu + 1) violation(cpu, Verdict.assertion, shared(Shared.inside));
  store(shared(Shared.inside), 0);
}

function take(cpu: i32): void {
  if (broken === Bug.takeWithStore) {
    const seen: i32 = load(shared(Shared.lock) + QueuedLock.word);
    if ((seen & LockBits.busy) === 0) {
      store(shared(Shared.lock) + QueuedLock.word, LockBits.locked);
      return;
    }
  }
  queuedLock(cpu, shared(Shared.lock));
}

/** Nobody else is inside meanwhile. */
export function locker(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    take(cpu);
    enter(cpu);
    leave(cpu);
    queuedUnlock(shared(Shared.lock));
  }
}

/** The same with the mutex. */
export function mutexLocker(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    takeMutex(cpu);
    enter(cpu);
    leave(cpu);
    mutexUnlock(shared(Shared.lock));
  }
}

function takeMutex(cpu: i32): void {
  if (broken !== Bug.takeMutexWithStore) {
    mutexLock(cpu, shared(Shared.lock));
    return;
  }
  // Whoever sees the mutex free believes to be the first of the queue.
  const seen: i32 = load(shared(Shared.lock) + Mutex.owner);
  if (seen !== 0) awaitNotEqual(shared(Shared.lock) + Mutex.owner, seen);
  store(shared(Shared.lock) + Mutex.owner, cpu + 1);
}

/** Nobody has the mutex and nobody queues. */
export function mutexEnded(): void {
  const rest: i32 = load(shared(Shared.lock) + Mutex.owner) | load(shared(Shared.lock) + Mutex.tail);
  if (rest !== 0) violation(0, Verdict.assertion, shared(Shared.lock));
}

/** Nobody waits for a lock that nobody has. */
export function lockEnded(): void {
  const word: i32 = load(shared(Shared.lock) + QueuedLock.word);
  const tail: i32 = load(shared(Shared.lock) + QueuedLock.tail);
  if ((word | tail) !== 0) violation(0, Verdict.assertion, shared(Shared.lock));
}

// ---- the lockref ----

export function bootRef(): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  const object: ptr = heapAlloc(cpus - 1, scratchKind, Scratch.end);
  lockrefInit(object + Scratch.ref, 1);
  store(object + Scratch.value, 1);
  store(shared(Shared.object), object);
}

function drop(cpu: i32, object: ptr): void {
  if (broken === Bug.decideUnlocked) {
    if (lockrefPutNotLast(object + Scratch.ref)) return;
    // Somebody may have got a reference meanwhile; whether it is dead is all that is asked.
    lockrefLock(cpu, object + Scratch.ref);
    if (lockrefCount(object + Scratch.ref) < 0) {
      lockrefUnlock(object + Scratch.ref);
      return;
    }
  } else if (lockrefPutOrLock(cpu, object + Scratch.ref)) return;
  if (broken !== Bug.leaveAlive) lockrefMarkDead(object + Scratch.ref);
  store(shared(Shared.object), 0);
  lockrefUnlock(object + Scratch.ref);
  callRcu(object + Scratch.rcu, freeScratch);
}

/** Finds the object under RCU, uses it with a reference, drops it. */
export function user(cpu: i32): void {
  rcuReadLock();
  const object: ptr = load(shared(Shared.object));
  const got: bool = object !== 0 && lockrefGetNotDead(cpu, object + Scratch.ref);
  rcuReadUnlock();
  if (got || (broken === Bug.useDead && object !== 0)) load(object + Scratch.value);
  if (got) drop(cpu, object);
}

/** The owner has done with it. */
export function owner(cpu: i32): void {
  drop(cpu, load(shared(Shared.object)));
}

// ---- the list of inodes ----

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

// ---- the dcache ----

/** Process 0 in procfs, whose root has a name in `/`; made by a CPU that no actor has. */
export function bootWalk(): void {
  coreBoot();
  const cpu: i32 = load(Boot.cpus) - 1;
  dcacheBoot(cpu, 0);
  const table: ptr = heapAlloc(cpu, scratchKind, pidEntryBytes);
  store(WalkGlobal.table, table);
  store(WalkGlobal.pids, 1);
  const root: ptr = dentryNew(cpu, 0, 0, inodeNew(cpu, 0, 0), 0);
  const mountPoint: ptr = dentryAdd(cpu, dentryNew(cpu, root, WalkName.proc, inodeNew(cpu, 0, 0), 0));
  const proc: ptr = dentryNew(cpu, 0, 0, inodeNew(cpu, 0, 0), 0);
  store(WalkGlobal.root, root);
  store(WalkGlobal.mountPoint, mountPoint);
  store(WalkGlobal.proc, proc);
  processNew(cpu, table, 0);
}

/** Makes the process's directory known, so that walks find it. */
export function warm(): void {
  const cpu: i32 = load(Boot.cpus) - 1;
  const directory: ptr = walkPath(cpu, 0, 0);
  if (directory !== 0) dput(cpu, directory);
}

export function walker(cpu: i32): void {
  const directory: ptr = walkPath(cpu, 0, 0);
  if (directory !== 0) dput(cpu, directory);
}

/** Walks to a file of the process. */
export function fileWalker(cpu: i32): void {
  const file: ptr = walkPath(cpu, 0, WalkName.stat);
  if (file !== 0) dput(cpu, file);
}

/** The process exits. */
export function exiter(cpu: i32): void {
  goneFromProc(cpu, 0);
}

/** What is left then is taken down; whatever is alive after that was leaked. */
export function ended(): void {
  const cpu: i32 = load(Boot.cpus) - 1;
  goneFromProc(cpu, 0);
  const proc: ptr = load(WalkGlobal.proc);
  dInvalidate(cpu, proc);
  dput(cpu, proc);
  const mountPoint: ptr = load(WalkGlobal.mountPoint);
  dInvalidate(cpu, mountPoint);
  dput(cpu, mountPoint);
  dput(cpu, load(WalkGlobal.root));
  heapFree(cpu, load(WalkGlobal.table));
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    if (id === freeScratch) heapFree(cpu, head - Scratch.rcu);
    else runCallback(cpu, id, head);
    head = rcuTake();
  }
}

export default {
  options: {
    rcuRevalidate: { unit: "0/1", default: 1, min: 0, max: 1, doc: "As in the program of proc-walk." },
    lockTimes: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
    wholeEviction: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
    broken: { unit: "number", default: 0, min: 0, max: 6, doc: "A deliberate bug; 0: none." },
  },
} satisfies ProgramMeta;

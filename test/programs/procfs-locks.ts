/** The queued spinlock and the lockref as entries of one program, with what they protect beside them. */
import { coreBoot, kernelGlobals, type ProgramMeta, Verdict, violation } from "refplay/kernel";
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import {
  lockrefCount,
  lockrefGet,
  lockrefGetNotDead,
  lockrefGetNotZero,
  lockrefInit,
  lockrefLock,
  lockrefMarkDead,
  lockrefPutNotLast,
  lockrefPutOrLock,
  lockrefUnlock,
  lockrefUnlockAdd,
} from "../../src/kernel/procfs/lockref.ts";
import { QueuedLock, queuedLock, queuedUnlock } from "../../src/kernel/procfs/queued-lock.ts";

/** Cells behind `kernelGlobals`, each on its own line. */
enum Cell {
  lock = 0,
  /** What the lock protects: equal whenever nobody is inside. */
  first = 64,
  second = 128,
  ref = 192,
  /** 1 once the object behind the lockref is gone. */
  gone = 256,
}

function cell(which: i32): ptr {
  return kernelGlobals + which;
}

export function boot(count: i32): void {
  coreBoot();
  lockrefInit(cell(Cell.ref), count);
}

/** `rounds` times both cells are counted up, under `lock`. */
function countUp(cpu: i32): void {
  const first: i32 = load(cell(Cell.first));
  store(cell(Cell.first), first + 1);
  const second: i32 = load(cell(Cell.second));
  if (second !== first) violation(cpu, Verdict.assertion, cell(Cell.first));
  store(cell(Cell.second), second + 1);
}

export function underQueuedLock(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    queuedLock(cpu, cell(Cell.lock));
    countUp(cpu);
    queuedUnlock(cell(Cell.lock));
  }
}

/** The same under the lock of the lockref, whose count others change meanwhile. */
export function underLockref(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    lockrefLock(cpu, cell(Cell.ref));
    countUp(cpu);
    lockrefUnlock(cell(Cell.ref));
  }
}

export function counted(): i32 {
  return load(cell(Cell.first));
}

/** The lock's word and its queue: 0 whenever nobody has or wants it. */
export function restOfLock(): i32 {
  return load(cell(Cell.lock) + QueuedLock.word) | load(cell(Cell.lock) + QueuedLock.tail);
}

export function restOfLockref(): i32 {
  return (load(cell(Cell.ref) + QueuedLock.word) & 3) | load(cell(Cell.ref) + QueuedLock.tail);
}

/** Takes and drops references for who has one. */
export function getAndPut(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    lockrefGet(cpu, cell(Cell.ref));
    const put: bool = lockrefPutOrLock(cpu, cell(Cell.ref));
    if (!put) violation(cpu, Verdict.assertion, cell(Cell.ref));
  }
}

/** Takes references as long as the object is there, and ends it with the last; how many it got. */
export function user(cpu: i32, rounds: i32): i32 {
  let got: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    if (!lockrefGetNotDead(cpu, cell(Cell.ref))) return got;
    got += 1;
    if (load(cell(Cell.gone)) !== 0) violation(cpu, Verdict.useAfterFree, cell(Cell.ref));
    drop(cpu);
  }
  return got;
}

/** Drops a reference; the last ends the object. */
export function drop(cpu: i32): void {
  if (lockrefPutOrLock(cpu, cell(Cell.ref))) return;
  lockrefMarkDead(cell(Cell.ref));
  store(cell(Cell.gone), load(cell(Cell.gone)) + 1);
  lockrefUnlock(cell(Cell.ref));
}

export function ends(): i32 {
  return load(cell(Cell.gone));
}

// ---- one at a time ----

export function get(cpu: i32): void {
  lockrefGet(cpu, cell(Cell.ref));
}

export function getNotZero(cpu: i32): bool {
  return lockrefGetNotZero(cpu, cell(Cell.ref));
}

export function getNotDead(cpu: i32): bool {
  return lockrefGetNotDead(cpu, cell(Cell.ref));
}

export function putNotLast(): bool {
  return lockrefPutNotLast(cell(Cell.ref));
}

export function putOrLock(cpu: i32): bool {
  return lockrefPutOrLock(cpu, cell(Cell.ref));
}

export function unlockAdd(amount: i32): void {
  lockrefUnlockAdd(cell(Cell.ref), amount);
}

export function lock(cpu: i32): void {
  lockrefLock(cpu, cell(Cell.ref));
}

export function markDead(): void {
  lockrefMarkDead(cell(Cell.ref));
}

export function unlock(): void {
  lockrefUnlock(cell(Cell.ref));
}

export function count(): i32 {
  return lockrefCount(cell(Cell.ref));
}

export default { options: {} } satisfies ProgramMeta;

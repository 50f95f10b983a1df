/**
 * procfs' locks under few actors: the queued spinlock and the mutex, one at a time is inside.
 *
 * `broken` chooses a deliberate bug (`Bug`).
 */
import { coreBoot, kernelGlobals, type ProgramMeta, Verdict, violation } from "refplay/kernel";
import { awaitNotEqual, type i32, load, option, type ptr, store } from "refplay/machine";
import { Mutex, mutexLock, mutexUnlock } from "../../../src/kernel/procfs/mutex.ts";
import { LockBits, QueuedLock, queuedLock, queuedUnlock } from "../../../src/kernel/procfs/queued-lock.ts";

/** Values of the option `broken`. */
export enum Bug {
  none = 0,
  /** The lock is taken with a load and a store. */
  takeWithStore = 1,
  /** Whoever has seen the mutex free takes it with a store. */
  takeMutexWithStore = 2,
}

const broken: i32 = option("broken");

/** Cells behind `kernelGlobals`, far enough for procfs' own. */
export enum Shared {
  lock = 512,
  /** What the lock protects. */
  inside = 576,
}

function shared(cell: i32): ptr {
  return kernelGlobals + cell;
}

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

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 2, doc: "A deliberate bug; 0: none." },
  },
} satisfies ProgramMeta;

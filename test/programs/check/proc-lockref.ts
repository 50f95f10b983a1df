/**
 * An object with a lockref under few actors: it is looked up under RCU while its last reference goes.
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
  rcuHeadBytes,
} from "refplay/kernel";
import {
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

/** Values of the option `broken`. */
export enum Bug {
  none = 0,
  /** A look-up uses the object although it is dead. */
  useDead = 1,
  /** The last put leaves the count at 1, and not dead. */
  leaveAlive = 2,
  /** Whether a put is the last is decided before the lock is taken. */
  decideUnlocked = 3,
}

const broken: i32 = option("broken");

/** The object, while it can be found: behind `kernelGlobals`, far enough for procfs' own. */
const found: ptr = kernelGlobals + 512;

/** The object. */
export enum Scratch {
  ref = 0,
  value = 8,
  rcu = 16,
  end = rcu + rcuHeadBytes,
}

const freeScratch: i32 = 1;

export function bootRef(): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  const object: ptr = heapAlloc(cpus - 1, ProcKind.table, Scratch.end);
  lockrefInit(object + Scratch.ref, 1);
  store(object + Scratch.value, 1);
  store(found, object);
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
  store(found, 0);
  lockrefUnlock(object + Scratch.ref);
  callRcu(object + Scratch.rcu, freeScratch);
}

/** Finds the object under RCU, uses it with a reference, drops it. */
export function user(cpu: i32): void {
  rcuReadLock();
  const object: ptr = load(found);
  const got: bool = object !== 0 && lockrefGetNotDead(cpu, object + Scratch.ref);
  rcuReadUnlock();
  if (got || (broken === Bug.useDead && object !== 0)) load(object + Scratch.value);
  if (got) drop(cpu, object);
}

/** The owner has done with it. */
export function owner(cpu: i32): void {
  drop(cpu, load(found));
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    heapFree(cpu, head - Scratch.rcu);
    head = rcuTake();
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 3, doc: "A deliberate bug; 0: none." },
  },
} satisfies ProgramMeta;

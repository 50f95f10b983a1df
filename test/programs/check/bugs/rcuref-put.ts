/**
 * rcuref_t counts references minus one; the put that comes to -1 decides by a compare-exchange to "dead". Between the two a look-up
 * may take a reference and drop it again, so that two puts have come to -1: one of them marks the count dead, and the other has to
 * know that this is no put too many.
 *
 * `broken` 1: the kernel before b9a49520679e, where a late put reads the count again instead of going by what its own
 * subtraction returned.
 */
import {
  Boot,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelGlobals,
  Mark,
  type ProgramMeta,
  rcuHeadBytes,
  warn,
} from "refplay/kernel";
import {
  type bool,
  callRcu,
  compareExchange,
  fetchAdd,
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

const broken: i32 = option("broken");
const noReference: i32 = -1;
const dead: i32 = -0x20000000;

/** The object. */
export enum Scratch {
  count = 0,
  payload = 8,
  rcu = 16,
  end = rcu + rcuHeadBytes,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** The object that look-ups find, or 0. */
  slot = 0,
}

const slot: ptr = kernelGlobals + Shared.slot;
const freeObject: i32 = 1;

export function boot(): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  const object: ptr = heapAlloc(cpus - 1, Kind.scratch, Scratch.end);
  store(object + Scratch.count, 0);
  store(slot, object);
}

function tryGet(object: ptr): bool {
  const before: i32 = fetchAdd(object + Scratch.count, 1);
  if (before + 1 >= 0) return true;
  store(object + Scratch.count, dead);
  return false;
}

function drop(cpu: i32, object: ptr): void {
  rcuReadLock();
  const before: i32 = fetchAdd(object + Scratch.count, -1);
  if (before - 1 < 0) latePut(cpu, object, before - 1);
  rcuReadUnlock();
}

/** A put whose subtraction left the count at `left`, below 0. */
function latePut(cpu: i32, object: ptr, left: i32): void {
  let count: i32 = left;
  if (broken !== 0) count = load(object + Scratch.count);
  if (count === noReference) {
    const found: i32 = compareExchange(object + Scratch.count, noReference, dead);
    if (found === noReference) callRcu(object + Scratch.rcu, freeObject);
  } else if (count < 0) {
    // "imbalanced put()"
    warn(cpu, Mark.underflow, object);
    store(object + Scratch.count, dead);
  }
}

/** Looks the object up, uses it and drops it. */
export function reader(cpu: i32): void {
  rcuReadLock();
  const object: ptr = load(slot);
  const taken: bool = object !== 0 && tryGet(object);
  rcuReadUnlock();
  if (taken) {
    load(object + Scratch.payload);
    drop(cpu, object);
  }
}

/** Takes the object out of the slot and drops it. */
export function owner(cpu: i32): void {
  const object: ptr = load(slot);
  storeRelease(slot, 0);
  drop(cpu, object);
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
    broken: { unit: "number", default: 0, min: 0, max: 1, doc: "1: before the fix." },
  },
} satisfies ProgramMeta;

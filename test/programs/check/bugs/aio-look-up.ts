/**
 * An AIO context is looked up in a list under RCU while it is destroyed: out of the list, last count dropped, freed after a grace
 * period. The read section keeps the memory, not the count.
 *
 * `broken` 1: the kernel before 3bd9a5d734c7, whose look-up adds to the count whatever it is.
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
  storeRelease,
} from "refplay/machine";
import { get, put, tryGet } from "./count.ts";

const broken: i32 = option("broken");

/** The context. */
export enum Scratch {
  users = 0,
  ring = 8,
  rcu = 16,
  end = rcu + rcuHeadBytes,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** The list, of one context at most. */
  list = 0,
}

const list: ptr = kernelGlobals + Shared.list;
const freeContext: i32 = 1;

export function boot(): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  const context: ptr = heapAlloc(cpus - 1, Kind.scratch, Scratch.end);
  store(context + Scratch.users, 1);
  store(list, context);
}

function drop(context: ptr): void {
  if (put(context + Scratch.users)) callRcu(context + Scratch.rcu, freeContext);
}

function take(context: ptr): bool {
  if (broken === 0) return tryGet(context + Scratch.users);
  get(context + Scratch.users);
  return true;
}

/** Submits: looks the context up, uses its ring and drops it. */
export function submitter(_cpu: i32): void {
  rcuReadLock();
  const context: ptr = load(list);
  const taken: bool = context !== 0 && take(context);
  rcuReadUnlock();
  if (taken) {
    load(context + Scratch.ring);
    drop(context);
  }
}

/** Destroys the context. */
export function destroyer(_cpu: i32): void {
  const context: ptr = load(list);
  storeRelease(list, 0);
  drop(context);
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

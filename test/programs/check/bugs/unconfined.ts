/**
 * A namespace of AppArmor points to its profile `unconfined`. When the namespace is removed, its users are to go on with the
 * parent's. The pointer was read by whoever looked at it, without a lock and outside RCU.
 *
 * `broken` 1: the kernel before fa2ac468db51, after which users come to the successor by a forward pointer, in a read section, and
 * take only what is still counted.
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
import { get, put, tryGet } from "./count.ts";

const broken: i32 = option("broken");

/** A profile. */
export enum Profile {
  count = 0,
  rules = 8,
  rcu = 16,
  end = rcu + rcuHeadBytes,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** What is unconfined in the namespace now; has a count. */
  unconfined = 0,
  /** The parent's; has a count, too. */
  parents = 64,
}

const unconfined: ptr = kernelGlobals + Shared.unconfined;
const parents: ptr = kernelGlobals + Shared.parents;
const freeProfile: i32 = 1;

export function boot(): void {
  coreBoot();
  store(unconfined, make());
  store(parents, make());
}

function make(): ptr {
  const cpus: i32 = load(Boot.cpus);
  const profile: ptr = heapAlloc(cpus - 1, Kind.profile, Profile.end);
  store(profile + Profile.count, 1);
  return profile;
}

function drop(profile: ptr): void {
  if (put(profile + Profile.count)) callRcu(profile + Profile.rcu, freeProfile);
}

/** The profile that is unconfined now, with a count for the caller. */
function obtain(): ptr {
  if (broken !== 0) {
    const found: ptr = load(unconfined);
    get(found + Profile.count);
    return found;
  }
  rcuReadLock();
  // Fails only where the pointer was redirected after it was read.
  let profile: ptr = load(unconfined);
  while (!tryGet(profile + Profile.count)) profile = load(unconfined);
  rcuReadUnlock();
  return profile;
}

/** Begins to be unconfined, and ends it. */
export function user(_cpu: i32): void {
  const profile: ptr = obtain();
  load(profile + Profile.rules);
  drop(profile);
}

/** Removes the namespace. */
export function remover(_cpu: i32): void {
  const successor: ptr = load(parents);
  const before: ptr = load(unconfined);
  get(successor + Profile.count);
  storeRelease(unconfined, successor);
  drop(before);
}

/** The end: the parent goes, too. */
export function clear(): void {
  drop(load(unconfined));
  drop(load(parents));
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    heapFree(cpu, head - Profile.rcu);
    head = rcuTake();
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 1, doc: "1: before the fix." },
  },
} satisfies ProgramMeta;

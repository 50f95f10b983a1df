/**
 * Profile names. The host numbers all names that will occur before anything runs; the kernel knows for each number what a name
 * tells: its namespace, its place in the order of names, its parent, and which version of a profile has the name now.
 *
 * The last is the profile list (ns->base.profiles): changed under the policy's mutex, looked up under RCU.
 */
import { type bool, type i32, load, loadAcquire, type ptr, store, storeRelease, u32 } from "refplay/machine";
import { heapReserve } from "./core/heap.ts";
import { KernelGlobal } from "./globals.ts";

/** Offsets of what is known of a name. */
export enum ProfileName {
  /** The newest version of the profile, or 0. */
  profile = 0,
  /** Index of the namespace plus 1; 0: the name was not given yet. */
  namespace = 8,
  /** Place in the kernel's order of names: namespace level, namespace, name. */
  rank = 12,
  /** Index of the profile that this one is a child of; 0: of none. */
  parent = 16,
  /** 1 for a hat: a child that its parent's tasks can change to and back. */
  hat = 20,
}

const nameBytes: i32 = 24;

/** Makes room for `count` names, 1 or more. Whether memory was enough. */
export function namesBoot(cpu: i32, count: i32): bool {
  const table: ptr = heapReserve(cpu, count * nameBytes);
  if (table === 0) return false;
  store(KernelGlobal.names, table);
  store(KernelGlobal.nameCount, count);
  return true;
}

/** The name of that index, or 0. */
export function nameOf(index: i32): ptr {
  const count: i32 = load(KernelGlobal.nameCount);
  if (u32(index) >= u32(count)) return 0;
  const table: ptr = load(KernelGlobal.names);
  return table + index * nameBytes;
}

/** Says to which namespace a name belongs and where it is in the order. */
export function nameGive(name: ptr, namespace: i32, rank: i32): void {
  store(name + ProfileName.namespace, namespace + 1);
  store(name + ProfileName.rank, rank);
}

/** Says whose child a name is, and whether it is a hat. */
export function nameChild(name: ptr, parent: i32, hat: i32): void {
  store(name + ProfileName.parent, parent);
  store(name + ProfileName.hat, hat);
}

/** Index of the name's namespace, -1 where nothing was said of it yet. */
export function nameNamespace(name: ptr): i32 {
  const namespace: i32 = load(name + ProfileName.namespace);
  return namespace - 1;
}

/** The profile that has the name now, or 0; under the policy's mutex, or inside a read section that keeps it readable. */
export function nameProfile(name: ptr): ptr {
  return loadAcquire(name + ProfileName.profile);
}

/** Gives the name to another version, or to none. Who finds a profile must find it complete. */
export function nameAssign(name: ptr, profile: ptr): void {
  storeRelease(name + ProfileName.profile, profile);
}

/**
 * The policy namespace (struct aa_ns, security/apparmor/policy_ns.c): its lock, its list of profiles and its `unconfined`
 * profile. There is one, the root; child namespaces, whose removal leads to the parent's unconfined, come with the text
 * form of labels.
 *
 * Entry i of the list is profile i, entry 0 is `unconfined`; the entry of a removed profile is 0.
 */
import {
  type bool,
  type i32,
  load,
  loadAcquire,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  u32,
} from "refplay/machine";
import { ScriptError } from "./audit.ts";
import { heapAlloc, heapFree, heapReserve } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { LabelFlags } from "./core/label-layout.ts";
import { spinLock, spinUnlock } from "./core/spinlock.ts";
import { KernelGlobal, pointerBytes } from "./globals.ts";
import { profileAlloc, profileDrop, profileLabel, profilePublish, profileUnlist } from "./profile.ts";
import { labelGet, labelTryGet } from "./reference.ts";
import { scriptError } from "./script-errors.ts";

/** Offsets of a namespace. */
export enum Namespace {
  /** Policy changes exclude each other (the kernel has a mutex). */
  lock = 0,
  /** The parent, 0 for the root. */
  parent = 8,
  /** Distance from the root. */
  level = 16,
  /** Table of profiles and its length, on a line of their own: look-ups read them without the lock, under RCU. */
  profiles = 64,
  profileCount = 72,
}

const namespaceBytes = 128;

/** Makes the root namespace with its unconfined profile and `profiles` others. Whether memory was enough. */
export function namespaceBoot(cpu: i32, profiles: i32): bool {
  const namespace: ptr = heapAlloc(cpu, Kind.namespace, namespaceBytes);
  const count: i32 = profiles + 1;
  const table: ptr = heapReserve(cpu, count * pointerBytes);
  if (namespace === 0 || table === 0) return false;
  store(namespace + Namespace.lock, 0);
  store(namespace + Namespace.parent, 0);
  store(namespace + Namespace.level, 0);
  store(namespace + Namespace.profiles, table);
  store(namespace + Namespace.profileCount, 0);
  store(KernelGlobal.rootNamespace, namespace);
  for (let index: i32 = 0; index < count; index += 1) {
    const profile: ptr = profileAlloc(cpu, namespace, index, index === 0 ? LabelFlags.unconfined : 0);
    if (profile === 0) return false;
    profilePublish(cpu, table + index * pointerBytes, profile);
    // Counted one by one, so that a boot that ran out of memory can be dismantled.
    store(namespace + Namespace.profileCount, index + 1);
  }
  return true;
}

/** The entry of profile `index` in the list, or 0 where the index is outside. */
function entryOf(namespace: ptr, index: i32): ptr {
  if (namespace === 0) return 0;
  const count: i32 = load(namespace + Namespace.profileCount);
  if (u32(index) >= u32(count)) return 0;
  const table: ptr = load(namespace + Namespace.profiles);
  return table + index * pointerBytes;
}

/** The label of the namespace's unconfined profile, which stays until `namespaceDismantle`. */
export function unconfinedLabel(namespace: ptr): ptr {
  const table: ptr = load(namespace + Namespace.profiles);
  const profile: ptr = load(table);
  return profileLabel(profile);
}

/**
 * The label of a profile without any reference, for a script that does not remove the profile meanwhile; 0 where there is
 * no such profile.
 */
export function listedLabel(index: i32): ptr {
  const entry: ptr = entryOf(load(KernelGlobal.rootNamespace), index);
  if (entry === 0) return 0;
  const profile: ptr = loadAcquire(entry);
  if (profile === 0) return 0;
  return profileLabel(profile);
}

/**
 * Takes a reference to the label of profile `index` into `holder`; of the unconfined profile where that one is removed.
 * False (and a script error) where the index was never one.
 */
export function labelOfProfile(cpu: i32, holder: ptr, index: i32): bool {
  const namespace: ptr = load(KernelGlobal.rootNamespace);
  const entry: ptr = entryOf(namespace, index);
  if (entry === 0) {
    scriptError(cpu, ScriptError.badProfile);
    return false;
  }
  rcuReadLock();
  const profile: ptr = loadAcquire(entry);
  // The profile and its label stay readable in this section; whether the label still lives only tryGet knows.
  const found: bool = profile !== 0 && labelTryGet(cpu, holder, profileLabel(profile));
  rcuReadUnlock();
  if (!found) labelGet(cpu, holder, unconfinedLabel(namespace));
  return true;
}

/** Removes a profile: its users go over to the namespace's unconfined one by one (aa_remove_profiles). */
export function removeProfile(cpu: i32, index: i32): void {
  const namespace: ptr = load(KernelGlobal.rootNamespace);
  const entry: ptr = index === 0 ? 0 : entryOf(namespace, index);
  if (entry === 0) {
    scriptError(cpu, ScriptError.badProfile);
    return;
  }
  spinLock(namespace + Namespace.lock);
  const profile: ptr = load(entry);
  if (profile !== 0) profileUnlist(cpu, entry, profile, unconfinedLabel(namespace));
  spinUnlock(namespace + Namespace.lock);
  // Whoever emptied the entry owns the list's reference.
  if (profile === 0) {
    scriptError(cpu, ScriptError.badProfile);
  } else {
    profileDrop(cpu, profile);
  }
}

/** The end of the policy: every profile goes, `unconfined` last, then the namespace. Nobody else runs. */
export function namespaceDismantle(cpu: i32): void {
  const namespace: ptr = load(KernelGlobal.rootNamespace);
  if (namespace === 0) return;
  const table: ptr = load(namespace + Namespace.profiles);
  const count: i32 = load(namespace + Namespace.profileCount);
  for (let index: i32 = count - 1; index >= 0; index -= 1) {
    const entry: ptr = table + index * pointerBytes;
    const profile: ptr = load(entry);
    if (profile === 0) continue;
    // Nobody can look for a newer version of the last one, so it is not marked stale either.
    if (index > 0) profileUnlist(cpu, entry, profile, unconfinedLabel(namespace));
    profileDrop(cpu, profile);
  }
  store(KernelGlobal.rootNamespace, 0);
  heapFree(cpu, namespace);
}

/**
 * Changes of policy (aa_replace_profiles, aa_remove_profiles, security/apparmor/policy.c; aa_create_ns, aa_remove_ns and
 * destroy_ns, policy_ns.c; v6.6): profiles are loaded in sets, replaced and removed, namespaces created and destroyed.
 *
 * One mutex is over all of it. (The kernel has one for each namespace, nested; changes of different namespaces then run side by
 * side. They still meet in the label sets of the namespaces below.) Holders of labels are never waited for: they find the
 * successor when they look next.
 *
 * The kernel brings compounds up to date in the namespace of the change and those below it. A compound of two namespaces of
 * which neither is below the other stays as it is there, until it is merged again. Here the sets of all later namespaces are
 * looked at, which is every set that such a compound can be in.
 */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { namespaceClass } from "refplay/strategy";
import { PolicyError, ScriptError } from "./audit.ts";
import { renewSet } from "./compound.ts";
import { Counter } from "./core/counter-names.ts";
import { count } from "./core/counters.ts";
import { LabelFlags } from "./core/label-layout.ts";
import { mutexLock, mutexUnlock } from "./core/mutex.ts";
import { PolicyMode } from "./events.ts";
import { KernelGlobal } from "./globals.ts";
import { nameAssign, nameNamespace, nameOf, nameProfile, ProfileName } from "./names.ts";
import {
  Namespace,
  namespaceAlloc,
  namespaceAssign,
  namespaceLimit,
  namespaceOf,
  namespacePut,
} from "./namespace.ts";
import { Profile, profileAlloc, profileDrop, profileEnd, profilePublish, profileReplace } from "./profile.ts";
import { labelOfUnconfined } from "./profile-list.ts";
import { scriptError } from "./script-errors.ts";

/** Begins a change of policy; waits while another one is made. */
export function policyLock(): void {
  mutexLock(KernelGlobal.policyLock);
}

export function policyUnlock(): void {
  mutexUnlock(KernelGlobal.policyLock);
}

/** Brings the compounds up to date that can have a profile of namespace `from`. Under the mutex. */
export function renewSets(cpu: i32, from: i32): void {
  const limit: i32 = namespaceLimit();
  for (let index: i32 = from; index < limit; index += 1) {
    const namespace: ptr = namespaceOf(index);
    if (namespace !== 0) renewSet(cpu, namespace + Namespace.set);
  }
}

/** Drops a chain of profiles (by `Profile.next`) that left the list. May sleep. */
export function dropAll(cpu: i32, first: ptr): void {
  let profile: ptr = first;
  while (profile !== 0) {
    const next: ptr = load(profile + Profile.next);
    profileDrop(cpu, profile);
    profile = next;
  }
}

/**
 * Gives profile `index`, whose name is known, to `fresh`, which may replace a version. Under the mutex. The replaced one, chained
 * before `dropped`, or `dropped`.
 */
export function installProfile(cpu: i32, index: i32, fresh: ptr, dropped: ptr): ptr {
  const name: ptr = nameOf(index);
  const old: ptr = nameProfile(name);
  // The list first: who looks the name up gets the new version from now on, who has the old label is told next.
  nameAssign(name, fresh);
  if (old === 0) {
    profilePublish(cpu, fresh);
    return dropped;
  }
  profileReplace(cpu, old, fresh);
  count(cpu, Counter.policyUpdates, 1);
  store(old + Profile.next, dropped);
  return old;
}

/** Takes the profile of a name off the list, for the label `target`. Under the mutex. It, chained before `dropped`. */
function endProfile(cpu: i32, name: ptr, target: ptr, dropped: ptr): ptr {
  const profile: ptr = nameProfile(name);
  nameAssign(name, 0);
  profileEnd(cpu, profile, target);
  count(cpu, Counter.policyUpdates, 1);
  store(profile + Profile.next, dropped);
  return profile;
}

/** Whether `index` is, or is below, the profile `ancestor`. */
function isProfileBelow(index: i32, ancestor: i32): bool {
  let at: i32 = index;
  while (at !== ancestor && at !== 0) at = load(nameOf(at) + ProfileName.parent);
  return at === ancestor;
}

/** Whether that name is a namespace's unconfined. */
export function isUnconfinedName(index: i32): bool {
  const namespace: ptr = namespaceOf(nameNamespace(nameOf(index)));
  if (namespace === 0) return false;
  const unconfined: i32 = load(namespace + Namespace.unconfined);
  return unconfined === index;
}

/**
 * Removes a profile and its children: their users go over to the namespace's unconfined one by one. A `PolicyError`: noEntry for one
 * that is not there, and for an unconfined one, which is on no list.
 */
export function removeProfile(cpu: i32, index: i32): i32 {
  const name: ptr = nameOf(index);
  if (name === 0) {
    scriptError(cpu, ScriptError.badProfile);
    return PolicyError.noEntry;
  }
  policyLock();
  if (nameProfile(name) === 0 || isUnconfinedName(index)) {
    policyUnlock();
    return PolicyError.noEntry;
  }
  const namespace: i32 = nameNamespace(name);
  const target: ptr = labelOfUnconfined(load(namespaceOf(namespace) + Namespace.unconfined));
  const names: i32 = load(KernelGlobal.nameCount);
  let dropped: ptr = 0;
  for (let at: i32 = 1; at < names; at += 1) {
    const below: ptr = nameOf(at);
    if (nameProfile(below) !== 0 && isProfileBelow(at, index)) {
      dropped = endProfile(cpu, below, target, dropped);
    }
  }
  renewSets(cpu, namespace);
  policyUnlock();
  dropAll(cpu, dropped);
  return PolicyError.done;
}

/**
 * Creates namespace `index` inside `parent`, with profile `unconfined` for its unconfined, the name of which was given. A
 * `PolicyError`.
 */
export function createNamespace(cpu: i32, index: i32, parent: i32, unconfined: i32): i32 {
  // The root is always there, and has no parent to be named.
  if (index === 0) return PolicyError.exists;
  const name: ptr = nameOf(unconfined);
  if (name === 0 || nameNamespace(name) !== index || index <= parent || index >= namespaceLimit()) {
    scriptError(cpu, ScriptError.badRecord);
    return PolicyError.invalid;
  }
  policyLock();
  let result: i32 = PolicyError.done;
  if (namespaceOf(index) !== 0) result = PolicyError.exists;
  else if (namespaceOf(parent) === 0) result = PolicyError.noEntry;
  else if (!addNamespace(cpu, index, parent, unconfined)) result = PolicyError.noMemory;
  policyUnlock();
  return result;
}

/** Makes a namespace, under the mutex or before anybody else runs. Whether memory was enough. */
export function addNamespace(cpu: i32, index: i32, parent: i32, unconfined: i32): bool {
  const name: ptr = nameOf(unconfined);
  const namespace: ptr = namespaceAlloc(cpu, index, parent, unconfined);
  if (namespace === 0) return false;
  const below: i32 = namespaceClass !== 0 && parent >= 0 ? LabelFlags.belowRoot : 0;
  const flags: i32 = LabelFlags.unconfined | LabelFlags.namespaceCount | below;
  const profile: ptr = profileAlloc(cpu, namespace, unconfined, load(name + ProfileName.rank), flags, 0);
  if (profile === 0) {
    namespacePut(cpu, namespace);
    return false;
  }
  namespaceAssign(index, namespace);
  installProfile(cpu, unconfined, profile, 0);
  return true;
}

/** Whether namespace `index` is, or is below, namespace `ancestor`. */
function isNamespaceBelow(index: i32, ancestor: i32): bool {
  let at: i32 = index;
  // A parent's index is lower.
  while (at > ancestor) at = load(namespaceOf(at) + Namespace.parent);
  return at === ancestor;
}

/**
 * Destroys a namespace and those inside it: users of its profiles go over to the parent's unconfined. A `PolicyError`: busy for the
 * root, noEntry for one that is not there.
 */
export function destroyNamespace(cpu: i32, index: i32): i32 {
  if (index === 0) return PolicyError.busy;
  policyLock();
  if (namespaceOf(index) === 0) {
    policyUnlock();
    return PolicyError.noEntry;
  }
  const last: i32 = namespaceLimit() - 1;
  let dropped: ptr = 0;
  // From the inside out, so that users of the innermost come to a parent that is still there.
  for (let at: i32 = last; at >= index; at -= 1) {
    if (namespaceOf(at) !== 0 && isNamespaceBelow(at, index)) dropped = endNamespace(cpu, at, dropped);
  }
  renewSets(cpu, index);
  for (let at: i32 = last; at >= index; at -= 1) {
    const namespace: ptr = namespaceOf(at);
    if (namespace !== 0 && isNamespaceBelow(at, index)) {
      namespaceAssign(at, 0);
      namespacePut(cpu, namespace);
    }
  }
  policyUnlock();
  dropAll(cpu, dropped);
  return PolicyError.done;
}

/** Ends all profiles of a namespace; the namespace stays in the table. Under the mutex. They, chained before `dropped`. */
function endNamespace(cpu: i32, index: i32, dropped: ptr): ptr {
  const namespace: ptr = namespaceOf(index);
  const unconfined: i32 = load(namespace + Namespace.unconfined);
  const own: ptr = labelOfUnconfined(unconfined);
  const names: i32 = load(KernelGlobal.nameCount);
  let chain: ptr = dropped;
  for (let at: i32 = 1; at < names; at += 1) {
    const name: ptr = nameOf(at);
    if (at !== unconfined && nameNamespace(name) === index && nameProfile(name) !== 0) {
      chain = endProfile(cpu, name, own, chain);
    }
  }
  const parent: ptr = namespaceOf(load(namespace + Namespace.parent));
  const target: ptr = labelOfUnconfined(load(parent + Namespace.unconfined));
  return endProfile(cpu, nameOf(unconfined), target, chain);
}

/** The end of all policy: profiles go, the unconfined ones last, then the namespaces. Nobody else runs. */
export function policyDismantle(cpu: i32): void {
  const last: i32 = namespaceLimit() - 1;
  for (let at: i32 = last; at > 0; at -= 1) destroyNamespace(cpu, at);
  const root: ptr = namespaceLimit() > 0 ? namespaceOf(0) : 0;
  if (root === 0) return;
  const names: i32 = load(KernelGlobal.nameCount);
  const target: ptr = labelOfUnconfined(0);
  let dropped: ptr = 0;
  for (let at: i32 = names - 1; at > 0; at -= 1) {
    const name: ptr = nameOf(at);
    if (nameProfile(name) !== 0) dropped = endProfile(cpu, name, target, dropped);
  }
  renewSets(cpu, 0);
  dropAll(cpu, dropped);
  // Nobody can look for a newer version of the last one, so it is not marked stale either.
  const unconfined: ptr = nameProfile(nameOf(0));
  nameAssign(nameOf(0), 0);
  profileDrop(cpu, unconfined);
  namespaceAssign(0, 0);
  namespacePut(cpu, root);
}

/** Flags of a profile of that mode and name. */
export function profileFlags(name: ptr, mode: i32): i32 {
  const hat: i32 = load(name + ProfileName.hat);
  const flags: i32 = hat !== 0 ? LabelFlags.hat : 0;
  return mode === PolicyMode.unconfined ? flags | LabelFlags.unconfined : flags;
}

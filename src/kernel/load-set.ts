/**
 * Loading a set of profiles, whole or not at all (aa_unpack and aa_replace_profiles, security/apparmor): records of a set make its
 * profiles one by one, the last one installs them together, under the policy's mutex. All profiles of a set come from one text.
 */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { PolicyError, ScriptError } from "./audit.ts";
import { CpuBlock, cpuBlock } from "./cpu-block.ts";
import { LoadFlags } from "./events.ts";
import { nameNamespace, nameOf, nameProfile, ProfileName } from "./names.ts";
import { namespaceOf } from "./namespace.ts";
import {
  dropAll,
  installProfile,
  isUnconfinedName,
  policyLock,
  policyUnlock,
  profileFlags,
  renewSets,
} from "./policy.ts";
import { policyResult } from "./policy-result.ts";
import { Profile, profileAlloc, profileDiscard } from "./profile.ts";
import { rawdataAlloc, rawdataProfilePut } from "./rawdata.ts";
import { scriptError } from "./script-errors.ts";

/**
 * One record of a set; see `Event.loadProfile`. The set's result, a `PolicyError`, is known with its last record: notPermitted for
 * an unconfined one, noAccess for several namespaces, exists for a profile that is there (or twice in the set), noEntry
 * for a missing namespace or parent, noMemory.
 */
export function loadProfile(cpu: i32, index: i32, mode: i32, flags: i32): void {
  const block: ptr = cpuBlock(cpu);
  let result: i32 = load(block + CpuBlock.loadingResult);
  if (result === PolicyError.done) result = prepare(cpu, index, mode);
  if ((flags & LoadFlags.more) !== 0) {
    store(block + CpuBlock.loadingResult, result);
    return;
  }
  store(block + CpuBlock.loadingResult, PolicyError.done);
  if (result === PolicyError.done) result = install(cpu, (flags & LoadFlags.replace) !== 0);
  abandonSet(cpu, block);
  policyResult(cpu, result);
}

/** Makes one profile of the set, without looking at what is loaded already. */
function prepare(cpu: i32, index: i32, mode: i32): i32 {
  const name: ptr = nameOf(index);
  if (name === 0 || nameNamespace(name) < 0) {
    scriptError(cpu, ScriptError.badProfile);
    return PolicyError.noEntry;
  }
  // Which names are unconfined ones, and where a namespace is, may only be asked under the mutex.
  policyLock();
  const result: i32 = prepareLocked(cpu, index, name, mode);
  policyUnlock();
  return result;
}

function prepareLocked(cpu: i32, index: i32, name: ptr, mode: i32): i32 {
  const block: ptr = cpuBlock(cpu);
  if (index === 0 || isUnconfinedName(index)) return PolicyError.notPermitted;
  const before: ptr = load(block + CpuBlock.loading);
  for (let profile: ptr = before; profile !== 0; profile = load(profile + Profile.next)) {
    const other: i32 = load(profile + Profile.index);
    if (nameNamespace(nameOf(other)) !== nameNamespace(name)) return PolicyError.noAccess;
    if (other === index) return PolicyError.exists;
  }
  const namespace: ptr = namespaceOf(nameNamespace(name));
  if (namespace === 0) return PolicyError.noEntry;
  let text: ptr = load(block + CpuBlock.loadingText);
  if (text === 0) {
    text = rawdataAlloc(cpu);
    if (text === 0) return PolicyError.noMemory;
    store(block + CpuBlock.loadingText, text);
  }
  const rank: i32 = load(name + ProfileName.rank);
  const profile: ptr = profileAlloc(cpu, namespace, index, rank, profileFlags(name, mode), text);
  if (profile === 0) return PolicyError.noMemory;
  store(profile + Profile.next, before);
  store(block + CpuBlock.loading, profile);
  return PolicyError.done;
}

/** Puts the profiles of the set on the list, if all of them may be. */
function install(cpu: i32, replace: bool): i32 {
  const block: ptr = cpuBlock(cpu);
  const first: ptr = load(block + CpuBlock.loading);
  policyLock();
  const result: i32 = mayInstall(first, replace);
  if (result !== PolicyError.done) {
    policyUnlock();
    return result;
  }
  const namespace: i32 = nameNamespace(nameOf(load(first + Profile.index)));
  store(block + CpuBlock.loading, 0);
  let dropped: ptr = 0;
  let profile: ptr = first;
  while (profile !== 0) {
    const next: ptr = load(profile + Profile.next);
    store(profile + Profile.next, 0);
    dropped = installProfile(cpu, load(profile + Profile.index), profile, dropped);
    profile = next;
  }
  if (dropped !== 0) renewSets(cpu, namespace);
  policyUnlock();
  dropAll(cpu, dropped);
  return PolicyError.done;
}

/** Of what is wrong with several profiles of a set, that of the first one counts, which is the last in the chain. */
function mayInstall(first: ptr, replace: bool): i32 {
  let result: i32 = PolicyError.done;
  for (let profile: ptr = first; profile !== 0; profile = load(profile + Profile.next)) {
    const name: ptr = nameOf(load(profile + Profile.index));
    const parent: i32 = load(name + ProfileName.parent);
    if (nameProfile(name) !== 0) {
      if (!replace) result = PolicyError.exists;
    } else if (parent !== 0 && nameProfile(nameOf(parent)) === 0 && !isInSet(first, parent)) {
      result = PolicyError.noEntry;
    }
    // The namespace may have been destroyed since the profile was made.
    if (namespaceOf(nameNamespace(name)) !== load(profile + Profile.namespace)) result = PolicyError.noEntry;
  }
  return result;
}

function isInSet(first: ptr, index: i32): bool {
  for (let profile: ptr = first; profile !== 0; profile = load(profile + Profile.next)) {
    const its: i32 = load(profile + Profile.index);
    if (its === index) return true;
  }
  return false;
}

/** Gives up what is left of the set that was begun on the CPU with that block; nothing where there is none. */
export function abandonSet(cpu: i32, block: ptr): void {
  let profile: ptr = load(block + CpuBlock.loading);
  while (profile !== 0) {
    const next: ptr = load(profile + Profile.next);
    profileDiscard(cpu, profile);
    profile = next;
  }
  store(block + CpuBlock.loading, 0);
  const text: ptr = load(block + CpuBlock.loadingText);
  if (text !== 0) rawdataProfilePut(cpu, text);
  store(block + CpuBlock.loadingText, 0);
}

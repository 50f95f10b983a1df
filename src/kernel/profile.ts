/**
 * Profiles (struct aa_profile, security/apparmor/policy.c). A profile and its own label live and die together: the label is
 * what others hold, and whoever holds it keeps the profile.
 *
 * The label's initial reference has an owner: the profile list, which keeps it in the profile until removal. Replacement,
 * when it comes, publishes a new version with the same proxy in `profilePublish` and takes the old one out as
 * `profileRemove` does, only with the new version as the target.
 */
import { type i32, load, type ptr, store, storeRelease } from "refplay/machine";
import { publish, retire } from "refplay/strategy";
import { heapAlloc, heapFree } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { Label, LabelFlags } from "./core/label-layout.ts";
import { labelAlloc, markStale } from "./label.ts";
import { labelSetInsert } from "./label-set.ts";
import { proxyRedirect } from "./proxy.ts";
import { emptyHolder, labelPut } from "./reference.ts";
import { holderBytes } from "./settings.ts";

/** Offsets of a profile. */
export enum Profile {
  /** The profile's own label; not a reference, the two are one object in the kernel. */
  label = 0,
  /** The namespace. */
  namespace = 8,
  /** Index in the profile list; engines know the name. */
  index = 16,
  /** Holder of the profile list's reference to the label. */
  listReference = 24,
}

const profileObjectBytes: i32 = Profile.listReference + holderBytes;

/** A profile with its label, seen by nobody yet. `flags` are `LabelFlags` beside `profile`. 0 where memory is exhausted. */
export function profileAlloc(cpu: i32, namespace: ptr, index: i32, flags: i32): ptr {
  const profile: ptr = heapAlloc(cpu, Kind.profile, profileObjectBytes);
  if (profile === 0) return 0;
  emptyHolder(profile + Profile.listReference);
  store(profile + Profile.namespace, namespace);
  store(profile + Profile.index, index);
  // The secid is any number that differs from profile to profile and is not 0.
  const label: ptr = labelAlloc(
    cpu,
    profile + Profile.listReference,
    flags | LabelFlags.profile,
    index + 1,
    profile,
  );
  if (label === 0) {
    heapFree(cpu, profile);
    return 0;
  }
  store(profile + Profile.label, label);
  return profile;
}

/** The profile's label. */
export function profileLabel(profile: ptr): ptr {
  return load(profile + Profile.label);
}

/** Puts a new profile into its entry of the profile list. Under the namespace's lock, or before anybody else runs. */
export function profilePublish(cpu: i32, entry: ptr, profile: ptr): void {
  const label: ptr = profileLabel(profile);
  labelSetInsert(label);
  // Readers that find the profile must find it complete.
  storeRelease(entry, profile);
  publish(cpu, label);
}

/**
 * Takes a profile out of its entry of the profile list. Who holds its label finds `target` through the proxy from now on.
 * Under the namespace's lock; the caller goes on with `profileDrop` after it has given the lock back.
 */
export function profileUnlist(cpu: i32, entry: ptr, profile: ptr, target: ptr): void {
  const label: ptr = profileLabel(profile);
  store(entry, 0);
  const proxy: ptr = load(label + Label.proxy);
  proxyRedirect(cpu, proxy, target);
  markStale(label);
}

/** The second half of a removal, without a lock because a strategy may wait for a grace period here. */
export function profileDrop(cpu: i32, profile: ptr): void {
  const label: ptr = profileLabel(profile);
  retire(cpu, label);
  // The list was the owner of the initial reference. With it the profile itself may go, a grace period later.
  labelPut(cpu, profile + Profile.listReference, label);
}

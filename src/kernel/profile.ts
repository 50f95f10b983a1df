/**
 * Profiles (struct aa_profile, security/apparmor/policy.c). A profile and its own label live and die together: the label is
 * what others hold, and whoever holds it keeps the profile.
 *
 * The label's initial reference has an owner: the profile list, which keeps it in the profile until another version takes its
 * place or it is removed.
 */
import { type i32, load, type ptr, store, storeRelease } from "refplay/machine";
import { publish } from "refplay/strategy";
import { heapAlloc, heapFree } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { Label, LabelFlags } from "./core/label-layout.ts";
import { spareHolder } from "./cpu-block.ts";
import { labelAlloc, shareProxy, supersede } from "./label.ts";
import { labelSetAdd, labelSetReplace, Ranked, vectorEntryBytes } from "./label-set/index.ts";
import { Namespace, namespaceGet, namespacePut } from "./namespace.ts";
import { proxyAlloc, proxyPut } from "./proxy.ts";
import { rawdataProfileGet, rawdataProfilePut } from "./rawdata.ts";
import { emptyHolder, labelPut } from "./reference.ts";
import { labelRetire } from "./retirement.ts";
import { holderBytes } from "./settings.ts";

/** Offsets of a profile. */
export enum Profile {
  /** The profile's own label; not a reference, the two are one object in the kernel. */
  label = 0,
  /** 1 once the label is stale: what a label of several profiles looks at (`Ranked.stale`). */
  stale = Ranked.stale,
  /** The namespace, a count of which is the profile's. */
  namespace = 8,
  /** Index of the name; engines know the text. */
  index = 16,
  /** Place of the name in the order of names (`Ranked.rank`). */
  rank = Ranked.rank,
  /** The policy text that it was loaded from, a count of which is the profile's; 0 for an unconfined one. */
  rawdata = 24,
  /** While a set is loaded: the profile before this one. */
  next = 32,
  /** Holder of the profile list's reference to the label. */
  listReference = 40,
}

export const profileObjectBytes: i32 = Profile.listReference + holderBytes;

/**
 * A profile with its label, seen by nobody yet. `flags` are `LabelFlags` beside `profile`, `rawdata` the text it comes from or 0.
 * 0 where memory is exhausted.
 */
export function profileAlloc(cpu: i32, namespace: ptr, index: i32, rank: i32, flags: i32, rawdata: ptr): ptr {
  const profile: ptr = heapAlloc(cpu, Kind.profile, profileObjectBytes);
  if (profile === 0) return 0;
  emptyHolder(profile + Profile.listReference);
  store(profile + Profile.stale, 0);
  store(profile + Profile.namespace, namespace);
  store(profile + Profile.index, index);
  store(profile + Profile.rank, rank);
  store(profile + Profile.rawdata, rawdata);
  store(profile + Profile.next, 0);
  const proxy: ptr = proxyAlloc(cpu);
  const holder: ptr = profile + Profile.listReference;
  const label: ptr = proxy === 0 ? 0 : labelAlloc(cpu, holder, flags | LabelFlags.profile, 1, 0, proxy);
  if (label === 0) {
    if (proxy !== 0) proxyPut(cpu, spareHolder(cpu), proxy);
    heapFree(cpu, profile);
    return 0;
  }
  store(profile + Profile.label, label);
  store(label + Label.vec, profile);
  namespaceGet(namespace);
  if (rawdata !== 0) rawdataProfileGet(rawdata);
  return profile;
}

/** The rest of a profile when its label has been freed. */
export function profileFree(cpu: i32, profile: ptr): void {
  const rawdata: ptr = load(profile + Profile.rawdata);
  if (rawdata !== 0) rawdataProfilePut(cpu, rawdata);
  const namespace: ptr = load(profile + Profile.namespace);
  heapFree(cpu, profile);
  namespacePut(cpu, namespace);
}

/** Gives a profile up that nobody has seen. */
export function profileDiscard(cpu: i32, profile: ptr): void {
  labelPut(cpu, profile + Profile.listReference, profileLabel(profile));
}

/** The profile's label. */
export function profileLabel(profile: ptr): ptr {
  return load(profile + Profile.label);
}

/** The label set of a canonical vector: that of its last profile's namespace, the lowest one (aa_label_insert). */
export function setOfVector(vector: ptr, size: i32): ptr {
  const last: ptr = load(vector + (size - 1) * vectorEntryBytes);
  const namespace: ptr = load(last + Profile.namespace);
  return namespace + Namespace.set;
}

/** The label set that a label is, was, or would be in. */
export function setOfLabel(label: ptr): ptr {
  return setOfVector(label + Label.vec, load(label + Label.size));
}

/**
 * Puts a new profile's label into its set, for the first version of a name. The policy's mutex is held, or nobody else runs: no
 * equal label can be made meanwhile, and one that is there is stale or dead.
 */
export function profilePublish(cpu: i32, profile: ptr): void {
  const label: ptr = profileLabel(profile);
  labelSetAdd(cpu, setOfLabel(label), spareHolder(cpu), label);
  publish(cpu, label);
}

/** Puts a new version into the place of `old`: whoever looks its label up, or asks for the newest, finds the new one's. */
export function profileReplace(cpu: i32, old: ptr, fresh: ptr): void {
  const label: ptr = profileLabel(fresh);
  const before: ptr = profileLabel(old);
  shareProxy(cpu, spareHolder(cpu), before, label);
  labelSetReplace(cpu, setOfLabel(label), before, label);
  publish(cpu, label);
  profileEnd(cpu, old, label);
}

/**
 * Who holds the profile's label finds `target` through the proxy from now on, which somebody keeps. Under the policy's mutex, after
 * the profile left the list; the caller goes on with `profileDrop` when compound labels are up to date.
 */
export function profileEnd(cpu: i32, profile: ptr, target: ptr): void {
  supersede(cpu, spareHolder(cpu), profileLabel(profile), target);
  // After the label's own flag: who finds a compound out of date must find a newer version of this profile.
  storeRelease(profile + Profile.stale, 1);
}

/** The list gives its reference up, and with it the profile itself may go, a grace period later. May sleep. */
export function profileDrop(cpu: i32, profile: ptr): void {
  const label: ptr = profileLabel(profile);
  labelRetire(cpu, label);
  labelPut(cpu, profile + Profile.listReference, label);
}

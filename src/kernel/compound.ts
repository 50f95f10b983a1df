/**
 * Compound labels: those of several profiles (`A//&B`), found by their vector or made (aa_vec_find_or_create_label,
 * security/apparmor/label.c, v6.6). A compound keeps its profiles: it holds a reference to the label of each.
 *
 * Who makes a compound and who replaces one of its profiles do not wait for each other. The maker publishes the label, then
 * looks whether its profiles are still the newest; the replacer marks the old profile stale, then looks at all members. Both
 * write before they read with a full barrier between (becoming a member is an atomic operation or a section under the set's
 * lock, and so is the replacer's scan), so at least one of them sees the other and makes the label anew.
 */
import {
  type bool,
  type i32,
  load,
  type ptr,
  quiescent,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";
import { publish } from "refplay/strategy";
import { Counter } from "./core/counter-names.ts";
import { count } from "./core/counters.ts";
import { Label, LabelFlags, labelBytesFor } from "./core/label-layout.ts";
import { hopHolder, scannedHolder, scratchVector, spareHolder, successorHolder } from "./cpu-block.ts";
import {
  isStale,
  labelAlloc,
  newestVisible,
  staleToNewest,
  succeedBegin,
  succeedEnd,
  supersede,
} from "./label.ts";
import {
  labelSetAdd,
  labelSetFind,
  labelSetFindOutOfDate,
  outOfDate,
  vectorCanonical,
  vectorCopy,
  vectorEntryBytes,
} from "./label-set/index.ts";
import { nameOf, nameProfile } from "./names.ts";
import { Profile, profileLabel, setOfVector } from "./profile.ts";
import { proxyAlloc, proxyPut } from "./proxy.ts";
import { emptyHolder, labelMove, labelPut, labelTryGet, ownLabel } from "./reference.ts";
import { labelRetire } from "./retirement.ts";
import { holderBytes } from "./settings.ts";

/** Where a compound has the holder of its profile number `at`: behind the vector, which in the kernel is the holders itself. */
function partHolder(label: ptr, size: i32, at: i32): ptr {
  return label + labelBytesFor(size) + at * holderBytes;
}

/** Puts the references to profiles, one of which may be missing where the label could not be finished. */
export function compoundDropParts(cpu: i32, label: ptr): void {
  const size: i32 = load(label + Label.size);
  for (let at: i32 = 0; at < size; at += 1) {
    const holder: ptr = partHolder(label, size, at);
    const part: ptr = ownLabel(holder);
    if (part !== 0) labelPut(cpu, holder, part);
  }
}

/** What comes of a vector one of whose profiles died: there is a newer version by now, so try again. No label has this address. */
const again: ptr = 1;

/**
 * A new label of the `size` (2 or more) profiles of a canonical vector, in no set, with its first reference in the empty
 * `holder`. Inside the read section in which the profiles were found. 0 where memory is exhausted, or `again`.
 */
function compoundMake(cpu: i32, holder: ptr, vector: ptr, size: i32): ptr {
  const proxy: ptr = proxyAlloc(cpu);
  if (proxy === 0) return proxy;
  const label: ptr = labelAlloc(cpu, holder, 0, size, size * holderBytes, proxy);
  if (label === 0) {
    proxyPut(cpu, spareHolder(cpu), proxy);
    return label;
  }
  let flags: i32 = LabelFlags.unconfined;
  let whole: bool = true;
  for (let at: i32 = 0; at < size; at += 1) {
    const profile: ptr = load(vector + at * vectorEntryBytes);
    const part: ptr = profileLabel(profile);
    store(label + Label.vec + at * vectorEntryBytes, profile);
    emptyHolder(partHolder(label, size, at));
    const its: i32 = load(part + Label.flags);
    flags &= its;
    if (whole) whole = labelTryGet(cpu, partHolder(label, size, at), part);
  }
  store(label + Label.flags, flags);
  if (whole) return label;
  // Nobody has seen it: its callback frees it, and drops what it has.
  labelPut(cpu, holder, label);
  return again;
}

/**
 * The label of the `size` (1 or more) profiles of a canonical vector, found or made, with a reference in the empty `holder`;
 * 0 where memory is exhausted, or `again`. The read section in which the profiles were found ends here, but for `again`: the
 * profiles in the vector, dying now, are what leads to their successors. Whoever asks for one vector at the same time gets one
 * label. `predecessor`: a label that a new one is to be the successor of, or 0. May sleep.
 */
function obtain(cpu: i32, holder: ptr, vector: ptr, size: i32, predecessor: ptr): ptr {
  if (size === 1) {
    const only: ptr = profileLabel(load(vector));
    if (!labelTryGet(cpu, holder, only)) return again;
    rcuReadUnlock();
    return only;
  }
  const set: ptr = setOfVector(vector, size);
  const found: ptr = labelSetFind(cpu, set, holder, vector, size);
  if (found !== 0) {
    rcuReadUnlock();
    return found;
  }
  const fresh: ptr = compoundMake(cpu, holder, vector, size);
  if (fresh === again) return fresh;
  // From here on the new label keeps the profiles, and with them the namespace.
  rcuReadUnlock();
  if (fresh === 0) return fresh;
  const ownProxy: ptr = predecessor === 0 ? predecessor : succeedBegin(predecessor, fresh);
  const member: ptr = labelSetAdd(cpu, set, spareHolder(cpu), fresh);
  if (ownProxy !== 0) succeedEnd(cpu, hopHolder(cpu), predecessor, fresh, ownProxy, member === fresh);
  if (member !== fresh) {
    // Somebody was faster. Nobody has seen ours.
    labelPut(cpu, holder, fresh);
    labelMove(cpu, spareHolder(cpu), holder, member);
    return member;
  }
  count(cpu, Counter.compoundsMade, 1);
  publish(cpu, fresh);
  if (ownProxy !== 0) superseded(cpu, predecessor);
  const displaced: ptr = ownLabel(spareHolder(cpu));
  if (displaced !== 0) {
    // Its profile was replaced before; who does that finds it in no set any more.
    succeed(cpu, hopHolder(cpu), displaced, fresh);
    labelPut(cpu, spareHolder(cpu), displaced);
  }
  return fresh;
}

/** Makes `fresh` the successor of `old`, unless it has one. `spare` is an empty holder. */
function succeed(cpu: i32, spare: ptr, old: ptr, fresh: ptr): void {
  if (supersede(cpu, spare, old, fresh)) superseded(cpu, old);
}

/** A compound has got its successor. */
function superseded(cpu: i32, old: ptr): void {
  count(cpu, Counter.rebuilt, 1);
  labelRetire(cpu, old);
}

/** `obtain` of the newest versions of the profiles of the canonical vector in the CPU's scratch, until none dies meanwhile. */
function obtainNewest(cpu: i32, holder: ptr, size: i32, predecessor: ptr): ptr {
  const vector: ptr = scratchVector(cpu);
  let parts: i32 = size;
  let label: ptr = again;
  rcuReadLock();
  // Each further round means that a profile was replaced or removed after it was found.
  while (label === again) {
    parts = renewVector(vector, parts);
    label = obtain(cpu, holder, vector, parts, predecessor);
  }
  return label;
}

/**
 * The label of the newest versions of the profiles of a vector of `size` (1 or more) in the CPU's scratch, canonical, which
 * somebody keeps; with a reference in the empty `holder`. 0 where memory is exhausted. May sleep.
 */
export function compoundObtain(cpu: i32, holder: ptr, size: i32): ptr {
  const label: ptr = obtainNewest(cpu, holder, size, 0);
  // Who replaced a profile may have looked at the set before the label was there to be seen: see the head of this file.
  if (label === 0 || !outOfDate(label)) return label;
  return upToDate(cpu, holder, label);
}

/** What `compoundOfNames` returns where one of the names has no profile. No label has this address. */
export const missingProfile: ptr = 1;

/**
 * The label of the profiles that have the names of those of `like` now, which the caller keeps; with a reference in the empty
 * `holder`. 0 where memory is exhausted, or `missingProfile`. A profile that was removed and loaded again is another one with the
 * same name, to which no proxy of the first leads. May sleep.
 */
export function compoundOfNames(cpu: i32, holder: ptr, like: ptr): ptr {
  const size: i32 = load(like + Label.size);
  let label: ptr = again;
  rcuReadLock();
  // Each further round means that a profile was replaced or removed after it was found, so it is looked for by its name again.
  while (label === again) {
    if (!vectorOfNames(scratchVector(cpu), like + Label.vec, size)) {
      rcuReadUnlock();
      return missingProfile;
    }
    label = obtain(cpu, holder, scratchVector(cpu), size, 0);
  }
  if (label === 0 || !outOfDate(label)) return label;
  return upToDate(cpu, holder, label);
}

/** Writes the profiles that have the names of those of `vector` now to `into`. Whether all have one. In a read section. */
function vectorOfNames(into: ptr, vector: ptr, size: i32): bool {
  for (let at: i32 = 0; at < size; at += 1) {
    const profile: ptr = load(vector + at * vectorEntryBytes);
    const listed: ptr = nameProfile(nameOf(load(profile + Profile.index)));
    if (listed === 0) return false;
    store(into + at * vectorEntryBytes, listed);
  }
  return true;
}

/** Puts the newest versions of its profiles into a canonical vector, which stays canonical; the new size. In a read section. */
function renewVector(vector: ptr, size: i32): i32 {
  let changed: bool = false;
  for (let at: i32 = 0; at < size; at += 1) {
    const profile: ptr = load(vector + at * vectorEntryBytes);
    const newest: ptr = newestVisible(profileLabel(profile));
    const successor: ptr = load(newest + Label.vec);
    if (successor !== profile) {
      store(vector + at * vectorEntryBytes, successor);
      changed = true;
    }
  }
  return changed ? vectorCanonical(vector, size) : size;
}

/**
 * `holder` has a reference to a label that is out of date: it gets one to what takes the label's place, which is returned. Where
 * memory is exhausted it stays as it is. May sleep.
 */
function upToDate(cpu: i32, holder: ptr, label: ptr): ptr {
  let newest: ptr = label;
  while (outOfDate(newest)) {
    if (!isStale(newest) && !renew(cpu, newest)) return newest;
    const next: ptr = staleToNewest(cpu, successorHolder(cpu), newest);
    labelPut(cpu, holder, newest);
    labelMove(cpu, successorHolder(cpu), holder, next);
    newest = next;
  }
  return newest;
}

/**
 * Makes the successor of a compound that is out of date and not stale, of which the caller has a reference; then it is stale. It
 * stays a member until it is freed or an equal label takes its place: look-ups pass over it. False where memory is exhausted.
 */
function renew(cpu: i32, old: ptr): bool {
  const size: i32 = load(old + Label.size);
  vectorCopy(scratchVector(cpu), old + Label.vec, size);
  const fresh: ptr = obtainNewest(cpu, successorHolder(cpu), size, old);
  if (fresh === 0) return false;
  succeed(cpu, spareHolder(cpu), old, fresh);
  labelPut(cpu, successorHolder(cpu), fresh);
  return true;
}

/**
 * Makes all members of a set anew that have a profile which was replaced or removed, one after the other, each search from the
 * first member on (__aa_labelset_update_subtree). Under the policy's mutex. False where memory is exhausted: look-ups pass over
 * the rest, and their users keep what they have.
 */
export function renewSet(cpu: i32, set: ptr): bool {
  const holder: ptr = scannedHolder(cpu);
  let renewed: bool = true;
  let label: ptr = labelSetFindOutOfDate(cpu, set, holder);
  while (label !== 0 && renewed) {
    renewed = renew(cpu, label);
    labelPut(cpu, holder, label);
    // A search is long, and nothing is held here.
    quiescent();
    if (renewed) label = labelSetFindOutOfDate(cpu, set, holder);
  }
  return renewed;
}

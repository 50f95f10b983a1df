/**
 * Deliberate bugs of compound labels and of replacing profiles: what compound.ts, merge.ts, profile.ts, label.ts, label-free.ts and
 * proxy.ts of the kernel do, wrong in one place each. For labels of two profiles of the root.
 */
import { heapFree, Label, LabelFlags } from "refplay/kernel";
import {
  type bool,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  storeRelease,
} from "refplay/machine";
import { destroy, publish } from "refplay/strategy";
import { compoundDropParts, compoundObtain, renewSet } from "../../../src/kernel/compound.ts";
import { Callback } from "../../../src/kernel/core/callback-ids.ts";
import { labelBytesFor } from "../../../src/kernel/core/label-layout.ts";
import {
  callbackHolder,
  leftHolder,
  rightHolder,
  scratchVector,
  spareHolder,
  successorHolder,
} from "../../../src/kernel/cpu-block.ts";
import {
  isStale,
  labelAlloc,
  labelGetNewest,
  newestVisible,
  shareProxy,
  staleToNewest,
  supersede,
} from "../../../src/kernel/label.ts";
import {
  labelSetAdd,
  labelSetFind,
  labelSetRemove,
  labelSetReplace,
  Member,
  MemberState,
  outOfDate,
  vectorEntryBytes,
  vectorMerge,
} from "../../../src/kernel/label-set/index.ts";
import { treeWalk } from "../../../src/kernel/label-set/tree.ts";
import { nameAssign, nameOf, nameProfile } from "../../../src/kernel/names.ts";
import { renewSets } from "../../../src/kernel/policy.ts";
import { Profile, profileFree, profileLabel, setOfLabel, setOfVector } from "../../../src/kernel/profile.ts";
import {
  LabelProxy,
  proxyAlloc,
  proxyLock,
  proxyPut,
  proxyRedirect,
  proxyUnlock,
} from "../../../src/kernel/proxy.ts";
import {
  emptyHolder,
  labelMove,
  labelPut,
  labelSwap,
  labelTryGet,
  ownLabel,
} from "../../../src/kernel/reference.ts";
import { holderBytes } from "../../../src/kernel/settings.ts";

/** Values of the option `broken`. */
export enum Bug {
  none = 0,
  /** A new compound shares the proxy of an equal one that is dead, which it finds in the set. */
  sharesDead = 1,
  /** Merging forgets to drop one of the references that it took. */
  forgetPut = 2,
  /** A replaced label is marked stale before its proxy leads to the new one. */
  staleFirst = 3,
  /** A replaced label stays in the set. */
  staysInSet = 4,
  /** Who replaces a profile brings compounds up to date before he marks the old one stale. */
  scanFirst = 5,
  /** Who makes a compound does not look at its profiles again. */
  noSecondLook = 6,
  /** The proxy gives up the newest version although an old one is there beside it. */
  emptyEarly = 7,
  /** A compound does not keep its profiles. */
  keepsNoParts = 8,
}

export const broken: i32 = option("broken");

/** `labelMerge` of two labels of one profile each, which differ. */
export function brokenMerge(cpu: i32, holder: ptr, a: ptr, b: ptr): ptr {
  const left: ptr = labelGetNewest(cpu, leftHolder(cpu), a);
  const right: ptr = labelGetNewest(cpu, rightHolder(cpu), b);
  const size: i32 = vectorMerge(scratchVector(cpu), left + Label.vec, 1, right + Label.vec, 1);
  const label: ptr =
    broken === Bug.keepsNoParts ? brokenObtain(cpu, holder) : compoundObtain(cpu, holder, size);
  labelPut(cpu, leftHolder(cpu), left);
  if (broken !== Bug.forgetPut) labelPut(cpu, rightHolder(cpu), right);
  return label;
}

/** `compoundObtain` of two profiles. */
export function brokenObtain(cpu: i32, holder: ptr): ptr {
  let label: ptr = 0;
  while (label === 0) {
    rcuReadLock();
    for (let at: i32 = 0; at < 2; at += 1) renewEntry(scratchVector(cpu) + at * vectorEntryBytes);
    label = obtain(cpu, holder);
    rcuReadUnlock();
  }
  if (broken === Bug.noSecondLook || !outOfDate(label)) return label;
  renewSet(cpu, setOfLabel(label));
  const newest: ptr = staleToNewest(cpu, successorHolder(cpu), label);
  labelPut(cpu, holder, label);
  labelMove(cpu, successorHolder(cpu), holder, newest);
  return newest;
}

function renewEntry(entry: ptr): void {
  const newest: ptr = newestVisible(profileLabel(load(entry)));
  const profile: ptr = load(newest + Label.vec);
  store(entry, profile);
}

/** 0 where a profile died meanwhile. */
function obtain(cpu: i32, holder: ptr): ptr {
  const vector: ptr = scratchVector(cpu);
  const set: ptr = setOfVector(vector, 2);
  const found: ptr = labelSetFind(cpu, set, holder, vector, 2);
  if (found !== 0) return found;
  const fresh: ptr = make(cpu, holder, vector);
  if (fresh === 0) return fresh;
  if (broken === Bug.sharesDead) {
    const there: ptr = treeWalk(set, vector, 2);
    // Nothing keeps it from here on.
    rcuReadUnlock();
    if (there !== 0) shareProxy(cpu, spareHolder(cpu), there, fresh);
    rcuReadLock();
  }
  const member: ptr = labelSetAdd(cpu, set, spareHolder(cpu), fresh);
  if (member !== fresh) {
    labelPut(cpu, holder, fresh);
    labelMove(cpu, spareHolder(cpu), holder, member);
    return member;
  }
  publish(cpu, fresh);
  return fresh;
}

function make(cpu: i32, holder: ptr, vector: ptr): ptr {
  const label: ptr = labelAlloc(cpu, holder, 0, 2, 2 * holderBytes, proxyAlloc(cpu));
  let whole: bool = true;
  for (let at: i32 = 0; at < 2; at += 1) {
    const profile: ptr = load(vector + at * vectorEntryBytes);
    const part: ptr = label + labelBytesFor(2) + at * holderBytes;
    store(label + Label.vec + at * vectorEntryBytes, profile);
    emptyHolder(part);
    if (whole && broken !== Bug.keepsNoParts) whole = labelTryGet(cpu, part, profileLabel(profile));
  }
  if (whole) return label;
  labelPut(cpu, holder, label);
  return 0;
}

/** `installProfile` of a new version and `renewSets`; the old version. */
export function brokenReplace(cpu: i32, index: i32, fresh: ptr): ptr {
  const name: ptr = nameOf(index);
  const old: ptr = nameProfile(name);
  nameAssign(name, fresh);
  const label: ptr = profileLabel(fresh);
  const before: ptr = profileLabel(old);
  shareProxy(cpu, spareHolder(cpu), before, label);
  if (broken !== Bug.staysInSet) labelSetReplace(cpu, setOfLabel(label), before, label);
  publish(cpu, label);
  if (broken === Bug.scanFirst) renewSets(cpu, 0);
  if (broken === Bug.staleFirst) markThenRedirect(cpu, before, label);
  else supersede(cpu, spareHolder(cpu), before, label);
  storeRelease(old + Profile.stale, 1);
  if (broken !== Bug.scanFirst) renewSets(cpu, 0);
  store(old + Profile.next, 0);
  return old;
}

/** `supersede` where nobody else does. */
function markThenRedirect(cpu: i32, old: ptr, fresh: ptr): void {
  const spare: ptr = spareHolder(cpu);
  const proxy: ptr = load(old + Label.proxy);
  proxyLock(proxy);
  const flags: i32 = load(old + Label.flags);
  storeRelease(old + Label.flags, flags | LabelFlags.stale);
  proxyRedirect(cpu, spare, proxy, fresh);
  proxyUnlock(proxy);
  const before: ptr = load(spare);
  if (before !== 0) labelPut(cpu, spare, before);
}

/** `labelFree` and `labelReclaim`. */
export function brokenReclaim(cpu: i32, id: i32, head: ptr): void {
  const label: ptr = head - Label.rcu;
  const state: i32 = load(label + Member.state);
  const gone: bool =
    id === Callback.labelReclaim ||
    state === MemberState.never ||
    labelSetRemove(cpu, setOfLabel(label), label);
  if (!gone) return;
  destroy(cpu, label);
  const flags: i32 = load(label + Label.flags);
  const proxy: ptr = load(label + Label.proxy);
  if ((flags & LabelFlags.profile) !== 0) profileFree(cpu, load(label + Label.vec));
  else compoundDropParts(cpu, label);
  emptyEarly(cpu, proxy);
  heapFree(cpu, label);
}

/** `proxyPut`. */
function emptyEarly(cpu: i32, proxy: ptr): void {
  const count: i32 = load(proxy + LabelProxy.count);
  const newest: ptr = ownLabel(proxy + LabelProxy.label);
  if (count !== 3 || newest === 0 || isStale(newest)) {
    proxyPut(cpu, callbackHolder(cpu), proxy);
    return;
  }
  proxyLock(proxy);
  store(proxy + LabelProxy.count, 2);
  labelSwap(cpu, proxy + LabelProxy.label, callbackHolder(cpu));
  proxyUnlock(proxy);
  labelPut(cpu, callbackHolder(cpu), newest);
}

/**
 * Profiles that are replaced while others merge their labels, look them up or go on to the newest version: the kernel's own
 * functions, without tasks, files and scripts, so that few actors can be searched in full. Profiles 1, 2, ... are in the root.
 *
 * `broken` chooses a deliberate bug, see `policy-broken.ts`.
 */
import {
  Boot,
  Callback,
  callbacksPerOwner,
  coreBoot,
  heapReserve,
  holderSlotBytes,
  kernelCpu,
  kernelGlobals,
  Label,
  type ProgramMeta,
  RbFault,
  RcuHead,
  rbCheckShape,
  rbFirst,
  rbNext,
  Verdict,
  violation,
} from "refplay/kernel";
import { type bool, type i32, load, type ptr, rcuTake, store } from "refplay/machine";
import { callback, boot as strategyBoot } from "refplay/strategy";
import { compoundObtain } from "../../../src/kernel/compound.ts";
import { CpuBlock, scratchVector } from "../../../src/kernel/cpu-block.ts";
import { KernelGlobal, pointerBytes } from "../../../src/kernel/globals.ts";
import { isStale, labelGetNewest, newestVisible } from "../../../src/kernel/label.ts";
import { labelFree, labelReclaim } from "../../../src/kernel/label-free.ts";
import { LabelSet, labelSetFind, outOfDate, vectorEntryBytes } from "../../../src/kernel/label-set/index.ts";
import { treeWalk } from "../../../src/kernel/label-set/tree.ts";
import { labelMerge } from "../../../src/kernel/merge.ts";
import { nameGive, nameOf, namesBoot } from "../../../src/kernel/names.ts";
import { Namespace, namespaceOf } from "../../../src/kernel/namespace.ts";
import {
  addNamespace,
  dropAll,
  installProfile,
  policyDismantle,
  policyLock,
  policyUnlock,
  renewSets,
} from "../../../src/kernel/policy.ts";
import { profileAlloc } from "../../../src/kernel/profile.ts";
import { labelOfProfile } from "../../../src/kernel/profile-list.ts";
import { labelPut, labelTryGet } from "../../../src/kernel/reference.ts";
import { Bug, broken, brokenMerge, brokenObtain, brokenReclaim, brokenReplace } from "./policy-broken.ts";

/** Cells behind the kernel's own. */
export enum Shared {
  /** 1 once the replacer is done. */
  done = 256,
  /** For each profile the reference that keeps its first version, where there is one. */
  keepers = done + 64,
  /** The one that keeps a compound of the first versions. */
  compound = keepers + 4 * holderSlotBytes,
}

/** Cells of a CPU, behind the kernel's own. */
export enum Own {
  /** The reference that an actor keeps. */
  holder = CpuBlock.end,
  /** Those that it has for a while. */
  left = holder + holderSlotBytes,
  right = left + holderSlotBytes,
}

/** What `boot` keeps, as bits. */
export enum Keep {
  /** The first versions of profiles 1 and 2. */
  profiles = 1,
  /** Their compound. */
  compound = 2,
  /** Their compound, in the holder of CPU 0. */
  owned = 4,
  /** Profile 1 is replaced before the actors begin. */
  replaced = 8,
}

function set(): ptr {
  return namespaceOf(0) + Namespace.set;
}

function keeper(index: i32): ptr {
  return kernelGlobals + Shared.keepers + index * holderSlotBytes;
}

/** The policy, and what of it somebody keeps (`Keep`). */
export function boot(profiles: i32, keep: i32): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) strategyBoot(cpu);
  // Objects lie in the area of the CPU that makes them: of the last, so that all others begin alike.
  const spare: i32 = cpus - 1;
  makePolicy(spare, profiles);
  if ((keep & Keep.profiles) !== 0) {
    labelOfProfile(spare, keeper(1), 1);
    labelOfProfile(spare, keeper(2), 2);
  }
  if ((keep & Keep.compound) !== 0) merge(spare, kernelGlobals + Shared.compound, 1, 2);
  if ((keep & Keep.owned) !== 0) merge(spare, kernelCpu(0) + Own.holder, 1, 2);
  if ((keep & Keep.replaced) !== 0) replace(spare, 1);
}

/** The root with its unconfined and that many other profiles, as the kernel's boot makes them. */
function makePolicy(cpu: i32, profiles: i32): void {
  store(KernelGlobal.namespaces, heapReserve(cpu, pointerBytes));
  store(KernelGlobal.namespaceCount, 1);
  namesBoot(cpu, profiles + 1);
  nameGive(nameOf(0), 0, 0);
  addNamespace(cpu, 0, -1, 0);
  for (let index: i32 = 1; index <= profiles; index += 1) {
    nameGive(nameOf(index), 0, index);
    installProfile(cpu, index, profileAlloc(cpu, namespaceOf(0), index, index, 0, 0), 0);
  }
}

/** The label of profiles `a` and `b`, looked up by name, in the empty `holder`. */
function merge(cpu: i32, holder: ptr, a: i32, b: i32): void {
  const left: ptr = kernelCpu(cpu) + Own.left;
  const right: ptr = kernelCpu(cpu) + Own.right;
  labelOfProfile(cpu, left, a);
  labelOfProfile(cpu, right, b);
  const one: ptr = load(left);
  const other: ptr = load(right);
  if (broken === Bug.forgetPut || broken === Bug.keepsNoParts) brokenMerge(cpu, holder, one, other);
  else labelMerge(cpu, holder, one, other);
  labelPut(cpu, left, one);
  labelPut(cpu, right, other);
}

/** Merges the labels of two profiles and keeps what comes of it. */
export function merger(cpu: i32, a: i32, b: i32): void {
  merge(cpu, kernelCpu(cpu) + Own.holder, a, b);
}

/** Puts the first version of a profile, which is kept, into an entry of a vector. */
function copyProfile(entry: ptr, index: i32): void {
  const label: ptr = load(keeper(index));
  const profile: ptr = load(label + Label.vec);
  store(entry, profile);
}

/** Finds or makes the label of two profiles, the first versions of which are kept, and keeps it; `leaves` 1: drops it. */
export function creator(cpu: i32, a: i32, b: i32, leaves: i32): void {
  const vector: ptr = scratchVector(cpu);
  copyProfile(vector, a);
  copyProfile(vector + vectorEntryBytes, b);
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  const label: ptr = broken === Bug.none ? compoundObtain(cpu, holder, 2) : brokenObtain(cpu, holder);
  if (leaves !== 0) labelPut(cpu, holder, label);
}

/** Drops the reference that it has. */
export function leaver(cpu: i32): void {
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  labelPut(cpu, holder, load(holder));
}

/** A new version of a profile takes the place of the one before. */
function replace(cpu: i32, index: i32): void {
  const fresh: ptr = profileAlloc(cpu, namespaceOf(0), index, index, 0, 0);
  policyLock();
  let dropped: ptr = 0;
  if (broken === Bug.none) {
    dropped = installProfile(cpu, index, fresh, dropped);
    renewSets(cpu, 0);
  } else dropped = brokenReplace(cpu, index, fresh);
  policyUnlock();
  dropAll(cpu, dropped);
}

/** Replaces a profile `times` times, and says when it is done. */
export function replacer(cpu: i32, index: i32, times: i32): void {
  for (let time: i32 = 0; time < times; time += 1) replace(cpu, index);
  store(kernelGlobals + Shared.done, 1);
}

/**
 * Looks the label up that has the vector of the kept one of profile `index`, or (0) of the compound, `rounds` times. Where the
 * replacement was complete before, the new version must be found. A profile's own label is always there.
 */
export function finder(cpu: i32, index: i32, rounds: i32): void {
  const kept: ptr = load(index === 0 ? kernelGlobals + Shared.compound : keeper(index));
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  const size: i32 = load(kept + Label.size);
  for (let round: i32 = 0; round < rounds; round += 1) {
    const replaced: i32 = load(kernelGlobals + Shared.done);
    const found: ptr = labelSetFind(cpu, set(), holder, kept + Label.vec, size);
    if (found !== 0) {
      if (replaced !== 0 && outOfDate(found)) violation(cpu, Verdict.assertion, found);
      labelPut(cpu, holder, found);
    } else if (size === 1 || replaced !== 0) violation(cpu, Verdict.lostLabel, kept);
  }
}

/** Goes on to the newest version of what is kept of profile `index`, `rounds` times, and uses it. */
export function refresher(cpu: i32, index: i32, rounds: i32): void {
  const kept: ptr = load(keeper(index));
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const replaced: i32 = load(kernelGlobals + Shared.done);
    const newest: ptr = labelGetNewest(cpu, holder, kept);
    if (replaced !== 0 && isStale(newest)) violation(cpu, Verdict.assertion, newest);
    labelPut(cpu, holder, newest);
  }
}

/** The end: one label for each name, none with an old profile that is not marked; then CPUs below `users` drop what they have. */
export function check(users: i32): void {
  const tree: ptr = set() + LabelSet.tree;
  if (rbCheckShape(tree, -1) !== RbFault.none) violation(0, Verdict.assertion, tree);
  for (let node: ptr = rbFirst(tree); node !== 0; node = rbNext(node)) checkMember(node - Label.node);
  for (let user: i32 = 0; user < users; user += 1) checkHeld(load(kernelCpu(user) + Own.holder), users);
  checkHeld(load(kernelGlobals + Shared.compound), users);
  for (let user: i32 = 0; user < users; user += 1) drop(kernelCpu(user) + Own.holder);
  drop(kernelGlobals + Shared.compound);
  drop(keeper(1));
  drop(keeper(2));
}

/** A member that somebody refers to is marked where it is out of date. */
function checkMember(label: ptr): void {
  const holder: ptr = kernelCpu(0) + Own.left;
  if (!labelTryGet(0, holder, label)) return;
  if (outOfDate(label) && !isStale(label)) violation(0, Verdict.assertion, label);
  labelPut(0, holder, label);
}

/** The newest version of what somebody has (0: nothing) is the one that is found. */
function checkHeld(held: ptr, users: i32): void {
  if (held === 0) return;
  const label: ptr = newestVisible(held);
  if (outOfDate(label)) violation(0, Verdict.assertion, label);
  const member: ptr = treeWalk(set(), label + Label.vec, load(label + Label.size));
  if (member !== label)
    violation(0, isHeld(member, users) ? Verdict.duplicateLabel : Verdict.lostLabel, label);
}

/** Whether one of the CPUs below `users` has that label. */
function isHeld(label: ptr, users: i32): bool {
  if (label === 0) return false;
  for (let user: i32 = 0; user < users; user += 1) {
    const held: ptr = load(kernelCpu(user) + Own.holder);
    if (held === label) return true;
  }
  return false;
}

function drop(holder: ptr): void {
  const label: ptr = load(holder);
  if (label !== 0) labelPut(0, holder, label);
}

/** After that: all policy goes. */
export function dismantle(): void {
  policyDismantle(0);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    if (id >= callbacksPerOwner) callback(cpu, id - callbacksPerOwner, head);
    else if (broken === Bug.emptyEarly) brokenReclaim(cpu, id, head);
    else if (id === Callback.labelFree) labelFree(cpu, head - Label.rcu);
    else labelReclaim(cpu, head - Label.rcu);
    head = rcuTake();
  }
}

export default {
  options: {
    maxLabelParts: { unit: "count", default: 4, min: 2, max: 32, doc: "Most profiles of a label." },
    hooks: { unit: "version", default: 611, min: 66, max: 611, doc: "Nothing here has to do with hooks." },
    broken: { unit: "number", default: 0, min: 0, max: 8, doc: "Which deliberate bug (`Bug`); 0 = none." },
  },
} satisfies ProgramMeta;

/**
 * The label set as entries of a program: vectors, single steps for a model to follow, and `churn`, which strings them together
 * at random for schedules. Profiles are numbered cells with a rank; labels bear numbers, which tests know them by.
 */
import {
  Boot,
  Callback,
  callbacksPerOwner,
  coreBoot,
  heapLive,
  heapReserve,
  Kind,
  kernelCpu,
  kernelGlobals,
  Label,
  LabelFlags,
  type ProgramMeta,
  RcuHead,
  rbFirst,
  rbNext,
  spinLock,
  spinUnlock,
  Verdict,
  violation,
} from "refplay/kernel";
import { type bool, fetchAdd, i32, load, type ptr, rcuTake, store, storeRelease, u32 } from "refplay/machine";
import { callback, boot as strategyBoot } from "refplay/strategy";
import {
  LabelSet,
  labelSetBytes,
  labelSetFind,
  labelSetFindOutOfDate,
  labelSetInit,
  labelSetRemove,
  labelSetReplace,
  Ranked,
  vectorCanonical,
  vectorCompare,
  vectorEntryBytes,
  vectorMerge,
} from "../../src/kernel/label-set/index.ts";
import { drain, unlockDrained } from "../../src/kernel/label-set/pending.ts";
import { emptyHolder, labelPut } from "../../src/kernel/reference.ts";
import { compoundAlloc, compoundFindOrCreate, compoundFree } from "./bare-compound.ts";
import { checkTree } from "./set-check.ts";

/** Cells behind `kernelGlobals`. */
enum Cell {
  set = 0,
  /** Table of profiles. */
  profiles = labelSetBytes,
  /** Numbers given to labels. */
  labels = profiles + 8,
  /** Replacements exclude each other. */
  policyLock = profiles + 64,
}

/** Cells of a CPU. */
enum Own {
  /** Vectors 0, 1 and 2. */
  vectors = 0,
  spare = 3 * 256,
  slots = spare + 64,
}

const set: ptr = kernelGlobals + Cell.set;
const policyLock: ptr = kernelGlobals + Cell.policyLock;
const profileBytes: i32 = 32;
const slotBytes: i32 = 64;
const slots: i32 = 8;

function profileAt(index: i32): ptr {
  const table: ptr = load(kernelGlobals + Cell.profiles);
  return table + index * profileBytes;
}

function vectorOf(cpu: i32, which: i32): ptr {
  return kernelCpu(cpu) + Own.vectors + which * 256;
}

function slotOf(cpu: i32, slot: i32): ptr {
  return kernelCpu(cpu) + Own.slots + slot * slotBytes;
}

/** An empty set, and profiles whose ranks are their numbers. */
export function boot(profiles: i32): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    strategyBoot(cpu);
    emptyHolder(kernelCpu(cpu) + Own.spare);
    for (let slot: i32 = 0; slot < slots; slot += 1) emptyHolder(slotOf(cpu, slot));
  }
  labelSetInit(set);
  const table: ptr = heapReserve(0, profiles * profileBytes);
  store(kernelGlobals + Cell.profiles, table);
  for (let index: i32 = 0; index < profiles; index += 1) setRank(index, index);
}

// ---- vectors ----

export function setRank(profile: i32, rank: i32): void {
  store(profileAt(profile) + Ranked.rank, rank);
}

/** Puts a profile into vector `which` (0, 1 or 2; at most 32 entries each). */
export function setPart(which: i32, at: i32, profile: i32): void {
  store(vectorOf(0, which) + at * vectorEntryBytes, profileAt(profile));
}

/** Which profile is there. */
export function part(which: i32, at: i32): i32 {
  const profile: ptr = load(vectorOf(0, which) + at * vectorEntryBytes);
  return (profile - profileAt(0)) / profileBytes;
}

export function canonical(which: i32, size: i32): i32 {
  return vectorCanonical(vectorOf(0, which), size);
}

/** Merges vectors 0 and 1 into 2. */
export function merge(size: i32, otherSize: i32): i32 {
  return vectorMerge(vectorOf(0, 2), vectorOf(0, 0), size, vectorOf(0, 1), otherSize);
}

/** Compares vectors 0 and 1. */
export function compare(size: i32, otherSize: i32): i32 {
  return vectorCompare(vectorOf(0, 0), size, vectorOf(0, 1), otherSize);
}

// ---- single steps ----

/** A label's number, given when somebody asks for the first time. 0 for no label. */
function numberOf(label: ptr): i32 {
  if (label === 0) return 0;
  const known: i32 = load(label + Label.secid);
  if (known !== 0) return known;
  const number: i32 = 1 + fetchAdd(kernelGlobals + Cell.labels, 1);
  store(label + Label.secid, number);
  return number;
}

/** Finds or makes the label of the first `size` entries of vector 0, canonical, into an empty slot. Its number. */
export function findOrCreate(cpu: i32, slot: i32, size: i32): i32 {
  const spare: ptr = kernelCpu(cpu) + Own.spare;
  return numberOf(compoundFindOrCreate(cpu, set, slotOf(cpu, slot), spare, vectorOf(cpu, 0), size));
}

/** Finds it only. Its number, or 0. */
export function find(cpu: i32, slot: i32, size: i32): i32 {
  return numberOf(labelSetFind(cpu, set, slotOf(cpu, slot), vectorOf(cpu, 0), size));
}

/** Drops what is in the slot. */
export function drop(cpu: i32, slot: i32): void {
  const label: ptr = load(slotOf(cpu, slot));
  labelPut(cpu, slotOf(cpu, slot), label);
}

/** Replaces the label in a slot by a new version in slot `other`, unless it is stale. The new number, or 0. */
export function renew(cpu: i32, slot: i32, other: i32): i32 {
  const old: ptr = load(slotOf(cpu, slot));
  spinLock(policyLock);
  const flags: i32 = load(old + Label.flags);
  let fresh: ptr = 0;
  if ((flags & LabelFlags.stale) === 0) {
    fresh = compoundAlloc(cpu, slotOf(cpu, other), old + Label.vec, load(old + Label.size));
    const done: bool = labelSetReplace(cpu, set, old, fresh);
    // It is alive and not stale: nobody but us could have taken it out.
    if (!done) violation(cpu, Verdict.lostLabel, old);
    storeRelease(old + Label.flags, flags | LabelFlags.stale);
  }
  spinUnlock(policyLock);
  return numberOf(fresh);
}

/** Members in the tree. */
export function members(): i32 {
  let count: i32 = 0;
  let node: ptr = rbFirst(set + LabelSet.tree);
  while (node !== 0) {
    count += 1;
    node = rbNext(node);
  }
  return count;
}

/** Labels that are allocated. */
export function liveLabels(): i32 {
  return heapLive(Kind.label);
}

/** `RbFault` of the tree, with the order of its labels and with their states. Nobody else runs. */
export function check(): i32 {
  return checkTree(set);
}

/** From now on the profile was replaced: labels of several that have it are out of date. */
export function setStale(profile: i32): void {
  storeRelease(profileAt(profile) + Ranked.stale, 1);
}

/** The number of the first member that is out of date, with a reference in an empty slot; 0 for none. */
export function findOutOfDate(cpu: i32, slot: i32): i32 {
  return numberOf(labelSetFindOutOfDate(cpu, set, slotOf(cpu, slot)));
}

// ---- somebody who has the lock, of `rcu-list` ----

export function hold(): void {
  spinLock(set + LabelSet.lock);
}

export function letGo(cpu: i32): void {
  drain(cpu, set);
  unlockDrained(cpu, set);
}

/** As if a search stood on the first member. */
export function pointAtFirst(): void {
  store(set + LabelSet.cursor, rbFirst(set + LabelSet.tree));
}

/** The number of the label where that search would go on, or 0. */
export function pointedAt(): i32 {
  const node: ptr = load(set + LabelSet.cursor);
  return node === 0 ? 0 : numberOf(node - Label.node);
}

// ---- random histories ----

/** Writes the profiles whose bits are in `mask` into vector 0 of the CPU, the last first, and sorts them. How many. */
function vectorOfMask(cpu: i32, mask: i32): i32 {
  let size: i32 = 0;
  for (let bit: i32 = 4; bit >= 0; bit -= 1) {
    if ((mask & (1 << bit)) !== 0) {
      store(vectorOf(cpu, 0) + size * vectorEntryBytes, profileAt(bit));
      size += 1;
    }
  }
  return vectorCanonical(vectorOf(cpu, 0), size);
}

/** `steps` random things with labels of profiles 0 to 4. */
export function churn(cpu: i32, steps: i32, seed: i32, masks: i32): void {
  let random: u32 = u32(seed);
  for (let step: i32 = 0; step < steps; step += 1) {
    // Marsaglia, "Xorshift RNGs", 2003: the triple 13, 17, 5.
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    randomStep(cpu, i32(random >>> 8), masks);
  }
  for (let slot: i32 = 0; slot < slots; slot += 1) {
    const label: ptr = load(slotOf(cpu, slot));
    if (label !== 0) labelPut(cpu, slotOf(cpu, slot), label);
  }
}

function randomStep(cpu: i32, random: i32, masks: i32): void {
  const slot: i32 = random % 4;
  const kind: i32 = (random >> 4) % 8;
  const label: ptr = load(slotOf(cpu, slot));
  if (label === 0) {
    const size: i32 = vectorOfMask(cpu, 1 + ((random >> 8) % masks));
    if (kind < 6) findOrCreate(cpu, slot, size);
    else find(cpu, slot, size);
    const found: ptr = load(slotOf(cpu, slot));
    if (found !== 0) {
      const order: i32 = vectorCompare(vectorOf(cpu, 0), size, found + Label.vec, load(found + Label.size));
      if (order !== 0) violation(cpu, Verdict.assertion, found);
    }
  } else if (kind < 2) {
    renew(cpu, slot, slot + 4);
    drop(cpu, slot);
    const fresh: ptr = load(slotOf(cpu, slot + 4));
    if (fresh !== 0) drop(cpu, slot + 4);
  } else if (kind < 5) findAgain(cpu, label, slot + 4);
  else drop(cpu, slot);
}

/** While nobody replaces labels, one that is held and not stale is what a look-up finds. */
function findAgain(cpu: i32, label: ptr, slot: i32): void {
  spinLock(policyLock);
  const flags: i32 = load(label + Label.flags);
  const found: ptr = labelSetFind(cpu, set, slotOf(cpu, slot), label + Label.vec, load(label + Label.size));
  spinUnlock(policyLock);
  if ((flags & LabelFlags.stale) === 0 && found !== label) {
    violation(cpu, found === 0 ? Verdict.lostLabel : Verdict.duplicateLabel, label);
  }
  if (found !== 0) drop(cpu, slot);
}

/** Runs RCU callbacks. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    const label: ptr = head - Label.rcu;
    if (id === Callback.labelFree) {
      if (labelSetRemove(cpu, set, label)) compoundFree(cpu, label);
    } else if (id === Callback.labelReclaim) compoundFree(cpu, label);
    else callback(cpu, id - callbacksPerOwner, head);
    head = rcuTake();
  }
}

export default { options: {} } satisfies ProgramMeta;

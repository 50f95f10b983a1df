/**
 * The label set under few actors: creators of one label or of several, look-ups, a last put, a replacement. Labels are
 * compounds of two profiles, without proxies and names; profiles are cells with a rank. `labelSet` chooses the variant.
 *
 * `broken` chooses a deliberate bug, see `label-set-broken.ts`.
 */
import {
  Boot,
  Callback,
  callbacksPerOwner,
  coreBoot,
  heapAlloc,
  heapFree,
  holderSlotBytes,
  Kind,
  kernelCpu,
  kernelGlobals,
  Label,
  LabelFlags,
  labelBytesFor,
  type ProgramMeta,
  RbFault,
  RcuHead,
  rbCheckShape,
  rbTop,
  spinLock,
  Verdict,
  violation,
} from "refplay/kernel";
import {
  awaitAtLeast,
  type bool,
  fetchAdd,
  type i32,
  load,
  type ptr,
  rcuTake,
  store,
  storeRelease,
} from "refplay/machine";
import { callback, destroy, boot as strategyBoot } from "refplay/strategy";
import {
  LabelSet,
  LabelSetVariant,
  labelSetAdd,
  labelSetBytes,
  labelSetFind,
  labelSetInit,
  labelSetRemove,
  labelSetReplace,
  labelSetVariant,
  Ranked,
  vectorEntryBytes,
} from "../../../src/kernel/label-set/index.ts";
import { drain, isEnd, listNewest, unlockDrained } from "../../../src/kernel/label-set/pending.ts";
import { treeRemove, treeWalk } from "../../../src/kernel/label-set/tree.ts";
import { labelInit, labelMove, labelPut } from "../../../src/kernel/reference.ts";
import { Bug, broken, brokenAdd, brokenFind } from "./label-set-broken.ts";

/** Keys 0 to 3: the label of key k is made of profiles k and 4. */
const keys: i32 = 4;
const parts: i32 = 2;
const profileBytes: i32 = Ranked.rank + 4;

/** Cells behind `kernelGlobals`. */
export enum Shared {
  set = 0,
  /** For each key the reference that keeps its label from the beginning, where it has one. */
  keepers = labelSetBytes,
  /** What never changes: profiles, and for each key its vector. */
  profiles = keepers + keys * holderSlotBytes,
  vectors = profiles + (keys + 1) * profileBytes,
  /** Creators, or replacers, that are done. */
  done = vectors + keys * parts * vectorEntryBytes,
}

/** Cells of a CPU. */
export enum Own {
  /** The reference that an actor has. */
  holder = 0,
  /** The second one, where it has two for a while. */
  other = holderSlotBytes,
}

const set: ptr = kernelGlobals + Shared.set;

function profileOf(number: i32): ptr {
  return kernelGlobals + Shared.profiles + number * profileBytes;
}

function vectorOf(key: i32): ptr {
  return kernelGlobals + Shared.vectors + key * parts * vectorEntryBytes;
}

/** A new label that is in no set, with its first reference in `holder`. */
function make(cpu: i32, holder: ptr, key: i32): ptr {
  const label: ptr = heapAlloc(cpu, Kind.label, labelBytesFor(parts));
  store(label + Label.size, parts);
  store(label + Label.vec, profileOf(key));
  store(label + Label.vec + vectorEntryBytes, profileOf(keys));
  labelInit(cpu, holder, label);
  return label;
}

/**
 * An empty set, then the labels of the keys whose bits are in `planted`. The reference to the label of key k is dropped at the
 * end, or is in the holder of CPU `owner` if that is not -1.
 */
export function boot(planted: i32, owner: i32): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) strategyBoot(cpu);
  labelSetInit(set);
  for (let number: i32 = 0; number <= keys; number += 1) store(profileOf(number) + Ranked.rank, number);
  // Objects lie in the area of the CPU that makes them: of the last, so that all others begin alike.
  const spare: i32 = cpus - 1;
  for (let key: i32 = 0; key < keys; key += 1) {
    store(vectorOf(key), profileOf(key));
    store(vectorOf(key) + vectorEntryBytes, profileOf(keys));
    if ((planted & (1 << key)) !== 0) {
      const keeper: ptr = kernelGlobals + Shared.keepers + key * holderSlotBytes;
      const holder: ptr = owner < 0 ? keeper : kernelCpu(owner) + Own.holder;
      labelSetAdd(spare, set, kernelCpu(spare) + Own.other, make(spare, holder, key));
    }
  }
}

/** Makes the label of that key unless it is there, and keeps a reference to it to the end. */
export function creator(cpu: i32, key: i32): void {
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  const other: ptr = kernelCpu(cpu) + Own.other;
  const fresh: ptr = make(cpu, holder, key);
  const member: ptr = broken === 0 ? labelSetAdd(cpu, set, other, fresh) : brokenAdd(cpu, set, other, fresh);
  if (member === fresh) return;
  labelPut(cpu, holder, fresh);
  labelMove(cpu, other, holder, member);
}

/** The same, and says when it is done. */
export function quickCreator(cpu: i32, key: i32): void {
  creator(cpu, key);
  fetchAdd(kernelGlobals + Shared.done, 1);
}

/** Has the lock until that many creators are done, as for an update of many labels. If they waited for it, nobody got on. */
export function longUpdate(cpu: i32, creators: i32): void {
  spinLock(set + LabelSet.lock);
  awaitAtLeast(kernelGlobals + Shared.done, creators);
  drain(cpu, set);
  unlockDrained(cpu, set);
}

/**
 * Looks the label of that key up `rounds` times, uses it and drops it. `there`: 1 if it must be found, 2 if it must be found
 * and be the new one where its replacement was complete before.
 */
export function finder(cpu: i32, key: i32, there: i32, rounds: i32): void {
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const vector: ptr = vectorOf(key);
    const replaced: i32 = there === 2 ? load(kernelGlobals + Shared.done) : 0;
    const found: ptr =
      broken === 0
        ? labelSetFind(cpu, set, holder, vector, parts)
        : brokenFind(cpu, set, holder, vector, parts);
    if (found !== 0) {
      const first: ptr = load(found + Label.vec);
      if (first !== profileOf(key)) violation(cpu, Verdict.assertion, found);
      if (replaced !== 0 && isStale(found)) violation(cpu, Verdict.assertion, found);
      labelPut(cpu, holder, found);
    } else if (there !== 0) violation(cpu, Verdict.lostLabel, vector);
  }
}

function isStale(label: ptr): bool {
  const flags: i32 = load(label + Label.flags);
  return (flags & LabelFlags.stale) !== 0;
}

/** Drops the reference that it has. */
export function leaver(cpu: i32): void {
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  labelPut(cpu, holder, load(holder));
}

/** Replaces the label of that key, to which it has a reference, by a new one, and drops the old one. */
export function replacer(cpu: i32, key: i32): void {
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  const other: ptr = kernelCpu(cpu) + Own.other;
  const old: ptr = load(holder);
  const fresh: ptr = make(cpu, other, key);
  const done: bool = labelSetReplace(cpu, set, old, fresh);
  if (!done) violation(cpu, Verdict.lostLabel, old);
  const flags: i32 = load(old + Label.flags);
  storeRelease(old + Label.flags, flags | LabelFlags.stale);
  store(kernelGlobals + Shared.done, 1);
  labelPut(cpu, holder, old);
  labelMove(cpu, other, holder, fresh);
}

/** The end: what CPUs below `users` have is in the set once, and then dropped. */
export function clear(users: i32): void {
  if (labelSetVariant === LabelSetVariant.rcuList && !isEnd(listNewest(set))) {
    // Nobody has the lock, so nobody is going to look.
    violation(0, Verdict.assertion, set);
  }
  const fault: i32 = rbCheckShape(set + LabelSet.tree, -1);
  if (fault !== RbFault.none) violation(0, Verdict.assertion, set);
  for (let user: i32 = 0; user < users; user += 1) {
    const label: ptr = load(kernelCpu(user) + Own.holder);
    if (label !== 0) {
      const member: ptr = treeWalk(set, label + Label.vec, parts);
      if (!isStale(label) && member !== label) {
        violation(0, isHeld(member, users) ? Verdict.duplicateLabel : Verdict.lostLabel, label);
      }
    }
  }
  for (let user: i32 = 0; user < users; user += 1) drop(user, kernelCpu(user) + Own.holder);
  for (let key: i32 = 0; key < keys; key += 1) {
    drop(0, kernelGlobals + Shared.keepers + key * holderSlotBytes);
  }
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

function drop(cpu: i32, holder: ptr): void {
  const label: ptr = load(holder);
  if (label !== 0) labelPut(cpu, holder, label);
}

/** After that: labels without references have left the set. */
export function emptied(): void {
  if (rbTop(set + LabelSet.tree) !== 0) violation(0, Verdict.assertion, set);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    const label: ptr = head - Label.rcu;
    if (id === Callback.labelFree) {
      if (broken === Bug.freeAtOnce) removeAndFree(cpu, label);
      else if (labelSetRemove(cpu, set, label)) free(cpu, label);
    } else if (id === Callback.labelReclaim) free(cpu, label);
    else callback(cpu, id - callbacksPerOwner, head);
    head = rcuTake();
  }
}

/** `labelSetRemove` for `rcu-list`, without the second grace period. */
function removeAndFree(cpu: i32, label: ptr): void {
  spinLock(set + LabelSet.lock);
  drain(cpu, set);
  treeRemove(set, label);
  unlockDrained(cpu, set);
  free(cpu, label);
}

function free(cpu: i32, label: ptr): void {
  destroy(cpu, label);
  heapFree(cpu, label);
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 11, doc: "Which deliberate bug; 0 = none." },
  },
} satisfies ProgramMeta;

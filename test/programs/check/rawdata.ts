/**
 * A policy text that profiles share, opened through a profile or through an inode while profiles drop it or get another one.
 *
 * `broken` chooses a deliberate bug (`Bug`).
 */
import {
  Boot,
  Callback,
  coreBoot,
  kernelGlobals,
  type ProgramMeta,
  RcuHead,
  Verdict,
  violation,
} from "refplay/kernel";
import {
  type bool,
  exchange,
  fetchAdd,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
} from "refplay/machine";
import {
  Rawdata,
  rawdataAlloc,
  rawdataFree,
  rawdataProfileGet,
  rawdataProfilePut,
  rawdataPut,
  rawdataTryGet,
} from "../../../src/kernel/rawdata.ts";

/** Values of the option `broken`. */
export enum Bug {
  none = 0,
  /** Who opens adds one to the count, whatever it is. He closes in the same read section, so that the memory stays. */
  plainGet = 1,
  /** After the last put the text is freed without a grace period. */
  freeAtOnce = 2,
  /** One count, which profiles have and inodes do not. */
  singleCount = 3,
  /** Who opens is in no read section. */
  noSection = 4,
  /** Every profile drops the count that all of them have together. */
  everyProfilePuts = 5,
}

const broken: i32 = option("broken");

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** Where the inode points. */
  inode = 0,
  /** Where each profile points. */
  profiles = 64,
}

const inodeSlot: ptr = kernelGlobals + Shared.inode;

function profileSlot(profile: i32): ptr {
  return kernelGlobals + Shared.profiles + profile * 8;
}

/** A text that `profiles` have and, with `inode` 1, an inode too. */
export function boot(profiles: i32, inode: i32): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  // In the area of a CPU that no actor allocates on.
  const rawdata: ptr = rawdataAlloc(cpus - 1);
  for (let profile: i32 = 0; profile < profiles; profile += 1) {
    if (profile > 0) rawdataProfileGet(rawdata);
    store(profileSlot(profile), rawdata);
  }
  if (inode === 0) return;
  store(inodeSlot, rawdata);
  if (broken !== Bug.singleCount) rawdataTryGet(rawdata);
}

/** Opens the text of profile 0, reads and closes it, `rounds` times. */
export function opener(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) open(cpu, profileSlot(0));
}

/** The same through the inode. */
export function inodeOpener(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) open(cpu, inodeSlot);
}

function open(cpu: i32, slot: ptr): void {
  if (broken !== Bug.noSection) rcuReadLock();
  const rawdata: ptr = load(slot);
  const got: bool = rawdata !== 0 && tryGet(rawdata);
  if (broken !== Bug.noSection && broken !== Bug.plainGet) rcuReadUnlock();
  if (got) {
    load(rawdata + Rawdata.text);
    put(cpu, rawdata);
  }
  if (broken === Bug.plainGet) rcuReadUnlock();
}

function tryGet(rawdata: ptr): bool {
  if (broken !== Bug.plainGet) return rawdataTryGet(rawdata);
  fetchAdd(rawdata + Rawdata.count, 1);
  return true;
}

function put(cpu: i32, rawdata: ptr): void {
  if (broken !== Bug.freeAtOnce) {
    rawdataPut(cpu, rawdata);
    return;
  }
  const before: i32 = fetchAdd(rawdata + Rawdata.count, -1);
  if (before === 1) rawdataFree(cpu, rawdata + Rawdata.rcu);
}

function profilePut(cpu: i32, rawdata: ptr): void {
  if (broken === Bug.none) {
    rawdataProfilePut(cpu, rawdata);
    return;
  }
  const before: i32 = fetchAdd(rawdata + Rawdata.pcount, -1);
  if (before === 1 || broken === Bug.everyProfilePuts) put(cpu, rawdata);
}

/** A profile goes. */
export function dropper(cpu: i32, profile: i32): void {
  const rawdata: ptr = load(profileSlot(profile));
  store(profileSlot(profile), 0);
  profilePut(cpu, rawdata);
}

/** The only profile goes, and then the inode: only the last profile has it removed. */
export function remover(cpu: i32): void {
  const rawdata: ptr = load(inodeSlot);
  dropper(cpu, 0);
  store(inodeSlot, 0);
  if (broken !== Bug.singleCount) put(cpu, rawdata);
}

/** A profile gets another text, `rounds` times. */
export function replacer(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    const old: ptr = exchange(profileSlot(0), rawdataAlloc(cpu));
    profilePut(cpu, old);
  }
}

/** The end: profiles that have a text still have the only count, and drop it. */
export function clear(profiles: i32): void {
  for (let profile: i32 = 0; profile < profiles; profile += 1) {
    const rawdata: ptr = load(profileSlot(profile));
    if (rawdata !== 0) {
      const count: i32 = load(rawdata + Rawdata.count);
      if (count !== 1) violation(0, Verdict.assertion, rawdata);
      profilePut(0, rawdata);
    }
  }
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    if (id === Callback.rawdataFree) rawdataFree(cpu, head);
    head = rcuTake();
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 5, doc: "Which deliberate bug (`Bug`); 0 = none." },
  },
} satisfies ProgramMeta;

/**
 * The kernel's program, and beside it loops over its label sets with nothing of the interpreter between: one CPU looks labels up
 * that slots keep, another one is busy on memory of its own or replaces random profiles, until the first one is through.
 */
import {
  type i32,
  load,
  loadAcquire,
  type ptr,
  quiescent,
  rcuReadLock,
  rcuReadUnlock,
  store,
  storeRelease,
} from "refplay/machine";
import { Cpu, cpuArea } from "../../src/kernel/core/areas.ts";
import type { ProgramMeta } from "../../src/kernel/core/contract.ts";
import { Counter } from "../../src/kernel/core/counter-names.ts";
import { heapReserve } from "../../src/kernel/core/heap.ts";
import { Label } from "../../src/kernel/core/label-layout.ts";
import { rcuOffline, rcuOnline } from "../../src/kernel/core/rcu-periods.ts";
import { temporary } from "../../src/kernel/cpu-block.ts";
import { LoadFlags, PolicyMode } from "../../src/kernel/events.ts";
import { KernelGlobal } from "../../src/kernel/globals.ts";
import { run } from "../../src/kernel/interpreter.ts";
import { lookUpLabel } from "../../src/kernel/kept-labels.ts";
import { LabelSet } from "../../src/kernel/label-set/index.ts";
import { loadProfile } from "../../src/kernel/load-set.ts";
import { labelMerge } from "../../src/kernel/merge.ts";
import { Namespace } from "../../src/kernel/namespace.ts";
import { Profile } from "../../src/kernel/profile.ts";
import { labelPut, labelTryGet, ownLabel } from "../../src/kernel/reference.ts";
import { holderBytes } from "../../src/kernel/settings.ts";
import { Boot } from "../../src/machine/memory-map.ts";

export {
  audit,
  boot,
  bootCpu,
  cpuAreaBase,
  cpuAreaBytes,
  dismantle,
  drain,
  labelObjectBytes,
  run,
  scriptCursor,
  teardown,
} from "../../src/kernel/program.ts";

/** What a CPU does in `turns`. */
export enum Role {
  /** Looks up labels in the order of the table; the others stop when it is through. */
  lookUp = 0,
  /** The same, as `lookUpLabel` records of its script. */
  script = 1,
  /** The label of the slot itself, without looking for it: tryGet and put, and what the loop takes. */
  noLookUp = 2,
  /** Looks up labels, and every so many turns merges two of them to one that has to be made. */
  lookUpAndMake = 3,
  rest = 4,
  /** Reads and writes memory of its own. */
  busy = 5,
  /** Replaces random profiles. */
  replace = 6,
}

/** Cells of the block that `prepare` makes. */
enum Bench {
  /** Number of the round that is over. */
  over = 0,
  /** Table of slots in the order in which they are looked up, 4 bytes each; how many; which is next. */
  order = 64,
  count = 68,
  next = 72,
  /** Of the CPU that does not look up: state of its random numbers, its memory, the profiles 1 to `profiles`. */
  random = 128,
  memory = 132,
  memoryBytes = 136,
  profiles = 140,
  end = 192,
}

/** Turns of `lookUpAndMake` of which one makes a label. */
export const turnsPerMade: i32 = 500;

/** Records or turns between two quiescent states, as in the interpreter. */
const quiescentEvery: i32 = 16;

/**
 * Once, after the set-up: the block for `turns`. Slots 0 to `slots` - 1 keep labels; profiles 1 to `profiles` may be replaced; the
 * busy CPU has `memoryBytes`. 0 where memory is exhausted.
 */
export function prepare(slots: i32, profiles: i32, memoryBytes: i32): ptr {
  const block: ptr = heapReserve(0, Bench.end);
  const order: ptr = heapReserve(0, slots * 4);
  const memory: ptr = heapReserve(0, memoryBytes);
  if (block === 0 || order === 0 || memory === 0) return 0;
  store(block + Bench.order, order);
  store(block + Bench.count, slots);
  store(block + Bench.random, 12345);
  store(block + Bench.memory, memory);
  store(block + Bench.memoryBytes, memoryBytes);
  store(block + Bench.profiles, profiles);
  return block;
}

/** Forgets the most of anything that was counted so far. */
export function forgetMost(): void {
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    store(cpuArea(cpu) + Cpu.counters + Counter.longestList * 4, 0);
    store(cpuArea(cpu) + Cpu.counters + Counter.longestReclaimTicks * 4, 0);
  }
}

/** Entry `at` of the order of look-ups is `slot`. */
export function putInOrder(block: ptr, at: i32, slot: i32): void {
  const order: ptr = load(block + Bench.order);
  store(order + at * 4, slot);
}

/** `count` turns in a `Role` that looks up; in the others, what they do until round `round` is over. */
export function turns(cpu: i32, role: i32, block: ptr, count: i32, round: i32): void {
  if (role === Role.rest) return;
  if (role === Role.script) {
    run(cpu, count);
  } else {
    rcuOnline();
    if (role === Role.busy) beBusy(block, round);
    else if (role === Role.replace) replaceProfiles(cpu, block, round);
    else if (role === Role.noLookUp) noLookUps(cpu, block, count);
    else if (role === Role.lookUp) lookUps(cpu, block, count);
    else lookUpsAndMakes(cpu, block, count);
    quiescent();
    rcuOffline();
  }
  if (role < Role.rest) storeRelease(block + Bench.over, round);
}

function lookUps(cpu: i32, block: ptr, count: i32): void {
  const order: ptr = load(block + Bench.order);
  const slots: i32 = load(block + Bench.count);
  let next: i32 = load(block + Bench.next);
  for (let turn: i32 = 0; turn < count; turn += 1) {
    lookUpLabel(cpu, load(order + next * 4));
    next += 1;
    if (next === slots) next = 0;
    if (turn % quiescentEvery === 0) quiescent();
  }
  store(block + Bench.next, next);
}

function lookUpsAndMakes(cpu: i32, block: ptr, count: i32): void {
  const order: ptr = load(block + Bench.order);
  const holders: ptr = load(KernelGlobal.labelSlots);
  for (let turn: i32 = turnsPerMade; turn <= count; turn += turnsPerMade) {
    lookUps(cpu, block, turnsPerMade - 1);
    // Two of the order that are next to each other.
    const at: i32 = load(block + Bench.next);
    const first: i32 = load(order + at * 4);
    const second: i32 = at === 0 ? load(order + 4) : load(order + (at - 1) * 4);
    const left: ptr = ownLabel(holders + first * holderBytes);
    const right: ptr = ownLabel(holders + second * holderBytes);
    const merged: ptr = labelMerge(cpu, temporary(cpu), left, right);
    if (merged !== 0) labelPut(cpu, temporary(cpu), merged);
  }
}

function noLookUps(cpu: i32, block: ptr, count: i32): void {
  const order: ptr = load(block + Bench.order);
  const slots: i32 = load(block + Bench.count);
  const holders: ptr = load(KernelGlobal.labelSlots);
  let next: i32 = load(block + Bench.next);
  for (let turn: i32 = 0; turn < count; turn += 1) {
    const slot: i32 = load(order + next * 4);
    const label: ptr = ownLabel(holders + slot * holderBytes);
    rcuReadLock();
    if (labelTryGet(cpu, temporary(cpu), label)) labelPut(cpu, temporary(cpu), label);
    rcuReadUnlock();
    next += 1;
    if (next === slots) next = 0;
    if (turn % quiescentEvery === 0) quiescent();
  }
  store(block + Bench.next, next);
}

/** Adds to one cell of each line after the other. */
function beBusy(block: ptr, round: i32): void {
  const memory: ptr = load(block + Bench.memory);
  const bytes: i32 = load(block + Bench.memoryBytes);
  let at: i32 = 0;
  let over: i32 = loadAcquire(block + Bench.over);
  while (over !== round) {
    for (let turn: i32 = 0; turn < quiescentEvery; turn += 1) {
      const before: i32 = load(memory + at);
      store(memory + at, before + 1);
      at += 64;
      if (at >= bytes) at = 0;
    }
    quiescent();
    over = loadAcquire(block + Bench.over);
  }
}

function replaceProfiles(cpu: i32, block: ptr, round: i32): void {
  const profiles: i32 = load(block + Bench.profiles);
  let random: i32 = load(block + Bench.random);
  let over: i32 = loadAcquire(block + Bench.over);
  while (over !== round) {
    // Numerical Recipes' generator; its upper bits are the good ones.
    random = random * 1664525 + 1013904223;
    const drawn: i32 = ((random >> 8) & 0xffffff) % profiles;
    loadProfile(cpu, 1 + drawn, PolicyMode.enforce, LoadFlags.replace);
    quiescent();
    over = loadAcquire(block + Bench.over);
  }
  store(block + Bench.random, random);
}

// ---- where a look-up in C finds everything ----

export const globalLabelSlots: i32 = KernelGlobal.labelSlots;
export const benchOrder: i32 = Bench.order;
export const slotBytes: i32 = holderBytes;
export const labelNode: i32 = Label.node;
export const labelFlags: i32 = Label.flags;
export const labelSize: i32 = Label.size;
export const labelVec: i32 = Label.vec;
export const profileNamespace: i32 = Profile.namespace;
export const namespaceSet: i32 = Namespace.set;
export const setSequence: i32 = LabelSet.sequence;
export const setPending: i32 = LabelSet.pending;

/** As in src/kernel/program.ts, at what a measured run uses. */
export default {
  options: {
    maxLabelParts: { unit: "count", default: 16, min: 2, max: 32, doc: "Most profiles of a label." },
    buffers: { unit: "number", default: 3, min: 0, max: 3, doc: "Work buffers: not used here." },
    bufferBytes: { unit: "bytes", default: 64, min: 64, max: 65536, doc: "Bytes of a work buffer." },
    hooks: { unit: "version", default: 611, min: 66, max: 611, doc: "Kernel version of the hooks." },
    creds: { unit: "0/1", default: 0, min: 0, max: 1, doc: "How creds are counted." },
    eventMarks: { unit: "0/1", default: 0, min: 0, max: 1, doc: "Whether records are marked." },
  },
} satisfies ProgramMeta;

/**
 * A stage for strategies: labels of the kernel, a few holders per CPU, and one shared slot and one mailbox that all CPUs
 * use. The single steps are entries for direct mode; `churn` strings them together at random for schedules and threads.
 *
 * Everything goes through the kernel's own bookkeeping (`src/kernel/reference.ts`), except the entries named `raw...`, which
 * call the strategy itself to misuse it.
 */

import {
  Boot,
  checkNotReleased,
  coreBoot,
  heapLive,
  Kind,
  kernelCpu,
  kernelGlobals,
  Label,
  LabelClass,
  LabelFlags,
  type ProgramMeta,
  percpuInUse,
  RcuHead,
  rcuOffline,
  rcuOnline,
  spinLock,
  spinUnlock,
  Verdict,
  violation,
  violations,
  warnings,
} from "refplay/kernel";
import {
  type bool,
  i32,
  load,
  option,
  type ptr,
  quiescent,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
  storeFence,
  u32,
} from "refplay/machine";
import {
  get,
  publish,
  put,
  retire,
  boot as strategyBoot,
  maintain as strategyMaintain,
  tryGet,
} from "refplay/strategy";
import { runCallback } from "../../src/kernel/callbacks.ts";
import { rcuDrain } from "../../src/kernel/core/rcu-qsbr.ts";
import { labelAlloc } from "../../src/kernel/label.ts";
import { proxyAlloc } from "../../src/kernel/proxy.ts";
import {
  emptyHolder,
  labelBorrow,
  labelGet,
  labelMove,
  labelPut,
  labelSwap,
  labelTryGet,
  labelUnborrow,
} from "../../src/kernel/reference.ts";
import { holderBytes } from "../../src/kernel/settings.ts";

/** Offsets behind `kernelGlobals`, away from the kernel's own cells. */
enum Stage {
  /** Spinlock for whoever exchanges the label in the slot. */
  slotLock = 512,
  mailLock = 576,
  /** Holder that everybody looks labels up in. */
  slot = 640,
  /** Holder through which references change CPUs. */
  mail = 704,
  /** Labels made so far; only for tests that run one call at a time. */
  made = 768,
}

/** Offsets in the CPU's block. */
enum Own {
  guard = 1024,
  holders = 1088,
  /** Labels made by this CPU; only where they are of all classes. */
  made = 1472,
}
/** Holders of a CPU that tests use by number; two more are `churn`'s. */
const holderCount: i32 = 6;
const holderStride: i32 = 64;
const newHolder: i32 = 4;
const oldHolder: i32 = 5;

/** The holder that all CPUs see. */
export function slotHolder(): ptr {
  return kernelGlobals + Stage.slot;
}

function slot(): ptr {
  return slotHolder();
}

function mail(): ptr {
  return kernelGlobals + Stage.mail;
}

function holderOf(cpu: i32, index: i32): ptr {
  return kernelCpu(cpu) + Own.holders + index * holderStride;
}

/** Lays everything out, for all CPUs. On CPU 0, first. */
export function boot(): void {
  coreBoot();
  emptyHolder(slot());
  emptyHolder(mail());
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    for (let index: i32 = 0; index < holderCount; index += 1) emptyHolder(holderOf(cpu, index));
  }
}

/** Each CPU's own start. */
export function bootCpu(cpu: i32): void {
  strategyBoot(cpu);
}

// ---- single steps ----

/** Whether labels are of all classes by turns, for strategies that count each class in its own way; else plain profiles. */
const allClasses: bool = option("allClasses") !== 0;

/** A new label whose first reference is in a holder. Its address or 0. */
export function make(cpu: i32, holder: i32): ptr {
  let turn: i32 = LabelClass.profile;
  if (allClasses) {
    turn = load(kernelCpu(cpu) + Own.made) & 3;
    store(kernelCpu(cpu) + Own.made, turn + 1);
  }
  return makeOf(cpu, holder, turn);
}

/** The same, a label of that class. One of several profiles has a vector, but nothing in it. */
export function makeOf(cpu: i32, holder: i32, kind: i32): ptr {
  let flags: i32 = 0;
  if (kind === LabelClass.unconfined) flags = LabelFlags.unconfined;
  else if (kind === LabelClass.namespace) flags = LabelFlags.unconfined | LabelFlags.belowRoot;
  const profiles: i32 = kind === LabelClass.compound ? 2 : 0;
  return labelAlloc(cpu, holderOf(cpu, holder), flags, profiles, profiles * holderBytes, proxyAlloc(cpu));
}

/** The label becomes reachable. */
export function publishLabel(cpu: i32, label: ptr): void {
  publish(cpu, label);
}

/** The label is stale from now on. */
export function retireLabel(cpu: i32, label: ptr): void {
  retire(cpu, label);
}

/** What a holder refers to. */
export function held(cpu: i32, holder: i32): ptr {
  return load(holderOf(cpu, holder));
}

/** What the shared slot refers to. */
export function shown(): ptr {
  return load(slot());
}

/** Copies a reference: from holder to empty holder, of one CPU. */
export function copy(cpu: i32, from: i32, to: i32): void {
  const label: ptr = load(holderOf(cpu, from));
  labelGet(cpu, holderOf(cpu, to), label);
}

/** Copies a reference out of another CPU's holder; nothing else runs. */
export function copyFrom(cpu: i32, to: i32, other: i32, from: i32): void {
  const label: ptr = load(holderOf(other, from));
  labelGet(cpu, holderOf(cpu, to), label);
}

/** Carries a reference over to another holder, of any CPU. */
export function carry(cpu: i32, from: i32, other: i32, to: i32): void {
  const label: ptr = load(holderOf(cpu, from));
  labelMove(cpu, holderOf(cpu, from), holderOf(other, to), label);
}

/** Drops the reference in a holder. */
export function drop(cpu: i32, holder: i32): void {
  const label: ptr = load(holderOf(cpu, holder));
  labelPut(cpu, holderOf(cpu, holder), label);
}

/** Shows a holder's label in the shared slot, which takes a reference of its own. */
export function show(cpu: i32, holder: i32): void {
  const label: ptr = load(holderOf(cpu, holder));
  labelGet(cpu, slot(), label);
}

/** Empties the shared slot. */
export function hide(cpu: i32): void {
  const label: ptr = load(slot());
  labelPut(cpu, slot(), label);
}

/** Looks up `label` as if just found in a list: whether a reference was to be had. */
export function lookUp(cpu: i32, holder: i32, label: ptr): bool {
  rcuReadLock();
  const taken: bool = labelTryGet(cpu, holderOf(cpu, holder), label);
  rcuReadUnlock();
  return taken;
}

/** Borrows what the shared slot shows; `unborrow` must follow. */
export function borrowShown(cpu: i32): ptr {
  return labelBorrow(cpu, kernelCpu(cpu) + Own.guard, slot());
}

export function unborrow(cpu: i32, label: ptr): void {
  labelUnborrow(cpu, kernelCpu(cpu) + Own.guard, label);
}

/** Reads from the label: an engine that watches memory reports it if the label is gone. */
export function touch(cpu: i32, label: ptr): i32 {
  checkNotReleased(cpu, label);
  return load(label + Label.secid);
}

/** What the strategy keeps first in a label. */
export function strategyCell(label: ptr): i32 {
  return load(label + Label.strategy);
}

export function setStrategyCell(label: ptr, value: i32): void {
  store(label + Label.strategy, value);
}

// ---- misuse: the strategy alone, past the kernel's books ----

export function rawGet(cpu: i32, holder: i32, label: ptr): void {
  get(cpu, holderOf(cpu, holder), label);
}

export function rawPut(cpu: i32, holder: i32, label: ptr): void {
  put(cpu, holderOf(cpu, holder), label);
}

export function rawTryGet(cpu: i32, holder: i32, label: ptr): bool {
  rcuReadLock();
  const taken: bool = tryGet(cpu, holderOf(cpu, holder), label);
  rcuReadUnlock();
  return taken;
}

// ---- random steps ----

/** Puts a new label into the shared slot and retires the one that was there, as a policy replacement does. */
export function replace(cpu: i32): void {
  const fresh: ptr = make(cpu, newHolder);
  if (fresh === 0) return;
  publish(cpu, fresh);
  // Whoever finds the label in the slot finds it complete.
  storeFence();
  spinLock(kernelGlobals + Stage.slotLock);
  exchangeShown(cpu, newHolder);
  spinUnlock(kernelGlobals + Stage.slotLock);
  const stale: ptr = load(holderOf(cpu, newHolder));
  if (stale !== 0) {
    retire(cpu, stale);
    labelPut(cpu, holderOf(cpu, newHolder), stale);
  }
}

/** The references in the shared slot and in a holder change places. */
export function exchangeShown(cpu: i32, holder: i32): void {
  labelSwap(cpu, slot(), holderOf(cpu, holder));
}

/** Empties the slot and retires what was there. */
export function retireShown(cpu: i32): void {
  spinLock(kernelGlobals + Stage.slotLock);
  const stale: ptr = load(slot());
  if (stale !== 0) labelMove(cpu, slot(), holderOf(cpu, oldHolder), stale);
  spinUnlock(kernelGlobals + Stage.slotLock);
  if (stale !== 0) {
    retire(cpu, stale);
    labelPut(cpu, holderOf(cpu, oldHolder), stale);
  }
}

/** Exchanges a reference with the mailbox: posts one where there is none, takes the one that waits into an empty holder. */
function exchangeMail(cpu: i32, holder: ptr, label: ptr): void {
  spinLock(kernelGlobals + Stage.mailLock);
  const waiting: ptr = load(mail());
  if (label !== 0 && waiting === 0) labelMove(cpu, holder, mail(), label);
  else if (label === 0 && waiting !== 0) labelMove(cpu, mail(), holder, waiting);
  spinUnlock(kernelGlobals + Stage.mailLock);
}

/** One step chosen by `random`, with one of this CPU's first four holders. */
function randomStep(cpu: i32, random: i32): void {
  const holder: ptr = holderOf(cpu, random & 3);
  const other: ptr = holderOf(cpu, (random >> 2) & 3);
  const label: ptr = load(holder);
  switch ((random >> 4) & 15) {
    case 0:
      replace(cpu);
      break;
    case 1:
    case 2:
    case 3:
      exchangeMail(cpu, holder, label);
      break;
    case 4:
    case 5:
    case 6: {
      const before: ptr = load(slot());
      const borrowed: ptr = borrowShown(cpu);
      if (borrowed !== 0) {
        touch(cpu, borrowed);
        unborrow(cpu, borrowed);
      } else if (before !== 0) {
        // Labels in the slot only ever change places with others.
        violation(cpu, Verdict.assertion, before);
      }
      break;
    }
    case 7:
      if (label !== 0 && load(other) === 0) labelMove(cpu, holder, other, label);
      break;
    case 8:
    case 9:
      if (label !== 0 && load(other) === 0) labelGet(cpu, other, label);
      break;
    default:
      if (label === 0) {
        rcuReadLock();
        const found: ptr = load(slot());
        if (found !== 0 && labelTryGet(cpu, holder, found)) touch(cpu, found);
        rcuReadUnlock();
      } else {
        touch(cpu, label);
        labelPut(cpu, holder, label);
      }
  }
}

/** `steps` random steps on this CPU, all its references dropped at the end. `seed` is not 0. */
export function churn(cpu: i32, steps: i32, seed: i32): void {
  rcuOnline();
  let random: u32 = u32(seed);
  for (let step: i32 = 0; step < steps; step += 1) {
    // Marsaglia, "Xorshift RNGs", 2003: the triple 13, 17, 5.
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    randomStep(cpu, i32(random >>> 8));
    quiescent();
  }
  for (let index: i32 = 0; index < 4; index += 1) {
    const label: ptr = load(holderOf(cpu, index));
    if (label !== 0) labelPut(cpu, holderOf(cpu, index), label);
  }
  rcuOffline();
}

/** Looks the shown label up, uses it and drops it, `rounds` times; takes `dawdle` looks from finding it to taking a reference. */
export function lookUps(cpu: i32, rounds: i32, dawdle: i32): void {
  rcuOnline();
  for (let round: i32 = 0; round < rounds; round += 1) {
    rcuReadLock();
    const found: ptr = load(slot());
    for (let look: i32 = 0; look < dawdle; look += 1) load(slot());
    const taken: bool = found !== 0 && labelTryGet(cpu, holderOf(cpu, 0), found);
    rcuReadUnlock();
    if (taken) {
      touch(cpu, found);
      labelPut(cpu, holderOf(cpu, 0), found);
    }
    quiescent();
  }
  rcuOffline();
}

/** Replaces the shown label, `rounds` times. */
export function replaces(cpu: i32, rounds: i32): void {
  rcuOnline();
  for (let round: i32 = 0; round < rounds; round += 1) {
    replace(cpu);
    quiescent();
  }
  rcuOffline();
}

/** Drops what is left on the stage. On one CPU, when the others are done. */
export function clear(cpu: i32): void {
  rcuOnline();
  const posted: ptr = load(mail());
  if (posted !== 0) labelPut(cpu, mail(), posted);
  retireShown(cpu);
  rcuOffline();
}

// ---- RCU and audit ----

/** Stepped engines: runs callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  while (true) {
    const head: ptr = rcuTake();
    if (head === 0) return;
    runCallback(cpu, load(head + RcuHead.callback), head);
  }
}

/** Threads: waits until this CPU's callbacks have run. */
export function drain(cpu: i32): void {
  rcuDrain(cpu);
}

/** Background work of the strategy, at the end or beside the others on a CPU of its own; ends with a quiescent state. */
export function maintain(cpu: i32): i32 {
  rcuOnline();
  const done: i32 = strategyMaintain(cpu);
  quiescent();
  rcuOffline();
  return done;
}

/** Objects of a `Kind` that are left. */
export function live(kind: i32): i32 {
  return heapLive(kind);
}

/** Labels that are left. */
export function liveLabels(): i32 {
  return heapLive(Kind.label);
}

/** Bytes of per-CPU memory that are given out. */
export function percpuBytesInUse(): i32 {
  return percpuInUse();
}

export function violationCount(verdict: i32): i32 {
  return violations(verdict);
}

export function warningCount(event: i32): i32 {
  return warnings(event);
}

export default {
  options: {
    verify: { unit: "0/1", default: 1, min: 0, max: 1, doc: "Whether heap and holders are checked." },
    quarantine: {
      unit: "blocks",
      default: 8,
      min: 0,
      max: 1024,
      doc: "Freed blocks that wait before reuse.",
    },
    percpuBytes: { unit: "bytes", default: 1024, min: 0, max: 65536, doc: "Per-CPU memory of each CPU." },
    allClasses: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether labels are of all classes by turns.",
    },
    labelLayout: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether flags stand apart from the counter.",
    },
    rcuBacklog: {
      unit: "callbacks",
      default: 64,
      min: 1,
      max: 1000000,
      doc: "Callbacks before a CPU waits.",
    },
    hooks: {
      unit: "version",
      default: 66,
      min: 66,
      max: 611,
      doc: "Kernel version of the hooks; not used here.",
    },
  },
} satisfies ProgramMeta;

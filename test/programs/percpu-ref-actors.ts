/**
 * Actors that use, switch, kill and revive one percpu_ref at the same time, for random schedules. The object is freed a
 * grace period after its release, so the engine sees every use that comes too late.
 */
import {
  Confirm,
  coreBoot,
  heapFree,
  type ProgramMeta,
  percpuRefExit,
  percpuRefGet,
  percpuRefGetMany,
  percpuRefKill,
  percpuRefKillAndConfirm,
  percpuRefOfHead,
  percpuRefPut,
  percpuRefPutMany,
  percpuRefResurrect,
  percpuRefSwitched,
  percpuRefSwitchToAtomic,
  percpuRefSwitchToAtomicSync,
  percpuRefSwitchToPercpu,
  percpuRefTryGet,
  percpuRefTryGetLive,
  RcuHead,
  RefEvent,
  Verdict,
  violation,
} from "refplay/kernel";
import {
  type bool,
  callRcu,
  fetchAdd,
  type i32,
  load,
  type ptr,
  quiescent,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
} from "refplay/machine";
import { cell, Id, make, refOf, Seen, Thing } from "./percpu-ref.ts";

/** The object, with one reference more for each of `holders` actors. On CPU 0, first. */
export function boot(flags: i32, holders: i32): void {
  coreBoot();
  const thing: ptr = make(0, flags);
  if (holders > 0) percpuRefGetMany(0, refOf(thing), holders);
  store(cell(Seen.object), thing);
}

/** Finds the object, uses it, drops it, `rounds` times: one who keeps the rules. */
export function user(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    rcuReadLock();
    const thing: ptr = load(cell(Seen.shown));
    const taken: bool = thing !== 0 && percpuRefTryGet(cpu, refOf(thing));
    rcuReadUnlock();
    if (taken) {
      percpuRefGetMany(cpu, refOf(thing), 2);
      const payload: i32 = load(thing + Thing.payload);
      if (payload !== 1) violation(cpu, Verdict.prematureRelease, thing);
      if (percpuRefPut(cpu, refOf(thing))) violation(cpu, Verdict.prematureRelease, thing);
      if (percpuRefPutMany(cpu, refOf(thing), 2)) last(cpu, thing);
    }
    quiescent();
  }
}

/** As `user`, but only while the object was not killed. Once the kill is confirmed that must fail. */
export function liveUser(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    rcuReadLock();
    const epoch: i32 = load(cell(Seen.epoch));
    const thing: ptr = load(cell(Seen.shown));
    const taken: bool = thing !== 0 && percpuRefTryGetLive(cpu, refOf(thing));
    rcuReadUnlock();
    if (taken) {
      const now: i32 = load(cell(Seen.epoch));
      // Dead for everybody before the try, and still so after it.
      if ((epoch & 1) !== 0 && now === epoch) violation(cpu, Verdict.assertion, thing);
      const payload: i32 = load(thing + Thing.payload);
      if (payload !== 1) violation(cpu, Verdict.prematureRelease, thing);
      if (percpuRefPut(cpu, refOf(thing))) last(cpu, thing);
    }
    quiescent();
  }
}

/** Switches the object to and fro, with a reference of its own. */
export function switcher(cpu: i32, rounds: i32): void {
  const thing: ptr = load(cell(Seen.object));
  for (let round: i32 = 0; round < rounds; round += 1) {
    percpuRefSwitchToAtomicSync(cpu, refOf(thing), Id.switched);
    percpuRefSwitchToPercpu(cpu, refOf(thing), Id.switched);
  }
  if (percpuRefPut(cpu, refOf(thing))) last(cpu, thing);
}

/** Switches to and fro without waiting in between: the way back must wait for the way there. */
export function hastySwitcher(cpu: i32, rounds: i32): void {
  const thing: ptr = load(cell(Seen.object));
  for (let round: i32 = 0; round < rounds; round += 1) {
    percpuRefSwitchToAtomic(cpu, refOf(thing), Id.switched, Confirm.silent);
    percpuRefSwitchToPercpu(cpu, refOf(thing), Id.switched);
  }
  if (percpuRefPut(cpu, refOf(thing))) last(cpu, thing);
}

/** Kills the object after it is no longer shown. */
export function killer(cpu: i32): void {
  const thing: ptr = load(cell(Seen.object));
  store(cell(Seen.shown), 0);
  const event: i32 = percpuRefKillAndConfirm(cpu, refOf(thing), Id.switched, Confirm.wanted);
  if ((event & RefEvent.released) !== 0) last(cpu, thing);
}

/** Kills the object while it is still shown, waits until everybody knows, and revives it with whatever references are left. */
export function reviver(cpu: i32, rounds: i32): void {
  const thing: ptr = load(cell(Seen.object));
  for (let round: i32 = 0; round < rounds; round += 1) {
    // Its own reference, so that the kill is never the end.
    percpuRefGet(cpu, refOf(thing));
    percpuRefKill(cpu, refOf(thing), Id.switched);
    percpuRefSwitchToAtomicSync(cpu, refOf(thing), Id.switched);
    fetchAdd(cell(Seen.epoch), 1);
    quiescent();
    fetchAdd(cell(Seen.epoch), 1);
    percpuRefResurrect(cpu, refOf(thing), Id.switched);
    percpuRefSwitchToPercpu(cpu, refOf(thing), Id.switched);
    if (percpuRefPut(cpu, refOf(thing))) last(cpu, thing);
  }
}

/** The last reference is gone: frees the object after a grace period, since users may be looking at it. */
function last(cpu: i32, thing: ptr): void {
  const before: i32 = fetchAdd(cell(Seen.released), 1);
  if (before !== 0) violation(cpu, Verdict.doubleFree, thing);
  callRcu(thing + Thing.rcu, Id.freeObject);
}

/** Runs callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  while (true) {
    const head: ptr = rcuTake();
    if (head === 0) return;
    const id: i32 = load(head + RcuHead.callback);
    if (id === Id.freeObject) {
      const thing: ptr = head - Thing.rcu;
      percpuRefExit(cpu, refOf(thing));
      heapFree(cpu, thing);
    } else {
      const thing: ptr = percpuRefOfHead(head) - Thing.ref;
      const event: i32 = percpuRefSwitched(cpu, head);
      if ((event & RefEvent.confirmed) !== 0) fetchAdd(cell(Seen.confirmed), 1);
      if ((event & RefEvent.released) !== 0) last(cpu, thing);
    }
  }
}

export function released(): i32 {
  return load(cell(Seen.released));
}

export function confirmed(): i32 {
  return load(cell(Seen.confirmed));
}

export default {
  options: {
    verify: { unit: "0/1", default: 1, min: 0, max: 1, doc: "Whether the heap checks itself." },
    quarantine: {
      unit: "blocks",
      default: 4,
      min: 0,
      max: 1024,
      doc: "Freed blocks that wait before reuse.",
    },
    percpuBytes: { unit: "bytes", default: 64, min: 0, max: 65536, doc: "Per-CPU memory of each CPU." },
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

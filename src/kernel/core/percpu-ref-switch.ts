/**
 * The slow half of percpu_ref: making, switching, killing, reviving and giving up. Why it is right is told in
 * `percpu-ref.ts`. All switches of all refs exclude each other by one lock (percpu_ref_switch_lock), and a new one of a ref
 * waits until the one under way is over. Misuse that the kernel WARNs of is counted as a warning and then refused.
 *
 * Where the kernel keeps function pointers, the callback id is an argument and what happened is a result (`RefEvent`).
 */

import {
  awaitEqual,
  type bool,
  callRcu,
  fetchAdd,
  fetchOr,
  type i32,
  load,
  loadAcquire,
  mark,
  type ptr,
  quiescent,
  store,
  storeRelease,
  synchronizeRcu,
} from "../../machine/index.ts";
import { Boot } from "../../machine/memory-map.ts";
import { Global, watched } from "./areas.ts";
import { warn } from "./evidence.ts";
import { heapAlloc, heapFree } from "./heap.ts";
import { Kind } from "./kinds.ts";
import { Mark } from "./marks.ts";
import { percpuAlloc, percpuCell, percpuFree } from "./percpu.ts";
import { dropAtomic, percpuRefIsZero, percpuRefPut } from "./percpu-ref.ts";
import {
  Confirm,
  modeBits,
  PercpuRef,
  percpuBias,
  RefData,
  RefDataFlags,
  RefEvent,
  RefInit,
  RefMode,
  refDataBytes,
} from "./percpu-ref-layout.ts";
import { spinLock, spinUnlock } from "./spinlock.ts";

/** Bytes of a ref's counter on each CPU: an unsigned long of the kernel. */
export const percpuRefCpuBytes: i32 = 8;

/**
 * Makes a ref with one reference (none with `RefInit.dead`): percpu_ref_init. `flags` are bits of `RefInit`. False where
 * there is no memory; nothing has been taken then.
 */
export function percpuRefInit(cpu: i32, ref: ptr, flags: i32): bool {
  store(ref + PercpuRef.word, RefMode.atomic);
  store(ref + PercpuRef.data, 0);
  const offset: i32 = percpuAlloc(percpuRefCpuBytes);
  if (offset === 0) return false;
  const data: ptr = heapAlloc(cpu, Kind.labelExtra, refDataBytes);
  if (data === 0) {
    percpuFree(offset, percpuRefCpuBytes);
    return false;
  }
  let mode: i32 = RefMode.percpu;
  let count: i32 = percpuBias + 1;
  let dataFlags: i32 = 0;
  if ((flags & RefInit.allowReinit) !== 0) dataFlags = RefDataFlags.allowReinit;
  if ((flags & RefInit.atomic) !== 0) dataFlags = RefDataFlags.allowReinit | RefDataFlags.forceAtomic;
  if ((flags & (RefInit.atomic | RefInit.dead)) !== 0) {
    mode = RefMode.atomic;
    count = 1;
    dataFlags |= RefDataFlags.allowReinit;
  }
  if ((flags & RefInit.dead) !== 0) {
    mode = RefMode.atomic | RefMode.dead;
    count = 0;
  }
  store(data + RefData.count, count);
  store(data + RefData.confirm, Confirm.idle);
  store(data + RefData.flags, dataFlags);
  store(data + RefData.ref, ref);
  store(ref + PercpuRef.data, data);
  store(ref + PercpuRef.word, offset | mode);
  return true;
}

/**
 * Switches to atomic mode and stays there: percpu_ref_switch_to_atomic. The count is exact once the callback has run;
 * `confirm` (a `Confirm`, not idle) says whether its caller wants to hear of it. Already atomic: confirmed at once.
 */
export function percpuRefSwitchToAtomic(cpu: i32, ref: ptr, callback: i32, confirm: i32): i32 {
  const data: ptr = load(ref + PercpuRef.data);
  lockWhenIdle(data);
  const flags: i32 = load(data + RefData.flags);
  store(data + RefData.flags, flags | RefDataFlags.forceAtomic);
  const event: i32 = switchMode(cpu, ref, data, callback, confirm);
  spinUnlock(Global.switchLock);
  return event;
}

/** The same, and waits until the count is exact: percpu_ref_switch_to_atomic_sync. The caller has a reference. */
export function percpuRefSwitchToAtomicSync(cpu: i32, ref: ptr, callback: i32): void {
  percpuRefSwitchToAtomic(cpu, ref, callback, Confirm.silent);
  awaitIdle(load(ref + PercpuRef.data));
}

/** Counts per CPU again, unless dead: percpu_ref_switch_to_percpu. Needs a ref made with `allowReinit` or `atomic`. */
export function percpuRefSwitchToPercpu(cpu: i32, ref: ptr, callback: i32): void {
  const data: ptr = load(ref + PercpuRef.data);
  lockWhenIdle(data);
  const flags: i32 = load(data + RefData.flags);
  store(data + RefData.flags, flags & ~RefDataFlags.forceAtomic);
  switchMode(cpu, ref, data, callback, Confirm.silent);
  spinUnlock(Global.switchLock);
}

/**
 * Drops the reference that the ref was made with, and switches to atomic mode so that the last put is noticed:
 * percpu_ref_kill. Once; a second time is `Mark.killTwice`, and drops nothing.
 */
export function percpuRefKill(cpu: i32, ref: ptr, callback: i32): i32 {
  return percpuRefKillAndConfirm(cpu, ref, callback, Confirm.silent);
}

/** The same; with `Confirm.wanted` the callback tells when `percpuRefTryGetLive` fails on every CPU: percpu_ref_kill_and_confirm. */
export function percpuRefKillAndConfirm(cpu: i32, ref: ptr, callback: i32, confirm: i32): i32 {
  const data: ptr = load(ref + PercpuRef.data);
  lockWhenIdle(data);
  const word: i32 = load(ref + PercpuRef.word);
  if ((word & RefMode.dead) !== 0) {
    spinUnlock(Global.switchLock);
    warn(cpu, Mark.killTwice, ref);
    return RefEvent.none;
  }
  store(ref + PercpuRef.word, word | RefMode.dead);
  let event: i32 = switchMode(cpu, ref, data, callback, confirm);
  spinUnlock(Global.switchLock);
  if (percpuRefPut(cpu, ref)) event |= RefEvent.released;
  return event;
}

/** Begins anew with one reference: percpu_ref_reinit. Only where none is left (`Mark.reinitNotZero`) and after a kill. */
export function percpuRefReinit(cpu: i32, ref: ptr, callback: i32): void {
  if (!percpuRefIsZero(ref)) {
    warn(cpu, Mark.reinitNotZero, ref);
    return;
  }
  percpuRefResurrect(cpu, ref, callback);
}

/**
 * Takes a kill back, with references left or none: percpu_ref_resurrect. Goes per-CPU unless it was told to stay atomic.
 * Of a ref that is not dying, or whose counters are gone, it is `Mark.resurrectNotDying`, and does nothing.
 */
export function percpuRefResurrect(cpu: i32, ref: ptr, callback: i32): void {
  const data: ptr = load(ref + PercpuRef.data);
  if (data === 0) {
    warn(cpu, Mark.resurrectNotDying, ref);
    return;
  }
  lockWhenIdle(data);
  const word: i32 = load(ref + PercpuRef.word);
  if ((word & RefMode.dead) === 0 || (word & ~RefMode.mask) === 0) {
    spinUnlock(Global.switchLock);
    warn(cpu, Mark.resurrectNotDying, ref);
    return;
  }
  // First the reference, then the flag: whoever finds the ref alive finds it counted.
  fetchAdd(data + RefData.count, 1);
  store(ref + PercpuRef.word, word & ~RefMode.dead);
  switchMode(cpu, ref, data, callback, Confirm.silent);
  spinUnlock(Global.switchLock);
}

/**
 * Gives the ref's memory back: percpu_ref_exit. No get or put may follow; `percpuRefIsZero` answers as of now. While a
 * switch is under way it is `Mark.exitWhileSwitching` and the memory stays, because the callback will use it.
 */
export function percpuRefExit(cpu: i32, ref: ptr): void {
  const data: ptr = load(ref + PercpuRef.data);
  if (data === 0) return;
  const confirm: i32 = loadAcquire(data + RefData.confirm);
  if (confirm !== Confirm.idle) {
    warn(cpu, Mark.exitWhileSwitching, ref);
    return;
  }
  // `percpuRefIsZero` on another CPU sees both cells as before or both as after, and is out of `data` before it is freed.
  spinLock(Global.switchLock);
  const word: i32 = load(ref + PercpuRef.word);
  const count: i32 = load(data + RefData.count);
  store(ref + PercpuRef.word, (count << modeBits) | RefMode.atomic | RefMode.dead);
  store(ref + PercpuRef.data, 0);
  spinUnlock(Global.switchLock);
  freeCounters(word);
  heapFree(cpu, data);
}

/** The ref that an RCU callback's head belongs to. */
export function percpuRefOfHead(head: ptr): ptr {
  return load(head - RefData.rcu + RefData.ref);
}

/**
 * The RCU callback of every switch to atomic mode: all gets and puts that used the cells are over, so they are summed.
 * Returns bits of `RefEvent`; with `released` the ref must not be touched again but by the release.
 */
export function percpuRefSwitched(cpu: i32, head: ptr): i32 {
  const data: ptr = head - RefData.rcu;
  const ref: ptr = load(data + RefData.ref);
  const word: i32 = load(ref + PercpuRef.word);
  addCells(cpu, ref, data, word);
  const flags: i32 = load(data + RefData.flags);
  if ((flags & RefDataFlags.allowReinit) === 0) {
    freeCounters(word);
    store(ref + PercpuRef.word, word & RefMode.mask);
  }
  mark(Mark.switchedToAtomic, ref);
  const confirm: i32 = load(data + RefData.confirm);
  let event: i32 = confirm === Confirm.wanted ? RefEvent.confirmed : RefEvent.none;
  // Lets the next switch begin, with all of the above visible to it.
  storeRelease(data + RefData.confirm, Confirm.idle);
  // The switch's own reference, which kept the ref until here.
  if (dropAtomic(data, 1)) event |= RefEvent.released;
  return event;
}

/** Adds the cells, which stand still, to the atomic count. */
export function addCells(cpu: i32, ref: ptr, data: ptr, word: i32): void {
  const cpus: i32 = load(Boot.cpus);
  let sum: i32 = 0;
  for (let other: i32 = 0; other < cpus; other += 1) {
    const cell: i32 = load(percpuCell(other, word & ~RefMode.mask));
    sum += cell;
  }
  // One addition for both: with the bias gone first, puts that came before their gets' cells would release too early.
  const before: i32 = fetchAdd(data + RefData.count, sum - percpuBias);
  if (before + sum - percpuBias <= 0) {
    fetchOr(data + RefData.flags, RefDataFlags.leaked);
    warn(cpu, Mark.sumNotPositive, ref);
  }
}

/** Takes the switch lock at a time when no switch of this ref is under way. */
export function lockWhenIdle(data: ptr): void {
  while (true) {
    spinLock(Global.switchLock);
    const confirm: i32 = load(data + RefData.confirm);
    if (confirm === Confirm.idle) return;
    spinUnlock(Global.switchLock);
    awaitIdle(data);
  }
}

/**
 * Waits until no switch of this ref is under way. Its callback may be queued on this very CPU, where on threads only a
 * quiescent state runs it: plain waiting would be for ever, also for two CPUs that wait for each other's.
 */
function awaitIdle(data: ptr): void {
  if (watched) {
    // There callbacks run on an actor of their own; a loop that may go round without it is one more endless path.
    awaitEqual(data + RefData.confirm, Confirm.idle);
    return;
  }
  let confirm: i32 = loadAcquire(data + RefData.confirm);
  while (confirm !== Confirm.idle) {
    synchronizeRcu();
    quiescent();
    confirm = loadAcquire(data + RefData.confirm);
  }
}

/** Goes to the mode that flags and death ask for. Lock held, no switch under way. Returns bits of `RefEvent`. */
function switchMode(cpu: i32, ref: ptr, data: ptr, callback: i32, confirm: i32): i32 {
  const word: i32 = load(ref + PercpuRef.word);
  const flags: i32 = load(data + RefData.flags);
  if ((flags & RefDataFlags.forceAtomic) === 0 && (word & RefMode.dead) === 0) {
    toPercpu(cpu, ref, data, word, flags);
    return RefEvent.none;
  }
  if ((word & RefMode.atomic) !== 0) return confirm === Confirm.wanted ? RefEvent.confirmed : RefEvent.none;
  store(data + RefData.confirm, confirm);
  // The switch has a reference of its own until its callback has run.
  fetchAdd(data + RefData.count, 1);
  store(ref + PercpuRef.word, word | RefMode.atomic);
  callRcu(data + RefData.rcu, callback);
  return RefEvent.none;
}

/** Starts the cells at 0 and lets gets and puts use them. Lock held, no switch under way. */
function toPercpu(cpu: i32, ref: ptr, data: ptr, word: i32, flags: i32): void {
  if ((word & RefMode.atomic) === 0) return;
  if ((flags & RefDataFlags.allowReinit) === 0) {
    warn(cpu, Mark.switchNotAllowed, ref);
    return;
  }
  const cpus: i32 = load(Boot.cpus);
  for (let other: i32 = 0; other < cpus; other += 1) store(percpuCell(other, word & ~RefMode.mask), 0);
  fetchAdd(data + RefData.count, percpuBias);
  // Whoever finds the bit clear must find the cells at 0 and the count biased.
  storeRelease(ref + PercpuRef.word, word & ~RefMode.mask);
  mark(Mark.switchedToPercpu, ref);
}

/** Gives the cells back that a word names, if it names any. */
function freeCounters(word: i32): void {
  const offset: i32 = word & ~RefMode.mask;
  if (offset !== 0) percpuFree(offset, percpuRefCpuBytes);
}

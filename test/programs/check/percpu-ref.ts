/**
 * percpu_ref without a strategy: one object that is little more than a ref, users, and one actor that switches, kills or
 * revives it. The object is freed a grace period after its last reference is gone.
 *
 * `broken`: 1 kills twice, 2 takes `tryGet` where a live reference is wanted, 3 frees without a grace period, 4 sums the
 * counters without one.
 */
import {
  Boot,
  Confirm,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelCpu,
  kernelGlobals,
  PercpuRef,
  type ProgramMeta,
  percpuRefBytes,
  percpuRefExit,
  percpuRefGet,
  percpuRefInit,
  percpuRefIsDying,
  percpuRefKill,
  percpuRefKillAndConfirm,
  percpuRefOfHead,
  percpuRefPut,
  percpuRefReinit,
  percpuRefResurrect,
  percpuRefSwitched,
  percpuRefSwitchToAtomic,
  percpuRefSwitchToAtomicSync,
  percpuRefSwitchToPercpu,
  percpuRefTryGet,
  percpuRefTryGetLive,
  RcuHead,
  RefData,
  RefEvent,
  RefMode,
  rcuHeadBytes,
  Verdict,
  violation,
} from "refplay/kernel";
import {
  awaitEqual,
  type bool,
  callRcu,
  fetchAdd,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
  storeRelease,
} from "refplay/machine";

const broken: i32 = option("broken");

/** Callback ids. */
enum Id {
  switched = 1,
  freeObject = 2,
}

/** The object. */
export enum Scratch {
  ref = 0,
  rcu = percpuRefBytes,
  payload = rcu + rcuHeadBytes,
  end = payload + 8,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** The object that look-ups find, or 0. */
  slot = 0,
  /** 1 once a kill is confirmed: no live reference may be had any more. */
  confirmed = 64,
  /** 1 once the last reference is gone. */
  idle = 128,
}

/** Cells of a CPU. */
export enum Own {
  /** The object, where the actor has a reference from the start. */
  object = 0,
}

const slot: ptr = kernelGlobals + Shared.slot;
const confirmed: ptr = kernelGlobals + Shared.confirmed;
const idle: ptr = kernelGlobals + Shared.idle;

/**
 * The object, with a reference for each CPU below `users`. `flags` are `RefInit`; with `keep` it is not freed when its last
 * reference is gone, only marked idle.
 */
export function boot(users: i32, flags: i32, keep: i32): void {
  coreBoot();
  // In the area of the last CPU, so that all others begin alike.
  const cpus: i32 = load(Boot.cpus);
  const object: ptr = heapAlloc(cpus - 1, Kind.scratch, Scratch.end);
  percpuRefInit(cpus - 1, object + Scratch.ref, flags);
  store(slot, object);
  if (keep !== 0) store(object + Scratch.payload, 1);
  for (let user: i32 = 0; user < users; user += 1) {
    percpuRefGet(user, object + Scratch.ref);
    store(kernelCpu(user) + Own.object, object);
  }
}

function use(object: ptr): i32 {
  return load(object + Scratch.payload);
}

/** The last reference is gone, which can only be after a kill. */
function last(cpu: i32, object: ptr): void {
  if (!percpuRefIsDying(object + Scratch.ref)) violation(cpu, Verdict.prematureRelease, object);
  const keep: i32 = load(object + Scratch.payload);
  if (keep !== 0) storeRelease(idle, 1);
  else if (broken === 3) freeObject(cpu, object);
  else callRcu(object + Scratch.rcu, Id.freeObject);
}

function freeObject(cpu: i32, object: ptr): void {
  percpuRefExit(cpu, object + Scratch.ref);
  heapFree(cpu, object);
}

function drop(cpu: i32, object: ptr): void {
  if (percpuRefPut(cpu, object + Scratch.ref)) last(cpu, object);
}

/** Takes and drops a reference, `rounds` times, then drops the one that it has. */
export function getPutLeave(cpu: i32, rounds: i32): void {
  const object: ptr = load(kernelCpu(cpu) + Own.object);
  for (let round: i32 = 0; round < rounds; round += 1) {
    percpuRefGet(cpu, object + Scratch.ref);
    drop(cpu, object);
  }
  use(object);
  drop(cpu, object);
}

/** Looks the object up, uses it and drops it, `rounds` times. */
export function lookUp(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    rcuReadLock();
    const object: ptr = load(slot);
    const taken: bool = object !== 0 && percpuRefTryGet(cpu, object + Scratch.ref);
    rcuReadUnlock();
    if (taken) {
      use(object);
      drop(cpu, object);
    }
  }
}

/** The same with live references, which nobody may get once the kill was confirmed. */
export function lookUpLive(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    rcuReadLock();
    const dead: i32 = load(confirmed);
    const object: ptr = load(slot);
    const taken: bool = object !== 0 && takeLive(cpu, object);
    rcuReadUnlock();
    if (taken) {
      if (dead !== 0) violation(cpu, Verdict.assertion, object);
      use(object);
      drop(cpu, object);
    }
  }
}

function takeLive(cpu: i32, object: ptr): bool {
  if (broken === 2) return percpuRefTryGet(cpu, object + Scratch.ref);
  return percpuRefTryGetLive(cpu, object + Scratch.ref);
}

/** Switches to atomic mode and back, `rounds` times; with `sync` it waits in between. */
export function switcher(cpu: i32, rounds: i32, sync: i32): void {
  const object: ptr = load(slot);
  for (let round: i32 = 0; round < rounds; round += 1) {
    if (broken === 4) sumAtOnce(cpu, object);
    else if (sync !== 0) percpuRefSwitchToAtomicSync(cpu, object + Scratch.ref, Id.switched);
    else percpuRefSwitchToAtomic(cpu, object + Scratch.ref, Id.switched, Confirm.silent);
    percpuRefSwitchToPercpu(cpu, object + Scratch.ref, Id.switched);
  }
}

/** A switch to atomic mode whose callback runs before the grace period is over. */
function sumAtOnce(cpu: i32, object: ptr): void {
  const ref: ptr = object + Scratch.ref;
  const data: ptr = load(ref + PercpuRef.data);
  fetchAdd(data + RefData.count, 1);
  store(ref + PercpuRef.word, load(ref + PercpuRef.word) | RefMode.atomic);
  percpuRefSwitched(cpu, data + RefData.rcu);
}

/** Kills the object, which is no longer found then if `hide`. */
export function killer(cpu: i32, hide: i32): void {
  const object: ptr = load(slot);
  if (hide !== 0) storeRelease(slot, 0);
  const event: i32 = percpuRefKillAndConfirm(cpu, object + Scratch.ref, Id.switched, Confirm.wanted);
  if ((event & RefEvent.confirmed) !== 0) storeRelease(confirmed, 1);
  if ((event & RefEvent.released) !== 0) last(cpu, object);
  if (broken === 1) percpuRefKill(cpu, object + Scratch.ref, Id.switched);
}

/** Kills the object, waits until nobody has a reference, and begins anew. */
export function reiniter(cpu: i32): void {
  const object: ptr = load(slot);
  const event: i32 = percpuRefKill(cpu, object + Scratch.ref, Id.switched);
  if ((event & RefEvent.released) === 0) awaitEqual(idle, 1);
  store(idle, 0);
  percpuRefReinit(cpu, object + Scratch.ref, Id.switched);
}

/** Kills the object and takes that back, with a reference of its own all along. */
export function resurrecter(cpu: i32): void {
  const object: ptr = load(slot);
  percpuRefGet(cpu, object + Scratch.ref);
  percpuRefKill(cpu, object + Scratch.ref, Id.switched);
  percpuRefResurrect(cpu, object + Scratch.ref, Id.switched);
  drop(cpu, object);
}

/** The end, where the object is still there: kills it unless that has been done, and frees it. */
export function clear(): void {
  const object: ptr = load(slot);
  if (object === 0) return;
  if (percpuRefIsDying(object + Scratch.ref)) {
    freeObject(0, object);
    return;
  }
  store(object + Scratch.payload, 0);
  const event: i32 = percpuRefKill(0, object + Scratch.ref, Id.switched);
  if ((event & RefEvent.released) !== 0) last(0, object);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    if (id === Id.freeObject) freeObject(cpu, head - Scratch.rcu);
    else {
      const object: ptr = percpuRefOfHead(head) - Scratch.ref;
      const event: i32 = percpuRefSwitched(cpu, head);
      if ((event & RefEvent.confirmed) !== 0) storeRelease(confirmed, 1);
      if ((event & RefEvent.released) !== 0) last(cpu, object);
    }
    head = rcuTake();
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 4, doc: "Which deliberate bug; 0 = none." },
  },
} satisfies ProgramMeta;

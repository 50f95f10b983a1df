/**
 * percpu_ref alone: an object that is little more than a ref, with every entry point as an entry, for direct mode. Events of
 * `RefEvent` are returned where a call has them; those of the callback are counted.
 */
import {
  Boot,
  Confirm,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelGlobals,
  PercpuRef,
  type ProgramMeta,
  percpuInUse,
  percpuRefBytes,
  percpuRefExit,
  percpuRefGet,
  percpuRefGetMany,
  percpuRefInit,
  percpuRefIsDying,
  percpuRefIsZero,
  percpuRefKill,
  percpuRefKillAndConfirm,
  percpuRefPut,
  percpuRefPutMany,
  percpuRefReinit,
  percpuRefResurrect,
  percpuRefSwitched,
  percpuRefSwitchToAtomic,
  percpuRefSwitchToAtomicSync,
  percpuRefSwitchToPercpu,
  percpuRefTryGet,
  percpuRefTryGetLive,
  percpuRefTryGetMany,
  RefData,
  RefEvent,
  rcuHeadBytes,
} from "refplay/kernel";
import { type bool, fetchAdd, type i32, load, type ptr, store } from "refplay/machine";

/** Callback ids of these programs. */
export enum Id {
  switched = 1,
  freeObject = 2,
}

/** The object. */
export enum Thing {
  ref = 0,
  rcu = percpuRefBytes,
  /** Read by whoever has a reference. */
  payload = rcu + rcuHeadBytes,
  bytes = payload + 8,
}

/** Cells behind `kernelGlobals`. */
export enum Seen {
  /** The object that `look` finds, or 0. */
  shown = 0,
  /** The object, for actors that have a reference of their own. */
  object = 8,
  released = 64,
  confirmed = 128,
  /** Odd from a confirmed kill until the next life: `tryGetLive` must fail. */
  epoch = 192,
}

export function cell(which: i32): ptr {
  return kernelGlobals + which;
}

export function refOf(thing: ptr): ptr {
  return thing + Thing.ref;
}

export function boot(): void {
  coreBoot();
}

/** A new object, shown to everybody; 0 where memory is short. */
export function make(cpu: i32, flags: i32): ptr {
  const thing: ptr = heapAlloc(cpu, Kind.scratch, Thing.bytes);
  if (thing === 0) return 0;
  store(thing + Thing.payload, 1);
  if (!percpuRefInit(cpu, refOf(thing), flags)) {
    heapFree(cpu, thing);
    return 0;
  }
  store(cell(Seen.shown), thing);
  return thing;
}

export function released(): i32 {
  return load(cell(Seen.released));
}

export function confirmed(): i32 {
  return load(cell(Seen.confirmed));
}

export function get(cpu: i32, thing: ptr): void {
  percpuRefGet(cpu, refOf(thing));
}

export function getMany(cpu: i32, thing: ptr, count: i32): void {
  percpuRefGetMany(cpu, refOf(thing), count);
}

export function put(cpu: i32, thing: ptr): bool {
  return percpuRefPut(cpu, refOf(thing));
}

export function putMany(cpu: i32, thing: ptr, count: i32): bool {
  return percpuRefPutMany(cpu, refOf(thing), count);
}

export function tryGet(cpu: i32, thing: ptr): bool {
  return percpuRefTryGet(cpu, refOf(thing));
}

export function tryGetMany(cpu: i32, thing: ptr, count: i32): bool {
  return percpuRefTryGetMany(cpu, refOf(thing), count);
}

export function tryGetLive(cpu: i32, thing: ptr): bool {
  return percpuRefTryGetLive(cpu, refOf(thing));
}

export function switchToAtomic(cpu: i32, thing: ptr, confirm: i32): i32 {
  return percpuRefSwitchToAtomic(cpu, refOf(thing), Id.switched, confirm);
}

export function switchToAtomicSync(cpu: i32, thing: ptr): void {
  percpuRefSwitchToAtomicSync(cpu, refOf(thing), Id.switched);
}

export function switchToPercpu(cpu: i32, thing: ptr): void {
  percpuRefSwitchToPercpu(cpu, refOf(thing), Id.switched);
}

export function kill(cpu: i32, thing: ptr): i32 {
  return percpuRefKill(cpu, refOf(thing), Id.switched);
}

export function killAndConfirm(cpu: i32, thing: ptr): i32 {
  return percpuRefKillAndConfirm(cpu, refOf(thing), Id.switched, Confirm.wanted);
}

export function reinit(cpu: i32, thing: ptr): void {
  percpuRefReinit(cpu, refOf(thing), Id.switched);
}

export function resurrect(cpu: i32, thing: ptr): void {
  percpuRefResurrect(cpu, refOf(thing), Id.switched);
}

export function isZero(thing: ptr): bool {
  return percpuRefIsZero(refOf(thing));
}

export function isDying(thing: ptr): bool {
  return percpuRefIsDying(refOf(thing));
}

export function exit(cpu: i32, thing: ptr): void {
  percpuRefExit(cpu, refOf(thing));
}

export function free(cpu: i32, thing: ptr): void {
  heapFree(cpu, thing);
}

/** The word that every get and put reads. */
export function word(thing: ptr): i32 {
  return load(refOf(thing) + PercpuRef.word);
}

/** The atomic count, with the bias where the ref counts per CPU. */
export function count(thing: ptr): i32 {
  const data: ptr = load(refOf(thing) + PercpuRef.data);
  return load(data + RefData.count);
}

export function percpuBytesInUse(): i32 {
  return percpuInUse();
}

export function cpus(): i32 {
  return load(Boot.cpus);
}

/** Direct mode: the callback of a switch. What it brought about is counted; the object stays for the test to look at. */
export function runCallback(cpu: i32, _id: i32, head: ptr): void {
  const event: i32 = percpuRefSwitched(cpu, head);
  if ((event & RefEvent.confirmed) !== 0) fetchAdd(cell(Seen.confirmed), 1);
  if ((event & RefEvent.released) !== 0) fetchAdd(cell(Seen.released), 1);
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

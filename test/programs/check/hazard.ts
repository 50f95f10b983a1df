/**
 * Hazard pointers, after the form proposed for the kernel (M. Desnoyers, "hazard pointers", 2024 and later; M. Michael,
 * "Hazard Pointers", IEEE TPDS 15(6), 2004), reduced to one slot per reader: a reader says in its slot what it is about to
 * use and looks again; a writer takes the object away, waits until no slot names it, and frees it.
 *
 * Both sides write before they read with full barriers between, so at least one sees the other.
 *
 * `broken`: 1 publishes without a barrier (only a store buffer shows it), 2 does not look again, 3 skips the last reader's
 * slot, 4 frees at once.
 */
import {
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelCpu,
  kernelGlobals,
  type ProgramMeta,
} from "refplay/kernel";
import {
  awaitNotEqual,
  type bool,
  compareExchange,
  exchange,
  fetchAdd,
  type i32,
  load,
  option,
  type ptr,
  store,
  storeRelease,
} from "refplay/machine";

const broken: i32 = option("broken");

/** The object. */
export enum Scratch {
  payload = 0,
  /** References, in programs that go on with one. */
  count = 8,
  end = 16,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  pointer = 0,
}

/** Cells of a CPU. */
export enum Own {
  /** The object that the reader is using, or about to. */
  hazard = 0,
  /** The object that a writer is going to show. */
  fresh = 8,
}

const pointer: ptr = kernelGlobals + Shared.pointer;

/** An object that is shown, and one for each writer to show; writers' CPUs come after the readers'. */
export function boot(readers: i32, writers: i32): void {
  coreBoot();
  // In the area of a CPU that no actor has, so that all others begin alike.
  const spare: i32 = readers + writers;
  store(pointer, make(spare));
  for (let writer: i32 = 0; writer < writers; writer += 1) {
    store(kernelCpu(readers + writer) + Own.fresh, make(spare));
  }
}

function make(cpu: i32): ptr {
  const object: ptr = heapAlloc(cpu, Kind.scratch, Scratch.end);
  store(object + Scratch.count, 1);
  return object;
}

/** Protects the object that is shown; 0 where there is none. */
function acquire(cpu: i32): ptr {
  const hazard: ptr = kernelCpu(cpu) + Own.hazard;
  let object: ptr = load(pointer);
  while (object !== 0) {
    if (broken === 1) store(hazard, object);
    else exchange(hazard, object);
    if (broken === 2) return object;
    const again: ptr = load(pointer);
    if (again === object) return object;
    // It was taken away meanwhile, and perhaps freed.
    object = again;
  }
  return 0;
}

function letGo(cpu: i32): void {
  storeRelease(kernelCpu(cpu) + Own.hazard, 0);
}

/** Waits until no reader protects the object, which new ones cannot find, and frees it. */
function reclaim(cpu: i32, object: ptr, readers: i32): void {
  const scanned: i32 = broken === 3 ? readers - 1 : readers;
  if (broken !== 4) {
    for (let reader: i32 = 0; reader < scanned; reader += 1) {
      awaitNotEqual(kernelCpu(reader) + Own.hazard, object);
    }
  }
  heapFree(cpu, object);
}

/** Uses what is shown, `rounds` times. */
export function reader(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    const object: ptr = acquire(cpu);
    if (object !== 0) load(object + Scratch.payload);
    letGo(cpu);
  }
}

/** Shows its own object and frees the one that was shown. */
export function writer(cpu: i32, readers: i32): void {
  const fresh: ptr = load(kernelCpu(cpu) + Own.fresh);
  const old: ptr = exchange(pointer, fresh);
  reclaim(cpu, old, readers);
}

/** Protects what is shown only until it has a reference, uses it and drops the reference, `rounds` times. */
export function refReader(cpu: i32, rounds: i32, readers: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    const object: ptr = acquire(cpu);
    const taken: bool = object !== 0 && tryGet(object);
    letGo(cpu);
    if (taken) {
      load(object + Scratch.payload);
      drop(cpu, object, readers);
    }
  }
}

/** Shows its own object and drops the reference that kept the old one. */
export function refWriter(cpu: i32, readers: i32): void {
  const fresh: ptr = load(kernelCpu(cpu) + Own.fresh);
  const old: ptr = exchange(pointer, fresh);
  drop(cpu, old, readers);
}

function tryGet(object: ptr): bool {
  let before: i32 = load(object + Scratch.count);
  while (before !== 0) {
    const found: i32 = compareExchange(object + Scratch.count, before, before + 1);
    if (found === before) return true;
    before = found;
  }
  return false;
}

function drop(cpu: i32, object: ptr, readers: i32): void {
  const before: i32 = fetchAdd(object + Scratch.count, -1);
  // Another reader may still be on its way to a reference.
  if (before === 1) reclaim(cpu, object, readers);
}

/** The end: frees what is shown. */
export function clear(): void {
  heapFree(0, load(pointer));
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 4, doc: "Which deliberate bug; 0 = none." },
  },
} satisfies ProgramMeta;

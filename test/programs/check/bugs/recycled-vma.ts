/**
 * Memory areas (VMAs) come from a cache whose objects may be used anew at once, without a grace period. Who has found one under
 * RCU takes a count and then compares: it may be another process's by now. Then he drops it, and wakes up whoever waits for that
 * in the other process: by an address that nothing keeps any more once the count is dropped.
 *
 * `broken` 1: the kernel before 9bbffee67ffd.
 */
import { Boot, coreBoot, heapAlloc, heapFree, Kind, kernelGlobals, type ProgramMeta } from "refplay/kernel";
import { awaitEqual, type i32, load, option, type ptr, store, storeRelease } from "refplay/machine";
import { get, put, tryGet } from "./count.ts";

const broken: i32 = option("broken");

/** An address space (mm). */
export enum Scratch {
  count = 0,
  /** Whom to wake up. */
  waiter = 8,
  end = 16,
}

/** Cells behind `kernelGlobals`: the area, which is never given back to the page allocator here. */
export enum Shared {
  /** Counts of the area: 1 while it is mapped, 0 while it may be used anew. */
  areaCount = 0,
  /** Whose it is, or was. */
  areaOwner = 8,
  /** The two address spaces. */
  ours = 64,
  theirs = 72,
}

const areaCount: ptr = kernelGlobals + Shared.areaCount;
const areaOwner: ptr = kernelGlobals + Shared.areaOwner;
const ours: ptr = kernelGlobals + Shared.ours;
const theirs: ptr = kernelGlobals + Shared.theirs;

/** The reader has found the area in its own address space, from which it was unmapped just now. */
export function boot(): void {
  coreBoot();
  store(ours, make());
  store(theirs, make());
  store(areaOwner, load(ours));
  store(areaCount, 0);
}

function make(): ptr {
  const cpus: i32 = load(Boot.cpus);
  const space: ptr = heapAlloc(cpus - 1, Kind.scratch, Scratch.end);
  store(space + Scratch.count, 1);
  return space;
}

function drop(cpu: i32, space: ptr): void {
  if (put(space + Scratch.count)) heapFree(cpu, space);
}

/** Drops the area and wakes up who waits for that. */
function areaPut(owner: ptr): void {
  put(areaCount);
  load(owner + Scratch.waiter);
}

/** A page fault: locks the area that it has found, and unlocks it. */
export function reader(cpu: i32): void {
  if (!tryGet(areaCount)) return;
  const owner: ptr = load(areaOwner);
  const own: ptr = load(ours);
  if (broken !== 0 || owner === own) {
    areaPut(owner);
    return;
  }
  // While the area is counted, its owner cannot unmap it, and so not exit.
  get(owner + Scratch.count);
  areaPut(owner);
  drop(cpu, owner);
}

/** Another process maps the area, unmaps it, for which it waits until nobody has it locked, and exits. */
export function recycler(cpu: i32): void {
  const space: ptr = load(theirs);
  store(areaOwner, space);
  storeRelease(areaCount, 1);
  put(areaCount);
  awaitEqual(areaCount, 0);
  drop(cpu, space);
}

/** The end: the reader's process exits. */
export function clear(): void {
  drop(0, load(ours));
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 1, doc: "1: before the fix." },
  },
} satisfies ProgramMeta;

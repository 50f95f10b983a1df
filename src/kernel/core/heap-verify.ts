/**
 * What a verify build adds to every object: a line in front of it with state, generation, kind and size, poison in what is
 * free, and a queue in which freed blocks wait before they are used again, so that a late touch finds poison and not
 * somebody else's object. Nothing of this is linked where `verify` is off.
 *
 * SLUB's debug options do the same in the kernel (mm/slub.c, v6.6: red zones, POISON_FREE 0x6b in include/linux/poison.h);
 * the quarantine is KASAN's idea (mm/kasan/quarantine.c, v6.6).
 */
import { type bool, exchange, type i32, load, type ptr, store } from "../../machine/index.ts";
import { Cpu, cpuArea, quarantineBlocks, verify } from "./areas.ts";
import { violation } from "./evidence.ts";
import { Verdict } from "./marks.ts";

/** Bytes in front of every object: a whole line, so that objects stay aligned to 64 bytes; 0 in a measured build. */
export const headerBytes: i32 = verify ? 64 : 0;

/** What freed memory is filled with: POISON_FREE four times. */
export const poison: i32 = 0x6b6b6b6b;

/** Offsets in the line in front of an object. */
export enum Header {
  state = 0,
  /** Goes up by one whenever the block becomes an object again. */
  generation = 4,
  kind = 8,
  bytes = 12,
}

/** Values of `Header.state`; anything else was never an object or has been overwritten. */
export enum HeapState {
  live = 0x4c495645,
  free = 0x46524545,
}

/** Marks a block as an object. If it was one before, its poison must be whole. */
export function stampAllocated(cpu: i32, address: ptr, kind: i32, bytes: i32): void {
  const header: ptr = address - headerBytes;
  const before: i32 = exchange(header + Header.state, HeapState.live);
  if (before === HeapState.live) violation(cpu, Verdict.doubleFree, address);
  if (before === HeapState.free) {
    const written: i32 = load(header + Header.bytes);
    // What is behind a smaller new object is still freed memory to whoever watches, which nobody may read.
    const checked: i32 = written < bytes ? written : bytes;
    for (let offset: i32 = 0; offset < checked; offset += 4) {
      const cell: i32 = load(address + offset);
      if (cell !== poison) {
        violation(cpu, Verdict.useAfterFree, address + offset);
        break;
      }
    }
  }
  const generation: i32 = load(header + Header.generation);
  store(header + Header.generation, generation + 1);
  store(header + Header.kind, kind);
  store(header + Header.bytes, bytes);
}

/** Marks an object as freed and poisons it; false (a violation) where it is none. */
export function stampFreed(cpu: i32, address: ptr): bool {
  const header: ptr = address - headerBytes;
  // An exchange, so that of two CPUs that free one object only one goes on.
  const before: i32 = exchange(header + Header.state, HeapState.free);
  if (before !== HeapState.live) {
    violation(cpu, Verdict.doubleFree, address);
    return false;
  }
  const bytes: i32 = load(header + Header.bytes);
  for (let offset: i32 = 0; offset < bytes; offset += 4) store(address + offset, poison);
  return true;
}

/** Puts a freed object into this CPU's quarantine; the one that has been there longest, or 0 while it is not full. */
export function quarantine(cpu: i32, address: ptr): ptr {
  if (quarantineBlocks === 0) return address;
  const area: ptr = cpuArea(cpu);
  const at: i32 = load(area + Cpu.quarantineAt);
  const oldest: ptr = load(area + Cpu.quarantine + at * 4);
  store(area + Cpu.quarantine + at * 4, address);
  store(area + Cpu.quarantineAt, at + 1 === quarantineBlocks ? 0 : at + 1);
  return oldest;
}

/** Whether `address` is a live object of the heap. Always true in a measured build. */
export function isLive(address: ptr): bool {
  if (!verify) return true;
  const state: i32 = load(address - headerBytes + Header.state);
  return state === HeapState.live;
}

/** The object's generation stamp, or 0 in a measured build. */
export function generationOf(address: ptr): i32 {
  if (!verify) return 0;
  return load(address - headerBytes + Header.generation);
}

/** A use of an object: a violation where it is not live any more. Nothing in a measured build. */
export function checkLive(cpu: i32, address: ptr): void {
  if (!isLive(address)) violation(cpu, Verdict.useAfterFree, address);
}

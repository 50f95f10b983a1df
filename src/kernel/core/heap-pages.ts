/**
 * The lowest layer of the heap: size classes, pages cut off the end of what is in use, and the table that tells kind and
 * class of every block from its address, so that a free needs neither (the kernel finds the slab of an address the same
 * way, virt_to_slab in mm/slab.h, v6.6). Everything that writes here is called with `Global.heapLock` held.
 */

import { i32, load, ptr, store } from "../../machine/index.ts";
import { Boot } from "../../machine/memory-map.ts";
import { Cpu, classLimit, cpuArea, Global } from "./areas.ts";

export const pageBytes: i32 = 4096;
/** Up to here classes go in steps of 64 bytes, from here on in powers of two. */
const stepLimit: i32 = 512;

/** The class of a block of that many bytes; `classLimit` or more where there is none. */
export function classOf(bytes: i32): i32 {
  if (bytes <= 64) return 0;
  if (bytes <= stepLimit) return ((bytes + 63) >> 6) - 1;
  let room: i32 = stepLimit * 2;
  let sizeClass: i32 = stepLimit >> 6;
  while (room < bytes && sizeClass < classLimit) {
    room *= 2;
    sizeClass += 1;
  }
  return sizeClass;
}

/** Bytes of the blocks of a class. */
export function classBytes(sizeClass: i32): i32 {
  if (sizeClass < stepLimit >> 6) return (sizeClass + 1) << 6;
  return stepLimit << (sizeClass - (stepLimit >> 6) + 1);
}

/** Index of bins, cuts and depot: a kind's blocks of one class. */
export function binIndex(kind: i32, sizeClass: i32): i32 {
  return kind * classLimit + sizeClass;
}

/** Makes the heap of the boot block ready. Once, on one CPU, before anything else of the heap. */
export function pagesBoot(): void {
  const start: ptr = load(Boot.heapStart);
  const end: i32 = load(Boot.heapEnd);
  store(Global.heapPages, start);
  const behindTable: i32 = i32(start) + ((end >> 12) + 1) * 4;
  store(Global.heapNext, (behindTable + pageBytes - 1) & (0 - pageBytes));
}

/** The cell that says which bin the block at `address` belongs to. */
export function pageCell(address: ptr): ptr {
  const table: ptr = load(Global.heapPages);
  return table + (i32(address) >> 12) * 4;
}

/** New pages for blocks of a bin, `bytes` in all (a multiple of the page size), or 0 where the heap is used up. */
export function takePages(cpu: i32, bin: i32, bytes: i32): ptr {
  const start: i32 = load(Global.heapNext);
  const end: i32 = load(Boot.heapEnd);
  if (end - start < bytes) return 0;
  store(Global.heapNext, start + bytes);
  const pages: ptr = ptr(start);
  store(pageCell(pages), bin);
  const used: i32 = load(cpuArea(cpu) + Cpu.heapBytes);
  store(cpuArea(cpu) + Cpu.heapBytes, used + bytes);
  return pages;
}

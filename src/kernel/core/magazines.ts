/**
 * Free blocks as arrays of addresses, so that a freed object is never touched by its allocator: per CPU one magazine for
 * each bin, filled and emptied at its top with plain accesses, and a shared depot of half-full magazines behind it.
 * After Bonwick and Adams, "Magazines and Vmem", USENIX 2001; the kernel's SLUB keeps its free list inside the objects
 * instead, which costs the same loads and would look like a use after free here.
 *
 * A magazine is 256 bytes on a 256-byte boundary. Slot 0 links magazines in the depot, blocks are in slots 1 to 63. The
 * bin's cell points to the last used slot; a multiple of 256 therefore means empty (0: no magazine yet).
 */
import { i32, load, ptr, store } from "../../machine/index.ts";
import { Cpu, cpuArea, Global } from "./areas.ts";
import { warn } from "./evidence.ts";
import { classBytes, pageBytes, takePages } from "./heap-pages.ts";
import { Mark } from "./marks.ts";
import { spinLock, spinUnlock } from "./spinlock.ts";

const magazineBytes: i32 = 256;
const slotMask: i32 = magazineBytes - 1;
const lastSlot: i32 = magazineBytes - 4;
/** Blocks that move between a CPU and the depot at once: half a magazine, so that a CPU at the edge does not come back soon. */
const batch: i32 = 31;

/** A free block of a bin, or 0 where the heap is used up. */
export function takeBlock(cpu: i32, bin: i32, sizeClass: i32): ptr {
  const cell: ptr = cpuArea(cpu) + Cpu.bins + bin * 4;
  const top: ptr = load(cell);
  if ((i32(top) & slotMask) !== 0) {
    store(cell, top - 4);
    return load(top);
  }
  spinLock(Global.heapLock);
  const block: ptr = refill(cpu, bin, sizeClass, cell, top);
  spinUnlock(Global.heapLock);
  return block;
}

/** Hands a block back to its bin, on whichever CPU. */
export function giveBlock(cpu: i32, bin: i32, block: ptr): void {
  const cell: ptr = cpuArea(cpu) + Cpu.bins + bin * 4;
  let top: ptr = load(cell);
  if (top === 0 || (i32(top) & slotMask) === lastSlot) {
    spinLock(Global.heapLock);
    top = spill(cpu, bin, top);
    spinUnlock(Global.heapLock);
    if (top === 0) {
      // No room to remember the block: it is lost, and said to be.
      warn(cpu, Mark.heapExhausted, block);
      return;
    }
  }
  store(top + 4, block);
  store(cell, top + 4);
}

/** An empty magazine or 0. Lock held. */
function emptyMagazine(cpu: i32): ptr {
  const empty: ptr = load(Global.heapEmpties);
  if (empty !== 0) {
    const rest: ptr = load(empty);
    store(Global.heapEmpties, rest);
    return empty;
  }
  const area: ptr = cpuArea(cpu);
  let next: ptr = load(area + Cpu.magazineNext);
  const end: ptr = load(area + Cpu.magazineEnd);
  if (next === end) {
    next = takePages(cpu, 0, pageBytes);
    if (next === 0) return 0;
    store(area + Cpu.magazineEnd, next + pageBytes);
  }
  store(area + Cpu.magazineNext, next + magazineBytes);
  return next;
}

/** Fills this CPU's empty magazine (`magazine`, or 0: none yet) from the depot or new pages; one block or 0. Lock held. */
function refill(cpu: i32, bin: i32, sizeClass: i32, cell: ptr, magazine: ptr): ptr {
  const depot: ptr = ptr(Global.depot + bin * 4);
  const stocked: ptr = load(depot);
  if (stocked !== 0) {
    const rest: ptr = load(stocked);
    store(depot, rest);
    if (magazine !== 0) {
      const empties: ptr = load(Global.heapEmpties);
      store(magazine, empties);
      store(Global.heapEmpties, magazine);
    }
    store(cell, stocked + (batch - 1) * 4);
    return load(stocked + batch * 4);
  }
  let top: ptr = magazine;
  if (top === 0) {
    top = emptyMagazine(cpu);
    if (top === 0) return 0;
  }
  const cut: ptr = cpuArea(cpu) + Cpu.cuts + bin * 8;
  const bytes: i32 = classBytes(sizeClass);
  let next: ptr = load(cut);
  let end: ptr = load(cut + 4);
  if (next === end) {
    const room: i32 = bytes < pageBytes ? pageBytes : bytes;
    next = takePages(cpu, bin, room);
    if (next === 0) {
      store(cell, top);
      return 0;
    }
    // What does not fit a whole block at the page's end stays unused.
    end = next + (room - (room % bytes));
    store(cut + 4, end);
  }
  const block: ptr = next;
  next = next + bytes;
  let filled: i32 = 1;
  while (next !== end && filled < batch) {
    top = top + 4;
    store(top, next);
    next = next + bytes;
    filled += 1;
  }
  store(cut, next);
  store(cell, top);
  return block;
}

/** Makes room in this CPU's magazine, which is full or (0) missing; its new top, or 0 where that takes memory that is not there. Lock held. */
function spill(cpu: i32, bin: i32, top: ptr): ptr {
  const fresh: ptr = emptyMagazine(cpu);
  if (fresh === 0 || top === 0) return fresh;
  for (let slot: i32 = 0; slot < batch; slot += 1) {
    const block: ptr = load(top - slot * 4);
    store(fresh + (batch - slot) * 4, block);
  }
  const depot: ptr = ptr(Global.depot + bin * 4);
  const others: ptr = load(depot);
  store(fresh, others);
  store(depot, fresh);
  return top - batch * 4;
}

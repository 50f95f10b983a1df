/**
 * The kernel's heap: kmalloc with kinds. Objects are aligned to 64 bytes and never moved. On the hot path an allocation is
 * four loads and stores of this CPU's own lines, a free six; a block freed on another CPU than it came from stays there
 * until half a magazine of them goes to the depot.
 */
import { allocated, freed, type i32, load, ptr, store } from "../../machine/index.ts";
import { Cpu, classLimit, cpuArea, Global, verify, watched } from "./areas.ts";
import { sumOverCpus, violation, warn } from "./evidence.ts";
import { binIndex, classOf, pageBytes, pageCell, pagesBoot, takePages } from "./heap-pages.ts";
import { headerBytes, quarantine, stampAllocated, stampFreed } from "./heap-verify.ts";
import { cutObject } from "./heap-watched.ts";
import { giveBlock, takeBlock } from "./magazines.ts";
import { Mark, Verdict } from "./marks.ts";
import { spinLock, spinUnlock } from "./spinlock.ts";

/** Makes the heap ready. Once, on CPU 0, before anything is allocated. */
export function heapBoot(): void {
  if (watched) return;
  pagesBoot();
}

/**
 * A new object of `bytes` (1 to 131,072; 64 less in a verify build), contents undefined. 0 where the heap is used up (with
 * `Mark.heapExhausted`): the caller copes.
 */
export function heapAlloc(cpu: i32, kind: i32, bytes: i32): ptr {
  if (watched) {
    const object: ptr = cutObject(cpu, bytes);
    if (object === 0) warn(cpu, Mark.heapExhausted, ptr(kind));
    else allocated(object, kind, bytes);
    return object;
  }
  const sizeClass: i32 = classOf(bytes + headerBytes);
  const block: ptr = sizeClass < classLimit ? takeBlock(cpu, binIndex(kind, sizeClass), sizeClass) : 0;
  if (block === 0) {
    warn(cpu, Mark.heapExhausted, ptr(kind));
    return 0;
  }
  const counter: ptr = cpuArea(cpu) + Cpu.live + kind * 4;
  const live: i32 = load(counter);
  store(counter, live + 1);
  const address: ptr = block + headerBytes;
  allocated(address, kind, bytes);
  if (verify) stampAllocated(cpu, address, kind, bytes);
  return address;
}

/** Gives an object back, on whichever CPU. In a verify build a second time is a `doubleFree` and changes nothing else. */
export function heapFree(cpu: i32, address: ptr): void {
  if (watched) {
    freed(address);
    return;
  }
  if (verify) {
    if (!stampFreed(cpu, address)) return;
  }
  giveBack(cpu, load(pageCell(address)), address);
}

/**
 * The same for an object whose kind and size the caller knows as constants: saves the look at the page table, on which all
 * the rest would wait. In a verify build a wrong kind or size is an `assertion`.
 */
export function heapFreeKnown(cpu: i32, kind: i32, bytes: i32, address: ptr): void {
  if (watched) {
    freed(address);
    return;
  }
  const bin: i32 = binIndex(kind, classOf(bytes + headerBytes));
  if (verify) {
    if (!stampFreed(cpu, address)) return;
    const known: i32 = load(pageCell(address));
    if (known !== bin) violation(cpu, Verdict.assertion, address);
    giveBack(cpu, known, address);
    return;
  }
  giveBack(cpu, bin, address);
}

/** The end of both frees. */
function giveBack(cpu: i32, bin: i32, address: ptr): void {
  const counter: ptr = cpuArea(cpu) + Cpu.live + (bin / classLimit) * 4;
  const live: i32 = load(counter);
  store(counter, live - 1);
  freed(address);
  if (verify) {
    const oldest: ptr = quarantine(cpu, address);
    if (oldest === 0) return;
    const oldestBin: i32 = load(pageCell(oldest));
    giveBlock(cpu, oldestBin, oldest - headerBytes);
    return;
  }
  giveBlock(cpu, bin, address);
}

/** Memory of any size that is never given back, filled with 0: arrays made at boot. 0 where the heap is used up. */
export function heapReserve(cpu: i32, bytes: i32): ptr {
  if (watched) {
    const reserved: ptr = cutObject(cpu, bytes);
    if (reserved === 0) warn(cpu, Mark.heapExhausted, 0);
    return reserved;
  }
  spinLock(Global.heapLock);
  const start: ptr = takePages(cpu, 0, (bytes + pageBytes - 1) & (0 - pageBytes));
  spinUnlock(Global.heapLock);
  if (start === 0) warn(cpu, Mark.heapExhausted, 0);
  return start;
}

/** Fills `bytes` (a multiple of 4) of a new object with 0. In a watched build they are 0 already. */
export function zero(address: ptr, bytes: i32): void {
  if (watched) return;
  for (let offset: i32 = 0; offset < bytes; offset += 4) store(address + offset, 0);
}

/** Objects of a kind that are allocated and not freed, over all CPUs. Exact once the CPUs rest; 0 in a watched build. */
export function heapLive(kind: i32): i32 {
  return sumOverCpus(Cpu.live + kind * 4);
}

/** Bytes of pages that objects were ever cut from, free ones included, over all CPUs. */
export function heapUsed(): i32 {
  return sumOverCpus(Cpu.heapBytes);
}

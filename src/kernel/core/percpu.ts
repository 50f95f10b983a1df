/**
 * Per-CPU memory: a piece at the same offset of every CPU's area. Counters are packed 8 bytes apart, as the kernel packs
 * them (mm/percpu.c, v6.6), so several refs of one CPU share a line and no two CPUs do.
 *
 * What is given out is kept in one bitmap, a bit for 8 bytes; the lowest gap that fits is taken, so that few lines are in
 * use. Nothing is linked through the memory itself, so freed pieces are never touched.
 */

import { allocated, freed, type i32, load, ptr, store, thisCpu } from "../../machine/index.ts";
import { Boot, lineBytes } from "../../machine/memory-map.ts";
import { Cpu, cpuAreaBase, cpuAreaBytes, Global, percpuBytes, verify, watched } from "./areas.ts";
import { violation, warn } from "./evidence.ts";
import { cutPercpu } from "./heap-watched.ts";
import { Kind } from "./kinds.ts";
import { Mark, Verdict } from "./marks.ts";
import { spinLock, spinUnlock } from "./spinlock.ts";

/** What the bitmap counts in. */
const unitBytes: i32 = 8;
/** A cell of the bitmap stands for one line: a piece never crosses a line. */
const unitsPerWord: i32 = lineBytes / unitBytes;
const words: i32 = percpuBytes / lineBytes;

/** A piece's cell on one CPU. `offset` is what `percpuAlloc` returned. */
export function percpuCell(cpu: i32, offset: i32): ptr {
  return ptr(cpuAreaBase + offset + cpu * cpuAreaBytes);
}

/**
 * `bytes` (1 to 64) on every CPU, filled with 0. Returns the offset in the CPUs' areas, a multiple of 8 that is never 0; 0
 * where there is no room (with `Mark.percpuExhausted`).
 */
export function percpuAlloc(bytes: i32): i32 {
  const offset: i32 = percpuTryAlloc(bytes);
  if (offset === 0) warn(thisCpu(), Mark.percpuExhausted, ptr(bytes));
  return offset;
}

/** The same without a mark, for a caller who does as well without (the kernel's __GFP_NOWARN). */
export function percpuTryAlloc(bytes: i32): i32 {
  const wanted: i32 = (bytes + unitBytes - 1) / unitBytes;
  if (watched) return allocWatched(wanted);
  spinLock(Global.percpuLock);
  const unit: i32 = claim(wanted);
  spinUnlock(Global.percpuLock);
  if (unit < 0) return 0;
  const offset: i32 = Cpu.percpu + unit * unitBytes;
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const cell: ptr = percpuCell(cpu, offset);
    allocated(cell, Kind.percpuData, wanted * unitBytes);
    for (let at: i32 = 0; at < wanted * unitBytes; at += 4) store(cell + at, 0);
  }
  return offset;
}

/** Gives a piece of `bytes` back. In a verify build a second time is a `doubleFree` and changes nothing. */
export function percpuFree(offset: i32, bytes: i32): void {
  if (watched) {
    freeCells(offset);
    return;
  }
  const wanted: i32 = (bytes + unitBytes - 1) / unitBytes;
  const unit: i32 = (offset - Cpu.percpu) / unitBytes;
  const mask: i32 = ((1 << wanted) - 1) << (unit % unitsPerWord);
  const word: ptr = ptr(Global.percpuMap) + (unit / unitsPerWord) * 4;
  if (verify) {
    const taken: i32 = load(word);
    if ((taken & mask) !== mask) {
      violation(thisCpu(), Verdict.doubleFree, percpuCell(0, offset));
      return;
    }
  }
  // Before the bits are cleared: from then on the piece may be somebody else's.
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) freed(percpuCell(cpu, offset));
  spinLock(Global.percpuLock);
  const map: i32 = load(word);
  store(word, map & ~mask);
  const hint: i32 = load(Global.percpuHint);
  if (unit / unitsPerWord < hint) store(Global.percpuHint, unit / unitsPerWord);
  const used: i32 = load(Global.percpuUsed);
  store(Global.percpuUsed, used - wanted * unitBytes);
  spinUnlock(Global.percpuLock);
}

/** Bytes given out in each CPU's area. */
export function percpuInUse(): i32 {
  return load(Global.percpuUsed);
}

/** The same in a watched build: memory that was never used is 0. */
function allocWatched(wanted: i32): i32 {
  const offset: i32 = cutPercpu(thisCpu(), wanted * unitBytes);
  if (offset === 0) return 0;
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1)
    allocated(percpuCell(cpu, offset), Kind.percpuData, wanted * unitBytes);
  return offset;
}

/** Tells that a piece is gone on every CPU. */
function freeCells(offset: i32): void {
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) freed(percpuCell(cpu, offset));
}

/** Marks the first `wanted` neighbouring units of one line that are free; the first one's number or -1. Lock held. */
function claim(wanted: i32): i32 {
  const hint: i32 = load(Global.percpuHint);
  for (let index: i32 = hint; index < words; index += 1) {
    const word: ptr = ptr(Global.percpuMap) + index * 4;
    const map: i32 = load(word);
    for (let at: i32 = 0; at + wanted <= unitsPerWord; at += 1) {
      const mask: i32 = ((1 << wanted) - 1) << at;
      if ((map & mask) === 0) {
        store(word, map | mask);
        // A search for several units passes over single free ones: only one for a single unit may move the hint.
        if (wanted === 1) store(Global.percpuHint, index);
        const used: i32 = load(Global.percpuUsed);
        store(Global.percpuUsed, used + wanted * unitBytes);
        return index * unitsPerWord + at;
      }
    }
  }
  return -1;
}

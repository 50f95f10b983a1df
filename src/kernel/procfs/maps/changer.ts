/** What the watched process does meanwhile: unmaps pages and maps them again, and changes permissions. Each takes its time. */
import { type bool, type i32, load, type ptr, spin, store } from "refplay/machine";
import { procCount, procCpu } from "../cpu-block.ts";
import { countRequest } from "../script-run.ts";
import { chanceEnd, draw } from "./chance.ts";
import { MapsGlobal, theMm } from "./maps-globals.ts";
import { MapsCounter } from "./maps-names.ts";
import { Mm, mmWriteLock, mmWriteUnlock } from "./mm.ts";
import { Vma, VmaFlags } from "./vma.ts";
import { vmaFind, vmaMap, vmaProtect, vmaUnmap } from "./vma-change.ts";

/** Offset in the CPU's block of the page that it has unmapped; -1 where there was no memory to do it. */
const unmapped: i32 = chanceEnd;

/** First byte behind it. */
export const changerEnd: i32 = unmapped + 8;

/** Most pages whose permissions change at a time. */
const mostProtected: i32 = 16;

/** Begins a change: what the system call does before it needs the lock, the lock, and what is done under it beside the areas. */
function begin(): void {
  const unlockedNs: i32 = load(MapsGlobal.unlockedNs);
  const lockedNs: i32 = load(MapsGlobal.lockedNs);
  if (unlockedNs > 0) spin(unlockedNs);
  mmWriteLock(theMm);
  if (lockedNs > 0) spin(lockedNs);
}

function end(cpu: i32): void {
  mmWriteUnlock(theMm);
  procCount(cpu, MapsCounter.changes, 1);
  // Where addresses are looked up, a request is a batch of them.
  const addresses: i32 = load(MapsGlobal.addressRoom);
  if (addresses === 0) countRequest(cpu);
}

/** Unmaps one of `pages` pages from `first` on, all of which are mapped. */
export function unmapOne(cpu: i32, first: i32, pages: i32): void {
  const page: i32 = first + draw(cpu, pages);
  begin();
  const done: bool = vmaUnmap(cpu, theMm, page, page + 1);
  store(procCpu(cpu) + unmapped, done ? page : -1);
  end(cpu);
}

/** Maps it again. */
export function mapOne(cpu: i32): void {
  const page: i32 = load(procCpu(cpu) + unmapped);
  begin();
  if (page >= 0) vmaMap(cpu, theMm, page, page + 1, VmaFlags.read | VmaFlags.write, page, 0);
  end(cpu);
}

/** Takes from some of the pages, or gives them, the permission to write: areas are split and merged, and none goes. */
export function protectSome(cpu: i32, first: i32, pages: i32): void {
  const page: i32 = first + draw(cpu, pages);
  const wanted: i32 = page + 1 + draw(cpu, mostProtected);
  begin();
  const vma: ptr = vmaFind(theMm, page);
  if (vma !== 0) {
    const ends: i32 = load(vma + Vma.end);
    const flags: i32 = load(vma + Vma.flags);
    const limit: i32 = first + pages;
    const to: i32 = wanted < ends ? wanted : ends;
    vmaProtect(cpu, theMm, page, to < limit ? to : limit, flags ^ VmaFlags.write);
  }
  end(cpu);
}

/** Areas of the address space. */
export function areaCount(): i32 {
  return load(theMm + Mm.mapCount);
}

/**
 * How readers of /proc/PID/maps get at one area after the other: `readBegin`, `readNext` as often as a page of text has room,
 * `readEnd`. Four ways, of which the variants of the scenario are made. After fs/proc/task_mmu.c: as it was up to v6.16, as it was
 * proposed in January 2024 and April 2025, and as it is since v6.17.
 */
import {
  type bool,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";
import { procCount, procCpu } from "../cpu-block.ts";
import { mapleNext, mapleReset } from "./maple-read.ts";
import { MapsCpu, readerState } from "./maps-cpu.ts";
import { MapsCounter } from "./maps-names.ts";
import { Mm, mmChanged, mmLook } from "./mm.ts";
import { downRead, upRead } from "./rwsem.ts";
import { ReadLock, Vma, vmaEndRead, vmaStartRead, vmaStartReadLocked } from "./vma.ts";

/** How an area is looked at. */
export enum ReadMode {
  /** With the lock of all of it. */
  locked = 0,
  /** A copy that counts if nothing has changed. */
  validated = 1,
  /** As it is found. */
  torn = 2,
  /** With its own lock. */
  perArea = 3,
}

/** What a reader keeps in its CPU's block, behind `MapsCpu.own`. */
enum Own {
  /** The area that it has locked; 0 for none. */
  held = 0,
  /** A copy of an area, up to `Vma.file`. */
  copy = 8,
  end = copy + 96,
}

/** First byte behind it. */
export const readerEnd: i32 = MapsCpu.own + Own.end;

/** Looks that are begun again before a reader without a lock takes it. */
const mostRetries: i32 = option("readerRetries");

/** Begins a page of text. */
export function readBegin(cpu: i32, mm: ptr, mode: i32): void {
  mapleReset(readerState(cpu));
  if (mode === ReadMode.locked) downRead(mm + Mm.lock);
  else rcuReadLock();
}

/** Ends it. */
export function readEnd(cpu: i32, mm: ptr, mode: i32): void {
  if (mode === ReadMode.locked) {
    upRead(mm + Mm.lock);
    return;
  }
  if (mode === ReadMode.perArea) unlockHeld(cpu);
  rcuReadUnlock();
}

/**
 * The first area that ends behind `page`, as an address at which the fields up to `Vma.file` can be read until the next call; 0 where
 * there is none. `checks` is false in deliberate bugs only: an area that is locked is believed to be what it was when it was found.
 */
export function readNext(cpu: i32, mm: ptr, mode: i32, page: i32, checks: bool): ptr {
  switch (mode) {
    case ReadMode.validated:
      return validatedCopy(cpu, mm, page);
    case ReadMode.perArea:
      return lockNext(cpu, mm, page, checks);
    default:
      return mapleNext(mm + Mm.tree, readerState(cpu), page);
  }
}

function own(cpu: i32, offset: i32): ptr {
  return procCpu(cpu) + MapsCpu.own + offset;
}

// ---- copies ----

/** A copy of what was there at one moment: the number is even and the same before and after. */
function validatedCopy(cpu: i32, mm: ptr, page: i32): ptr {
  const state: ptr = readerState(cpu);
  for (let tries: i32 = 0; tries <= mostRetries; tries += 1) {
    const seen: i32 = mmLook(mm);
    if ((seen & 1) === 0) {
      const copy: ptr = copyOf(cpu, mapleNext(mm + Mm.tree, state, page));
      if (!mmChanged(mm, seen)) return copy;
    }
    mapleReset(state);
    procCount(cpu, MapsCounter.retries, 1);
  }
  // Whoever loses too often waits for the writers in their queue.
  procCount(cpu, MapsCounter.fallbacks, 1);
  rcuReadUnlock();
  downRead(mm + Mm.lock);
  const copy: ptr = copyOf(cpu, mapleNext(mm + Mm.tree, state, page));
  upRead(mm + Mm.lock);
  rcuReadLock();
  mapleReset(state);
  return copy;
}

function copyOf(cpu: i32, vma: ptr): ptr {
  if (vma === 0) return vma;
  const copy: ptr = own(cpu, Own.copy);
  copyField(copy, vma, Vma.start);
  copyField(copy, vma, Vma.end);
  copyField(copy, vma, Vma.flags);
  copyField(copy, vma, Vma.pageOffset);
  copyField(copy, vma, Vma.file);
  return copy;
}

function copyField(copy: ptr, vma: ptr, field: i32): void {
  const value: i32 = load(vma + field);
  store(copy + field, value);
}

// ---- areas' own locks ----

function unlockHeld(cpu: i32): void {
  const held: ptr = load(own(cpu, Own.held));
  if (held === 0) return;
  store(own(cpu, Own.held), 0);
  vmaEndRead(held);
}

/**
 * The next area, locked. Where it begins behind `page` there seems to be a gap: that counts only if nothing was changed since the
 * look, or if a second look finds the same. Else the area may have been found before, and locked after, it lost pages to a neighbour.
 * Where it ends at or before `page`, it became one with the area before it and was split again: whoever told it would not get on.
 */
function lockNext(cpu: i32, mm: ptr, page: i32, checks: bool): ptr {
  const state: ptr = readerState(cpu);
  unlockHeld(cpu);
  while (true) {
    const seen: i32 = mmLook(mm);
    const vma: ptr = mapleNext(mm + Mm.tree, state, page);
    if (vma === 0) return vma;
    const lock: i32 = vmaStartRead(mm, vma);
    if (lock === ReadLock.gone) {
      mapleReset(state);
      procCount(cpu, MapsCounter.retries, 1);
    } else if (lock === ReadLock.busy) {
      return lockUnderMmapLock(cpu, mm, page);
    } else {
      const start: i32 = load(vma + Vma.start);
      const end: i32 = load(vma + Vma.end);
      let sure: bool = page < end || !checks;
      if (sure && checks && page < start && mmChanged(mm, seen)) {
        mapleReset(state);
        const again: ptr = mapleNext(mm + Mm.tree, state, page);
        sure = again === vma;
      }
      if (sure) {
        store(own(cpu, Own.held), vma);
        return vma;
      }
      vmaEndRead(vma);
      return lockUnderMmapLock(cpu, mm, page);
    }
  }
}

/** Waits for the writers, and locks the area before any of them comes back. */
function lockUnderMmapLock(cpu: i32, mm: ptr, page: i32): ptr {
  const state: ptr = readerState(cpu);
  procCount(cpu, MapsCounter.fallbacks, 1);
  rcuReadUnlock();
  downRead(mm + Mm.lock);
  mapleReset(state);
  const vma: ptr = mapleNext(mm + Mm.tree, state, page);
  if (vma !== 0) {
    vmaStartReadLocked(vma);
    store(own(cpu, Own.held), vma);
  }
  upRead(mm + Mm.lock);
  rcuReadLock();
  mapleReset(state);
  return vma;
}

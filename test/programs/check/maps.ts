/**
 * A reader walks all areas of an address space while a writer merges or splits some of them. Pages that are mapped before and after
 * the change are mapped all the time, so the reader must tell of every one of them, once or more often. The ten changes are those
 * that L. Stoakes listed when areas' own locks came to /proc/PID/maps (lkml.indiana.edu/hypermail/linux/kernel/2506.1/09166.html).
 * `around` areas of a page each lie before them and as many behind: with leaves of 4 slots, two make a tree of several leaves.
 *
 * `broken`: 1 the reader believes every area that it has locked (areas' own locks) or does not look at the number again (copies), 2 the
 * writer changes areas without locking them, 3 the address space's number moves only when the write lock is given back.
 */
import {
  coreBoot,
  heapFree,
  kernelGlobals,
  type ProgramMeta,
  RcuHead,
  seqWriteBegin,
  seqWriteEnd,
  Verdict,
  violation,
} from "refplay/kernel";
import { type bool, type i32, load, option, ptr, rcuTake, store } from "refplay/machine";
import { runCallback } from "../../../src/kernel/procfs/maps/callbacks.ts";
import { isLeaf, MapleNode } from "../../../src/kernel/procfs/maps/maple-layout.ts";
import { mapleNext, mapleReset } from "../../../src/kernel/procfs/maps/maple-read.ts";
import { mapleDestroy, mapleInit, mapleStore } from "../../../src/kernel/procfs/maps/maple-store.ts";
import { readerState } from "../../../src/kernel/procfs/maps/maps-cpu.ts";
import { Mm, mmWriteLock, mmWriteUnlock } from "../../../src/kernel/procfs/maps/mm.ts";
import { ReadMode, readBegin, readEnd, readNext } from "../../../src/kernel/procfs/maps/reader.ts";
import { downWrite, upWrite } from "../../../src/kernel/procfs/maps/rwsem.ts";
import { Vma } from "../../../src/kernel/procfs/maps/vma.ts";
import { vmaFind, vmaMap, vmaProtect } from "../../../src/kernel/procfs/maps/vma-change.ts";

const broken: i32 = option("broken");

const mm: ptr = kernelGlobals;

/** Flags of areas: what is merged has the same. */
const read: i32 = 1;
const write: i32 = 3;

/** Where the areas' borders are, before or after. */
const low: i32 = 3;
const middle: i32 = 5;
const top: i32 = 8;

/** The first page that is not one of the areas before those that change. */
const origin: i32 = 64;

/** Flags of areas around them: no two neighbours are alike. */
const code: i32 = 5;
const shared: i32 = 9;

/** The changes, as the catalogue numbers them. */
enum Change {
  mergeBoth = 1,
  mergeLeftFull = 2,
  mergeLeftPartial = 3,
  mergeRightFull = 4,
  mergeRightPartial = 5,
  newBoth = 6,
  newLeft = 7,
  newRight = 8,
  splitBelow = 9,
  splitAbove = 10,
  /** `mergeRightFull`, and split again where it was: the area above keeps the pages below. Not in the catalogue. */
  thereAndBack = 11,
}

/** The areas as they are before the change, in the area of a CPU that no actor has. */
export function boot(spare: i32, change: i32, around: i32): void {
  coreBoot();
  mapleInit(spare, mm + Mm.tree);
  mmWriteLock(mm);
  for (let area: i32 = 0; area < around; area += 1) {
    const flags: i32 = (area & 1) === 0 ? code : shared;
    put(spare, area - around, area - around + 1, flags);
  }
  switch (change) {
    case Change.mergeBoth:
      put(spare, 0, low, read);
      put(spare, low, middle, write);
      put(spare, middle, top, read);
      break;
    case Change.mergeLeftFull:
    case Change.mergeLeftPartial:
      put(spare, 0, low, read);
      put(spare, low, top, write);
      break;
    case Change.mergeRightFull:
    case Change.thereAndBack:
      put(spare, 0, low, write);
      put(spare, low, top, read);
      break;
    case Change.mergeRightPartial:
      put(spare, 0, middle, write);
      put(spare, middle, top, read);
      break;
    case Change.newBoth:
      put(spare, 0, low, read);
      put(spare, middle, top, read);
      break;
    case Change.newLeft:
      put(spare, 0, low, read);
      put(spare, middle, top, write);
      break;
    case Change.newRight:
      put(spare, 0, low, write);
      put(spare, middle, top, read);
      break;
    default:
      put(spare, 0, top, read);
      break;
  }
  for (let area: i32 = 0; area < around; area += 1) {
    const flags: i32 = (area & 1) === 0 ? code : shared;
    put(spare, top + area, top + area + 1, flags);
  }
  mmWriteUnlock(mm);
  if (around > 1 && isLeaf(load(ptr(load(mm + Mm.tree)) + MapleNode.meta)))
    violation(spare, Verdict.assertion, mm);
}

function put(cpu: i32, start: i32, end: i32, flags: i32): void {
  vmaMap(cpu, mm, origin + start, origin + end, flags, origin + start, 0);
}

/** Whether a page of those from the first area to the last is mapped before and after the change. */
function alwaysMapped(change: i32, page: i32): bool {
  const isNew: bool = change === Change.newBoth || change === Change.newLeft || change === Change.newRight;
  return !isNew || page < origin + low || page >= origin + middle;
}

/** Walks all areas once, in one page of text. */
export function reader(cpu: i32, mode: i32, change: i32, around: i32): void {
  let page: i32 = origin - around;
  const looksAgain: bool = broken !== 1;
  const used: i32 = mode === ReadMode.validated && !looksAgain ? ReadMode.torn : mode;
  readBegin(cpu, mm, used);
  let vma: ptr = readNext(cpu, mm, used, page, looksAgain);
  while (vma !== 0) {
    const start: i32 = load(vma + Vma.start);
    const end: i32 = load(vma + Vma.end);
    // May begin before `page`: twice is allowed. But never end there, or a reader would not get on.
    if (end <= page || start >= end) violation(cpu, Verdict.assertion, vma);
    judgeGap(cpu, change, page, start);
    page = end > page ? end : page + 1;
    vma = readNext(cpu, mm, used, page, looksAgain);
  }
  readEnd(cpu, mm, used);
  judgeGap(cpu, change, page, origin + top + around);
}

/** What the reader tells to be a gap must not always have been mapped. */
function judgeGap(cpu: i32, change: i32, from: i32, to: i32): void {
  for (let page: i32 = from; page < to; page += 1) {
    if (alwaysMapped(change, page)) violation(cpu, Verdict.assertion, mm);
  }
}

/** Makes the change. */
export function writer(cpu: i32, change: i32): void {
  if (broken === 3) downWrite(mm + Mm.lock);
  else mmWriteLock(mm);
  make(cpu, change);
  if (broken === 3) {
    seqWriteBegin(mm + Mm.sequence);
    seqWriteEnd(mm + Mm.sequence);
    upWrite(mm + Mm.lock);
  } else mmWriteUnlock(mm);
  if (change === Change.thereAndBack) {
    mmWriteLock(mm);
    vmaProtect(cpu, mm, origin, origin + low, write);
    mmWriteUnlock(mm);
  }
}

function make(cpu: i32, change: i32): void {
  if (broken === 2) {
    mergeLeftPartialUnlocked(cpu);
    return;
  }
  switch (change) {
    case Change.mergeBoth:
    case Change.mergeLeftPartial:
    case Change.mergeRightPartial:
      vmaProtect(cpu, mm, origin + low, origin + middle, read);
      break;
    case Change.mergeLeftFull:
      vmaProtect(cpu, mm, origin + low, origin + top, read);
      break;
    case Change.mergeRightFull:
    case Change.thereAndBack:
      vmaProtect(cpu, mm, origin, origin + low, read);
      break;
    case Change.newBoth:
    case Change.newLeft:
    case Change.newRight:
      vmaMap(cpu, mm, origin + low, origin + middle, read, origin + low, 0);
      break;
    case Change.splitBelow:
      vmaProtect(cpu, mm, origin + low, origin + top, write);
      break;
    default:
      vmaProtect(cpu, mm, origin, origin + low, write);
      break;
  }
}

/** `mergeLeftPartial` as it would be without locks of areas. */
function mergeLeftPartialUnlocked(cpu: i32): void {
  const before: ptr = vmaFind(mm, origin);
  const after: ptr = vmaFind(mm, origin + low);
  store(before + Vma.end, origin + middle);
  store(after + Vma.start, origin + middle);
  mapleStore(cpu, mm + Mm.tree, origin, origin + middle - 1, before);
}

/** The end: areas and tree are given back; what is left then was lost. */
export function clear(cpu: i32): void {
  mapleReset(readerState(cpu));
  let vma: ptr = mapleNext(mm + Mm.tree, readerState(cpu), 0);
  while (vma !== 0) {
    const end: i32 = load(vma + Vma.end);
    const refs: i32 = load(vma + Vma.refs);
    if (refs !== 1) violation(cpu, Verdict.assertion, vma);
    heapFree(cpu, vma);
    vma = mapleNext(mm + Mm.tree, readerState(cpu), end);
  }
  mapleDestroy(cpu, mm + Mm.tree);
}

/** Frees what has waited for a grace period. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    runCallback(cpu, id, head);
    head = rcuTake();
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 3, doc: "A deliberate bug." },
    mapleSlots: { unit: "count", default: 16, min: 4, max: 16, doc: "Slots of a leaf of the tree." },
    readerRetries: {
      unit: "count",
      default: 1,
      min: 0,
      max: 8,
      doc: "Looks without a lock that are begun again.",
    },
  },
} satisfies ProgramMeta;

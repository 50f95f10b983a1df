/** The read-write semaphore, the sequence counter and an area's own lock as entries of one program, with what they protect. */
import {
  coreBoot,
  heapFree,
  kernelGlobals,
  type ProgramMeta,
  seqBegin,
  seqRetry,
  seqWriteBegin,
  seqWriteEnd,
  Verdict,
  violation,
} from "refplay/kernel";
import { type bool, fetchAdd, type i32, load, type ptr, store } from "refplay/machine";
import { Mm, mmChanged, mmLook, mmWriteLock, mmWriteUnlock } from "../../src/kernel/procfs/maps/mm.ts";
import { downRead, downReadTry, downWrite, upRead, upWrite } from "../../src/kernel/procfs/maps/rwsem.ts";
import {
  Vma,
  vmaAlloc,
  vmaAttach,
  vmaDetach,
  vmaEndRead,
  vmaStartRead,
  vmaStartReadLocked,
  vmaStartWrite,
} from "../../src/kernel/procfs/maps/vma.ts";

/** Cells behind the address space, each on its own line. */
enum Cell {
  /** Equal whenever no writer is inside. */
  first = 256,
  second = 320,
  /** Readers inside, and the most there were. */
  inside = 384,
  most = 448,
  area = 512,
}

const mm: ptr = kernelGlobals;
const sem: ptr = mm + Mm.lock;
const sequence: ptr = mm + Mm.sequence;

function cell(which: i32): ptr {
  return kernelGlobals + which;
}

export function boot(): void {
  coreBoot();
}

export function value(which: i32): i32 {
  return load(cell(which));
}

/** Both cells are counted up, and nobody else is there. */
function countUp(cpu: i32): void {
  const before: i32 = load(cell(Cell.first));
  store(cell(Cell.first), before + 1);
  const other: i32 = load(cell(Cell.second));
  const readers: i32 = load(cell(Cell.inside));
  if (other !== before || readers !== 0) violation(cpu, Verdict.assertion, cell(Cell.first));
  store(cell(Cell.second), before + 1);
}

function same(): bool {
  const first: i32 = load(cell(Cell.first));
  const second: i32 = load(cell(Cell.second));
  return first === second;
}

// ---- the semaphore ----

export function writeUnderSem(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    downWrite(sem);
    countUp(cpu);
    upWrite(sem);
  }
}

export function readUnderSem(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    downRead(sem);
    look(cpu);
    upRead(sem);
  }
}

/** How often it got in without waiting. */
export function tryUnderSem(cpu: i32, rounds: i32): i32 {
  let got: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    if (downReadTry(sem)) {
      got += 1;
      look(cpu);
      upRead(sem);
    }
  }
  return got;
}

function look(cpu: i32): void {
  const others: i32 = fetchAdd(cell(Cell.inside), 1);
  const most: i32 = load(cell(Cell.most));
  if (others + 1 > most) store(cell(Cell.most), others + 1);
  if (!same()) violation(cpu, Verdict.assertion, cell(Cell.first));
  fetchAdd(cell(Cell.inside), -1);
}

export function enterAsReader(): bool {
  return downReadTry(sem);
}

export function leaveAsReader(): void {
  upRead(sem);
}

export function enterAsWriter(): void {
  downWrite(sem);
}

export function leaveAsWriter(): void {
  upWrite(sem);
}

/** The semaphore's count: 0 whenever nobody has or wants it. */
export function semCount(): i32 {
  return load(sem);
}

// ---- the sequence counter ----

/** Writers exclude each other by the semaphore. */
export function writeInSequence(_cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    downWrite(sem);
    const before: i32 = load(cell(Cell.first));
    seqWriteBegin(sequence);
    store(cell(Cell.first), before + 1);
    store(cell(Cell.second), before + 1);
    seqWriteEnd(sequence);
    upWrite(sem);
  }
}

/** How many looks were not in vain; those must have found the cells equal. */
export function readInSequence(cpu: i32, rounds: i32): i32 {
  let good: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const start: i32 = seqBegin(sequence);
    const equal: bool = same();
    if (!seqRetry(sequence, start)) {
      good += 1;
      if (!equal) violation(cpu, Verdict.assertion, sequence);
    }
  }
  return good;
}

/** How many looks found different cells, whether in vain or not: what the counter is for. */
export function readWithout(_cpu: i32, rounds: i32): i32 {
  let differed: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    if (!same()) differed += 1;
  }
  return differed;
}

export function beginToWrite(): void {
  seqWriteBegin(sequence);
}

export function endWriting(): void {
  seqWriteEnd(sequence);
}

export function sequenceNumber(): i32 {
  return load(sequence);
}

/** Whether what was looked at since the number was `seen` is worthless. */
export function mustRetry(seen: i32): bool {
  return seqRetry(sequence, seen);
}

// ---- the number of an address space ----

export function lockSpace(): void {
  mmWriteLock(mm);
}

export function unlockSpace(): void {
  mmWriteUnlock(mm);
}

export function lookAtSpace(): i32 {
  return mmLook(mm);
}

export function spaceChanged(seen: i32): bool {
  return mmChanged(mm, seen);
}

// ---- an area's own lock ----

/** One area, in the tree as far as its lock knows. */
export function makeArea(): void {
  const vma: ptr = vmaAlloc(0, mm, 0, 8, 1, 0, 0);
  vmaAttach(vma);
  store(cell(Cell.area), vma);
}

function area(): ptr {
  return load(cell(Cell.area));
}

export function areaRefs(): i32 {
  return load(area() + Vma.refs);
}

/** A `ReadLock`. */
export function startRead(): i32 {
  return vmaStartRead(mm, area());
}

export function startReadLocked(): void {
  vmaStartReadLocked(area());
}

export function endRead(): void {
  vmaEndRead(area());
}

export function startWrite(): void {
  vmaStartWrite(mm, area());
}

export function detach(): void {
  vmaDetach(area());
}

export function freeArea(): void {
  heapFree(0, area());
}

/** Changes what the area's lock protects, whole address space locked first. */
export function writeInArea(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    mmWriteLock(mm);
    vmaStartWrite(mm, area());
    countUp(cpu);
    mmWriteUnlock(mm);
  }
}

/** How often it got the area without waiting. */
export function readInArea(cpu: i32, rounds: i32): i32 {
  let got: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const lock: i32 = vmaStartRead(mm, area());
    if (lock === 1) {
      got += 1;
      look(cpu);
      vmaEndRead(area());
    } else {
      downRead(sem);
      vmaStartReadLocked(area());
      upRead(sem);
      look(cpu);
      vmaEndRead(area());
    }
  }
  return got;
}

/** Takes the area away; nobody has it locked afterwards. */
export function takeAway(cpu: i32): void {
  mmWriteLock(mm);
  vmaStartWrite(mm, area());
  vmaDetach(area());
  const readers: i32 = load(cell(Cell.inside));
  // Nor has it anybody who came too late: who would see such a one's reference could lock the area after all.
  const refs: i32 = load(area() + Vma.refs);
  if (readers !== 0 || refs !== 0) violation(cpu, Verdict.assertion, area());
  mmWriteUnlock(mm);
}

/** Looks at the area until it is gone or busy; how often it got it. */
export function readUntilGone(cpu: i32, rounds: i32): i32 {
  let got: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const lock: i32 = vmaStartRead(mm, area());
    if (lock === -1) return got;
    if (lock === 1) {
      got += 1;
      look(cpu);
      vmaEndRead(area());
    }
  }
  return got;
}

export default { options: {} } satisfies ProgramMeta;

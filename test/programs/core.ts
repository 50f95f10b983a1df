/** The core's parts as entries of one program: heap, per-CPU memory, locks, lists, sequence counters. */
import {
  coreBoot,
  generationOf,
  heapAlloc,
  heapFree,
  heapLive,
  heapReserve,
  heapUsed,
  isLive,
  Kind,
  kernelGlobals,
  listAdd,
  listFirst,
  listNext,
  listReverse,
  listTakeAll,
  type ProgramMeta,
  percpuAlloc,
  percpuCell,
  percpuFree,
  percpuInUse,
  readLock,
  readUnlock,
  seqBegin,
  seqRetry,
  seqWriteBegin,
  seqWriteEnd,
  spinLock,
  spinTryLock,
  spinUnlock,
  Verdict,
  violation,
  writeLock,
  writeTryLock,
  writeUnlock,
} from "refplay/kernel";
import { type bool, fetchAdd, type i32, load, type ptr, store } from "refplay/machine";

/** Cells behind `kernelGlobals`, each on its own line. */
enum Cell {
  lock = 0,
  /** What the lock protects: two cells that are equal whenever nobody is inside. */
  first = 64,
  second = 128,
  sequence = 192,
  list = 256,
  taken = 320,
  readersSeen = 384,
}

function cell(which: i32): ptr {
  return kernelGlobals + which;
}

export function boot(): void {
  coreBoot();
}

// ---- memory ----

export function alloc(cpu: i32, kind: i32, bytes: i32): ptr {
  return heapAlloc(cpu, kind, bytes);
}

export function free(cpu: i32, address: ptr): void {
  heapFree(cpu, address);
}

export function reserve(cpu: i32, bytes: i32): ptr {
  return heapReserve(cpu, bytes);
}

export function live(kind: i32): i32 {
  return heapLive(kind);
}

export function used(): i32 {
  return heapUsed();
}

export function alive(address: ptr): bool {
  return isLive(address);
}

export function generation(address: ptr): i32 {
  return generationOf(address);
}

export function cellAlloc(bytes: i32): i32 {
  return percpuAlloc(bytes);
}

export function cellFree(offset: i32, bytes: i32): void {
  percpuFree(offset, bytes);
}

export function cellOf(cpu: i32, offset: i32): ptr {
  return percpuCell(cpu, offset);
}

export function cellsInUse(): i32 {
  return percpuInUse();
}

/** `rounds` times: `count` objects are allocated, written over and freed, the last first. */
export function churnHeap(cpu: i32, rounds: i32, count: i32, bytes: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    let first: ptr = 0;
    for (let index: i32 = 0; index < count; index += 1) {
      const object: ptr = heapAlloc(cpu, Kind.scratch, bytes);
      store(object, first);
      store(object + 4, cpu);
      first = object;
    }
    while (first !== 0) {
      const next: ptr = load(first);
      const owner: i32 = load(first + 4);
      // Two CPUs that were given one block would overwrite each other.
      if (owner !== cpu) violation(cpu, Verdict.assertion, first);
      heapFree(cpu, first);
      first = next;
    }
  }
}

/** Allocates objects and puts them onto the shared list, for another CPU to free. */
export function produce(cpu: i32, count: i32, bytes: i32): void {
  for (let index: i32 = 0; index < count; index += 1) {
    const object: ptr = heapAlloc(cpu, Kind.scratch, bytes);
    listAdd(cell(Cell.list), object);
  }
}

/** Frees what comes on the shared list until it was `count`. */
export function consume(cpu: i32, count: i32): void {
  let done: i32 = 0;
  while (done < count) {
    let object: ptr = listTakeAll(cell(Cell.list));
    while (object !== 0) {
      const next: ptr = listNext(object);
      heapFree(cpu, object);
      object = next;
      done += 1;
    }
  }
}

/** `rounds` times a per-CPU counter is taken, counted up on this CPU and given back. */
export function churnCells(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    const offset: i32 = percpuAlloc(8);
    if (offset !== 0) {
      const mine: ptr = percpuCell(cpu, offset);
      const before: i32 = load(mine);
      if (before !== 0) violation(cpu, Verdict.assertion, mine);
      store(mine, cpu + 1);
      const after: i32 = load(mine);
      if (after !== cpu + 1) violation(cpu, Verdict.assertion, mine);
      percpuFree(offset, 8);
    }
  }
}

// ---- locks ----

/** Two additions that only agree if nobody comes in between. */
function addToBoth(cpu: i32): void {
  const first: i32 = load(cell(Cell.first));
  const second: i32 = load(cell(Cell.second));
  if (first !== second) violation(cpu, Verdict.assertion, cell(Cell.first));
  store(cell(Cell.first), first + 1);
  store(cell(Cell.second), second + 1);
}

export function underSpinlock(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    spinLock(cell(Cell.lock));
    addToBoth(cpu);
    spinUnlock(cell(Cell.lock));
  }
}

/** As often as the lock could be had at once out of `rounds`. */
export function underTryLock(cpu: i32, rounds: i32): i32 {
  let had: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    if (spinTryLock(cell(Cell.lock))) {
      addToBoth(cpu);
      spinUnlock(cell(Cell.lock));
      had += 1;
    }
  }
  return had;
}

export function writer(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    writeLock(cell(Cell.lock));
    addToBoth(cpu);
    writeUnlock(cell(Cell.lock));
  }
}

export function reader(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    readLock(cell(Cell.lock));
    const inside: i32 = fetchAdd(cell(Cell.readersSeen), 1);
    const first: i32 = load(cell(Cell.first));
    const second: i32 = load(cell(Cell.second));
    if (first !== second) violation(cpu, Verdict.assertion, cell(Cell.first));
    // Several readers inside at once: what the lock is for.
    if (inside > 0) store(cell(Cell.taken), 1);
    fetchAdd(cell(Cell.readersSeen), -1);
    readUnlock(cell(Cell.lock));
  }
}

export function tryWrite(): bool {
  return writeTryLock(cell(Cell.lock));
}

export function endWrite(): void {
  writeUnlock(cell(Cell.lock));
}

export function beginRead(): void {
  readLock(cell(Cell.lock));
}

export function endRead(): void {
  readUnlock(cell(Cell.lock));
}

/** Readers were seen inside together. */
export function readersMet(): i32 {
  return load(cell(Cell.taken));
}

/** Writes both cells inside a sequence count; writers exclude each other by the spinlock. */
export function seqWriter(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    spinLock(cell(Cell.lock));
    seqWriteBegin(cell(Cell.sequence));
    addToBoth(cpu);
    seqWriteEnd(cell(Cell.sequence));
    spinUnlock(cell(Cell.lock));
  }
}

/** Reads both cells until no writer came in between; they must agree then. How often it had to read again. */
export function seqReader(cpu: i32, rounds: i32): i32 {
  let retries: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    while (true) {
      const start: i32 = seqBegin(cell(Cell.sequence));
      const first: i32 = load(cell(Cell.first));
      const second: i32 = load(cell(Cell.second));
      if (!seqRetry(cell(Cell.sequence), start)) {
        if (first !== second) violation(cpu, Verdict.assertion, cell(Cell.first));
        break;
      }
      retries += 1;
    }
  }
  return retries;
}

export function counted(): i32 {
  return load(cell(Cell.first));
}

// ---- lists ----

/** Adds `count` nodes, each an object with the CPU's number and its own behind the link; the most that found the list empty. */
export function addNodes(cpu: i32, count: i32): i32 {
  let empty: i32 = 0;
  for (let index: i32 = 0; index < count; index += 1) {
    const node: ptr = heapAlloc(cpu, Kind.scratch, 24);
    store(node + 8, cpu * 1000 + index);
    if (listAdd(cell(Cell.list), node)) empty += 1;
  }
  return empty;
}

/** Takes the list away and frees its nodes; how many there were. */
export function takeNodes(cpu: i32): i32 {
  let node: ptr = listTakeAll(cell(Cell.list));
  let count: i32 = 0;
  while (node !== 0) {
    const next: ptr = listNext(node);
    heapFree(cpu, node);
    node = next;
    count += 1;
  }
  return count;
}

/** Takes the list, turns it round and puts the number of its n-th node together; -1 behind the end. */
export function oldest(cpu: i32, n: i32): i32 {
  let node: ptr = listReverse(listTakeAll(cell(Cell.list)));
  let number: i32 = -1;
  let index: i32 = 0;
  while (node !== 0) {
    const next: ptr = listNext(node);
    if (index === n) number = load(node + 8);
    heapFree(cpu, node);
    node = next;
    index += 1;
  }
  return number;
}

export function firstNode(): ptr {
  return listFirst(cell(Cell.list));
}

export default {
  options: {
    verify: { unit: "0/1", default: 1, min: 0, max: 1, doc: "Whether the heap checks itself." },
    quarantine: {
      unit: "blocks",
      default: 4,
      min: 0,
      max: 1024,
      doc: "Freed blocks that wait before reuse.",
    },
    percpuBytes: { unit: "bytes", default: 128, min: 0, max: 65536, doc: "Per-CPU memory of each CPU." },
    labelLayout: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether flags stand apart from the counter.",
    },
    rcuBacklog: {
      unit: "callbacks",
      default: 64,
      min: 1,
      max: 1000000,
      doc: "Callbacks before a CPU waits.",
    },
  },
} satisfies ProgramMeta;

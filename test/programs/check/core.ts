/**
 * The parts that the kernel is built from, each with the fewest actors and operations that could break it: locks, sequence
 * counters, the lockless list, and RCU itself.
 *
 * `broken`: 1 reads a sequence's data without looking at the number again, 2 frees without a grace period, 3 gives the lock
 * back too early, 4 pushes a list node with a plain store.
 */
import {
  Boot,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelCpu,
  kernelGlobals,
  listAdd,
  listNext,
  listTakeAll,
  type ProgramMeta,
  readLock,
  readUnlock,
  seqBegin,
  seqRetry,
  seqWriteBegin,
  seqWriteEnd,
  spinLock,
  spinUnlock,
  Verdict,
  violation,
  writeLock,
  writeUnlock,
} from "refplay/kernel";
import {
  fetchAdd,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  storeRelease,
  synchronizeRcu,
} from "refplay/machine";

const broken: i32 = option("broken");

/** An object that is looked up. */
export enum Scratch {
  payload = 0,
  end = 8,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  lock = 0,
  /** What the lock protects: always equal outside. */
  left = 64,
  right = 72,
  list = 128,
  /** Nodes taken from the list. */
  taken = 136,
  slot = 192,
}

/** Cells of a CPU: the node that it pushes, and what must be seen by who takes it. */
export enum Own {
  node = 0,
  payload = 8,
}

const lock: ptr = kernelGlobals + Shared.lock;
const left: ptr = kernelGlobals + Shared.left;
const right: ptr = kernelGlobals + Shared.right;
const list: ptr = kernelGlobals + Shared.list;
const taken: ptr = kernelGlobals + Shared.taken;
const slot: ptr = kernelGlobals + Shared.slot;

export function boot(): void {
  coreBoot();
  // In the area of a CPU that no actor has, so that all others begin alike.
  const cpus: i32 = load(Boot.cpus);
  store(slot, heapAlloc(cpus - 1, Kind.scratch, Scratch.end));
}

/** Adds one to both cells. */
function step(): void {
  const before: i32 = load(left);
  store(left, before + 1);
  store(right, before + 1);
}

// ---- spinlock ----

/** Adds one to both cells under the lock, `rounds` times. */
export function locker(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    spinLock(lock);
    if (broken === 3) spinUnlock(lock);
    const before: i32 = load(right);
    step();
    const after: i32 = load(left);
    if (after !== before + 1) violation(cpu, Verdict.assertion, left);
    if (broken !== 3) spinUnlock(lock);
  }
}

// ---- readers and writers ----

/** Finds both cells equal under the lock as a reader, `rounds` times. */
export function lockReader(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    readLock(lock);
    const first: i32 = load(left);
    const second: i32 = load(right);
    readUnlock(lock);
    if (first !== second) violation(cpu, Verdict.assertion, left);
  }
}

/** Adds one to both cells under the lock as a writer, `rounds` times. */
export function lockWriter(_cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    writeLock(lock);
    step();
    writeUnlock(lock);
  }
}

// ---- sequence counter ----

/** Finds both cells equal wherever the number did not change, `rounds` times. */
export function sequenceReader(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    let start: i32 = seqBegin(lock);
    let first: i32 = load(left);
    let second: i32 = load(right);
    while (broken !== 1 && seqRetry(lock, start)) {
      start = seqBegin(lock);
      first = load(left);
      second = load(right);
    }
    if (first !== second) violation(cpu, Verdict.assertion, left);
  }
}

/** The only writer: adds one to both cells, `rounds` times. */
export function sequenceWriter(_cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    seqWriteBegin(lock);
    step();
    seqWriteEnd(lock);
  }
}

// ---- lockless list ----

/** Puts its node on the list, with its contents written before. */
export function pusher(cpu: i32): void {
  const own: ptr = kernelCpu(cpu);
  store(own + Own.payload, 1);
  if (broken === 4) {
    store(own + Own.node, load(list));
    store(list, own + Own.node);
  } else listAdd(list, own + Own.node);
}

/** Takes the list, `rounds` times, and finds every node complete. */
export function drainer(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) drain(cpu);
}

function drain(cpu: i32): void {
  let node: ptr = listTakeAll(list);
  while (node !== 0) {
    const payload: i32 = load(node - Own.node + Own.payload);
    if (payload !== 1) violation(cpu, Verdict.assertion, node);
    fetchAdd(taken, 1);
    node = listNext(node);
  }
}

/** The end: every node was taken once. */
export function allTaken(pushers: i32): void {
  drain(0);
  const count: i32 = load(taken);
  if (count !== pushers) violation(0, Verdict.assertion, list);
}

// ---- RCU ----

/** Looks the object up and uses it inside a read section, `rounds` times. */
export function sectionReader(_cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    rcuReadLock();
    const object: ptr = load(slot);
    if (object !== 0) load(object + Scratch.payload);
    rcuReadUnlock();
  }
}

/** Takes the object away, waits for a grace period and frees it. */
export function sectionWriter(cpu: i32): void {
  const object: ptr = load(slot);
  storeRelease(slot, 0);
  if (broken !== 2) synchronizeRcu();
  heapFree(cpu, object);
}

/** The end: frees the object if it is still there. */
export function clear(): void {
  const object: ptr = load(slot);
  if (object !== 0) heapFree(0, object);
}

/** The end of programs that count in both cells: each actor was counted. */
export function counted(rounds: i32): void {
  const first: i32 = load(left);
  const second: i32 = load(right);
  if (first !== rounds || second !== rounds) violation(0, Verdict.assertion, left);
  clear();
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 4, doc: "Which deliberate bug; 0 = none." },
  },
} satisfies ProgramMeta;

/**
 * A Unix socket that was sent over itself keeps itself alive. The garbage collector finds such sockets: when a file has no more
 * counts than there are of it in queues, nobody can reach it, so its queue is emptied and the file goes. That is true only if
 * nobody can take a count of a file whose descriptor is closed. A look-up under RCU can: it has read the descriptor before.
 *
 * `broken` 1: the kernel before 054aa8d439b9, whose look-up does not look at the descriptor again once it has its count.
 */
import {
  Boot,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelGlobals,
  type ProgramMeta,
  rcuHeadBytes,
} from "refplay/kernel";
import {
  type bool,
  callRcu,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
} from "refplay/machine";
import { put, tryGet } from "./count.ts";

const broken: i32 = option("broken");

/** The socket's file. */
export enum File {
  count = 0,
  /** The message in its queue, which has one of the counts. */
  message = 8,
  rcu = 16,
  end = rcu + rcuHeadBytes,
}

/** What the message consists of. */
export enum Buffer {
  text = 0,
  end = 8,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  descriptor = 0,
  /** Files that are in queues, of one at most: what the collector goes through. */
  queued = 64,
}

const descriptor: ptr = kernelGlobals + Shared.descriptor;
const queued: ptr = kernelGlobals + Shared.queued;
const freeFile: i32 = 1;

export function boot(): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  const file: ptr = heapAlloc(cpus - 1, Kind.file, File.end);
  const message: ptr = heapAlloc(cpus - 1, Kind.buffer, Buffer.end);
  // The descriptor's, and that of the message in its own queue.
  store(file + File.count, 2);
  store(file + File.message, message);
  store(descriptor, file);
  store(queued, file);
}

function drop(file: ptr): void {
  if (put(file + File.count)) callRcu(file + File.rcu, freeFile);
}

/** Looks the descriptor up, peeks at the message and drops the file. */
export function receiver(_cpu: i32): void {
  rcuReadLock();
  const file: ptr = load(descriptor);
  let taken: bool = file !== 0 && tryGet(file + File.count);
  if (broken === 0 && taken) {
    // Closed meanwhile: then the collector may have seen the count as it was before.
    const again: ptr = load(descriptor);
    if (again !== file) {
      drop(file);
      taken = false;
    }
  }
  rcuReadUnlock();
  if (taken) {
    const message: ptr = load(file + File.message);
    if (message !== 0) load(message + Buffer.text);
    drop(file);
  }
}

/** Closes the descriptor and collects garbage. */
export function closer(cpu: i32): void {
  const file: ptr = load(descriptor);
  store(descriptor, 0);
  drop(file);
  collect(cpu);
}

/** Frees the file's queue, and with it the file, where all counts are of files in queues. */
export function collect(cpu: i32): void {
  const file: ptr = load(queued);
  if (file === 0) return;
  const count: i32 = load(file + File.count);
  if (count !== 1) return;
  store(queued, 0);
  const message: ptr = load(file + File.message);
  store(file + File.message, 0);
  heapFree(cpu, message);
  drop(file);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    heapFree(cpu, head - File.rcu);
    head = rcuTake();
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 1, doc: "1: before the fix." },
  },
} satisfies ProgramMeta;

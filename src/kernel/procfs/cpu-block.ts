/**
 * What a procfs program keeps per CPU: where its script stands, counters, and what would be on the stack of a system call or in
 * per-CPU variables of the kernel. Private to the CPU but for `progress`, which other CPUs wait for, and the queue node.
 */
import { type i32, load, type ptr, store } from "refplay/machine";
import { Boot } from "../../machine/memory-map.ts";
import { Cpu, kernelCpu, watched } from "../core/areas.ts";
import { sumOverCpus } from "../core/evidence.ts";

/** Counters that a program has room for. */
export const procCounterLimit: i32 = 64;

/** Offsets in the CPU's block; lines are 64 bytes. */
export enum ProcCpu {
  /** Byte offset in the script of the next record. */
  next = 0,
  /** `repeat` blocks that are open. */
  depth = 8,
  /** The innermost open block: offsets of its first record and behind its last, rounds left. */
  loopStart = 12,
  loopEnd = 16,
  loopLeft = 20,
  /** What these three were outside each open block, outermost first. */
  loops = 64,
  /** Script records and `request` records executed; records that make no sense. */
  events = 128,
  requests = 132,
  badRecords = 136,
  /** Longest times of the inode list's lock, in ticks of `now`; see `inodes.ts`. */
  longestHold = 140,
  longestWait = 144,
  /** Sum of the holds, and how many there were. */
  heldTicks = 148,
  sections = 152,
  /** Times that this CPU passed `post`. On its own line: others poll it. */
  progress = 192,
  /** This CPU's node in the queue of the one lock that it waits for; see `queued-lock.ts`. */
  queueNext = 256,
  queueGranted = 260,
  counters = 320,
  /** What a program keeps beside that, to the block's end at 2048. */
  own = counters + procCounterLimit * 4,
}

/** This CPU's block. */
export function procCpu(cpu: i32): ptr {
  return kernelCpu(cpu);
}

/** Adds to a counter of this CPU; a watched build counts nothing. */
export function procCount(cpu: i32, counter: i32, amount: i32): void {
  if (watched) return;
  const cell: ptr = kernelCpu(cpu) + ProcCpu.counters + counter * 4;
  const before: i32 = load(cell);
  store(cell, before + amount);
}

/** Sum of a counter over all CPUs. */
export function procCounted(counter: i32): i32 {
  return sumOverCpus(Cpu.kernel + ProcCpu.counters + counter * 4);
}

/** The largest that a CPU has in the cell at `offset` of its block. */
export function procCountedMost(offset: i32): i32 {
  const cpus: i32 = load(Boot.cpus);
  let most: i32 = 0;
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const its: i32 = load(kernelCpu(cpu) + offset);
    if (its > most) most = its;
  }
  return most;
}

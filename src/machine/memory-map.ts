/**
 * Where things lie in a machine's memory, for portable code and engines alike (addresses and sizes in bytes).
 *
 *     0     null line: touching it is a fault
 *     64    boot block: written by the engine before `boot` runs, then read only, but for the tick cell
 *     1024  kernel globals, then the strategies' globals
 *     ...   one area per CPU, `Boot.cpuStride` bytes apart, then the heap
 */

/** Absolute addresses of the boot block's cells. */
export enum Boot {
  /** Number of CPUs, 1 or more. */
  cpus = 64,
  /** First address of CPU 0's area. */
  cpuBase = 72,
  /** Bytes from one CPU's area to the next, a multiple of 64. */
  cpuStride = 80,
  /** First and last+1 address of the heap. */
  heapStart = 88,
  heapEnd = 96,
  /** Number of actors that take part in RCU; the others never hold a read section. */
  rcuReaders = 104,
  /** The tick cell that `now` reads: milliseconds on threads, steps/1024 on stepped engines; on a line of its own. */
  tick = 128,
}

/**
 * First address behind the null line and the boot block, and the lowest that a program may compute (cells of the boot block
 * are named by constants). The WebAssembly optimiser moves constants below 1024 out of address sums, which is right only if
 * no such sum wraps round to below 1024 (`src/link/wasm/optimise.ts`).
 */
export const globalBase = 1024;

/** Bytes of a cache line where the machine description says nothing else. */
export const lineBytes = 64;

/** Bytes of the null line: no object lies below. */
export const nullBytes = 64;

/** Field offsets of `struct rcu_head`: next pointer, then the callback (include/linux/types.h, v6.6: 16 bytes). */
export enum RcuHead {
  next = 0,
  callback = 8,
}

/** Bytes of `struct rcu_head`. */
export const rcuHeadBytes = 16;

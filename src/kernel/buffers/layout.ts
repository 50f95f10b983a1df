/**
 * What the work buffers consist of: the options that choose their kind and size, and the cells that they keep. Programs that
 * use them declare the options `buffers` and `bufferBytes`.
 */
import { type i32, option, type ptr } from "refplay/machine";
import { kernelCpu, kernelGlobals } from "../core/areas.ts";

/** Values of the option `buffers`. */
export enum BufferVariant {
  /** An allocation for each use. */
  kmalloc = 0,
  /** Two for each CPU, made at boot (`percpu.ts`). */
  percpu = 1,
  /** A list for all CPUs under a spinlock (`pool.ts`). */
  pool = 2,
  /** The same behind a cache for each CPU, used where the lock was found taken (`hybrid.ts`). */
  hybrid = 3,
}

export const bufferVariant: i32 = option("buffers");

/**
 * Bytes of one buffer. The kernel's default is 8192, 2 * PATH_MAX (aa_g_path_max, the module parameter path_max,
 * security/apparmor/lsm.c), and so it is for the option. At least 64.
 */
export const bufferBytes: i32 = option("bufferBytes");

/** Offset in a buffer that lies in a list: the next one, or 0. A buffer in somebody's hand is all his (union aa_buffer). */
export const bufferNext: i32 = 0;

/** Offsets of the shared cells. One line: who has the lock writes the rest. */
enum PoolOffset {
  lock = 768,
  /** The buffer that came last. */
  head = 776,
  /** Buffers in the list. */
  count = 784,
}

/** The shared cells of `pool` and `hybrid`. */
export const poolLock: ptr = kernelGlobals + PoolOffset.lock;
export const poolHead: ptr = kernelGlobals + PoolOffset.head;
export const poolCount: ptr = kernelGlobals + PoolOffset.count;

/** Offsets in the kernel's bytes of a CPU (`kernelCpu`), 1536 to 2047. All are private to the CPU. */
export enum BufferCpu {
  /** `percpu`: its buffers, and bit i set while number i is in use. */
  first = 1536,
  second = 1544,
  inUse = 1552,
  /** `hybrid`: the buffer that was cached last, and how long to cache (`hybrid.ts`). */
  cached = 1560,
  hold = 1568,
}

/** The cell at `offset`, a `BufferCpu`, of a CPU. */
export function bufferCell(cpu: i32, offset: i32): ptr {
  return kernelCpu(cpu) + offset;
}

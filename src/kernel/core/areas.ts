/**
 * Where the kernel keeps what: globals behind the boot block, then one area per CPU. All of it is known at link time, so
 * `strategyCpu(cpu)` is a multiplication by a constant and an addition, not a load.
 *
 * Cells that several CPUs write stand on lines of their own; in a CPU's area only `Cpu.rcuSeen` is read by others while
 * the load runs.
 */

import { type bool, type i32, layoutBytes, option, ptr } from "../../machine/index.ts";
import { globalBase } from "../../machine/memory-map.ts";
import { counterLimit } from "./counter-names.ts";
import { kindLimit } from "./kinds.ts";
import { verdictLimit, warningLimit } from "./marks.ts";

/** Whether this is a verify build: headers, poison, quarantine and accounting of holders. Folded away where it is 0. */
export const verify: bool = option("verify") !== 0;

/**
 * Whether an engine watches every access and keeps the books. Then nothing is used twice (a freed object stays freed, so a
 * late touch is seen for certain), what only counts or checks is left out, and so is whatever orders more than the kernel
 * does: on a machine with store buffers an atomic too many hides a missing fence. Never together with `verify`.
 */
export const watched: bool = option("watched") !== 0;
/** 0 in a watched build, which has no bins, magazines and depot, 1 in the others. */
const pooled: i32 = 1 - option("watched");

/** Bytes of each CPU's area from which a watched build allocates; 0 in the others. A multiple of 64. */
export const watchedHeapBytes: i32 = ((option("watched") * option("heapBytes") + 63) / 64) * 64;

/** Bytes of each CPU's area that the per-CPU allocator hands out; a multiple of 64. */
export const percpuBytes: i32 = ((option("percpuBytes") + 63) / 64) * 64;

/** Freed blocks that wait before they are used again, per CPU. Only in verify builds. */
export const quarantineBlocks: i32 = (option("verify") !== 0 ? 1 : 0) * option("quarantine");

/** Size classes of the heap: 64-byte steps to 512, then powers of two to 128 KB. */
export const classLimit: i32 = 16;

/** Bytes of the globals and of each CPU's area that the kernel around this core (labels, tasks, scripts) has to itself. */
export const kernelGlobalBytes: i32 = 1024;
export const kernelCpuBytes: i32 = 2048;

/** Absolute addresses. */
export enum Global {
  /** Number of the grace period that was asked for last; read by every CPU at every quiescent state. */
  rcuCurrent = globalBase,
  /** Spinlock over the cells of its line and the depot; taken once in some thirty allocations at most. */
  heapLock = globalBase + 64,
  /** First byte of the heap that no page holds yet. */
  heapNext = globalBase + 72,
  /** Table of pages: one cell per page of memory, kind * classLimit + class. */
  heapPages = globalBase + 80,
  /** Stack of magazines without blocks. */
  heapEmpties = globalBase + 88,
  /** Spinlock over the per-CPU allocator's bitmap. */
  percpuLock = globalBase + 128,
  /** No word of the bitmap below this has a free bit. */
  percpuHint = globalBase + 136,
  /** Bytes given out. */
  percpuUsed = globalBase + 144,
  /** One lock for all mode switches of all percpu refs: percpu_ref_switch_lock. */
  switchLock = globalBase + 192,
  /** Slow windows of labels (`slow-windows.ts`). Written where a mode is switched, so it shares that lock's line. */
  slowWindows = globalBase + 200,
  /** How many began. */
  slowWindowsBegun = globalBase + 204,
  /** One stack of half-full magazines for each kind and class. */
  depot = globalBase + 256,
  /** A cell for each line of the per-CPU allocator, with one bit for each 8 bytes; 1 = given out. */
  percpuMap = depot + pooled * kindLimit * classLimit * 4,
  kernel = percpuMap + ((percpuBytes / 16 + 63) / 64) * 64,
  strategies = kernel + kernelGlobalBytes,
  end = strategies + layoutBytes("global"),
}

/** Offsets in a CPU's area. */
export enum Cpu {
  /** The grace period this CPU has seen; read by CPUs that wait for one. */
  rcuSeen = 0,
  // The rest of RCU is private to the CPU.
  /** What `rcuCurrent` must be for a quiescent state to need no work; 0 where there is work. */
  rcuMirror = 64,
  /** Callbacks without a grace period yet. */
  rcuNextHead = 68,
  rcuNextTail = 72,
  rcuNextCount = 76,
  /** Callbacks that wait for grace period `rcuTarget`. */
  rcuWaitHead = 80,
  rcuWaitTail = 84,
  rcuWaitCount = 88,
  rcuTarget = 92,
  /** CPUs below this have been found quiescent for `rcuTarget`. */
  rcuCursor = 96,
  /** Callbacks whose grace period is over. */
  rcuDoneHead = 100,
  rcuDoneTail = 104,
  rcuDoneCount = 108,
  /** Most callbacks that ever waited on this CPU. */
  rcuPeak = 112,
  /** Grace periods this CPU waited for with its own callbacks. */
  rcuPeriods = 116,
  /** When the grace period `rcuTarget` began, in ticks; only with a least length. */
  rcuBegun = 120,
  /** Objects allocated minus objects freed by this CPU, by kind. */
  live = 128,
  violations = live + kindLimit * 4,
  warnings = violations + verdictLimit * 4,
  /** Bytes of heap pages this CPU took for objects. */
  heapBytes = warnings + warningLimit * 4,
  /** Where the next magazine of this CPU is cut, and where its page ends. */
  magazineNext = heapBytes + 4,
  magazineEnd = heapBytes + 8,
  quarantineAt = heapBytes + 12,
  /** Watched builds: bytes given out of this CPU's heap, and of its share of the per-CPU memory. */
  heapTop = heapBytes + 16,
  percpuTop = heapBytes + 20,
  /** What the kernel counts of itself, see `counters.ts`. */
  counters = heapBytes + 64,
  /** For each kind and class the top of the magazine in use. */
  bins = counters + counterLimit * 4,
  /** For each kind and class the rest of the page that blocks are cut from: first and last+1 address. */
  cuts = bins + pooled * kindLimit * classLimit * 4,
  quarantine = cuts + pooled * kindLimit * classLimit * 8,
  kernel = quarantine + ((quarantineBlocks * 4 + 63) / 64) * 64,
  strategies = kernel + kernelCpuBytes,
  percpu = strategies + layoutBytes("cpu"),
  /** Watched builds: what this CPU allocates from. */
  heap = percpu + percpuBytes,
  end = heap + watchedHeapBytes,
}

/** Address of CPU 0's area; engines put it into the boot block. */
export const cpuAreaBase: i32 = Global.end;
/** Bytes from one CPU's area to the next. */
export const cpuAreaBytes: i32 = Cpu.end;

/** First byte of the strategies' globals: a strategy's own are at `strategyGlobals + layout("global")`. */
export const strategyGlobals: ptr = Global.strategies;
/** First byte of the kernel's globals outside this core, `kernelGlobalBytes` of them. */
export const kernelGlobals: ptr = Global.kernel;

/** The area of a CPU. `cpu` is 0 to CPUs - 1. */
export function cpuArea(cpu: i32): ptr {
  return ptr(cpuAreaBase + cpu * cpuAreaBytes);
}

/** The kernel's own bytes of a CPU outside this core, `kernelCpuBytes` of them. */
export function kernelCpu(cpu: i32): ptr {
  return ptr(cpuAreaBase + Cpu.kernel + cpu * cpuAreaBytes);
}

/** The strategies' bytes of a CPU: a strategy's own are at `strategyCpu(cpu) + layout("cpu")`. */
export function strategyCpu(cpu: i32): ptr {
  return ptr(cpuAreaBase + Cpu.strategies + cpu * cpuAreaBytes);
}

/** The strategies' bytes of a task: a strategy's own are at `taskStrategy(task) + layout("task")`. They begin the task. */
export function taskStrategy(task: ptr): ptr {
  return task;
}

/**
 * What a linked WebAssembly module and the engine that runs it agree on: names of imports and exports, and the line of
 * memory that belongs to one CPU alone. Free of binaryen, so that workers load it for nothing.
 */

/** Module name of every import. */
export const importModule = "env";

/** Exported mutable i32: the `FaultReason` of the last explicit fault, 0 before. */
export const faultReasonExport = "faultReason";

/**
 * Exported `(iterations: i32): void`: the bare loop behind `spin`, so that an engine can find out how many iterations
 * make a microsecond.
 */
export const spinLoopExport = "refplay.spinLoop";

/** Names of the functions that the back end adds begin so; no function of a program can. */
export const runtimePrefix = "refplay.";

/**
 * Byte offsets in a CPU's private line at `env.fenceAddress`. Nobody else writes there, so its atomics never leave the
 * CPU's own cache; an engine may read it to tell what a CPU waits for.
 */
export enum CpuLine {
  /** Target of `fence`: always 0. */
  fence = 0,
  /** Address that an `await` of this CPU waits on, or 0 while none does; set after the first hundreds of tries. */
  awaitAddress = 4,
  /** Value that it compares with. */
  awaitValue = 8,
  /** `Op` of the waiting operation. */
  awaitOp = 12,
  /** Always 0: `spin` sleeps on it with a time-out. */
  sleep = 16,
  /** Last result of the spin loop, stored so that no optimiser can drop the loop. */
  sink = 20,
}

/** Bytes to keep for one CPU's private line: two lines, since x86 fetches lines in adjacent pairs. */
export const cpuLineBytes = 128;

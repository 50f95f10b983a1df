/** What the WebAssembly back end can be told, with the defaults. */
import type { IrFunction } from "../ir.ts";

export interface WasmOptions {
  /**
   * How `storeRelease` and `loadFence`/`storeFence` are built. `tso` (x86-64): a plain store and nothing, since the processor
   * keeps stores in order and loads in order. `weak` (everything else): an atomic store and a full fence.
   */
  readonly ordering?: "tso" | "weak";
  /**
   * How `load` is built. `atomic`: right on every engine. `plain`: cheaper, and only right where the ordering is `tso` and the
   * engine that compiles the module is known to merge, drop and move no plain load (`plain-loads.ts`).
   */
  readonly loads?: "atomic" | "plain";
  /**
   * How `fetchAdd` is built. `inline`: the instruction. `baseline`: a call of a function with nothing else in it, marked so
   * that V8 compiles it with its baseline compiler and everything else with the optimising one (`tier-hints.ts`); needs an
   * engine that compiles the module that way. Either is right everywhere, they differ in speed.
   */
  readonly fetchAdd?: "inline" | "baseline";
  /**
   * Tells the engine which branches are rarely taken (`branch-hints.ts`). Right everywhere; of use where the engine compiles the
   * module with hints switched on.
   */
  readonly branchHints?: boolean;
  /**
   * Refuses misaligned addresses and the null line on every access (WebAssembly by itself traps on misaligned atomics
   * only). For conformance and fuzzing; off where time is measured.
   */
  readonly checks?: boolean;
  /** Hands `mark`, `allocated` and `freed` to imported functions of those names; otherwise they cost nothing. */
  readonly evidence?: boolean;
  /**
   * Calls an imported `stall` before some accesses to memory, first before the very first one: it may wait as long as it likes and
   * returns how many accesses there are until the next call, 1 or more. For torture: a CPU that is held up in the midst of things.
   * A function says which functions' accesses count.
   */
  readonly stalls?: boolean | ((fn: IrFunction) => boolean);
  /** Largest memory the module accepts, in pages of 64 KiB: 1 to 32,767 (below 2 GiB, so that no address is negative). */
  readonly memoryMaxPages?: number;
  /** Also returns the optimised module as WebAssembly text. */
  readonly text?: boolean;
  /** Largest function (in nodes of binaryen's tree) that is copied into its callers. */
  readonly inlineMaxSize?: number;
}

/** One page less than 2 GiB. */
export const largestMemoryPages = 32_767;

/** Bytes of a WebAssembly page. */
export const pageBytes = 65_536;

export interface ResolvedWasmOptions {
  readonly ordering: "tso" | "weak";
  readonly loads: "atomic" | "plain";
  readonly fetchAdd: "inline" | "baseline";
  readonly branchHints: boolean;
  readonly checks: boolean;
  readonly evidence: boolean;
  readonly stalls: boolean | ((fn: IrFunction) => boolean);
  readonly memoryMaxPages: number;
  readonly text: boolean;
  readonly inlineMaxSize: number;
}

/**
 * Fills in defaults. `inlineMaxSize` 200: an open and close through the kernel takes 39 ns with percpu-ref and 25 ns without
 * references at 200, 51 and 35 at 120, 42 and 25 at 400 (two thirds more code, and registers run out).
 */
export function resolveWasmOptions(options: WasmOptions): ResolvedWasmOptions {
  const memoryMaxPages = options.memoryMaxPages ?? largestMemoryPages;
  if (!Number.isInteger(memoryMaxPages) || memoryMaxPages < 1 || memoryMaxPages > largestMemoryPages) {
    throw new RangeError(
      `memoryMaxPages must be an integer from 1 to ${largestMemoryPages}, not ${memoryMaxPages}`,
    );
  }
  if (options.loads === "plain" && options.ordering === "weak") {
    throw new RangeError("loads can be plain only where the ordering is tso");
  }
  return {
    ordering: options.ordering ?? "tso",
    loads: options.loads ?? "atomic",
    fetchAdd: options.fetchAdd ?? "inline",
    branchHints: options.branchHints ?? false,
    checks: options.checks ?? false,
    evidence: options.evidence ?? false,
    stalls: options.stalls ?? false,
    memoryMaxPages,
    text: options.text ?? false,
    inlineMaxSize: options.inlineMaxSize ?? 200,
  };
}

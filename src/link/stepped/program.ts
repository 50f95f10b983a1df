/** What the stepped back end makes of a program; engines know no more of it than this. */
import type { Op } from "../../machine/ops.ts";
import type { IrStruct } from "../ir.ts";

/** One function in a chain of calls, at the line that it is executing. */
export interface ChainFrame {
  readonly function: string;
  /** As shown to people. */
  readonly file: string;
  /** Strategy instance that the function belongs to, or null for the kernel and for test programs. */
  readonly instance: string | null;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** What a program counter stands for. */
export interface ResumeSite {
  /** The operation that is waited for there; null where no actor ever stops (start of an entry, return of a call). */
  readonly op: Op | null;
  /**
   * Outermost first, from the function whose frame holds the locals (calls that were inlined are in it). Functions above
   * it that were really called depend on the actor: `SteppedProgram.chain`.
   */
  readonly chain: readonly ChainFrame[];
}

export interface SteppedEntry {
  readonly parameters: number;
  readonly returns: boolean;
  /**
   * Indices of the parameters that are named `cpu` (and i32): `cpuWords` and `cpuMisuse` take them for the number of the
   * CPU that the actor runs on, and hold only where that is what it is started with.
   */
  readonly cpuParameters: readonly number[];
}

/** Runs an actor to its next operation; `result` is what the last one returned. */
export type Step = (state: Int32Array, base: number, result: number) => Op;

export interface SteppedProgram {
  /** Header and slots. */
  readonly wordsPerActor: number;
  /** The generated JavaScript functions, each shorter than the limit that it was built with. */
  readonly pieces: readonly string[];
  /** By program counter. */
  readonly sites: readonly ResumeSite[];
  readonly entries: ReadonlyMap<string, SteppedEntry>;
  readonly structs: readonly IrStruct[];
  readonly constants: ReadonlyMap<string, number>;
  /**
   * Words of the frame at `pc` that may still be read, its return word included, without those of its callers. Ascending;
   * shared by all calls, as are those of the next two: not to be changed.
   */
  liveWords(pc: number): Int32Array;
  /** The same, under its former name. */
  liveSlots(pc: number): Int32Array;
  /**
   * The live words whose value depends only on the entry's arguments, constants, scripts, the actor's CPU and which way
   * control went, never on what an operation returned: loop counters, places in the script, addresses of the CPU's own
   * area. The return word is among them. May leave out some.
   */
  steadyWords(pc: number): Int32Array;
  /**
   * The live words that certainly hold the number of the actor's CPU, in an actor that runs `entry` (functions are shared,
   * and other entries may pass them other numbers). All that do, where `cpuMisuse` finds nothing in that entry. Throws for
   * an unknown entry.
   */
  cpuWords(pc: number, entry: string): Int32Array;
  /**
   * The first place reachable from an entry that uses the number of the actor's CPU for anything but finding the CPU's own
   * area (`base + cpu * stride`, the stride a constant of at least 64); null where there is none. It may report too much,
   * never too little; it does not follow what was stored in memory. For a condition or a returned value the place is that
   * of the statement before it. Throws for an unknown entry.
   */
  cpuMisuse(entry: string): ChainFrame | null;
  /**
   * Every place reachable from an entry where the number of the actor's CPU becomes an address, `base + cpu * stride` in
   * bytes; the base is null where no constant is added at once. Throws for an unknown entry.
   */
  cpuAreas(entry: string): readonly { readonly base: number | null; readonly stride: number }[];
  /**
   * Every constant in what is reachable from an entry, but for the bases of `cpuAreas`. Throws for an unknown entry.
   */
  constantsOf(entry: string): ReadonlySet<number>;
  /** The word that holds the program counter of the caller's frame; 0 in an entry. */
  returnWord(pc: number): number;
  /** Positions from the entry to the operation that the actor waits for, outermost first. Allocates. */
  chain(state: Int32Array, base: number): ChainFrame[];
  /** Whether a function of a strategy instance is on the actor's chain of calls. Allocates nothing. */
  inStrategy(state: Int32Array, base: number): boolean;
  /** Sets every word that can no longer be read to 0, so that equal futures have equal words. */
  normalise(state: Int32Array, base: number): void;
  /** Makes `state[base .. base + wordsPerActor)` an actor that is about to run `entry`; `scriptBase` in bytes. */
  start(
    state: Int32Array,
    base: number,
    entry: string,
    args: readonly number[],
    actor: { readonly cpu: number; readonly scriptBase: number },
  ): void;
  /** The step function over these scripts. One is enough for all actors. */
  instantiate(scripts: Int32Array): Step;
}

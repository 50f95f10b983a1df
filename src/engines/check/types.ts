/** What the checker is given, what its explorers do, and what they report. */
import type { IrStruct } from "../../link/ir.ts";
import type { ChainFrame } from "../../link/stepped/index.ts";
import type { Op } from "../../machine/ops.ts";
import type { Verdict } from "../reference/types.ts";

/** Sequential consistency, or x86's total store order: one first-in first-out store buffer per actor. */
export type MemoryModel = "sc" | "tso";

/**
 * - `script`: runs its entry once. The execution is over when all of these are done.
 * - `softirq`: its entry takes RCU callbacks until `rcuTake` yields 0, which happens when every other actor is done or waits
 *   for a callback too, all store buffers are empty and no callback is queued.
 * - `maintenance`: its entry is run `rounds` times, at any time. Where it waits for something that never comes when all else is
 *   over, it is abandoned.
 */
export interface CheckActor {
  /** As shown to people, `reader 1`. */
  readonly name: string;
  readonly role: "script" | "softirq" | "maintenance";
  /** What `thisCpu` yields. A softirq or maintenance actor that writes the CPU's own cells needs a number of its own. */
  readonly cpu: number;
  readonly entry: string;
  readonly args: readonly number[];
  /** Runs of a maintenance actor; 1 unless given. */
  readonly rounds?: number;
  /**
   * Actors of one group do the same but for their CPU: the stateful search may treat them as interchangeable. It then runs the
   * `finish` calls for one order of them only, so those must treat the CPUs of a group alike.
   */
  readonly group?: string;
}

/** A call of an entry while nothing else runs. */
export interface CheckCall {
  readonly entry: string;
  readonly args: readonly number[];
  readonly cpu: number;
}

/** A program with everything that decides its state space. Plain data but for the two functions. */
export interface CheckProblem {
  readonly actors: readonly CheckActor[];
  readonly model: MemoryModel;
  /** CPUs in the boot block. */
  readonly cpus: number;
  /** Bytes of memory, a multiple of 64. */
  readonly memoryBytes: number;
  /** Script of each CPU, records of four cells; empty unless given. */
  readonly scripts?: readonly Int32Array[];
  /** Calls before the actors start, and after all of them are done; RCU callbacks run between the calls, oldest first. */
  readonly boot: readonly CheckCall[];
  readonly finish: readonly CheckCall[];
  /** Entries of every actor's store buffer; more is an error (`limit-exceeded`), never a wait. 32 unless given. */
  readonly bufferEntries?: number;
  /**
   * Operations that a chain of steps without a scheduling point, a call, or a whole execution may have. Unless given 100,000,
   * and 5000 for an execution of the depth-first searches.
   */
  readonly stepLimit?: number;
  /** Verdict of marks by which the program itself reports a broken rule. */
  readonly verdictOfMark?: (event: number) => Verdict | undefined;
  /** What such a mark says, as a sentence without a full stop; undefined for those that say no more than their verdict. */
  readonly textOfMark?: (event: number) => string | undefined;
  /** Whether objects that are alive at the very end are leaks; true unless given. */
  readonly leaks?: boolean;
  /** A name for an address, for reports only. */
  readonly symbol?: (address: number) => string | undefined;
  /** Struct name by kind of object, for reports only. */
  readonly kinds?: ReadonlyMap<number, string>;
  /** Structs that name what lies in objects, for reports only; the program's own unless given. */
  readonly structs?: readonly IrStruct[];
}

/**
 * One thing that can happen next, as a number: `actor * transitionStride + kind`. Kinds are `TransitionKind`; from
 * `takeFrom` on the actor takes the oldest RCU callback that actor `kind - takeFrom` queued.
 */
export type Transition = number;
export const transitionStride = 64;
export enum TransitionKind {
  /** The actor's next operation. */
  step = 0,
  /** The oldest entry of the actor's store buffer reaches memory. */
  flush = 1,
  takeFrom = 2,
}

/** A broken rule as the machine finds it, without names: those come from a replay. */
export interface Breach {
  readonly verdict: Verdict;
  /** -1: found after the last step. */
  readonly actor: number;
  readonly op: Op | null;
  /** Byte address or -1. */
  readonly address: number;
  /** A sentence for people. */
  readonly detail: string;
}

/** A breach and how to get there, every operation included. */
export interface Finding {
  readonly breach: Breach;
  readonly schedule: readonly Transition[];
}

export interface ExploreProgress {
  /** Distinct states (stateful search), else executions begun. */
  readonly states: number;
  /** States not looked at yet, or the depth of the present execution. */
  readonly frontier: number;
  /** Transitions performed, those of repeated passes included. */
  readonly transitions: number;
  /** Bytes held, about. */
  readonly bytes: number;
}

export interface ExploreResult {
  /** Whether everything was looked at. False after a finding that ended the search, an interruption or a limit. */
  readonly complete: boolean;
  /** Why it is not complete, where that was a limit. */
  readonly limit?: "memory" | "states" | "steps" | "buffer" | "interrupted";
  /** In the order found; with `stopAtFirst` at most one. One for each verdict, operation and actor at most. */
  readonly findings: readonly Finding[];
  /**
   * Outcomes of executions that ended without a breach, sorted: what script actors and then `finish` calls returned. The
   * stateful search swaps interchangeable actors (`CheckActor.group`; unless `symmetry` is off): of the outcomes that differ
   * only in which of them returned what, it may list but one.
   */
  readonly outcomes: readonly string[];
  /** Distinct states (stateful), else 0. */
  readonly states: number;
  readonly transitions: number;
  /** Executions that ended (depth-first searches): Mazurkiewicz traces for DPOR, interleavings for the naive search. */
  readonly executions: number;
  /** Executions that DPOR gave up because everything enabled was asleep. */
  readonly sleepBlocked: number;
  /** Longest path in transitions. */
  readonly depth: number;
  /**
   * Depth-first searches: the most own steps (no flushes, no callbacks taken) of each actor in any execution that ended. Executions
   * of one class differ only in the order of steps, so that is the most over all schedules.
   */
  readonly ownSteps?: readonly number[];
  /** Passes until partial-order footprints stood still (stateful), else 1. */
  readonly passes: number;
}

export interface ExploreOptions {
  /** Ends the search at the first breach; true unless given. */
  readonly stopAtFirst?: boolean;
  /** Bytes of search state at which the search gives up; 2 GiB unless given. */
  readonly memoryBytes?: number;
  /** States or executions at which it gives up; none unless given. */
  readonly stateLimit?: number;
  /** Partial-order reduction; true unless given. */
  readonly reduce?: boolean;
  /** Symmetry reduction; true unless given. */
  readonly symmetry?: boolean;
}

/** A search that can be interrupted between two portions of work. */
export interface Explorer {
  /** Works on for about that many transitions; true when the search is over. */
  advance(transitions: number): boolean;
  progress(): ExploreProgress;
  /** What was found so far; `complete` only after `advance` said that the search is over. */
  result(): ExploreResult;
}

/** An entry of a store buffer as a replay shows it. */
export interface BufferEntry {
  readonly what: "store" | "freed" | "rcuReadUnlock" | "callRcu";
  readonly address: number;
  readonly symbol?: string;
  readonly value: number;
  /** Line of the operation that put it there: innermost frame. */
  readonly at: ChainFrame | null;
}

/** One transition of a replayed schedule. */
export interface ReplayStep {
  readonly transition: Transition;
  readonly actor: number;
  readonly kind: "step" | "flush" | "take";
  /** The operation; for a flush the one that filled the entry. */
  readonly op: Op;
  readonly operands: readonly number[];
  /** What the operation handed back; null where it hands nothing back. */
  readonly result: number | null;
  /** Byte address or -1. */
  readonly address: number;
  readonly symbol?: string;
  /** For writes, what the cell held before and holds now (RMW, flush, store under SC); null for others. */
  readonly before: number | null;
  readonly after: number | null;
  /** Outermost first. */
  readonly chain: readonly ChainFrame[];
  /** The acting actor's store buffer afterwards, oldest first. */
  readonly buffer: readonly BufferEntry[];
  /** Marks that the actor passed on its way to its next operation. */
  readonly marks: readonly { readonly event: number; readonly argument: number; readonly symbol?: string }[];
}

export interface Replay {
  readonly steps: readonly ReplayStep[];
  readonly breach: (Breach & { readonly symbol?: string; readonly chain: readonly ChainFrame[] }) | null;
  /** Where the schedule names what cannot happen: index of that transition, else -1. */
  readonly stuckAt: number;
  /** Whether the schedule ended before every actor was done, without a breach. */
  readonly unfinished: boolean;
  /** What pointers may point to: every object that there was until the end, whether or not a step touched it. */
  readonly objects?: readonly { readonly address: number; readonly bytes: number; readonly name: string }[];
  /**
   * Where the schedule ends with steps of one actor that leave everything as it was (a livelock): index of the first of them,
   * and how many.
   */
  readonly round?: { readonly from: number; readonly length: number };
}

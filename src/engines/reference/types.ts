/** What the reference engine is given and what it reports. */
import type { ChainFrame } from "../../link/stepped/index.ts";
import type { Op } from "../../machine/ops.ts";

/** One vocabulary for all engines that look for broken lifetime rules. */
export type Verdict =
  | "use-after-free"
  | "double-free"
  | "leak"
  | "lost-release"
  | "premature-release"
  | "negative-count"
  | "duplicate-label"
  | "lost-label"
  | "deadlock"
  | "livelock"
  | "assertion"
  /** The run was cut off: neither passed nor failed. */
  | "limit-exceeded";

/** A rule that was broken, and where. The seed, or the schedule, and `step` reproduce it. */
export interface Violation {
  readonly verdict: Verdict;
  /** Index into the phase's actors; -1 for what was found after the last step (leaks). */
  readonly actor: number;
  /** null where no operation is to blame. */
  readonly op: Op | null;
  /** Byte address, or -1 where there is none. */
  readonly address: number;
  readonly symbol?: string;
  /** Positions in portable code, outermost first; for a leak those that allocated the object. */
  readonly chain: readonly ChainFrame[];
  /** Operations done before, over all phases. */
  readonly step: number;
  /** A sentence for people. */
  readonly detail: string;
}

/**
 * - `script`: runs its entry once; the phase is over when all of them are done.
 * - `softirq`: its entry takes RCU callbacks until `rcuTake` yields 0. That happens when all scripts are done, no callback is
 *   left and all maintenance is idle.
 * - `maintenance`: its entry returns how much it did and is run again and again: at once after it did something, else at the
 *   next period (`maintenancePeriodSteps`), and when nobody else can go on. It is idle when it returned 0 and nothing else
 *   has happened since that run began. One that is blocked when all else is over is abandoned.
 */
type ActorRole = "script" | "softirq" | "maintenance";

export interface ActorSpec {
  readonly cpu: number;
  readonly entry: string;
  readonly args: readonly number[];
  readonly role: ActorRole;
}

export interface Mark {
  readonly event: number;
  readonly argument: number;
  readonly actor: number;
  readonly step: number;
}

/** How names for addresses are found; nothing is required. */
export interface SymbolOptions {
  /** Struct name by kind of object (second operand of `allocated`). */
  readonly kinds?: ReadonlyMap<number, string>;
  /** Names an address before anything else is tried. */
  readonly symbol?: (address: number) => string | undefined;
}

export interface WorldOptions extends SymbolOptions {
  /** Bytes of memory, a multiple of 64. */
  readonly memoryBytes: number;
  /** CPUs in the boot block; 1 unless given. */
  readonly cpus?: number;
  /** Place of the CPU areas; the program's constants `cpuAreaBase` and `cpuAreaBytes` unless given. */
  readonly cpuBase?: number;
  readonly cpuStride?: number;
  /** Watches every access and lifetime; true unless given. Off for speed. */
  readonly checks?: boolean;
  /** Whether to count the RMWs of strategies apart; as `checks` unless given. */
  readonly countStrategyRmws?: boolean;
  readonly onMark?: (mark: Mark) => void;
  /** Hears of every object that is allocated (`bytes` 1 or more) and freed (0), also without checks. */
  readonly onObject?: (address: number, kind: number, bytes: number) => void;
  /** Verdict of marks by which the program itself reports a broken rule; such a mark ends the run. */
  readonly verdictOfMark?: (event: number) => Verdict | undefined;
}

export interface ReferenceOptions extends WorldOptions {
  /** Seeds the schedule. */
  readonly seed: string | number;
  /** One script per CPU, records of four cells; empty unless given. */
  readonly scripts?: readonly Int32Array[];
  /** Operations after which the run is given up as `limit-exceeded`; 10 million unless given. */
  readonly stepLimit?: number;
  /** A recorded schedule, followed as far as it reaches; the seed decides the rest. */
  readonly schedule?: ArrayLike<number>;
  /** Whether to record the schedule; as `checks` unless given. */
  readonly record?: boolean;
  /** Steps after which an idle maintenance actor runs again; 256 unless given (a power of 2). */
  readonly maintenancePeriodSteps?: number;
}

/** What happened, over all phases. */
export interface Counters {
  readonly steps: number;
  /** Operations done, by `Op`. */
  readonly byOp: Float64Array;
  /** Atomic read-modify-writes. */
  readonly rmws: number;
  /** Those with a strategy's function on their chain of calls; 0 unless counted. */
  readonly strategyRmws: number;
  /** Marks by event. */
  readonly marks: ReadonlyMap<number, number>;
}

export interface ReferenceResult {
  /** Empty: nothing was found. */
  readonly violations: readonly Violation[];
  readonly counters: Counters;
  /** The actor (index within its phase) of every step; empty unless recorded. */
  readonly schedule: Uint8Array;
  /** What each entry of the last phase returned, by actor; 0 where it did not return. */
  readonly returned: readonly number[];
}

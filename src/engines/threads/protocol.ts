/** Messages between the main thread and its workers. */
import type { CpuWindows } from "./slow-windows.ts";
import type { StallPlan } from "./stalls.ts";

/** Everything a worker needs to start; passed as `workerData`. */
export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly barrierSpins: number;
  /** CPUs that run scripts; a maintenance worker has the number behind the last of them. */
  readonly cpus: number;
  /** Workers altogether. */
  readonly workers: number;
  readonly cpu: number;
  readonly fenceAddress: number;
  readonly scriptBase: number;
  readonly spinsPerUs: number;
  readonly pin: boolean;
  readonly stalls: StallPlan | null;
  /** Byte address of the cell with slow windows, where the program has one. */
  readonly slowWindows: number | null;
}

export interface CallCommand {
  readonly kind: "call";
  readonly entry: string;
  readonly args: readonly number[];
  /** Calls one after the other, all timed together; each with its own arguments. */
  readonly more: readonly (readonly number[])[];
  /** Workers that start this call together, 1 for no barrier. */
  readonly parties: number;
}

export interface RunCommand {
  readonly kind: "run";
  readonly parties: number;
  /** Script records between two looks at the clock. */
  readonly batchRecords: number;
  /** Milliseconds after which no further batch begins, or null: until the script ends. */
  readonly timeMs: number | null;
  /** Records, as the entry `run` counts them, after which this run is over although the script has more; null: none. */
  readonly records: number | null;
  /** Every so many batches one is timed; 0: none. */
  readonly sampleEvery: number;
  /** Instead of the two above: this CPU's batches are all timed. */
  readonly rounds: RoundPlan | null;
}

/** A script that goes round in a loop, all of whose batches are timed. */
export interface RoundPlan {
  /** Records of one batch, 1 or more. */
  readonly batchRecords: number;
  /** Batches of one round of the loop, 1 or more; the times of each place are kept apart. */
  readonly batchesPerRound: number;
  /** Records before the first round, executed untimed. */
  readonly skipRecords: number;
}

export interface MaintainCommand {
  readonly kind: "maintain";
  readonly parties: number;
  /** Pause after a call of `maintain` that found nothing to do. */
  readonly pauseMs: number;
  /** Above 0: pause before every call, whatever the last one did. */
  readonly intervalMs: number;
  /** Not empty: the pauses before its calls, one after the other and then again from the first, instead of the two above. */
  readonly pausesMs: readonly number[];
}

export type Command = CallCommand | RunCommand | MaintainCommand;

/** One call on one worker. */
export interface CallResult {
  /** What the entry gave; undefined where it gives nothing, that of the last where several were made. */
  readonly value: number | undefined;
  /** What each call gave. */
  readonly values: readonly (number | undefined)[];
  /** Time of the calls on this worker. */
  readonly ns: number;
}

/** Times of batches in ns: an even selection, and the slowest of all. */
export interface Times {
  readonly sampleNs: Float64Array;
  readonly slowestSampleNs: number;
}

/** What timing all batches of a CPU gave. */
export interface SampledRounds {
  /** By place in the round. */
  readonly batches: readonly Times[];
  /** What timing nothing took, in the same worker before the run: part of every time above. */
  readonly timer: Times;
}

/** One CPU's run of its script. Times in ns of the process's monotonic clock. */
export interface CpuRun extends Times {
  readonly startNs: number;
  readonly endNs: number;
  readonly batches: number;
  /** Whether the script came to its end, or the run to its last record. */
  readonly finished: boolean;
  /** Where all batches were timed; the sampled ones of other runs are in `sampleNs`. */
  readonly rounds: SampledRounds | null;
  /** Null where the program tells of none, and where all batches were timed. */
  readonly windows: CpuWindows | null;
}

export type Reply =
  | { readonly kind: "ready"; readonly pinned: number | null; readonly note: string | null }
  | { readonly kind: "call"; readonly result: CallResult }
  | { readonly kind: "run"; readonly result: CpuRun }
  | { readonly kind: "maintain"; readonly rounds: number }
  | { readonly kind: "trap"; readonly entry: string; readonly reason: string; readonly stack: string };

/**
 * A scenario with a program of its own: no labels, no strategy. What stands where strategies stand are its *variants*: states of the
 * kernel, or proposals, that are compared. Everything a runner needs to know of it is here, so that a new scenario needs a program,
 * a file of this form, and a line in `index.ts`.
 */
import type { z } from "zod";
import type { EventLatency, TimeSplit } from "../engines/sim/types.ts";
import type { CpuSampling, CpuTimes } from "../engines/threads/sampling.ts";

/** One of the things that the scenario compares. */
export interface ScenarioVariant {
  readonly name: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** What of the program's options makes it that variant. */
  readonly options: Readonly<Record<string, number>>;
}

/** What the scripts of a cell are built from. */
export interface ScenarioContext {
  /** CPUs with scripts, 1 or more. */
  readonly cpus: number;
  readonly seed: string;
  /** Name of the variant. */
  readonly variant: string;
  /** `small`: few requests and no pauses, for runs that watch every access. */
  readonly size: "full" | "small";
}

/** The scripts of a cell, and what must have come of them. */
export interface ScenarioRun {
  /** One for each CPU, records of four cells. */
  readonly scripts: readonly Int32Array[];
  /** Arguments of the entry `boot`. */
  readonly boot: readonly number[];
  /** Records at the beginning of CPU 0's script that it executes alone, untimed, before the others begin. */
  readonly setupRecords: number;
  /** Records that are executed, set-up included, `end` not: blocks multiplied out. */
  readonly records: number;
  /** Requests of all scripts behind the set-up: what the counter `requests` must come to. */
  readonly requests: number;
  /** Bytes of memory that the program needs on so many CPUs beside their areas. */
  readonly heapBytes: number;
  /** Options of the program beside the variant's. */
  readonly options?: Readonly<Record<string, number>>;
  /** CPUs whose records are timed one by one on threads, where `now` is too coarse. */
  readonly sampleCpus?: readonly CpuSampling[];
  /** Sentences for the report. */
  readonly notes: readonly string[];
}

/** What a run came to, on whichever engine. */
export interface ScenarioOutcome<Parameters = Readonly<Record<string, unknown>>> {
  readonly engine: "sim" | "threads";
  /** Name of the simulated machine. */
  readonly machine?: string;
  readonly cpus: number;
  readonly variant: string;
  readonly parameters: Parameters;
  readonly run: ScenarioRun;
  /** Of the steady part of a simulated run, of the whole run on threads. */
  readonly requestsPerSecond: number;
  /** Whether every script came to its end; on threads a run may be cut by time. */
  readonly finished: boolean;
  readonly elapsedNs: number;
  /** Time of each CPU from the common start to its own end. */
  readonly cpuNs: readonly number[];
  /** Counters of `audit`, by name: after boot and set-up, when the scripts had ended, after the tear-down. */
  readonly atSetup: Readonly<Record<string, number>>;
  readonly atEnd: Readonly<Record<string, number>>;
  readonly atTeardown: Readonly<Record<string, number>>;
  /** Latencies by event, of all CPUs; on sim only. */
  readonly latencies: readonly EventLatency[];
  /** In the order of `sampleCpus`; on threads only. */
  readonly cpuTimes: readonly CpuTimes[];
  /** On sim. */
  readonly time?: TimeSplit;
}

/** A number that the scenario tells of a cell. */
export interface ScenarioFigure {
  readonly name: string;
  /** `%`, `us`, `count`, ... */
  readonly unit: string;
  /** null: this run cannot tell. */
  readonly value: number | null;
  /** What was published for it: a range (twice the same where it is one number), and where. */
  readonly published?: { readonly min: number; readonly max: number; readonly source: string };
  /** A parameter was chosen so that this comes out: it is no prediction. */
  readonly fitted?: true;
  /** It follows from a parameter that nobody measured or published: no prediction either. */
  readonly assumed?: true;
}

/**
 * A figure that compares a cell with the one of another variant: `requestsPerSecond` of this one by that of the other one, or a figure of
 * the other one by that of this one.
 */
export interface ScenarioGain {
  /** The other variant; same engine, CPUs and value of what is varied. */
  readonly over: string;
  /** Name of a figure of which less is better; the rate where it is left out. */
  readonly by?: string;
  readonly published?: { readonly min: number; readonly max: number; readonly source: string };
}

export interface ProgramScenario<Schema extends z.ZodType = z.ZodType> {
  readonly title: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** Its page, from the project's folder. */
  readonly doc: string;
  /** The program's entry module and the module of its RCU callbacks, from the package's folder. */
  readonly program: string;
  readonly callbacks: string;
  /** At least one; the first is what others are held against. */
  readonly variants: readonly ScenarioVariant[];
  /** What one request is, in the plural: `pids`. */
  readonly requests: string;
  /** Names of the kinds of heap objects, and of single objects, `kind#serial` in the order in which they were made: `1#3`. */
  readonly kinds: Readonly<Record<number, string>>;
  readonly objects?: Readonly<Record<string, string>>;
  /** Names of its own events, by number. */
  readonly events: Readonly<Record<number, string>>;
  /** Counters of the program's `audit` by name; `requests`, `events` (records executed) and `heapBytes` must be there. */
  readonly audit: Readonly<Record<string, number>>;
  /** Which of them count what happens, so that the set-up is taken off. */
  readonly countedInRun: readonly string[];
  /** Which of them tell of objects that must be gone after the tear-down, and which must always be 0. */
  readonly leaks: readonly string[];
  readonly faults: readonly string[];
  /** Strict object; every field has a default, a unit in its name or description, and a range. */
  readonly parameters: Schema;
  build(parameters: z.infer<Schema>, context: ScenarioContext): ScenarioRun;
  figures(outcome: ScenarioOutcome<z.infer<Schema>>): readonly ScenarioFigure[];
  /** Sentences for the report that only the run's outcome tells, beside those of `ScenarioRun`. */
  notes?(outcome: ScenarioOutcome<z.infer<Schema>>): readonly string[];
  /** Broken rules that only the scenario can see, by name, with how often: faults of the cell. */
  differs?(outcome: ScenarioOutcome<z.infer<Schema>>): Readonly<Record<string, number>>;
  gain?(outcome: ScenarioOutcome<z.infer<Schema>>): ScenarioGain | undefined;
}

/** What the simulator is given and what it reports. The rules it follows are in docs/simulator-model.md. */
import type { SteppedProgram } from "../../link/stepped/index.ts";
import type { Buckets } from "../histogram.ts";
import type { Verdict } from "../reference/index.ts";

/** How far two CPUs are from each other, or where a line came from. */
export enum Distance {
  /** The CPU itself: nobody else had the line. */
  self = 0,
  /** Another thread of the core. */
  smt = 1,
  l3 = 2,
  socket = 3,
  cross = 4,
  memory = 5,
}

/** Number of distances. */
export const distances = 6;

/** A latency in ns for each distance between two CPUs. */
export interface DistanceNs {
  readonly smt: number;
  readonly l3: number;
  readonly socket: number;
  readonly cross: number;
}

/** A described computer, ready to simulate; `src/machines/` makes one of a description and checks it. */
export interface SimMachine {
  readonly name: string;
  /** Hardware threads of a core, cores of an L3 domain, L3 domains of a socket, sockets: each 1 or more. */
  readonly threadsPerCore: number;
  readonly coresPerL3: number;
  readonly l3PerSocket: number;
  readonly sockets: number;
  /** Which hardware thread a CPU number means. */
  readonly numbering: "compact" | "cores-first";
  /** Power of two, 64 or more. */
  readonly lineBytes: number;
  /** Cost of a load that finds its line. */
  readonly hitNs: number;
  /** What a plain store costs the CPU at once. */
  readonly storeNs: number;
  /** Cost of a read-modify-write of a line that the CPU owns. */
  readonly privateAtomicNs: number;
  /** The same once a line has been fetched for it. */
  readonly atomicNs: number;
  readonly fenceNs: number;
  /** Latency of a line that no cache has. */
  readonly memoryNs: number;
  /** Idle latency of a line that another CPU has. */
  readonly idleNs: DistanceNs;
  /** The same from waiter to waiter of a contended line, where hardware hands lines on pipelined. */
  readonly handOffNs: DistanceNs;
  /** For how long an owner keeps a line that others wait for, after its last touch, and after it got it. */
  readonly holdNs: number;
  readonly mostHoldNs: number;
  /** 1 or more. */
  readonly storeBufferEntries: number;
  /** Least length of a grace period. */
  readonly gracePeriodNs: number;
  /**
   * Throughput per CPU in percent of what one L3 domain gives, for loss that has nothing to do with the program under test, by
   * number of L3 domains in use, ascending; linear between two, the last one's beyond. Empty: none.
   */
  readonly scaling: readonly { readonly l3Domains: number; readonly percent: number }[];
}

export interface SimJob {
  readonly program: SteppedProgram;
  readonly machine: SimMachine;
  /** CPUs with scripts, 1 to the machine's; their scripts, records of four cells. */
  readonly cpus: number;
  readonly scripts: readonly Int32Array[];
  /** Memory of the machine, a multiple of 64, below 2 GiB. */
  readonly memoryBytes: number;
  /** Arguments of the entry `boot`; left out where the program has none. */
  readonly boot?: readonly number[];
  /** Records of CPU 0 that are executed, untimed, before the run; 0 unless given. */
  readonly setupRecords?: number;
  /** By CPU: records that it executes, untimed, behind the set-up, one CPU after the other, so that caches of free objects are filled. */
  readonly warmRecords?: readonly number[];
  /** Whether the strategy's `maintain` runs beside the scripts. */
  readonly maintenance?: boolean;
  /** Virtual times in ns at which `maintain` is called, ascending, instead of the strategy's interval. */
  readonly maintenanceAtNs?: readonly number[];
  /** Operations after which a run is given up; 2e9 unless given. */
  readonly opLimit?: number;
  /** Counters that the entry `audit` reads, by name: at the set-up's end, at the run's end, after the tear-down. None unless given. */
  readonly audit?: Readonly<Record<string, number>>;
  /** Mark that tells that a record of the CPU's script begins; its argument is the event. None unless given. */
  readonly eventMark?: number;
  /** Marks that tell that a label is retired, and that one that was is freed; their argument is the label. None unless given. */
  readonly retirementMarks?: { readonly retired: number; readonly freed: number };
  /** Requests of all scripts, for the progress and for where the timeline begins; unknown unless given. */
  readonly expectedRequests?: number;
  /** Verdict of marks by which the program itself reports a broken rule; they are counted. */
  readonly verdictOfMark?: (event: number) => Verdict | undefined;
  /** Transfers that the timeline keeps; 4096 unless given, 0 for none. */
  readonly timelineEntries?: number;
  /** Hot lines that are told; 16 unless given. */
  readonly hotLines?: number;
  /** Called now and then with the share of requests done, 0 to 1; true stops the run with `interrupted`. */
  readonly onProgress?: (share: number) => boolean;
}

/** Counts by `Distance`. */
export type ByDistance = readonly number[];

/** A place in the code that touched a line, with how often that made the line move. */
export interface LineCode {
  /** Program counter: `program.sites[pc]` tells operation and source. */
  readonly pc: number;
  readonly transfers: number;
}

export interface HotLine {
  /** Byte address of the line. */
  readonly address: number;
  /** Address of the cell in it that was asked for most when the line moved. */
  readonly cell: number;
  /** Object that lies there, where the program told of one. */
  readonly object?: { readonly address: number; readonly kind: number; readonly serial: number };
  readonly transfers: number;
  readonly transfersByDistance: ByDistance;
  /** Transfers for loads; the others are for writing. */
  readonly loads: number;
  /** Time from request to the transfer's end, all together. */
  readonly waitNs: number;
  /** Most waiters at a time. */
  readonly mostWaiting: number;
  /** Most transfers first. */
  readonly code: readonly LineCode[];
}

/** A transfer in the timeline. */
export interface TimelineEntry {
  /** Time since the run's beginning at which the CPU got the line. */
  readonly atNs: number;
  readonly address: number;
  readonly cpu: number;
  readonly distance: Distance;
  readonly exclusive: boolean;
}

/** Where the scripts' CPUs spent the run, ns of all together. */
export interface TimeSplit {
  /** `work`: outside the code under test, without what the machine's scaling adds. */
  readonly thinkNs: number;
  /** What it adds. */
  readonly slowdownNs: number;
  /** Hits and atomic operations. */
  readonly ownNs: number;
  /** Waiting for lines, the store buffer included. */
  readonly linesNs: number;
  /** Awaits. */
  readonly locksNs: number;
  readonly gracePeriodsNs: number;
  /** `spin`: held up. */
  readonly spinNs: number;
}

/** Latencies of one kind of script event, from hdr-histogram-js; ns. */
export interface EventLatency {
  /** Number of the event (`Event` of the kernel). */
  readonly event: number;
  readonly count: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  /** All of them. */
  readonly histogram: Buckets;
}

/** What `retirementMarks` told. */
export interface SimRetirements {
  /** Labels retired and not yet freed, over the run; each number holds until the next. null: never one. */
  readonly unreclaimed: { readonly atNs: readonly number[]; readonly labels: readonly number[] } | null;
  /** Times from the one to the other, of labels freed in the run or behind it until nobody had anything to do; null: none. */
  readonly waitsMs: Buckets | null;
}

export interface SimViolation {
  readonly verdict: Verdict;
  readonly count: number;
  readonly detail: string;
}

/** Requests done by a virtual time. */
export interface Checkpoint {
  readonly atNs: number;
  readonly requests: number;
}

/** Labels in slow windows: see `slow-windows.ts` of the kernel. */
export interface SimSlowWindows {
  readonly windows: number;
  /** Time in which one or more were open, and requests done in that time and outside, both within the run. */
  readonly openNs: number;
  readonly longestNs: number;
  readonly insideRequests: number;
  readonly outsideRequests: number;
}

export interface SimResult {
  /** Virtual time from the scripts' beginning to the last one's end. */
  readonly elapsedNs: number;
  /** By CPU. */
  readonly cpuNs: readonly number[];
  /** Requests (cell `requestCounter` of every CPU) in all; 0 for a program that counts none. */
  readonly requests: number;
  /**
   * The steady part of the run: from the first checkpoint at or behind a tenth of it to the first script's end. Rates are of this.
   * The whole run where that leaves less than a fifth of the requests.
   */
  readonly window: {
    readonly startNs: number;
    readonly endNs: number;
    readonly requests: number;
    readonly requestsPerSecond: number;
  };
  /** Throughput over time, at most 256 points, evenly spaced. */
  readonly checkpoints: readonly Checkpoint[];
  /** Operations done in the run, by `Op`. */
  readonly byOp: readonly number[];
  readonly operations: number;
  /** Atomic read-modify-writes of the scripts' CPUs: all, and those with a strategy's function on the chain of calls. */
  readonly rmws: number;
  readonly strategyRmws: number;
  /** Line transfers of the run (all actors). */
  readonly transfersByDistance: ByDistance;
  /** The scripts' CPUs only. */
  readonly time: TimeSplit;
  readonly hotLines: readonly HotLine[];
  /** From a quarter of the expected requests on; in order of time. */
  readonly timeline: readonly TimelineEntry[];
  readonly latencies: readonly EventLatency[];
  readonly marks: ReadonlyMap<number, number>;
  readonly gracePeriods: { readonly count: number; readonly meanNs: number; readonly longestNs: number };
  readonly slowWindows: SimSlowWindows | null;
  readonly retirements: SimRetirements;
  readonly atSetup: Readonly<Record<string, number>>;
  readonly atEnd: Readonly<Record<string, number>>;
  readonly atTeardown: Readonly<Record<string, number>>;
  /** Empty: nothing was found. */
  readonly violations: readonly SimViolation[];
}

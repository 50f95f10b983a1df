/**
 * The threads engine's main job: a kernel program and its scripts, run several times from a fresh machine, timed, audited
 * and taken down until nothing may be left.
 */
import { type Backlog, lookEveryMs } from "./backlog.ts";
import { all, one, settle } from "./entries.ts";
import type { CpuRun } from "./protocol.ts";
import { type CpuSampling, type CpuTimes, checkSampling, roundPlan, timesOfCpu } from "./sampling.ts";
import { type SlowWindows, slowWindowsOf } from "./slow-windows.ts";
import { type Latency, latencyOf, latencyOfEach, type Spread, spreadOf } from "./statistics.ts";
import { type Threads, type ThreadsOptions, withThreads } from "./threads.ts";

export interface ThreadsJob extends ThreadsOptions {
  /** One for each CPU. */
  readonly scripts: readonly Int32Array[];
  /** Arguments of `boot`, in its order. */
  readonly population: readonly number[];
  /**
   * Records at the beginning of CPU 0's script, as `run` counts them (each round of a `repeat` anew), that it executes alone
   * before the others begin, untimed; 0 unless given. With what came before them they are life before the run: see
   * `countedInRun`.
   */
  readonly setupRecords?: number;
  /** Until every script ends, or for some milliseconds (less where all scripts end before). */
  readonly length: { readonly kind: "fixedWork" } | { readonly kind: "fixedTime"; readonly ms: number };
  /** Measured runs, 1 or more. */
  readonly repetitions: number;
  /** Whole runs before them that are thrown away: they touch the memory and fill caches. Default 1. */
  readonly warmups?: number;
  /** Script records between two looks at the clock; default 256. */
  readonly batchRecords?: number;
  /** By CPU: fewer than that, where its script pauses for so long that the run would end late. Not for latencies. */
  readonly batchLimits?: readonly number[];
  /** CPUs to time record by record, or by short batches, while the others do what they do; see `CpuSampling`. */
  readonly sampleCpus?: readonly CpuSampling[];
  /** What to time in batches, where the scripts make pairs. */
  readonly latency?: LatencyPlan;
  /** Counters to read through the entry `audit`, by the name under which they are reported. */
  readonly audit: Readonly<Record<string, number>>;
  /**
   * Names of `audit` that count what happens, as opposed to what is there: reported from the end of the set-up on, modulo
   * 2^32, so that a counter may pass 2^31. None unless given.
   */
  readonly countedInRun?: readonly string[];
  /** Called before each run with how many are finished and how many there are, warm-ups included. */
  onRun?(done: number, total: number): void;
}

export interface LatencyPlan {
  /** get+put pairs (an open and its close) in one script record, on average. */
  readonly pairsPerRecord: number;
  /** Records of a timed batch; default `batchRecords`. */
  readonly batchRecords?: number;
  /** Every so many batches one is timed; default 8. */
  readonly sampleEvery?: number;
  /**
   * Other scripts for this, of the same CPUs and population, run once more for it alone. Think time counts like any other
   * record, so scripts that think need a copy that does not.
   */
  readonly scripts?: readonly Int32Array[];
  /** Set-up of those scripts; that of the job unless given. */
  readonly setupRecords?: number;
}

export interface Repetition {
  /** From the common start to the end of the slowest CPU. */
  readonly elapsedNs: number;
  /** From the common start to each CPU's own end. */
  readonly cpuNs: readonly number[];
  /** Whether every script came to its end. */
  readonly finished: boolean;
  /** Counters after boot and set-up; absolute, those of `countedInRun` too. */
  readonly atSetup: Readonly<Record<string, number>>;
  /** Counters when the scripts had ended (or time was over), with descriptors still open. */
  readonly atEnd: Readonly<Record<string, number>>;
  /** Labels retired and not yet freed, over the run; undefined where no look found one, or the program counts none. */
  readonly unreclaimed?: Backlog | undefined;
  /** Counters after everything was closed, removed and drained: what is still alive now has leaked. */
  readonly atTeardown: Readonly<Record<string, number>>;
}

export interface ThreadsResult {
  readonly repetitions: readonly Repetition[];
  readonly elapsedNs: Spread;
  /** Each audited counter of `atEnd` per second of its repetition. */
  readonly perSecond: Readonly<Record<string, Spread>>;
  /** Time of one pair; null where no latency was asked for or no whole batch was timed. */
  readonly pairNs: Latency | null;
  /** The same of each repetition; empty where latency was not asked for or has scripts of its own. */
  readonly pairNsByRepetition: readonly (Latency | null)[];
  /** In the order of `sampleCpus`. */
  readonly cpuTimes: readonly CpuTimes[];
  /** Of all repetitions; null where no label was in a slow window. */
  readonly slowWindows: SlowWindows | null;
  readonly oversubscribed: boolean;
  /** Each worker was bound to a processor. */
  readonly pinned: boolean;
  /** Sentences about what could not be had as asked for. */
  readonly notes: readonly string[];
}

const defaultBatchRecords = 256;
const defaultSampleEvery = 8;
/** A warm-up for a fixed time need not be longer. */
const warmupMs = 500;
/** Records of a set-up in one call: a call shows no sign of life before it ends, and a record may walk a whole label set. */
const setupBatch = 1024;

/**
 * Runs a job.
 * @throws RefplayError `worker-died`, `worker-hung`, `interrupted`, `memory-too-large`
 */
export async function runThreads(job: ThreadsJob): Promise<ThreadsResult> {
  if (job.repetitions < 1) throw new RangeError("repetitions must be 1 or more");
  for (const sampling of job.sampleCpus ?? []) checkSampling(sampling, job.cpus);
  if (job.sampleCpus !== undefined && job.latency !== undefined && job.latency.scripts === undefined) {
    throw new RangeError("latencies of pairs need scripts of their own beside sampleCpus");
  }
  const { latency } = job;
  const apart = latency?.scripts !== undefined;
  const total = (job.warmups ?? 1) + job.repetitions + (apart ? 1 : 0);
  const measured = await withThreads(job, (threads) =>
    measure(threads, job, apart ? undefined : latency, total),
  );
  const sampled = apart ? await sampleApart(job, latency, total) : measured.runs;
  const pairsPerBatch = latency === undefined ? 0 : latencyRecords(job, latency) * latency.pairsPerRecord;
  const { repetitions } = measured;
  return {
    repetitions,
    elapsedNs: spreadOf(repetitions.map((one) => one.elapsedNs)),
    perSecond: ratesOf(repetitions),
    pairNs: latency === undefined ? null : latencyOf(sampled, pairsPerBatch),
    pairNsByRepetition:
      latency === undefined || apart ? [] : latencyOfEach(measured.runs, job.cpus, pairsPerBatch),
    cpuTimes: (job.sampleCpus ?? []).map((sampling) => timesOfCpu(sampling, measured.runsByCpu)),
    slowWindows: slowWindowsOf(
      measured.windows,
      measured.runs.flatMap(({ windows }) => (windows === null ? [] : [windows])),
    ),
    oversubscribed: measured.oversubscribed,
    pinned: job.pin === true && measured.notes.length === 0,
    notes: measured.notes,
  };
}

interface Measured {
  readonly repetitions: readonly Repetition[];
  readonly runs: readonly CpuRun[];
  /** The same by CPU, each with all repetitions. */
  readonly runsByCpu: readonly (readonly CpuRun[])[];
  /** Slow windows that began in all of them. */
  readonly windows: number;
  readonly oversubscribed: boolean;
  readonly notes: readonly string[];
}

async function measure(
  threads: Threads,
  job: ThreadsJob,
  latency: LatencyPlan | undefined,
  total: number,
): Promise<Measured> {
  const warmups = job.warmups ?? 1;
  const repetitions: Repetition[] = [];
  const runs: CpuRun[] = [];
  let windows = 0;
  for (let done = 0; done < warmups + job.repetitions; done++) {
    job.onRun?.(done, total);
    if (done > 0) threads.reset();
    const { repetition, cpuRuns, windowsBegun } = await runOnce(threads, job, latency, done < warmups);
    if (done < warmups) continue;
    repetitions.push(repetition);
    windows += windowsBegun;
    runs.push(...cpuRuns);
  }
  const { oversubscribed, notes } = threads;
  const runsByCpu = Array.from({ length: threads.cpus }, (_, cpu) =>
    runs.filter((_run, index) => index % threads.cpus === cpu),
  );
  return { repetitions, runs, runsByCpu, windows, oversubscribed, notes };
}

/** A run of the latency scripts alone, after a warm-up of the same. */
async function sampleApart(job: ThreadsJob, latency: LatencyPlan, total: number): Promise<readonly CpuRun[]> {
  job.onRun?.(total - 1, total);
  const scripts = latency.scripts ?? job.scripts;
  const setupRecords = latency.setupRecords ?? job.setupRecords ?? 0;
  const apart = { ...job, scripts, setupRecords, sampleCpus: [] };
  return withThreads(apart, async (threads) => {
    await runOnce(threads, apart, latency, true);
    threads.reset();
    return (await runOnce(threads, apart, latency, false)).cpuRuns;
  });
}

function latencyRecords(job: ThreadsJob, latency: LatencyPlan): number {
  return latency.batchRecords ?? job.batchRecords ?? defaultBatchRecords;
}

/** One life of the machine: boot, set-up, audit, run, audit, tear down, audit. */
async function runOnce(
  threads: Threads,
  job: ThreadsJob,
  latency: LatencyPlan | undefined,
  warmup: boolean,
): Promise<{ repetition: Repetition; cpuRuns: readonly CpuRun[]; windowsBegun: number }> {
  const { length } = job;
  const time = length.kind === "fixedTime" ? length.ms : null;
  await one(threads, "boot", job.population);
  await all(threads, "bootCpu");
  await setUp(threads, job.setupRecords ?? 0);
  const atSetup = await audit(threads, job);
  const begunBefore = threads.windowsBegun();
  const runScripts = () =>
    threads.run({
      batchRecords:
        latency === undefined ? (job.batchRecords ?? defaultBatchRecords) : latencyRecords(job, latency),
      ...(latency === undefined && job.batchLimits !== undefined ? { batchLimits: job.batchLimits } : {}),
      timeMs: time === null || !warmup ? time : Math.min(time, warmupMs),
      sampleEvery: latency === undefined ? 0 : (latency.sampleEvery ?? defaultSampleEvery),
      rounds: new Map((job.sampleCpus ?? []).map((sampling) => [sampling.cpu, roundPlan(sampling)])),
    });
  const watch = warmup ? undefined : threads.watchBacklog(lookEveryMs(time));
  const cpuRuns = await runScripts().catch((error: unknown) => {
    watch?.abandon();
    throw error;
  });
  const startNs = Math.min(...cpuRuns.map((run) => run.startNs));
  const cpuNs = cpuRuns.map((run) => run.endNs - startNs);
  const elapsedNs = Math.max(...cpuNs);
  const unreclaimed = watch?.stop(startNs, elapsedNs);
  const windowsBegun = (threads.windowsBegun() - begunBefore) >>> 0;
  const atEnd = sinceSetup(await audit(threads, job), atSetup, job);
  await all(threads, "teardown");
  await all(threads, "drain");
  await one(threads, "dismantle", []);
  await all(threads, "drain");
  await settle(threads);
  const atTeardown = sinceSetup(await audit(threads, job), atSetup, job);

  const finished = cpuRuns.every((run) => run.finished);
  const repetition = { elapsedNs, cpuNs, finished, atSetup, atEnd, atTeardown, unreclaimed };
  return { repetition, cpuRuns, windowsBegun };
}

/** CPU 0 executes its first records alone, and waits until nothing of that is left to be freed. */
async function setUp(threads: Threads, records: number): Promise<void> {
  if (records === 0) return;
  for (let left = records; left > 0; left -= setupBatch) {
    await threads.callOne(0, "run", [0, Math.min(left, setupBatch)]);
  }
  await one(threads, "drain", [0]);
}

/** Counters with those of `countedInRun` counted from the set-up on. */
function sinceSetup(
  now: Record<string, number>,
  atSetup: Readonly<Record<string, number>>,
  { countedInRun = [] }: ThreadsJob,
): Record<string, number> {
  const counted = countedInRun.map((name) => [name, ((now[name] ?? 0) - (atSetup[name] ?? 0)) >>> 0]);
  return { ...now, ...Object.fromEntries(counted) };
}

async function audit(threads: Threads, job: ThreadsJob): Promise<Record<string, number>> {
  const names = Object.keys(job.audit);
  const counters = Object.values(job.audit).map((counter) => [counter]);
  const { values } = await threads.callMany(0, "audit", counters);
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? 0]));
}

function ratesOf(repetitions: readonly Repetition[]): Record<string, Spread> {
  const names = Object.keys(repetitions[0]?.atEnd ?? {});
  const rate = (name: string): Spread =>
    spreadOf(repetitions.map((one) => ((one.atEnd[name] ?? 0) / one.elapsedNs) * 1e9));
  return Object.fromEntries(names.map((name) => [name, rate(name)]));
}

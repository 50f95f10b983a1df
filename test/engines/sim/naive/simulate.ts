/** The naive simulator from outside: a job in, what the model says of its run out. */
import {
  type LineFacts,
  memoryAtStart,
  type SimJob,
  type SimProbe,
} from "../../../../src/engines/sim/index.ts";
import type { ModelResult, Observed, RequestLog, SimEngine } from "../compare.ts";
import { NaiveRun } from "./run.ts";
import { toNs } from "./ticks.ts";

export interface NaiveObserved extends Observed {
  readonly requestLog: readonly RequestLog[];
  /** Latencies of script events, by event, in the order in which they ended. */
  readonly eventNs: ReadonlyMap<number, readonly number[]>;
}

export function simulateNaively(job: SimJob, probe: SimProbe = {}): NaiveObserved {
  // What comes before takes no virtual time and is not the model's matter.
  const memory = memoryAtStart(job);
  const counters = requestCounters(job);
  const requests = (): number =>
    [...counters].reduce((sum, address) => sum + (memory[address >> 2] as number), 0);
  const run = new NaiveRun(job, memory, probe);
  const requestLog: RequestLog[] = [{ atNs: 0, requests: requests() }];
  run.onWrite = (time, address) => {
    if (counters.has(address)) requestLog.push({ atNs: toNs(time), requests: requests() });
  };
  run.run();
  const cpuNs = run.actors
    .filter((actor) => actor.role === "script")
    .map((actor) => toNs(actor.endedAt as number));
  const { tally } = run;
  const result: ModelResult = {
    elapsedNs: Math.max(...cpuNs),
    cpuNs,
    requests: requests(),
    byOp: tally.byOp,
    operations: tally.operations,
    rmws: tally.rmws,
    strategyRmws: tally.strategyRmws,
    transfersByDistance: tally.transfersByDistance,
    time: tally.time(),
    marks: tally.marks,
    gracePeriods: gracePeriodsOf(run),
  };
  const eventNs = new Map([...tally.eventTicks].map(([event, ticks]) => [event, ticks.map(toNs)]));
  return { result, facts: { memory, lines: linesOf(run, job.machine.lineBytes) }, requestLog, eventNs };
}

/** Addresses of the cells in which the scripts' CPUs count their requests. */
function requestCounters(job: SimJob): ReadonlySet<number> {
  const { constants } = job.program;
  const counter = constants.get("requestCounter");
  if (counter === undefined) return new Set();
  const base = constants.get("cpuAreaBase") as number;
  const stride = constants.get("cpuAreaBytes") as number;
  return new Set(Array.from({ length: job.cpus }, (_, cpu) => base + cpu * stride + counter));
}

function gracePeriodsOf(run: NaiveRun): ModelResult["gracePeriods"] {
  const lengths = run.grace.finished.map(({ begin, end }) => toNs(end - begin));
  const sum = lengths.reduce((total, length) => total + length, 0);
  const meanNs = lengths.length === 0 ? 0 : sum / lengths.length;
  return { count: lengths.length, meanNs, longestNs: Math.max(0, ...lengths) };
}

function linesOf(run: NaiveRun, lineBytes: number): LineFacts[] {
  return [...run.lines.all.values()].flatMap((line) => {
    const { transfersByDistance, loads, waitTicks, mostWaiting } = line;
    const transfers = transfersByDistance.reduce((sum, count) => sum + count, 0);
    if (transfers === 0) return [];
    const address = line.number * lineBytes;
    return { address, transfers, transfersByDistance, loads, waitNs: toNs(waitTicks), mostWaiting };
  });
}

export const naiveEngine: SimEngine = { name: "naive", observe: simulateNaively };

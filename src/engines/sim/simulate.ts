/** Runs a job: boot, the scripts in virtual time, tear-down, and what is to be said of it. */
import { Op } from "../../machine/ops.ts";
import type { EngineEnd } from "./engine.ts";
import type { Operations } from "./operations.ts";
import { defaultOpLimit, type Prepared, prepare } from "./prepare.ts";
import type { Observed, SimProbe } from "./probe.ts";
import type { SimState } from "./sim-state.ts";
import type { Checkpoint, SimJob, SimResult, SimViolation } from "./types.ts";
import { ticksPerClock, toNs } from "./units.ts";
import { Untimed } from "./untimed.ts";

const defaultHotLines = 16;

/** Why a simulation has no result. */
export class SimulationStopped extends Error {
  constructor(
    readonly reason: "stopped" | "limit" | "time",
    detail: string,
  ) {
    super(detail);
  }
}

/** Simulates a job; the same job gives the same result, to the last digit, everywhere. Throws `SimulationStopped`, RangeError for a job that makes no sense. */
export function simulate(job: SimJob): SimResult {
  return simulateObserved(job).result;
}

/** Memory at time 0: booted, set up, warm. A fresh copy for each call. */
export function memoryAtStart(job: SimJob): Int32Array {
  const untimed = new Untimed(job);
  untimed.setUp();
  untimed.warmUp();
  untimed.setClock(0);
  return untimed.memory;
}

/** The same with a look inside. */
export function simulateObserved(job: SimJob, probe: SimProbe | null = null): Observed {
  const prepared = prepare(job, probe);
  const { untimed, state, engine } = prepared;
  // What a broken set-up leaves behind is nothing to measure.
  const end = untimed.violations.length > 0 ? "done" : engine.run();
  if (end === "stopped") throw new SimulationStopped(end, "the simulation was stopped");
  if (end === "limit")
    throw new SimulationStopped(end, `gave up after ${job.opLimit ?? defaultOpLimit} operations`);
  if (end === "time")
    throw new SimulationStopped(end, `virtual time ends at ${toNs(state.heap.end) / 1e9} s on so many CPUs`);
  const memory = probe === null ? state.memory : state.memory.slice();
  const { lines } = prepared.evidence;
  return {
    result: resultOf(job, prepared, end),
    memory,
    lines: probe === null ? [] : lines.hottest(Number.POSITIVE_INFINITY, () => undefined),
  };
}

function resultOf(job: SimJob, prepared: Prepared, end: EngineEnd): SimResult {
  const { untimed, state, roles, operations, checkpoints, evidence, grace, marks, objects } = prepared;
  const { requests } = checkpoints;
  const failed = failureOf(end, state, operations);
  const whole = failed === null && untimed.violations.length === 0;
  const elapsed = roles.endedAt.reduce((most, ticks) => Math.max(most, ticks), 0);
  untimed.setClock(Math.ceil(elapsed / ticksPerClock) | 0);
  const atEnd = untimed.audit();
  // Before the tear-down, which frees what is left.
  const retirements = prepared.retirements.figures(elapsed);
  if (whole) untimed.tearDown();
  const points = evidence.checkpoints();
  const { lines } = evidence;
  return {
    elapsedNs: toNs(elapsed),
    cpuNs: Array.from(roles.endedAt, toNs),
    requests,
    window: windowOf(points, requests, toNs(elapsed), toNs(Math.min(...roles.endedAt))),
    checkpoints: points,
    byOp: [...operations.byOp],
    operations: operations.byOp.reduce((sum, count) => sum + count, 0),
    rmws: operations.rmws,
    strategyRmws: operations.strategyRmws,
    transfersByDistance: [...lines.byDistance],
    time: evidence.timeSplit(roles.endedAt),
    hotLines: lines.hottest(job.hotLines ?? defaultHotLines, (address) => objects.at(address)),
    timeline: lines.timeline(),
    latencies: evidence.latencies(),
    marks,
    gracePeriods: {
      count: grace.count,
      meanNs: grace.count === 0 ? 0 : toNs(grace.totalTicks) / grace.count,
      longestNs: toNs(grace.longestTicks),
    },
    slowWindows: prepared.slow.figures(elapsed, points, requests),
    retirements,
    atSetup: prepared.atSetup,
    atEnd,
    atTeardown: whole ? untimed.audit() : {},
    violations: [
      ...violationsOf(job, marks),
      ...(failed === null ? [] : [failed]),
      ...untimed.violations.map(({ verdict, detail }) => ({ verdict, count: 1, detail })),
    ],
  };
}

/** See `SimResult.window`. Whole checkpoints, since nobody has run ahead of one. */
function windowOf(
  points: readonly Checkpoint[],
  requests: number,
  elapsedNs: number,
  firstEndNs: number,
): SimResult["window"] {
  const start = points.find(({ atNs }) => atNs >= firstEndNs / 10);
  const end = points.findLast(({ atNs }) => atNs <= firstEndNs);
  const whole = { startNs: 0, endNs: elapsedNs, requests };
  const steady =
    start === undefined || end === undefined || end.requests - start.requests < requests / 5
      ? whole
      : { startNs: start.atNs, endNs: end.atNs, requests: end.requests - start.requests };
  const ns = steady.endNs - steady.startNs;
  return { ...steady, requestsPerSecond: ns > 0 ? (steady.requests / ns) * 1e9 : 0 };
}

function failureOf(end: EngineEnd, s: SimState, { fault }: Operations): SimViolation | null {
  if (end === "done") return null;
  const place = (actor: number): string => {
    const at = s.program.chain(s.state, actor * s.stride).at(-1);
    return at === undefined ? "?" : `${at.function} ${at.file}:${at.line}:${at.column}`;
  };
  if (fault !== undefined) {
    const detail = `CPU ${fault.actor}: ${Op[fault.op]}: ${fault.detail} (${place(fault.actor)})`;
    return { verdict: "assertion", count: 1, detail };
  }
  const waiting = Array.from({ length: s.cpus }, (_, cpu) => cpu).filter((cpu) => s.isWaiting(cpu));
  const texts = waiting
    .slice(0, 4)
    .map((cpu) => `CPU ${cpu} in ${Op[s.pending[cpu] as number]} (${place(cpu)})`);
  const more = waiting.length > texts.length ? ` and ${waiting.length - texts.length} more` : "";
  return {
    verdict: "deadlock",
    count: waiting.length,
    detail: `nobody can go on: ${texts.join("; ")}${more}`,
  };
}

function violationsOf(job: SimJob, marks: ReadonlyMap<number, number>): SimViolation[] {
  return [...marks].flatMap(([event, count]) => {
    const verdict = job.verdictOfMark?.(event);
    return verdict === undefined ? [] : [{ verdict, count, detail: "the program's own check failed" }];
  });
}

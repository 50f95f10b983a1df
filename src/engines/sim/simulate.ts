/** Runs a job: boot, the scripts in virtual time, tear-down, and what is to be said of it. */
import type { SteppedProgram } from "../../link/stepped/index.ts";
import { Op } from "../../machine/ops.ts";
import { Checkpoints } from "./checkpoints.ts";
import { costsOf, placesOf } from "./costs.ts";
import { Engine, type EngineEnd } from "./engine.ts";
import { Evidence } from "./evidence.ts";
import { GracePeriods } from "./grace-periods.ts";
import { LineStatistics } from "./line-statistics.ts";
import { Objects } from "./objects.ts";
import { Operations } from "./operations.ts";
import type { Observed, SimProbe } from "./probe.ts";
import { type MaintenancePlan, type Role, Roles } from "./roles.ts";
import { SimState } from "./sim-state.ts";
import { SlowWindows } from "./slow-windows.ts";
import { capacity } from "./topology.ts";
import type { Checkpoint, SimJob, SimResult, SimViolation } from "./types.ts";
import { ticksPerNs, toNs, toTicks } from "./units.ts";
import { Untimed } from "./untimed.ts";

const defaultOpLimit = 2e9;
const defaultTimeline = 4096;
const defaultHotLines = 16;
/** Pause of maintenance that found nothing to do, where the strategy names no interval: 1 ms, as on threads. */
const idlePauseNs = 1e6;

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

/** Memory at time 0: booted, set up. A fresh copy for each call. */
export function memoryAtStart(job: SimJob): Int32Array {
  const untimed = new Untimed(job);
  untimed.setUp();
  return untimed.memory;
}

/** The same with a look inside. */
export function simulateObserved(job: SimJob, probe: SimProbe | null = null): Observed {
  const { program, machine, cpus, memoryBytes } = job;
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > capacity(machine))
    throw new RangeError(`${machine.name} has ${capacity(machine)} CPUs, not ${cpus}`);
  const objects = new Objects(memoryBytes, machine.lineBytes);
  const told = (address: number, kind: number, bytes: number) => objects.told(address, kind, bytes);
  const untimed = new Untimed(job, told);
  untimed.setUp();
  const atSetup = untimed.audit();
  if (untimed.violations.length > 0) return { ...nothing(job, untimed, atSetup), memory: untimed.memory };

  const { actors } = untimed;
  const { bases, scripts } = layScripts(job.scripts);
  const timelineEntries = job.timelineEntries ?? defaultTimeline;
  const lines = new LineStatistics(memoryBytes, machine.lineBytes, timelineEntries);
  const evidence = new Evidence(cpus, actors, lines);
  const s = new SimState({
    program,
    step: program.instantiate(scripts),
    memory: untimed.memory,
    costs: costsOf(machine, cpus),
    places: placesOf(machine, cpus, actors),
    actors,
    cpus,
    lineBytes: machine.lineBytes,
    evidence,
    probe,
  });
  const grace = new GracePeriods(s);
  const roles = new Roles(s, grace, rolesOf(job, untimed, bases), maintenanceOf(job, untimed));
  const expected = job.expectedRequests ?? 0;
  const checkpoints = new Checkpoints(s, countersOf(program, cpus), expected);
  const operations = new Operations(s, grace, roles);
  const slow = new SlowWindows();
  const marks = new Map<number, number>();
  operations.slowCell = program.constants.get("slowWindows") ?? 0;
  operations.onSlow = (value, time) => slow.changed(value, time);
  operations.onObject = told;
  operations.onMark = (actor, event, argument, time) => {
    if (event === job.eventMark) evidence.event(actor, argument, time);
    else marks.set(event, (marks.get(event) ?? 0) + 1);
  };
  const engine = new Engine(s, grace, roles, checkpoints, operations, {
    opLimit: job.opLimit ?? defaultOpLimit,
    look: () => {
      const share =
        expected > 0 ? Math.min(1, checkpoints.requests / expected) : 1 - roles.scriptsLeft / cpus;
      return job.onProgress?.(share) === true;
    },
  });
  const end = engine.run();
  if (end === "stopped") throw new SimulationStopped(end, "the simulation was stopped");
  if (end === "limit")
    throw new SimulationStopped(end, `gave up after ${job.opLimit ?? defaultOpLimit} operations`);
  if (end === "time")
    throw new SimulationStopped(end, `virtual time ends at ${toNs(s.heap.end) / 1e9} s on so many CPUs`);

  const memory = probe === null ? s.memory : s.memory.slice();
  const { requests } = checkpoints;
  const failed = failureOf(end, s, operations);
  const atEnd = untimed.audit();
  if (failed === null) untimed.tearDown();
  const atTeardown = failed === null ? untimed.audit() : {};
  const elapsed = roles.endedAt.reduce((most, ticks) => Math.max(most, ticks), 0);
  const points = evidence.checkpoints();
  const result: SimResult = {
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
    slowWindows: slow.figures(elapsed, points, requests),
    atSetup,
    atEnd,
    atTeardown,
    violations: [...violationsOf(job, marks), ...(failed === null ? [] : [failed]), ...brokenIn(untimed)],
  };
  return {
    result,
    memory,
    lines: probe === null ? [] : lines.hottest(Number.POSITIVE_INFINITY, () => undefined),
  };
}

/** All scripts in one array, and the first byte of each. */
function layScripts(scripts: readonly Int32Array[]): { bases: number[]; scripts: Int32Array } {
  const all = new Int32Array(scripts.reduce((sum, script) => sum + script.length, 0) + 4);
  const bases: number[] = [];
  let cell = 0;
  for (const script of scripts) {
    bases.push(cell * 4);
    all.set(script, cell);
    cell += script.length;
  }
  return { bases, scripts: all };
}

function rolesOf(job: SimJob, untimed: Untimed, bases: readonly number[]): Role[] {
  const scripts = Array.from({ length: job.cpus }, (_, cpu) => ({
    entry: "run",
    args: [cpu, 0],
    scriptBase: bases[cpu] ?? 0,
  }));
  const background = (entry: string, cpu: number): Role[] =>
    cpu < 0 ? [] : [{ entry, args: [cpu], scriptBase: 0 }];
  return [
    ...scripts,
    ...background("softirq", untimed.softirqCpu),
    ...background("maintain", untimed.maintenanceCpu),
  ];
}

function maintenanceOf(job: SimJob, untimed: Untimed): MaintenancePlan | null {
  if (untimed.maintenanceCpu < 0) return null;
  const intervalMs = job.program.constants.get("strategy.maintenanceIntervalMs") ?? 0;
  return {
    times: job.maintenanceAtNs?.map(toTicks) ?? null,
    interval: intervalMs * 1e6 * ticksPerNs,
    pause: idlePauseNs * ticksPerNs,
  };
}

/** Cells (indices) that count requests, one for each CPU; none in a program that counts none. */
function countersOf({ constants }: SteppedProgram, cpus: number): number[] {
  const counter = constants.get("requestCounter");
  if (counter === undefined) return [];
  const base = constants.get("cpuAreaBase") ?? 0;
  const stride = constants.get("cpuAreaBytes") ?? 0;
  return Array.from({ length: cpus }, (_, cpu) => (base + cpu * stride + counter) >> 2);
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

function brokenIn(untimed: Untimed): SimViolation[] {
  return untimed.violations.map(({ verdict, detail }) => ({ verdict, count: 1, detail }));
}

/** The result of a job whose set-up broke a rule. */
function nothing(
  job: SimJob,
  untimed: Untimed,
  atSetup: Readonly<Record<string, number>>,
): Pick<Observed, "result" | "lines"> {
  const none = { thinkNs: 0, slowdownNs: 0, ownNs: 0, linesNs: 0, locksNs: 0, gracePeriodsNs: 0, spinNs: 0 };
  const result: SimResult = {
    elapsedNs: 0,
    cpuNs: Array.from({ length: job.cpus }, () => 0),
    requests: 0,
    window: { startNs: 0, endNs: 0, requests: 0, requestsPerSecond: 0 },
    checkpoints: [],
    byOp: [],
    operations: 0,
    rmws: 0,
    strategyRmws: 0,
    transfersByDistance: [],
    time: none,
    hotLines: [],
    timeline: [],
    latencies: [],
    marks: new Map(),
    gracePeriods: { count: 0, meanNs: 0, longestNs: 0 },
    slowWindows: null,
    atSetup,
    atEnd: {},
    atTeardown: {},
    violations: brokenIn(untimed),
  };
  return { result, lines: [] };
}

/** Puts a simulation together: boots the program, lays out its scripts and makes everybody ready for time 0. */
import type { SteppedProgram } from "../../link/stepped/index.ts";
import { Checkpoints } from "./checkpoints.ts";
import { costsOf, placesOf } from "./costs.ts";
import { Engine } from "./engine.ts";
import { Evidence } from "./evidence.ts";
import { GracePeriods } from "./grace-periods.ts";
import { LineStatistics } from "./line-statistics.ts";
import { Objects } from "./objects.ts";
import { Operations } from "./operations.ts";
import type { SimProbe } from "./probe.ts";
import { Retirements } from "./retirements.ts";
import { type MaintenancePlan, type Role, Roles } from "./roles.ts";
import { SimState } from "./sim-state.ts";
import { SlowWindows } from "./slow-windows.ts";
import { capacity } from "./topology.ts";
import type { SimJob } from "./types.ts";
import { ticksPerNs, toTicks } from "./units.ts";
import { Untimed } from "./untimed.ts";

export const defaultOpLimit = 2e9;
const defaultTimeline = 4096;
/** Pause of maintenance that found nothing to do, where the strategy names no interval: 1 ms, as on threads. */
const idlePauseNs = 1e6;

/** A simulation at time 0. `engine.run()` runs it. */
export interface Prepared {
  readonly untimed: Untimed;
  readonly atSetup: Readonly<Record<string, number>>;
  readonly state: SimState;
  readonly engine: Engine;
  readonly roles: Roles;
  readonly grace: GracePeriods;
  readonly operations: Operations;
  readonly checkpoints: Checkpoints;
  readonly evidence: Evidence;
  readonly objects: Objects;
  readonly slow: SlowWindows;
  readonly retirements: Retirements;
  /** By event; those that begin records or are about retired labels are not among them. */
  readonly marks: ReadonlyMap<number, number>;
}

/** Boots a job. Throws a RangeError for more CPUs than the machine has. */
export function prepare(job: SimJob, probe: SimProbe | null = null): Prepared {
  const { program, machine, cpus, memoryBytes } = job;
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > capacity(machine))
    throw new RangeError(`${machine.name} has ${capacity(machine)} CPUs, not ${cpus}`);
  const objects = new Objects(memoryBytes, machine.lineBytes);
  const told = (address: number, kind: number, bytes: number) => objects.told(address, kind, bytes);
  const retirements = new Retirements(job);
  const untimed = new Untimed(job, told, ({ event, argument }) => retirements.before(event, argument));
  untimed.setUp();
  const atSetup = untimed.audit();
  untimed.warmUp();
  untimed.setClock(0);
  retirements.begin();

  const { actors } = untimed;
  const { bases, scripts } = layScripts(job.scripts);
  const timelineEntries = job.timelineEntries ?? defaultTimeline;
  const lines = new LineStatistics(memoryBytes, machine.lineBytes, timelineEntries);
  const clock = new Float64Array(1);
  const evidence = new Evidence(cpus, actors, lines, clock);
  const state = new SimState({
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
    clock,
  });
  const grace = new GracePeriods(state);
  state.onWritten = (actor) => grace.written(actor);
  const roles = new Roles(state, grace, rolesOf(job, untimed, bases), maintenanceOf(job, untimed));
  const expected = job.expectedRequests ?? 0;
  const checkpoints = new Checkpoints(state, countersOf(program, cpus), expected);
  const operations = new Operations(state, grace, roles);
  const slow = new SlowWindows();
  const marks = new Map<number, number>();
  operations.slowCell = program.constants.get("slowWindows") ?? 0;
  operations.onSlow = (value, time) => slow.changed(value, time);
  operations.onObject = told;
  operations.onMark = (actor, event, argument) => {
    if (event === job.eventMark) evidence.event(actor, argument);
    else if (!retirements.told(event, argument, clock[0] as number, evidence.over))
      marks.set(event, (marks.get(event) ?? 0) + 1);
  };
  const engine = new Engine(state, grace, roles, checkpoints, operations, {
    opLimit: job.opLimit ?? defaultOpLimit,
    look: () => {
      const share =
        expected > 0 ? Math.min(1, checkpoints.requests / expected) : 1 - roles.scriptsLeft / cpus;
      return job.onProgress?.(share) === true;
    },
  });
  return {
    untimed,
    atSetup,
    state,
    engine,
    roles,
    grace,
    operations,
    checkpoints,
    evidence,
    objects,
    slow,
    retirements,
    marks,
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

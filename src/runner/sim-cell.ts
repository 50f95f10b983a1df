/** A cell of the results from simulated runs, one for each seed, and from the counted run that watched every access. */
import { capacity } from "../engines/sim/topology.ts";
import type { Repetition } from "../engines/threads/index.ts";
import { spreadOf } from "../engines/threads/statistics.ts";
import { RefplayError } from "../errors.ts";
import type { IrProgram } from "../link/ir.ts";
import type { StrategyDescription } from "../link/meta.ts";
import type { ResolvedMachine } from "../machines/resolve.ts";
import type { Cell } from "../results/schema.ts";
import type { Workload } from "../workloads/index.ts";
import { assumptionsOf } from "./assumptions.ts";
import {
  addCounts,
  countersOfRun,
  leaksOf,
  leftOver,
  mostCounts,
  releaseNotes,
  spreadNotes,
  total,
  unfaithful,
  violationsOf,
} from "./audited.ts";
import { simByRepetition } from "./by-repetition.ts";
import { cellHead, cellMemory, eventsOf, ownStrategyNotes } from "./cell-head.ts";
import type { CellSpec } from "./cell-spec.ts";
import type { CountedRun } from "./counted-run.ts";
import { labelBytesOf } from "./label-bytes.ts";
import { policyDiffers, policyFigures } from "./policy-figures.ts";
import { countFigures, retirementFigures, switchFigures } from "./reclaim-figures.ts";
import {
  type MaintenancePlan,
  namedLatencies,
  pairOf,
  slowFigures,
  slowNotes,
  timeSplitPct,
  transfersPerRequest,
} from "./sim-figures.ts";
import type { SimReport } from "./sim-request.ts";
import { partNotes } from "./strategy-parts.ts";

/** One simulated run. */
export interface SimRun {
  readonly workload: Workload;
  readonly report: SimReport;
}

export interface SimRuns {
  readonly program: IrProgram;
  readonly machine: ResolvedMachine;
  readonly plan: MaintenancePlan;
  readonly counted: CountedRun;
  /** One for each seed, in order; at least one. */
  readonly runs: readonly SimRun[];
  readonly parts: Cell["strategyParts"];
}

/** Milliseconds of a tick of `now` on sim: it is a microsecond. */
const msPerTick = 0.001;

/** @param isOwn whether the strategy is the user's and none that the project's own tests cover */
export function makeSimCell(
  spec: CellSpec,
  meta: StrategyDescription,
  { counted, machine, parts, plan, program, runs }: SimRuns,
  isOwn: boolean,
): Cell {
  const { releases } = meta.capabilities;
  const rates = spreadOf(runs.map(({ report }) => report.window.requestsPerSecond));
  const { report, workload } = medianRun(runs);
  const run = asRepetition(report);
  const latencies = namedLatencies(report);
  const leaks = addCounts(
    mostCounts(...runs.map(({ report }) => leaksOf(report.atTeardown, releases))),
    leftOver(counted.leftByKind, releases),
  );
  const violations = addCounts(
    mostCounts(...runs.map(violationsIn)),
    addCounts(...counted.violations.map(({ verdict }) => ({ [verdict]: 1 }))),
  );
  const { startNs, endNs, requests } = report.window;
  const perRequest = (count: number): number | null =>
    report.requests === 0 ? null : count / report.requests;
  return {
    ...cellHead(spec, meta, parts),
    requestsPerSecond: rates.median,
    requestsPerSecondSpread: {
      min: rates.min,
      max: rates.max,
      medianAbsDev: rates.medianAbsDev,
      repetitions: [...rates.values],
    },
    ...simByRepetition(
      runs.map((one) => ({ report: one.report, repetition: asRepetition(one.report) })),
      msPerTick,
    ),
    requests: report.requests,
    elapsedNs: report.elapsedNs,
    pairNs: pairOf(latencies),
    rmwPerRequest: perRequest(report.strategyRmws),
    rmwPerRequestTotal: perRequest(report.rmws),
    ...cellMemory(program, spec.cpus, run),
    leaked: total(leaks),
    leakedByKind: leaks,
    violations: total(violations),
    violationsByVerdict: violations,
    oversubscribed: spec.cpus > capacity(machine.machine),
    pinned: true,
    verify: false,
    events: eventsOf(workload),
    gracePeriods: report.gracePeriods.count,
    ...policyFigures(spec, workload, run, (counter) => perSecond(run, counter), msPerTick),
    ...retirementFigures(run, labelBytesOf(program, spec.cpus), msPerTick, report.retirements.waitsMs),
    ...countFigures(counted),
    ...switchFigures(run),
    ...slowFigures(report.slowWindows, report.elapsedNs, plan),
    ...transfersPerRequest(report),
    timeSplitPct: timeSplitPct(report.time, spec.cpus, report.elapsedNs),
    hottestLines: [...report.hottestLines],
    ...(report.ownership === undefined ? {} : { ownership: report.ownership }),
    latencies,
    checkpoints: {
      atNs: report.checkpoints.map(({ atNs }) => atNs),
      requests: report.checkpoints.map(({ requests }) => requests),
    },
    rateWindow: { startNs, endNs, requests },
    gracePeriodTimes: {
      meanMs: report.gracePeriods.meanNs / 1e6,
      longestMs: report.gracePeriods.longestNs / 1e6,
    },
    assumptions: assumptionsOf(machine, spec.cpus),
    notes: [
      ...partNotes(parts, program, false),
      ...workload.notes,
      ...releaseNotes(releases),
      ...slowNotes(report.slowWindows, report.elapsedNs, plan),
      ...spreadNotes(rates, "runs are too short for their seed not to matter"),
      ...ownStrategyNotes(isOwn, run),
    ],
  };
}

/** The run of which figures are told where a cell has several: the one in the middle by rate, or the one before it. */
function medianRun(runs: readonly SimRun[]): SimRun {
  const sorted = [...runs].sort(
    (a, b) => a.report.window.requestsPerSecond - b.report.window.requestsPerSecond,
  );
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("a cell without a simulated run");
  return middle;
}

/** The run in the words of the threads engine, whose counters of what happens begin at the set-up's end. */
export function asRepetition({
  elapsedNs,
  cpuNs,
  atSetup,
  atEnd,
  atTeardown,
  retirements,
}: SimReport): Repetition {
  const ofRun = countersOfRun.map((name): [string, number] => [
    name,
    // Times may be negative: the clock starts anew behind the set-up.
    ((atEnd[name] ?? 0) - (atSetup[name] ?? 0)) | 0,
  ]);
  return {
    elapsedNs,
    cpuNs,
    finished: true,
    atSetup,
    atEnd: { ...atEnd, ...Object.fromEntries(ofRun) },
    atTeardown,
    unreclaimed: retirements.unreclaimed ?? undefined,
  };
}

function perSecond({ atEnd, elapsedNs }: Repetition, counter: string): number {
  return elapsedNs === 0 ? 0 : (1e9 * (atEnd[counter] ?? 0)) / elapsedNs;
}

function violationsIn({ report, workload }: SimRun): Record<string, number> {
  const run = asRepetition(report);
  return addCounts(
    violationsOf(run.atTeardown),
    unfaithful(run, workload),
    policyDiffers(run, workload),
    ...report.violations.map(({ verdict, count }) => ({ [verdict]: count })),
  );
}

/** Throws RefplayError for a run that did not come to its end: its figures say nothing. */
export function checkEnded(spec: CellSpec, { violations }: SimReport): void {
  const stuck = violations.find(({ verdict }) =>
    ["limit-exceeded", "deadlock", "livelock"].includes(verdict),
  );
  if (stuck === undefined) return;
  throw new RefplayError(
    "simulation-stuck",
    `the simulated run of ${spec.strategy.name} on ${spec.cpus} CPUs did not come to its end: ${stuck.verdict}, ${stuck.detail}`,
    { hint: "Ask for fewer requests, or look at the strategy with `refplay check`." },
  );
}

/** A cell of the results from the runs that were made for it on threads. */
import type { ThreadsResult } from "../engines/threads/index.ts";
import type { IrProgram } from "../link/ir.ts";
import type { StrategyDescription } from "../link/meta.ts";
import type { Cell } from "../results/schema.ts";
import type { Workload } from "../workloads/index.ts";
import {
  addCounts,
  leaksOf,
  leftOver,
  mostCounts,
  releaseNotes,
  spreadNotes,
  total,
  unfaithful,
  violationsOf,
} from "./audited.ts";
import { threadsByRepetition } from "./by-repetition.ts";
import { cellHead, cellMemory, eventsOf, ownStrategyNotes } from "./cell-head.ts";
import type { CellSpec } from "./cell-spec.ts";
import type { CountedRun } from "./counted-run.ts";
import { histogramNs } from "./distributions.ts";
import { labelBytesOf } from "./label-bytes.ts";
import { policyDiffers, policyFigures } from "./policy-figures.ts";
import { countedWaits, countFigures, retirementFigures, switchFigures } from "./reclaim-figures.ts";
import { slowFigures } from "./slow-figures.ts";
import { partNotes } from "./strategy-parts.ts";

/** The runs of a cell, and what they ran. */
export interface CellRuns {
  readonly program: IrProgram;
  readonly workload: Workload;
  readonly counted: CountedRun;
  /** What the verified run executed. */
  readonly small: Workload;
  readonly verified: ThreadsResult;
  readonly measured: ThreadsResult;
  /** What the strategy was made of, if of others. */
  readonly parts: Cell["strategyParts"];
}

/** Milliseconds of a tick of `now` on threads. */
const msPerTick = 1;

/** @param isOwn whether the strategy is the user's and none that the project's own tests cover */
export function makeCell(spec: CellSpec, meta: StrategyDescription, runs: CellRuns, isOwn: boolean): Cell {
  const { counted, measured, parts, program, workload } = runs;
  const { releases } = meta.capabilities;
  const rates = measured.perSecond.requests;
  const middle = medianRun(measured);
  const leaks = leaksIn(runs, releases);
  const violations = violationsIn(runs);
  const perRequest = (count: number): number | null =>
    counted.requests === 0 ? null : count / counted.requests;
  return {
    ...cellHead(spec, meta, parts),
    requestsPerSecond: rates?.median ?? 0,
    requestsPerSecondSpread: {
      min: rates?.min ?? 0,
      max: rates?.max ?? 0,
      medianAbsDev: rates?.medianAbsDev ?? 0,
      repetitions: [...(rates?.values ?? [])],
    },
    ...threadsByRepetition(measured, msPerTick),
    requests: middle.atEnd.requests ?? 0,
    elapsedNs: Math.round(middle.elapsedNs),
    pairNs:
      measured.pairNs === null
        ? null
        : { p50: measured.pairNs.p50, p99: measured.pairNs.p99, max: measured.pairNs.max },
    ...(measured.pairNs === null ? {} : { pairHistogram: histogramNs(measured.pairNs.histogram) }),
    rmwPerRequest: perRequest(counted.strategyRmws),
    rmwPerRequestTotal: perRequest(counted.rmws),
    ...cellMemory(program, spec.cpus, middle),
    leaked: total(leaks),
    leakedByKind: leaks,
    violations: total(violations),
    violationsByVerdict: violations,
    oversubscribed: measured.oversubscribed,
    pinned: measured.pinned,
    verify: false,
    events: eventsOf(workload),
    gracePeriods: middle.atTeardown.gracePeriods ?? 0,
    ...policyFigures(
      spec,
      workload,
      middle,
      (counter) => measured.perSecond[counter]?.median ?? 0,
      msPerTick,
    ),
    ...retirementFigures(
      middle,
      labelBytesOf(program, spec.cpus),
      msPerTick,
      countedWaits(middle, msPerTick),
    ),
    ...countFigures(counted),
    ...switchFigures(middle),
    ...slowFigures(measured.slowWindows, rates?.median ?? 0),
    notes: [
      ...partNotes(parts, program),
      ...workload.notes,
      ...measured.notes,
      ...releaseNotes(releases),
      ...(rates === undefined ? [] : spreadNotes(rates)),
      ...ownStrategyNotes(isOwn, middle),
    ],
  };
}

function leaksIn(
  { counted, measured, verified }: CellRuns,
  releases: StrategyDescription["capabilities"]["releases"],
): Record<string, number> {
  const runs = [...measured.repetitions, ...verified.repetitions];
  return addCounts(
    mostCounts(...runs.map((run) => leaksOf(run.atTeardown, releases))),
    leftOver(counted.leftByKind, releases),
  );
}

function violationsIn({ counted, measured, small, verified, workload }: CellRuns): Record<string, number> {
  const runs = [...measured.repetitions, ...verified.repetitions];
  return addCounts(
    mostCounts(
      ...runs.map((run) => violationsOf(run.atTeardown)),
      ...measured.repetitions.map((run) => ({
        ...unfaithful(run, workload),
        ...policyDiffers(run, workload),
      })),
      ...verified.repetitions.map((run) => ({ ...unfaithful(run, small), ...policyDiffers(run, small) })),
    ),
    addCounts(...counted.violations.map((violation) => ({ [violation.verdict]: 1 }))),
  );
}

/** The repetition whose length is the median's, or the first behind it. */
function medianRun(result: ThreadsResult): ThreadsResult["repetitions"][number] {
  const sorted = [...result.repetitions].sort((a, b) => a.elapsedNs - b.elapsedNs);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("a cell without a measured run");
  return middle;
}

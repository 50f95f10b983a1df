/** A cell of the results for a scenario with a program of its own: from its counters, whichever engine ran it. */
import { spreadOf } from "../engines/threads/statistics.ts";
import type { Cell } from "../results/schema.ts";
import type { ProgramScenario, ScenarioOutcome } from "../scenarios/index.ts";
import { addCounts, mostCounts, spreadNotes, total } from "./audited.ts";
import type { CellSpec } from "./cell-spec.ts";
import type { WatchedRun } from "./scenario-watched.ts";

/** The runs of a cell. */
export interface ScenarioCellRuns {
  readonly watched: WatchedRun;
  /** Measured or simulated runs, at least one. */
  readonly runs: readonly ScenarioOutcome[];
  /** A run of the verify build on the same engine, where there is one. */
  readonly verified?: ScenarioOutcome;
  /** What only the engine knows. */
  readonly more: Pick<Cell, "oversubscribed" | "pinned"> & Partial<Cell>;
  readonly notes: readonly string[];
}

export function makeScenarioCell(
  spec: CellSpec,
  scenario: ProgramScenario,
  { more, notes, runs, verified, watched }: ScenarioCellRuns,
): Cell {
  const rates = spreadOf(runs.map(({ requestsPerSecond }) => requestsPerSecond));
  const middle = medianRun(runs);
  const all = verified === undefined ? runs : [...runs, verified];
  const left = Object.fromEntries(
    [...watched.left].map(([kind, count]) => [`${scenario.kinds[kind] ?? kind} (watched run)`, count]),
  );
  const leaks = addCounts(mostCounts(...all.map((run) => leaksOf(scenario, run))), left);
  const violations = addCounts(
    mostCounts(...all.map((run) => faultsOf(scenario, run))),
    addCounts(...watched.violations.map(({ verdict }) => ({ [verdict]: 1 }))),
  );
  const gain = scenario.gain?.(middle);
  return {
    id: spec.id,
    strategy: spec.strategy.instance,
    strategyOptions: {},
    engine: spec.engine,
    workload: spec.workload.scenario,
    cpus: spec.cpus,
    ...(spec.varied === undefined ? {} : { varied: spec.varied }),
    requestsPerSecond: rates.median,
    requestsPerSecondSpread: {
      min: rates.min,
      max: rates.max,
      medianAbsDev: rates.medianAbsDev,
      repetitions: [...rates.values],
    },
    requests: middle.atEnd.requests ?? 0,
    elapsedNs: Math.round(middle.elapsedNs),
    pairNs: null,
    rmwPerRequest: null,
    rmwPerRequestTotal: watched.requests === 0 ? null : watched.rmws / watched.requests,
    labelBytes: 0,
    memoryByClass: { heap: middle.atEnd.heapBytes ?? 0 },
    leaked: total(leaks),
    leakedByKind: leaks,
    openAtEnd: 0,
    violations: total(violations),
    violationsByVerdict: violations,
    verify: false,
    events: {},
    requestUnit: scenario.requests,
    figures: scenario.figures(middle).map((figure) => ({ ...figure })),
    ...(gain === undefined ? {} : { gain }),
    ...more,
    notes: [...middle.run.notes, ...notes, ...spreadNotes(rates)],
  };
}

/** Objects that are left after the tear-down. Less than none is as wrong. */
function leaksOf(scenario: ProgramScenario, { atTeardown }: ScenarioOutcome): Record<string, number> {
  const left = scenario.leaks.map((name) => [name, Math.abs(atTeardown[name] ?? 0)] as const);
  return Object.fromEntries(left.filter(([, count]) => count !== 0));
}

/** Counters that must be 0, and records that were not executed. */
function faultsOf(scenario: ProgramScenario, outcome: ScenarioOutcome): Record<string, number> {
  const { atEnd, atSetup, atTeardown, finished, run } = outcome;
  const counted = scenario.faults.map((name): [string, number] => [name, atTeardown[name] ?? 0]);
  const executed = (atSetup.events ?? 0) + (atEnd.events ?? 0);
  const missing = finished ? Math.abs(run.records - executed) : 0;
  const own = Object.entries(scenario.differs?.(outcome) ?? {});
  const named = [...counted, ...own, ["records-not-executed", missing] as const];
  return Object.fromEntries(
    named
      .filter(([, count]) => count !== 0)
      .map(([name, count]) => [name.replace(/^(violation|warning):/, ""), count]),
  );
}

/** The run in the middle by rate, or the one before it. */
function medianRun(runs: readonly ScenarioOutcome[]): ScenarioOutcome {
  const sorted = [...runs].sort((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("a cell without a run");
  return middle;
}

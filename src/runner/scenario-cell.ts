/** A cell of the results for a scenario with a program of its own: from its counters, whichever engine ran it. */
import { spreadOf } from "../engines/threads/statistics.ts";
import type { Cell } from "../results/schema.ts";
import type { ProgramScenario, ScenarioOutcome } from "../scenarios/index.ts";
import { addCounts, mostCounts, spreadNotes, total } from "./audited.ts";
import { known, scenarioByRepetition } from "./by-repetition.ts";
import type { CellSpec } from "./cell-spec.ts";
import type { WatchedRun } from "./scenario-watched.ts";

/** A run, with what only its engine knows. */
export interface ScenarioMeasured {
  readonly outcome: ScenarioOutcome;
  /** Of the cell, where this run is the one in the middle. */
  readonly evidence: Pick<Cell, "oversubscribed" | "pinned"> & Partial<Cell>;
  /** Broken rules that the engine saw, by verdict. */
  readonly broken: Readonly<Record<string, number>>;
}

/** The runs of a cell. */
export interface ScenarioCellRuns {
  readonly watched: WatchedRun;
  /** Measured or simulated runs, at least one. */
  readonly runs: readonly ScenarioMeasured[];
  /** A run of the verify build on the same engine, where there is one. */
  readonly verified?: ScenarioOutcome;
  readonly notes: readonly string[];
}

export function makeScenarioCell(
  spec: CellSpec,
  scenario: ProgramScenario,
  { notes, runs, verified, watched }: ScenarioCellRuns,
): Cell {
  const rates = spreadOf(runs.map(({ outcome }) => outcome.requestsPerSecond));
  const { evidence, outcome: middle } = medianRun(runs);
  const outcomes = runs.map(({ outcome }) => outcome);
  const all = verified === undefined ? outcomes : [...outcomes, verified];
  const left = Object.fromEntries(
    [...watched.left].map(([kind, count]) => [`${scenario.kinds[kind] ?? kind} (watched run)`, count]),
  );
  const leaks = addCounts(mostCounts(...all.map((run) => leaksOf(scenario, run))), left);
  const violations = addCounts(
    mostCounts(...all.map((run) => faultsOf(scenario, run))),
    mostCounts(...runs.map(({ broken }) => broken)),
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
    ...scenarioByRepetition(scenario, runs),
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
    figures: scenario.figures(middle).map((figure) => ({ ...figure, value: known(figure.value) })),
    ...(gain === undefined ? {} : { gain }),
    ...evidence,
    notes: [...middle.run.notes, ...(scenario.notes?.(middle) ?? []), ...notes, ...spreadNotes(rates)],
  };
}

/** Objects that are left after the tear-down. Less than none is as wrong. */
function leaksOf(scenario: ProgramScenario, { atTeardown }: ScenarioOutcome): Record<string, number> {
  const left = scenario.leaks.map((name) => [name, Math.abs(atTeardown[name] ?? 0)] as const);
  return Object.fromEntries(left.filter(([, count]) => count !== 0));
}

/** Counters that must be 0, and records and requests of the scripts that were not executed. */
function faultsOf(scenario: ProgramScenario, outcome: ScenarioOutcome): Record<string, number> {
  const { atEnd, atSetup, atTeardown, finished, run } = outcome;
  const counted = scenario.faults.map((name): [string, number] => [name, atTeardown[name] ?? 0]);
  const setup = atSetup.events ?? 0;
  const own = Object.entries(scenario.differs?.(outcome) ?? {});
  const named: (readonly [string, number])[] = [
    ...counted,
    ...own,
    ["setup-records-not-executed", Math.abs(run.setupRecords - setup)],
  ];
  // A run that was cut by time owes nothing else.
  if (finished) {
    named.push(["records-not-executed", Math.abs(run.records - setup - (atEnd.events ?? 0))]);
    named.push(["requests-not-done", Math.abs(run.requests - (atEnd.requests ?? 0))]);
  }
  return Object.fromEntries(
    named
      .filter(([, count]) => count !== 0)
      .map(([name, count]) => [name.replace(/^(violation|warning):/, ""), count]),
  );
}

/** The run in the middle by rate, or the one before it. */
function medianRun(runs: readonly ScenarioMeasured[]): ScenarioMeasured {
  const sorted = [...runs].sort((a, b) => a.outcome.requestsPerSecond - b.outcome.requestsPerSecond);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("a cell without a run");
  return middle;
}

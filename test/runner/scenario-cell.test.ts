/** What a scenario's cell is made of: every fault of every run counts, and evidence is that of the run in the middle. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { CellSpec } from "../../src/runner/cell-spec.ts";
import { makeScenarioCell, type ScenarioMeasured } from "../../src/runner/scenario-cell.ts";
import type { ProgramScenario, ScenarioOutcome, ScenarioRun } from "../../src/scenarios/types.ts";

const run: ScenarioRun = {
  scripts: [],
  boot: [],
  setupRecords: 2,
  records: 12,
  requests: 5,
  heapBytes: 0,
  notes: [],
};

const scenario: ProgramScenario = {
  title: "",
  summary: "",
  doc: "",
  program: "",
  callbacks: "",
  variants: [{ name: "new", summary: "", options: {} }],
  requests: "pids",
  kinds: { 1: "dentry" },
  events: {},
  audit: {},
  countedInRun: [],
  leaks: ["dentries"],
  faults: ["violation:use-after-free"],
  parameters: z.strictObject({}),
  build: () => run,
  figures: ({ elapsedNs }) => [
    { name: "end", unit: "ns", value: elapsedNs },
    { name: "mean of nothing", unit: "ns", value: 0 / 0 },
  ],
  differs: ({ elapsedNs }) => ({ "too-long": elapsedNs > 1000 ? 1 : 0 }),
};

const spec = {
  id: "new@1",
  strategy: { instance: "new", name: "new", path: "", options: {} },
  engine: "sim",
  cpus: 1,
  workload: { scenario: "made-up", parameters: {}, trace: undefined },
} as unknown as CellSpec;

function measured(rate: number, changes: Partial<ScenarioOutcome> = {}, broken = {}): ScenarioMeasured {
  const outcome: ScenarioOutcome = {
    engine: "sim",
    cpus: 1,
    variant: "new",
    parameters: {},
    run,
    requestsPerSecond: rate,
    finished: true,
    elapsedNs: rate,
    cpuNs: [],
    atSetup: { events: 2 },
    atEnd: { events: 10, requests: 5 },
    atTeardown: { dentries: 0 },
    latencies: [],
    cpuTimes: [],
    ...changes,
  };
  return { outcome, evidence: { oversubscribed: false, pinned: true, gracePeriods: rate }, broken };
}

const watched = { rmws: 20, requests: 4, violations: [], left: new Map<number, number>() };
const cellOf = (runs: ScenarioMeasured[], more: Partial<typeof watched> = {}) =>
  makeScenarioCell(spec, scenario, { runs, watched: { ...watched, ...more }, notes: [] });

describe("a scenario's cell", () => {
  it("has figures and evidence of the run in the middle", () => {
    const cell = cellOf([measured(300), measured(100), measured(200)]);
    expect(cell).toMatchObject({ requestsPerSecond: 200, gracePeriods: 200, violations: 0, leaked: 0 });
    expect(cell.figures?.[0]).toMatchObject({ name: "end", value: 200 });
    expect(cell.rmwPerRequestTotal).toBe(5);
  });

  it("says of a figure that is no number that it is not known", () => {
    expect(cellOf([measured(1)]).figures?.[1]).toEqual({ name: "mean of nothing", unit: "ns", value: null });
  });

  it("counts what the engine saw in any run, not only in the first or the middle", () => {
    const runs = [measured(1), measured(2), measured(3, {}, { assertion: 2 })];
    expect(cellOf(runs)).toMatchObject({ violations: 2, violationsByVerdict: { assertion: 2 } });
  });

  it("counts counters of broken rules, the scenario's own, and what the watched run saw", () => {
    const runs = [
      measured(1),
      measured(2000, { atTeardown: { "violation:use-after-free": 3, dentries: -1 } }),
    ];
    const violations = [{ verdict: "data-race" }] as never;
    expect(cellOf(runs, { violations, left: new Map([[1, 2]]) })).toMatchObject({
      violationsByVerdict: { "use-after-free": 3, "too-long": 1, "data-race": 1 },
      leakedByKind: { dentries: 1, "dentry (watched run)": 2 },
      violations: 5,
      leaked: 3,
    });
  });

  it("counts records and requests that were not done, but for the set-up's none of a run that was cut by time", () => {
    const short = { atSetup: { events: 1 }, atEnd: { events: 8, requests: 4 } };
    expect(cellOf([measured(1, short)]).violationsByVerdict).toEqual({
      "setup-records-not-executed": 1,
      "records-not-executed": 3,
      "requests-not-done": 1,
    });
    expect(cellOf([measured(1, { ...short, finished: false })]).violationsByVerdict).toEqual({
      "setup-records-not-executed": 1,
    });
  });
});

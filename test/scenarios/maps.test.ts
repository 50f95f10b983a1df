/**
 * `maps-read` and `maps-query` on every engine they run on: every access watched in small, order and rough size of what was published
 * on the simulator, and nothing broken on threads.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { simulate } from "../../src/engines/sim/index.ts";
import { openCache } from "../../src/link/cache.ts";
import { linkProgram } from "../../src/link/link.ts";
import { readStrategyMeta } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildStepped } from "../../src/link/stepped/index.ts";
import type { Cell } from "../../src/results/schema.ts";
import { planCells } from "../../src/runner/cell-spec.ts";
import { Programs } from "../../src/runner/programs.ts";
import { ScenarioCells } from "../../src/runner/scenario-cells.ts";
import { watchedRun } from "../../src/runner/scenario-watched.ts";
import { runRequest } from "../../src/runner/sim-request.ts";
import type { RunSim } from "../../src/runner/sim-thread.ts";
import { mapsQuery } from "../../src/scenarios/maps-query.ts";
import { mapsRead } from "../../src/scenarios/maps-read.ts";
import type { ProgramScenario } from "../../src/scenarios/types.ts";
import { folderWith } from "../config/support.ts";

const host = nodeHost(packageRoot);
const programs = new Programs(host, openCache());
const here: RunSim = async ({ typed }, request) =>
  runRequest(request, buildStepped(typed), simulate, () => {});
const cells = new ScenarioCells(programs, host, here);

/** Linking and compiling a variant takes seconds on a busy machine. */
const long = { timeout: 180_000 };

/** The cells of a config, by variant. */
async function cellsOf(text: string): Promise<ReadonlyMap<string, Cell>> {
  const context = {
    workingFolder: folderWith({ "maps.yaml": text }),
    strategiesFolder: join(packageRoot, "strategies"),
    describe: (path: string) => readStrategyMeta(path, host),
    scenarios: builtinScenarios,
  };
  const made = new Map<string, Cell>();
  for (const spec of planCells(loadConfig("maps.yaml", {}, context))) {
    const cell = await cells.run(spec, { signal: new AbortController().signal, progress: () => {} });
    made.set(cell.strategy, cell);
  }
  return made;
}

/** A figure of a variant's cell. */
function figure(made: ReadonlyMap<string, Cell>, variant: string, name: string): number {
  const found = made.get(variant)?.figures?.find((candidate) => candidate.name === name);
  if (found?.value === null || found?.value === undefined) throw new Error(`${variant} has no ${name}`);
  return found.value;
}

const onSim = "engine: sim\nmachine: epyc-9654\nrepetitions: 1\n";

/** Together they read in all four ways. */
const readerVariants = ["rcu-low-priority", "separate-file", "vma-lock"];

function watchedVariant(scenario: ProgramScenario, name: string, cpus: number, given: object, seed: string) {
  const variant = scenario.variants.find((candidate) => candidate.name === name);
  const run = scenario.build(scenario.parameters.parse(given), { cpus, seed, variant: name, size: "small" });
  const program = linkProgram(
    {
      module: join(packageRoot, scenario.program),
      callbacks: join(packageRoot, scenario.callbacks),
      entries: "all",
      strategies: [],
      options: { percpuBytes: 64, ...variant?.options, ...run.options, verify: 1 },
    },
    host,
  );
  const result = watchedRun(buildStepped(program), run, seed, 64 * 2 ** 20, scenario.audit.requests ?? 0);
  return { ...result, run };
}

describe("every access watched", () => {
  for (const name of readerVariants) {
    it(`${name} breaks no rule and loses nothing`, () => {
      // Enough areas for a tree of two levels.
      const given = { protects: 4, protectedPages: 16 };
      const { left, requests, run, violations } = watchedVariant(
        mapsRead as unknown as ProgramScenario,
        name,
        3,
        given,
        "a",
      );
      expect(violations).toEqual([]);
      expect([...left]).toEqual([]);
      // 8 rounds of six changes.
      expect(requests).toBe(8 * 6);
      expect(run.records).toBe(1 + 1 + 48 + 1 + 2 * 2);
    });
  }
});

describe("maps-read on the simulator", () => {
  it(
    "has the order and rough size of the published figures: mean about half, and with the assumed hold-ups a maximum at least 5 times lower",
    long,
    async () => {
      // The shipped config, with half of its changes and two of its variants.
      const config = readFileSync(join(packageRoot, "configs/maps-read.yaml"), "utf8");
      const made = await cellsOf(`${config}variants: [mmap-lock, vma-lock]\nworkload: { changes: 1000 }\n`);
      const ratio = (name: string): number =>
        figure(made, "mmap-lock", name) / figure(made, "vma-lock", name);
      expect(ratio("change mean")).toBeGreaterThan(1.6);
      expect(ratio("change mean")).toBeLessThan(2.6);
      expect(ratio("change max")).toBeGreaterThan(5);
      expect(figure(made, "mmap-lock", "held up")).toBeGreaterThan(0);
      for (const [name, cell] of made) {
        expect(cell, name).toMatchObject({ leaked: 0, violations: 0 });
        expect(figure(made, name, "false gaps")).toBe(0);
      }
    },
  );

  it("counts gaps that never were without a second look, and none with one", long, async () => {
    const made = await cellsOf(
      `scenario: maps-read\nvariants: [rcu-tearing, vma-lock]\n${onSim}cpus: [4]\nworkload: { changes: 1500, areas: 32, protects: 8, thinkUs: 0, heldUpLines: 0 }\n`,
    );
    expect(figure(made, "rcu-tearing", "false gaps")).toBeGreaterThan(0);
    // Torn lines are rare, start and end being read one after the other: test/kernel/procfs/maps-judge.test.ts finds some.
    expect(figure(made, "vma-lock", "false gaps")).toBe(0);
    expect(figure(made, "vma-lock", "torn")).toBe(0);
    expect(figure(made, "vma-lock", "fallbacks")).toBeGreaterThan(0);
    // Twice is what remains allowed.
    expect(figure(made, "vma-lock", "twice")).toBeGreaterThan(0);
  });

  it("needs a CPU that makes changes, has room for a number of them, and times no more than them", async () => {
    const build = (cpus: number) =>
      mapsRead.build(mapsRead.parameters.parse({}), { cpus, seed: "s", variant: "vma-lock", size: "full" });
    expect(() => build(2)).toThrow(expect.objectContaining({ code: "too-few-cpus" }));
    expect(() => build(203)).toThrow(expect.objectContaining({ code: "too-many-cpus" }));
    expect(build(202).scripts).toHaveLength(202);
    // What is timed on threads are changes alone, not what is between them.
    const rounds = (thinkUs: number) =>
      mapsRead.build(mapsRead.parameters.parse({ thinkUs }), {
        cpus: 3,
        seed: "s",
        variant: "vma-lock",
        size: "full",
      }).sampleCpus;
    expect(rounds(1)).toEqual([{ cpu: 0, skipRecords: 2, batchesPerRound: 2 }]);
    expect(rounds(0)).toEqual([{ cpu: 0, skipRecords: 2, batchesPerRound: 1 }]);
    // Before anything is measured.
    await expect(cellsOf(`scenario: maps-read\n${onSim}cpus: [2]\n`)).rejects.toMatchObject({
      code: "too-few-cpus",
    });
  });
});

describe("published figures", () => {
  it("stand beside cells that they apply to, and no others", async () => {
    type Outcome = Parameters<typeof mapsRead.figures>[0];
    const figuresOf = (scenario: typeof mapsRead | typeof mapsQuery, name: string, given: object) => {
      const outcome = {
        atEnd: {},
        cpuNs: [],
        cpuTimes: [],
        latencies: [],
        parameters: scenario.parameters.parse({}),
        variant: name,
        ...given,
      };
      const figures = scenario.figures as (outcome: Outcome) => ReturnType<typeof mapsRead.figures>;
      return figures(outcome as unknown as Outcome);
    };
    const told = (...of: Parameters<typeof figuresOf>): number =>
      figuresOf(...of).filter(({ published }) => published !== undefined).length;
    const read = { engine: "sim", machine: "epyc-9654", cpus: 3 };
    expect(told(mapsRead, "vma-lock", read)).toBe(3);
    const basis = (name: string) =>
      figuresOf(mapsRead, name, read).flatMap(({ assumed, fitted, published }) =>
        published === undefined ? [] : [{ assumed, fitted }],
      );
    // Mean and median of one follow from the fit, maxima of both from how long readers are held up.
    expect(basis("vma-lock")).toEqual([{ fitted: true }, { fitted: true }, { assumed: true }]);
    expect(basis("mmap-lock")).toEqual([{}, {}, { assumed: true }]);
    for (const other of [{ engine: "threads" }, { machine: "dual-9654" }, { cpus: 4 }])
      expect(told(mapsRead, "vma-lock", { ...read, ...other })).toBe(0);
    const query = { engine: "threads", cpus: 1 };
    expect(told(mapsQuery, "query", query)).toBe(1);
    for (const other of [{ engine: "sim", machine: "epyc-9654" }, { cpus: 2 }])
      expect(told(mapsQuery, "query", { ...query, ...other })).toBe(0);
  });
});

describe("the time of a text", () => {
  const told = (passes: number, finished: boolean): number | null | undefined => {
    const outcome = {
      atEnd: { passes },
      cpuNs: [1, 4e6, 6e6],
      cpuTimes: [],
      cpus: 3,
      engine: "threads",
      finished,
      latencies: [],
      parameters: mapsRead.parameters.parse({}),
      variant: "vma-lock",
    };
    const figures = mapsRead.figures(outcome as unknown as Parameters<typeof mapsRead.figures>[0]);
    return figures.find(({ name }) => name === "text")?.value;
  };

  it("is told of a run that was cut where it does not show that monitors were amid one", () => {
    expect(told(0, true)).toBeNull();
    expect(told(10, true)).toBe(1000);
    expect(told(199, false)).toBeNull();
    expect(told(200, false)).toBe(50);
  });
});

describe("maps-query on the simulator", () => {
  it("answers the published batch by six queries, at least 20 times cheaper than by text", long, async () => {
    const made = await cellsOf(
      `scenario: maps-query\nvariants: [text, query]\n${onSim}cpus: [1]\nworkload: { batches: 2 }\n`,
    );
    expect(figure(made, "query", "queries")).toBe(6);
    expect(figure(made, "text", "lines")).toBe(702);
    expect(figure(made, "text", "batch") / figure(made, "query", "batch")).toBeGreaterThan(20);
    for (const name of made.keys()) expect(figure(made, name, "stale answers")).toBe(0);
  });

  it("counts answers that the cached text gives although areas have changed", long, async () => {
    const made = await cellsOf(
      `scenario: maps-query\nvariants: [cached]\n${onSim}cpus: [2]\nworkload: { changers: 1, batches: 12, refreshEvery: 6, areas: 60 }\n`,
    );
    expect(figure(made, "cached", "stale answers")).toBeGreaterThan(5);
  });
});

describe("on threads", () => {
  it("areas' own locks show no gap that never was, and nothing is lost", long, async () => {
    const made = await cellsOf(
      "scenario: maps-read\nvariants: [vma-lock]\nengine: threads\ncpus: [3]\nrepetitions: 1\nwarmupRuns: 0\n" +
        "workload: { changes: 1000, areas: 32, protects: 8, thinkUs: 0, heldUpLines: 0, lockedNs: 0, unlockedNs: 0, lineNs: 0, pauseUs: 0 }\n",
    );
    expect(made.get("vma-lock")).toMatchObject({ leaked: 0, violations: 0 });
    expect(figure(made, "vma-lock", "false gaps")).toBe(0);
    expect(figure(made, "vma-lock", "texts")).toBeGreaterThan(0);
    expect(figure(made, "vma-lock", "change max")).toBeGreaterThan(0);
  });

  it("a run is cut at any time, with figures of what was done", long, async () => {
    const config =
      "scenario: maps-read\nvariants: [mmap-lock, vma-lock]\nengine: threads\ncpus: [3]\nrepetitions: 1\nwarmupRuns: 0\nrunMs: 100\n";
    // More changes than can be made in that time: without being told, monitors would go on until they are.
    const made = await cellsOf(`${config}workload: { changes: 10000000 }\n`);
    for (const [name, cell] of made) {
      expect(cell, name).toMatchObject({ leaked: 0, violations: 0 });
      expect(cell.requests, name).toBeGreaterThan(0);
      expect(cell.requests, name).toBeLessThan(10_000_000);
      expect(figure(made, name, "change mean"), name).toBeGreaterThan(0);
    }
  });

  it("counts answers that the cached text gives although areas have changed", long, async () => {
    const made = await cellsOf(
      "scenario: maps-query\nvariants: [cached]\nengine: threads\ncpus: [2]\nrepetitions: 1\nwarmupRuns: 0\n" +
        "workload: { changers: 1, batches: 1500, refreshEvery: 1500, areas: 60, changesPerBatch: 4 }\n",
    );
    expect(figure(made, "cached", "stale answers")).toBeGreaterThan(0);
    expect(made.get("cached")).toMatchObject({ leaked: 0, violations: 0, requests: 1500 });
  });

  it("a batch is looked up in the whole text", long, async () => {
    const made = await cellsOf(
      "scenario: maps-query\nvariants: [text]\nengine: threads\ncpus: [1]\nrepetitions: 1\nwarmupRuns: 0\nworkload: { batches: 10 }\n",
    );
    expect(figure(made, "text", "lines")).toBe(702);
    expect(figure(made, "text", "stale answers")).toBe(0);
    expect(made.get("text")).toMatchObject({ leaked: 0, violations: 0, requests: 10 });
  });
});

/** Cells on the simulator, small: that their figures say what docs/results-format.md says, and are the same everywhere. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { ReferenceEngine } from "../../src/engines/reference/index.ts";
import { simulate } from "../../src/engines/sim/index.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { Kind } from "../../src/kernel/core/kinds.ts";
import { openCache } from "../../src/link/cache.ts";
import { readStrategyMeta } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";
import { symbolsOf } from "../../src/link/symbols.ts";
import { type Cell, resultsSchema } from "../../src/results/schema.ts";
import { planCells } from "../../src/runner/cell-spec.ts";
import { Programs } from "../../src/runner/programs.ts";
import { SimCells } from "../../src/runner/sim-cells.ts";
import { runRequest, type SimReport, type SimRequest } from "../../src/runner/sim-request.ts";
import { type RunSim, simThread } from "../../src/runner/sim-thread.ts";
import { folderWith } from "../config/support.ts";

const host = nodeHost(packageRoot);
const strategiesFolder = join(packageRoot, "strategies");
const programs = new Programs(host, openCache());
const built = new Map<string, SteppedProgram>();

/** In this thread, with what the simulator is asked for and what it answers in `seen`. */
function here(seen: SimRequest[] = [], change = (report: SimReport) => report): RunSim {
  return async ({ hash, typed }, request) => {
    seen.push(request);
    const program = built.get(hash) ?? buildStepped(typed);
    built.set(hash, program);
    return change(runRequest(request, program, simulate, () => {}));
  };
}

const machine =
  "machine: { name: small, topology: { l3Domains: 2, cores: 8, threads: 16 }, latencyNs: { smt: 6, l3: 25, socket: 110 }, gracePeriodUs: 5, scaling: [{ l3Domains: 1, percent: 100 }, { l3Domains: 2, percent: 90 }] }\n";
const openClose = "scenario: open-close\nworkload: { requests: 400, thinkUs: 0 }\n";

function specsOf(text: string) {
  const folder = folderWith({ "small.yaml": `engine: sim\n${machine}${text}` });
  const describe = (path: string) => readStrategyMeta(path, host);
  const context = { workingFolder: folder, strategiesFolder, describe, scenarios: builtinScenarios };
  return planCells(loadConfig("small.yaml", {}, context));
}

async function cellsOf(text: string, run: RunSim = here()): Promise<Cell[]> {
  const cells = new SimCells(programs, host, strategiesFolder, run);
  const made: Cell[] = [];
  for (const spec of specsOf(text)) {
    made.push(await cells.run(spec, { signal: new AbortController().signal, progress: () => {} }));
  }
  return made;
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

/** Buckets have each event once, and the median where it belongs. */
function expectLatencies(cell: Cell | undefined): void {
  expect(cell?.latencies?.length).toBeGreaterThan(5);
  for (const { event, count, p50Ns, maxNs, histogram } of cell?.latencies ?? []) {
    const { upToNs = [], counts = [] } = histogram ?? {};
    expect([event, sum(counts)]).toEqual([event, count]);
    const middle = upToNs.findIndex((edge) => p50Ns <= edge);
    expect(sum(counts.slice(0, middle))).toBeLessThan(count / 2);
    expect(sum(counts.slice(0, middle + 1))).toBeGreaterThanOrEqual(count / 2);
    expect(upToNs.at(-1)).toBeGreaterThanOrEqual(maxNs);
  }
}

/** What the simulator saw of labels that wait is what the kernel counted, without what the set-up and the warm-up left. */
function expectWaits(cell: Cell | undefined): void {
  const { peakUnreclaimed = Number.NaN, retirement, unreclaimed } = cell ?? {};
  const { freed = 0, maxMs, meanMs = 0, waiting, waitHistogram } = retirement ?? {};
  expect([unreclaimed?.atNs[0], unreclaimed?.atNs.at(-1)]).toEqual([0, cell?.elapsedNs]);
  expect(Math.max(...(unreclaimed?.labels ?? []))).toBeLessThanOrEqual(peakUnreclaimed);
  // Labels may go behind the last script, until nobody has anything to do.
  expect(unreclaimed?.labels.at(-1)).toBeGreaterThanOrEqual(waiting ?? Number.NaN);
  const { upToMs = [], counts = [] } = waitHistogram ?? {};
  expect(sum(counts)).toBeLessThanOrEqual(freed);
  expect(upToMs.at(-2)).toBeLessThan(maxMs ?? Number.NaN);
  // The kernel's clock has microseconds.
  const most = sum(counts.map((count, index) => count * (upToMs[index] ?? 0)));
  expect(most).toBeGreaterThan(freed * meanMs - 0.002 * freed);
  expect(most / 2 ** 0.25).toBeLessThan(freed * meanMs + 0.002 * freed);
}

describe("a simulated cell", () => {
  it("counts what strategies do for a request under its hooks, and names what moved and by which code", async () => {
    const [none, kref, krefLater] = await cellsOf(
      `${openClose}cpus: [4]\nstrategies: [none, kref, { use: kref, hooks: v6.7 }]\n`,
    );
    expect([none, kref, krefLater].map((cell) => cell?.rmwPerRequest)).toEqual([0, 6, 4]);
    expect([none, kref, krefLater].map((cell) => cell?.hooks)).toEqual(["v6.6", "v6.6", "v6.7"]);
    for (const cell of [none, kref, krefLater]) {
      // Three requests of each CPU warm it up.
      expect(cell).toMatchObject({ engine: "sim", requests: 388, leaked: 0, violations: 0, openAtEnd: 0 });
      expect(Object.values(cell?.timeSplitPct ?? {}).reduce((sum, part) => sum + part, 0)).toBeCloseTo(100);
    }
    const [hottest] = kref?.hottestLines ?? [];
    expect(hottest?.symbol).toBe("label(unconfined).refs");
    const places = hottest?.code.map(
      ({ function: name, file, operation }) => `${operation} in ${name} of ${file}`,
    );
    expect(places).toContain("fetchAdd in get of strategies/kref.ts");
    expect(places).toContain("fetchAdd in put of strategies/kref.ts");
    expect(kref?.ownership?.symbol).toBe("label(unconfined).refs");
    expect(kref?.ownership?.distances.split(" ")).toHaveLength(kref?.ownership?.cpus.length ?? 0);
    expect(none?.hottestLines?.some(({ symbol }) => symbol.includes("refs"))).toBe(false);
    expect(kref?.latencies?.map(({ event }) => event)).toContain("open");
    expect(kref?.pairNs?.p50).toBeGreaterThan(none?.pairNs?.p50 ?? Number.POSITIVE_INFINITY);
    expect(kref?.transfersPerRequest?.all).toBeGreaterThan(1);
  });

  it("has a run for each seed, the config's first, and tells of the one in the middle", async () => {
    const load = "scenario: nginx\nworkload: { requests: 200 }\ncpus: [2]\nstrategies: [none]\n";
    const seen: SimRequest[] = [];
    const [three] = await cellsOf(`${load}repetitions: 3\n`, here(seen));
    const [one] = await cellsOf(load);
    const rates = three?.requestsPerSecondSpread.repetitions ?? [];
    const { pairNsP50 = [], rmwPerRequest, transfersPerRequest } = three?.byRepetition ?? {};
    expect([rmwPerRequest, transfersPerRequest].map((runs) => runs?.length)).toEqual([3, 3]);
    // The cell's own figure is that of the run in the middle.
    expect(pairNsP50[rates.indexOf(three?.requestsPerSecond ?? 0)]).toBe(three?.pairNs?.p50);
    expect(rates).toHaveLength(3);
    expect(new Set(rates).size).toBe(3);
    expect(rates[0]).toBe(one?.requestsPerSecond);
    expect(three?.requestsPerSecond).toBe([...rates].sort((a, b) => a - b)[1]);
    expect(new Set(seen.map(({ scripts }) => scripts.join())).size).toBe(3);
  });

  it("asks for maintenance when the config has it, with the machine's grace periods or the config's", async () => {
    const seen: SimRequest[] = [];
    const more = "maintenanceAtUs: [3, 60]\ngracePeriodUs: 10\n";
    const longer = openClose.replace("400", "4000");
    const strategies = "cpus: [2]\nstrategies: [kref, percpu-managed]\n";
    const [kref, managed] = await cellsOf(`${longer}${more}${strategies}`, here(seen));
    expect(seen.map(({ maintenance, maintenanceAtNs }) => [maintenance, maintenanceAtNs])).toEqual([
      [false, []],
      [true, [3000, 60_000]],
    ]);
    expect(seen.map(({ machine }) => machine.gracePeriodNs)).toEqual([10_000, 10_000]);
    expect(kref?.slowWindows).toBeUndefined();
    expect(managed?.slowWindows?.windows).toBeGreaterThan(0);
    expect(managed?.slowWindows?.longestMs).toBeGreaterThanOrEqual(0.01);
    // Two scans in the run, one every five seconds in the long run.
    expect(managed?.slowWindows?.dutyCycle).toBeLessThan(0.001);
    expect(managed).toMatchObject({ leaked: 0, violations: 0 });
    await cellsOf(`${openClose}cpus: [1]\nstrategies: [none]\n`, here(seen));
    expect(seen.at(-1)?.machine.gracePeriodNs).toBe(5000);
  });

  it("tells times of labels in ms of virtual time, of those that wait at the end as of then", async () => {
    const churn =
      "scenario: churn\nworkload: { requests: 300, labels: 40, replacePerSecond: 20000, compoundsPerSecond: 20000 }\n";
    const [cell, kept] = await cellsOf(`${churn}cpus: [2]\nstrategies: [kref, none]\n`);
    const { retirement, reclaim } = cell ?? {};
    const elapsedMs = (cell?.elapsedNs ?? 0) / 1e6;
    expect(retirement?.freed).toBeGreaterThan(0);
    expect(retirement?.waiting).toBeGreaterThan(0);
    for (const ms of [retirement?.meanMs, retirement?.waitingMeanMs, reclaim?.meanMs]) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(elapsedMs);
    }
    expect(cell).toMatchObject({ leaked: 0, violations: 0 });
    expect(resultsSchema.shape.cells.safeParse([cell]).error).toBeUndefined();
    expectLatencies(cell);
    expectWaits(cell);

    // Nothing is ever freed, so that the last number is the highest.
    expect(kept?.unreclaimed?.labels.at(-1)).toBe(kept?.peakUnreclaimed);
    expect(kept?.retirement).not.toHaveProperty("waitHistogram");
  });

  it("tells of what the run and the counted run found, and gives up where a run did not end", async () => {
    const leaky = (report: SimReport): SimReport => ({
      ...report,
      atTeardown: { ...report.atTeardown, files: 2 },
    });
    const base = `${openClose}cpus: [2]\nstrategies: [kref]\n`;
    expect((await cellsOf(base, here([], leaky)))[0]).toMatchObject({
      leaked: 2,
      leakedByKind: { files: 2 },
    });
    const missing = (report: SimReport): SimReport => ({ ...report, atEnd: { ...report.atEnd, events: 1 } });
    const [less] = await cellsOf(base, here([], missing));
    expect(less?.violationsByVerdict).toHaveProperty("records-not-executed");
    const stuck = (report: SimReport): SimReport => ({
      ...report,
      violations: [{ verdict: "deadlock", count: 1, detail: "all wait" }],
    });
    await expect(cellsOf(base, here([], stuck))).rejects.toThrow(
      /kref on 2 CPUs did not come to its end: deadlock/,
    );
  });

  it("has labels and profiles named by the order in which `boot` makes them", () => {
    const path = join(strategiesFolder, "kref.ts");
    const [spec] = specsOf(`${openClose}cpus: [1]\nstrategies: [kref]\n`);
    if (spec === undefined) throw new Error("no cell");
    const program = buildStepped(
      programs.link({ ...spec, strategy: { ...spec.strategy, path }, labels: 9 }, false),
    );
    const engine = new ReferenceEngine(program, { memoryBytes: 2 ** 22, seed: "boot" });
    const population = { profiles: 8, tasks: 1, descriptorsPerTask: 4, threadsPerProcess: 1, channels: 0 };
    engine.run([{ cpu: 0, entry: "boot", args: bootArguments(population), role: "script" }]);
    const offset = (struct: string, field: string) =>
      program.structs.find(({ name }) => name === struct)?.fields.find(({ name }) => name === field)
        ?.offset ?? 0;
    const objects = engine.world.shadow?.live() ?? [];
    const cells = (kind: Kind, field: number) =>
      objects
        .filter((object) => object.kind === kind)
        .map(({ address, serial }) => [serial, engine.world.memory[(address + field) >> 2]]);
    const unconfined = 2;
    expect(
      cells(Kind.label, offset("Label", "flags")).filter(([, flags = 0]) => (flags & unconfined) !== 0),
    ).toEqual([[1, expect.any(Number)]]);
    expect(cells(Kind.profile, offset("Profile", "index"))).toEqual(
      Array.from({ length: 9 }, (_, index) => [index + 1, index]),
    );
    const kernel = offset("Global", "kernel");
    expect([kernel + 768, kernel + 776, offset("Global", "heapLock")].map(symbolsOf(program, 1))).toEqual([
      "pool.lock",
      "pool.head",
      "heapLock",
    ]);
    // A label of one profile has it first in its vector.
    const vectors = cells(Kind.label, offset("Label", "vec"));
    const profiles = objects
      .filter(({ kind }) => kind === Kind.profile)
      .map(({ address, serial }) => [serial, address]);
    expect(vectors).toEqual(profiles);
  });
});

describe("the simulator's thread", () => {
  const settings = `${openClose}cpus: [4]\nstrategies: [kref, percpu-ref]\n`;

  it("gives the same bytes in another process", async () => {
    const folder = folderWith({ "small.yaml": `engine: sim\n${machine}${settings}` });
    const args = ["--import", "tsx", join(packageRoot, "src/cli/main.ts"), "run", join(folder, "small.yaml")];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...args, "--json", "--out", join(folder, "results")],
      { cwd: packageRoot, maxBuffer: 2 ** 26 },
    );
    const printed = resultsSchema.parse(JSON.parse(stdout)).cells;
    expect(JSON.stringify(printed)).toBe(
      JSON.stringify(resultsSchema.shape.cells.parse(await cellsOf(settings))),
    );
  });

  it("ends at once where the run is stopped, and another run finds a new one", async () => {
    const run = simThread();
    const abort = new AbortController();
    const long = "scenario: open-close\nworkload: { requests: 2000000 }\ncpus: [16]\nstrategies: [kref]\n";
    const cells = new SimCells(programs, host, strategiesFolder, run);
    const [spec] = specsOf(long);
    if (spec === undefined) throw new Error("no cell");
    const stopped = cells.run(spec, {
      signal: abort.signal,
      progress: ({ doing }) => {
        if (doing === "simulating") abort.abort(new Error("interrupted"));
      },
    });
    await expect(stopped).rejects.toThrow("interrupted");
    expect((await cellsOf(settings, run)).map(({ id }) => id)).toEqual(["kref@4", "percpu-ref@4"]);
  });
});

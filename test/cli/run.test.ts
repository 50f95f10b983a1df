import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { RefplayError, RefplayErrors } from "../../src/errors.ts";
import { readStrategyMeta } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { keptTerminal, madeUpCell, session } from "./support.ts";

const small = "cpus: [1, 2]\nstrategies: [none, kref]\n";

describe("refplay run", () => {
  it("measures every strategy on every number of CPUs, prints the table and keeps the record", async () => {
    const { run, measured, folder } = session({ "small.yaml": small });
    const { status, stdout, stderr } = await run("run", "small.yaml");
    expect([status, stderr]).toEqual([0, ""]);
    expect(measured).toEqual(["none@1", "kref@1", "none@2", "kref@2"]);
    expect(stdout).toMatch(/^kref +2 +2,000,004 /m);
    expect(stdout).toMatch(/\nResults: results\/small\/run-1\.json\n$/);
    const record = JSON.parse(readFileSync(join(folder, "results/small/run-1.json"), "utf8"));
    expect(record).toMatchObject({ version: 1, name: "small", createdAt: "2024-05-06T07:08:09.000Z" });
    expect(record.planned).toEqual(measured);
  });

  it("prints the record with --json, the same that is in the file", async () => {
    const { run, folder } = session({ "small.yaml": small });
    const { stdout } = await run("run", "small.yaml", "--json", "--out", "here");
    expect(stdout).toBe(readFileSync(join(folder, "here/run-1.json"), "utf8"));
    const [cell] = JSON.parse(stdout).cells;
    const asked =
      "strategy engine workload cpus requestsPerSecond pairNs rmwPerRequest labelBytes leaked violations oversubscribed";
    for (const field of asked.split(" ")) expect(cell).toHaveProperty(field);
  });

  it("runs the standard config where none is named, says which that is, and keeps results under its name", async () => {
    const { run, measured } = session({ "configs/mine.ts": "" }, {}, { terminal: keptTerminal().stream });
    const { status, stdout, stderr } = await run("run");
    expect(stdout).toContain("Results: results/standard/run-1.json");
    expect([status, stderr]).toEqual([
      0,
      "No config is named: this is the nginx question, configs/standard.yaml\n",
    ]);
    expect(measured).toEqual(["kref@4", "mine@4"]);
    expect((await run("run", "--fresh", "--quiet", "--cpus", "1", "--strategy", "none")).stderr).toBe("");
    expect(measured.slice(2)).toEqual(["none@1"]);
  });

  it("runs what `npm start` runs where no config is named", async () => {
    const { standardConfig } = realServices();
    expect(relative(packageRoot, standardConfig)).toBe("configs/nginx-zen4.yaml");
    const { scripts } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
    expect(scripts.start).toMatch(/ run( configs\/nginx-zen4.yaml)?$/);
    const { run } = session({}, realServices());
    const asked = await run("run", "--print-config");
    const named = await run("run", standardConfig, "--print-config");
    expect([asked.status, asked.stderr]).toEqual([0, ""]);
    expect(asked.stdout).toBe(named.stdout);
    expect(asked.stdout).toMatch(/^engine: \[ sim, threads \]$/m);
  });

  it("prints the config with --print-config and does nothing else", async () => {
    const { run, measured, folder } = session({ "small.yaml": small });
    const { status, stdout } = await run("run", "small.yaml", "--print-config", "--seed", "7");
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nseed: "7"\n/);
    expect([measured, existsSync(join(folder, "results"))]).toEqual([[], false]);
  });

  it("takes seed, strategies, CPUs and repetitions from flags", async () => {
    const { run } = session({ "small.yaml": small });
    const flags = ["--seed", "s", "--strategy", "kref", "none", "--cpus", "3", "--repetitions", "2"];
    const record = JSON.parse((await run("run", "small.yaml", "--json", ...flags)).stdout);
    expect(record).toMatchObject({ seed: "s", planned: ["kref@3", "none@3"], config: { repetitions: 2 } });
  });

  it("hands every cell its settings, its trace and the strategy's path and options", async () => {
    const specs: unknown[] = [];
    const config =
      "scenario: strace\nworkload: { trace: t.strace }\ncpus: [2]\nstrategies: [{ use: tuned, slots: 2 }]\n";
    const trace = '1 1000000.000001 openat(AT_FDCWD, "/etc/a", O_RDONLY) = 3 <0.000001>\n';
    const { run, folder } = session(
      { "deep/c.yaml": config, "deep/t.strace": trace },
      {
        runCell: async (spec) => {
          specs.push(spec);
          return madeUpCell(spec);
        },
      },
    );
    expect((await run("run", "deep/c.yaml")).stderr).toBe("");
    expect(specs).toMatchObject([
      {
        id: "tuned@2",
        strategy: { instance: "tuned", path: join(folder, "strategies/tuned.ts"), options: { slots: 2 } },
        engine: "threads",
        cpus: 2,
        hooks: "v6.6",
        seed: "refplay",
        repetitions: 5,
        warmupRuns: 1,
        memoryMiB: 256,
        workload: {
          scenario: "strace",
          parameters: { trace: "t.strace", rounds: 1 },
          trace: { path: join(folder, "deep/t.strace"), text: trace },
        },
      },
    ]);
  });

  it.each([{ leaked: 1 }, { violations: 3 }])("ends with 1 where a cell has %j", async (fault) => {
    const { run } = session({ "small.yaml": small }, { runCell: async (spec) => madeUpCell(spec, fault) });
    expect((await run("run", "small.yaml")).status).toBe(1);
  });

  it("starts a new file where the last run was finished", async () => {
    const { run, folder } = session({ "small.yaml": small });
    await run("run", "small.yaml");
    await run("run", "small.yaml");
    expect(readdirSync(join(folder, "results/small")).sort()).toEqual([
      "run-1.html",
      "run-1.json",
      "run-2.html",
      "run-2.json",
    ]);
  });
});

describe("a run that is stopped", () => {
  it("by Ctrl-C keeps the finished cells, says how to go on, and goes on", async () => {
    const world = session(
      { "small.yaml": small },
      {
        runCell: async (spec, { signal }) => {
          if (spec.id === "none@2" && !existsSync(join(world.folder, "again"))) {
            world.interrupt();
            expect(signal.aborted).toBe(true);
            await new Promise(() => {}); // a cell that ignores the signal
          }
          return madeUpCell(spec);
        },
      },
      { terminal: keptTerminal().stream },
    );
    const { run, measured, folder } = world;
    const stopped = await run("run", "small.yaml");
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toBe(
      "Stopped. 2 of 4 cells are in results/small/run-1.json;\nthe same command goes on from there.\n",
    );
    expect(stopped.stdout).toContain("Not finished: 2 of 4 cells.");

    writeFileSync(join(folder, "again"), "");
    const resumed = await run("run", "small.yaml");
    expect(resumed.status).toBe(0);
    expect(resumed.stderr).toBe("Going on with results/small/run-1.json: 2 of 4 cells are there.\n");
    expect(measured).toEqual(["none@1", "kref@1", "none@2", "none@2", "kref@2"]);
    const cells = JSON.parse(readFileSync(join(folder, "results/small/run-1.json"), "utf8")).cells;
    expect(cells.map((cell: { id: string }) => cell.id)).toEqual(["none@1", "kref@1", "none@2", "kref@2"]);
  });

  it("before its first cell writes nothing", async () => {
    const world = session(
      { "small.yaml": small },
      {
        runCell: async () => {
          world.interrupt();
          return new Promise(() => {});
        },
      },
    );
    const { status, stdout, stderr } = await world.run("run", "small.yaml");
    expect([status, stdout, stderr]).toEqual([
      130,
      "",
      "Stopped. No cell was finished; nothing is written.\n",
    ]);
    expect(readdirSync(join(world.folder, "results/small"))).toEqual([]);
  });

  it("by a worker that dies says so, ends with 1, keeps the finished cells and tries the cell again", async () => {
    let dies = true;
    const { run, folder } = session(
      { "small.yaml": small },
      {
        runCell: async (spec) => {
          if (dies && spec.id === "kref@2")
            throw new RefplayError("worker-hung", "worker 1 made no progress for 10 s");
          return madeUpCell(spec);
        },
      },
    );
    const failed = await run("run", "small.yaml", "--json");
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/^error: kref@2: worker 1 made no progress for 10 s\n3 of 4 cells are in /);
    expect(JSON.parse(failed.stdout).failure).toEqual({
      cell: "kref@2",
      code: "worker-hung",
      message: "worker 1 made no progress for 10 s",
    });
    dies = false;
    expect((await run("run", "small.yaml")).status).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, "results/small/run-1.json"), "utf8"))).not.toHaveProperty(
      "failure",
    );
  });

  it.each([
    ["the seed", { seed: "other" }],
    ["the config", { config: `${small}repetitions: 3\n` }],
    ["a strategy's source", { source: "// changed" }],
    ["the request for a fresh start", { fresh: true }],
  ])(
    "is not gone on with after a change of %s",
    async (_, change: { seed?: string; config?: string; source?: string; fresh?: boolean }) => {
      let stop = true;
      const world = session(
        { "small.yaml": small },
        {
          runCell: async (spec) => {
            if (stop && spec.id === "kref@1") throw new RefplayError("worker-died", "gone");
            return madeUpCell(spec);
          },
        },
      );
      await world.run("run", "small.yaml");
      stop = false;
      if (change.config !== undefined) writeFileSync(join(world.folder, "small.yaml"), change.config);
      if (change.source !== undefined) writeFileSync(join(world.folder, "strategies/kref.ts"), change.source);
      const flags = [...(change.seed ? ["--seed", change.seed] : []), ...(change.fresh ? ["--fresh"] : [])];
      expect((await world.run("run", "small.yaml", ...flags)).stdout).toContain("results/small/run-2.json");
      expect(world.measured).toHaveLength(2 + 4);
    },
  );
});

describe("a mistake in a run", () => {
  const refused = async (files: Record<string, string>, args: string[], services = {}) => {
    const { run, measured, folder } = session(files, services);
    const before = readdirSync(folder, { recursive: true }).sort();
    const result = await run("run", ...args);
    expect(result.status).toBe(2);
    expect(result.stdout).toBe("");
    expect(measured).toEqual([]);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
    expect(result.stderr).not.toMatch(/^ +at /m);
    return result.stderr;
  };

  it("in the config is told with its place; nothing is written", async () => {
    expect(await refused({ "a.yaml": "cpus: [0]\nstrategy: kref\n" }, ["a.yaml"])).toMatch(
      /^error: a\.yaml:1:8: `cpus\[0\]` is 0; .*\na\.yaml:2:1: unknown key `strategy`; did you mean `strategies`\?/,
    );
    expect(await refused({ "a.yaml": "cpus: [1\n" }, ["a.yaml"])).toMatch(/^error: a\.yaml:2:1: /);
    expect(await refused({ "a.yaml": "strategies: [kerf]" }, ["a.yaml"])).toMatch(/did you mean `kref`\?/);
    expect(await refused({ "a.yaml": "scenario: open_close" }, ["a.yaml"])).toMatch(
      /did you mean `open-close`\?/,
    );
  });

  it("in the config's name is told", async () => {
    expect(await refused({}, ["no.yaml"])).toMatch(
      /^error: there is no config `no\.yaml`\n {2}A path begins at the working folder\./,
    );
    expect(await refused({}, ["strategies"])).toBe(
      "error: cannot read config `strategies`: it is a folder\n",
    );
  });

  it("in the trace's name is told at its place", async () => {
    const config = "scenario: strace\nworkload: { trace: gone.strace }\n";
    expect(await refused({ "a.yaml": config }, ["a.yaml"])).toMatch(
      /^error: a\.yaml:2:20: there is no trace/,
    );
  });

  it.each([
    ["empty", "", /trace is empty/],
    ["cut off in its first line", "1 1000000.000001 openat(AT_FDCWD, ", /not a trace of strace/],
    ["something else", "hello\n", /not a trace of strace/],
  ])("in a trace that is %s is told before anything is measured", async (_, text, message) => {
    const config = "scenario: strace\nworkload: { trace: t.strace }\n";
    expect(await refused({ "a.yaml": config, "t.strace": text }, ["a.yaml"])).toMatch(message);
  });

  it("in the output folder is told before anything is measured", async () => {
    const files = { "a.yaml": small, out: "a file" };
    expect(await refused(files, ["a.yaml", "--out", "out"])).toMatch(
      /^error: cannot write results to folder .*\n {2}Name another/,
    );
  });

  it("is a run that must be pinned where it cannot be", async () => {
    const services = { whyNotPinned: async () => "threads are not pinned: no koffi" };
    const files = {
      "a.yaml": `pin: always\n${small}`,
      "b.yaml": small,
      "c.yaml": `pin: always\nengine: sim\n${small}`,
    };
    expect(await refused(files, ["a.yaml"], services)).toBe(
      "error: the config says `pin: always`, but threads are not pinned: no koffi\n" +
        "  On Linux `npm install koffi` provides it; `pin: auto` measures without.\n",
    );
    const { run } = session(files, services);
    for (const config of ["b.yaml", "c.yaml"]) expect((await run("run", config)).status).toBe(0);
  });

  it("in a results file that the run would go on with is told", async () => {
    const newer = { "a.yaml": small, "results/a/run-1.json": '{"version": 99}' };
    expect(await refused(newer, ["a.yaml"])).toMatch(
      /results of format 99; this refplay reads up to format 1/,
    );
    const cut = { "a.yaml": small, "results/a/run-1.json": '{"version": 1, "cel' };
    expect(await refused(cut, ["a.yaml"])).toMatch(/not a results file, or cut off.*\n[\s\S]*--fresh/);
  });

  it("in a strategy's file is told in full, all errors of it", async () => {
    const errors = new RefplayErrors([
      new RefplayError("x", "first", { location: { file: "my.ts", line: 3, column: 5 } }),
      new RefplayError("x", "second", {
        location: { file: "my.ts", line: 9, column: 1 },
        hint: "Write this.",
      }),
    ]);
    const services = { prepare: async () => Promise.reject(errors) };
    expect(await refused({ "a.yaml": small }, ["a.yaml"], services)).toBe(
      "error: my.ts:3:5: first\nmy.ts:9:1: second\n  Write this.\n",
    );
  });

  it("in a strategy's file that does not parse, or describes nothing, is told with its place", async () => {
    const services = { describe: (path: string) => readStrategyMeta(path, nodeHost()) };
    const config = "strategies: [./mine.ts]\n";
    const broken = { "a.yaml": config, "mine.ts": "export function get(\n" };
    expect(await refused(broken, ["a.yaml"], services)).toMatch(/^error: .*mine\.ts:2:1: /);
    const silent = { "a.yaml": config, "mine.ts": "export const labelBytes = 4;\n" };
    expect(await refused(silent, ["a.yaml"], services)).toMatch(
      /^error: .*mine\.ts: .*no default export\n {2}\S/,
    );
  });

  it.each([
    [["--sed", "x"], /unknown option '--sed'[\s\S]*--seed/],
    [["--cpus", "two"], /`two` is not a whole number/],
    [["--cpus", "0"], /--cpus: `cpus\[0\]` is 0; it takes a whole number, 1 to 4096/],
    [["--repetitions", "-1"], /`-1` is not a whole number/],
    [["--strategy", "kerf"], /--strategy: unknown strategy `kerf`/],
    [["--seed", ""], /--seed: `seed` is ""/],
    [["one.yaml", "two.yaml"], /too many arguments/],
  ])("in the flags %j is told", async (args, message) => {
    expect(await refused({}, args)).toMatch(message);
  });

  it("of refplay itself is called a defect, with the stack", async () => {
    const broken = async () => Promise.reject(new TypeError("x is not a function"));
    const { run } = session({ "small.yaml": small }, { runCell: broken });
    const { status, stderr } = await run("run", "small.yaml");
    expect(status).toBe(70);
    expect(stderr).toMatch(/^refplay has a defect;.*\nTypeError: x is not a function\n +at /);
  });

  it("of a trace without a request is refused, since there is nothing to measure", async () => {
    const trace =
      "1 1700000000.1 socket(AF_INET, SOCK_STREAM, 0) = 3 <0.1>\n1 1700000000.3 close(3) = 0 <0.1>\n";
    const world = session({
      "trace.yaml": "scenario: strace\nworkload: { trace: quiet.strace }\nstrategies: [kref]\n",
      "quiet.strace": trace,
    });
    const { status, stderr } = await world.run("run", "trace.yaml");
    expect(stderr).toMatch(/^error: quiet\.strace: this trace has no request/);
    expect(status).toBe(2);
    expect(world.measured).toEqual([]);
  });
});

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Cell } from "../../src/results/schema.ts";
import type { CellSpec } from "../../src/runner/cell-spec.ts";
import { aCell, aRecord } from "../results/support.ts";
import { madeUpCell, session } from "./support.ts";

function withRates(
  strategy: string,
  cpus: number,
  rates: readonly number[],
  changes: Partial<Cell> = {},
): Cell {
  const middle = [...rates].sort((a, b) => a - b)[Math.floor((rates.length - 1) / 2)] ?? 0;
  return aCell({
    id: `${strategy}@${cpus}`,
    strategy,
    cpus,
    requestsPerSecond: middle,
    requestsPerSecondSpread: { min: 0, max: 0, medianAbsDev: 0, repetitions: [...rates] },
    ...changes,
  });
}

const about = (middle: number): number[] => [0.98, 0.99, 1, 1.01, 1.02].map((share) => share * middle);

function results(kref: number, changes = {}): string {
  const cells = [
    withRates("none", 1, about(2e7)),
    withRates("kref", 1, about(1e7)),
    withRates("none", 2, about(3.6e7)),
    withRates("kref", 2, about(kref).reverse()),
  ];
  return JSON.stringify(aRecord({ cells, planned: cells.map(({ id }) => id), ...changes }));
}

const files = {
  "a.json": results(8e6),
  "b.json": results(6e6),
  "runs/run-2.json": results(8e6),
  "runs/run-10.json": results(6e6),
  "runs/notes.txt": "",
  "empty/notes.txt": "",
};

describe("refplay compare", () => {
  const run = (...args: string[]) => session(files).run(...args);

  it("shows what changed between two files, within 80 columns", async () => {
    const { status, stdout, stderr } = await run("compare", "a.json", "b.json");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^B against A: nginx, hooks v6\.6, threads, 5 repetitions\nA: a\.json \(nginx-threads,/,
    );
    expect(stdout).toMatch(/^kref +2 8\.00M 6\.00M -25\.0 -27\.2 -22\.7 +-10\.0 -12\.0 +-8\.0$/m);
    expect(stdout).toMatch(/^none +2 36\.0M 36\.0M +0\.0 +-2\.9 +\+3\.0 /m);
    expect(stdout).toContain("4 cells compared: 1 with figures that are worse†.");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("takes the newest file of a folder", async () => {
    const { status, stdout } = await run("compare", "a.json", "runs");
    expect(status).toBe(0);
    expect(stdout).toContain("B: runs/run-10.json");
    expect(stdout).toContain("-25.0");
  });

  it("takes all runs of a folder where it is asked to, and of nothing else", async () => {
    const { status, stdout } = await run("compare", "runs", "runs", "--all-runs");
    expect(status).toBe(0);
    expect(stdout).toContain("A: runs, 2 runs");
    expect(stdout).toMatch(/^kref +2 7\.00M 7\.00M +0\.0 /m);
    expect(stdout.replace(/\s+/g, " ")).toContain("4 runs of each are enough");
    for (const sides of [
      ["a.json", "runs"],
      ["kref", "none"],
    ]) {
      const wrong = await run("compare", ...sides, "--all-runs");
      expect([wrong.status, wrong.stderr.startsWith("error: --all-runs")]).toEqual([2, true]);
    }
  });

  it("compares two strategies of one file", async () => {
    const { status, stdout } = await run("compare", "kref", "none", "--in", "a.json");
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nA: kref\nB: none\n/);
    expect(stdout).toMatch(/^ +2 8\.00M 36\.0M \+350\.0 /m);
    const wrong = await run("compare", "krfe", "none", "--in", "a.json");
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toBe(
      "error: `a.json` has no strategy `krfe`; did you mean `kref`?\n  It has: none, kref.\n",
    );
  });

  it("ends with 1 where a condition is met, and says where", async () => {
    const one = await run("compare", "a.json", "b.json", "--fail-if", "kref:efficiency@2 < -3");
    expect(one.status).toBe(1);
    expect(one.stdout).toMatch(
      /^Fails if\n✗ kref:efficiency@2 < -3: kref@2 -10\.0 points \(-12\.0 to -8\.0\)\n$/m,
    );
    const both = ["--fail-if", "efficiency < -20", "--fail-if", "pairNsP99 > 10%"];
    const other = await run("compare", "a.json", "b.json", ...both);
    expect(other.status).toBe(0);
    expect(other.stdout).toMatch(/^✓ efficiency < -20: kref@2 -10\.0 points/m);
    expect(other.stdout).toMatch(/^✓ pairNsP99 > 10%: none@1 0\.0 %, no interval/m);
  });

  it("fails surely only where the whole interval is beyond", async () => {
    const limit = ["--fail-if", "requestsPerSecond@2 < -24.5%"];
    expect((await run("compare", "a.json", "b.json", ...limit)).status).toBe(1);
    const sure = await run("compare", "a.json", "b.json", ...limit, "--sure");
    expect(sure.status).toBe(0);
    expect(sure.stdout).toContain("✓ requestsPerSecond@2 < -24.5%: not sure: kref@2 -25.0 %");
    const surely = await run(
      "compare",
      "a.json",
      "b.json",
      "--fail-if",
      "requestsPerSecond@2 < -20%",
      "--sure",
    );
    expect(surely.status).toBe(1);
  });

  it("writes Markdown with what failed and changed first, the rest folded", async () => {
    const { status, stdout } = await run(
      ...["compare", "a.json", "b.json", "--format", "markdown", "--fail-if", "efficiency@2 < -3"],
    );
    expect(status).toBe(1);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("### ❌ refplay: B against A");
    expect(stdout).toContain("- ❌ fails if `efficiency@2 < -3`: kref@2 -10.0 points");
    const at = (text: string): number => lines.findIndex((line) => line.includes(text));
    expect(at("🔴 worse")).toBeGreaterThan(at("fails if"));
    expect(at("<details>")).toBeGreaterThan(at("🔴 worse"));
    // Every row of a table has as many cells as its head.
    const widths = lines.filter((line) => line.startsWith("| ")).map((line) => line.split(" | ").length);
    expect(new Set(widths)).toEqual(new Set([7, 8]));
  });

  it("prints JSON, with --json or --format json", async () => {
    const { stdout, status } = await run(
      "compare",
      "a.json",
      "b.json",
      "--json",
      "--fail-if",
      "efficiency@2 < -3",
    );
    expect(status).toBe(1);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ version: 1, confidencePct: 95, failed: true, b: { name: "b.json" } });
    expect(document.conditions[0]).toMatchObject({
      cells: [
        { id: "none@2", met: false },
        { id: "kref@2", met: true },
      ],
    });
    expect((await run("compare", "a.json", "b.json", "--format", "json")).status).toBe(0);
  });

  it("shows every figure with --all, and wider intervals with more confidence", async () => {
    const all = await run("compare", "a.json", "b.json", "--all", "--confidence", "99");
    expect(all.stdout).toContain("with 99 % confidence");
    expect(all.stdout).toMatch(/^ {2}rmwPerRequest +6\.00 +6\.00 +0 /m);
    expect(all.stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const low = (text: string) => Number(/^kref +2 8\.00M 6\.00M -25\.0 (-[\d.]+)/m.exec(text)?.[1]);
    const usual = await run("compare", "a.json", "b.json");
    expect(low(all.stdout)).toBeLessThan(low(usual.stdout));
  });

  it("refuses to compare apples with pears, unless it is asked to anyway", async () => {
    const host = { cpuModel: "Other CPU", cores: 96, os: "Linux 6.1", node: "20.20.2", refplay: "0.1.0" };
    const { run: there } = session({ ...files, "other.json": results(8e6, { host }) });
    const refused = await there("compare", "a.json", "other.json");
    expect([refused.status, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain(
      "  CPU: Made-up CPU @ 2.00GHz in A, Other CPU in B\n  cores: 2 in A, 96 in B\n",
    );
    expect(refused.stderr).toContain("add --anyway");
    const anyway = await there("compare", "a.json", "other.json", "--anyway");
    expect(anyway.status).toBe(0);
    expect(anyway.stdout).toMatch(
      /Note: Apples and pears: CPU is Made-up CPU @ 2\.00GHz in A and Other CPU in B/,
    );
  });

  it.each([
    [["a.json", "no.json"], "there is no results file `no.json`"],
    [["a.json", "empty"], "there are no results in folder `empty`"],
    [["a.json", "new.json"], "results of format 2"],
    [["a.json", "cut.json"], "cut.json: not a results file, or cut off"],
    [["a.json", "kref"], "`a.json` is of results, and there are no results `kref`"],
    [["a.json", "b.json", "--seed", "x"], "--seed is for a run, and both sides are results"],
    [
      ["kref", "none", "--in", "a.json", "--cpus", "1"],
      "--cpus is for a run, and --in takes results that are there",
    ],
    [
      ["a.json", "b.json", "--fail-if", "efficency < 3"],
      "--fail-if, column 1: there is no figure `efficency`",
    ],
    [
      ["a.json", "b.json", "--fail-if", "efficiency@192 < 3"],
      "no compared cell has `efficiency` on 192 CPUs",
    ],
    [["a.json", "b.json", "--sure"], "--sure is about --fail-if"],
    [["a.json", "b.json", "--fail-if", "pairNsP50 > 1", "--sure"], "--sure needs an interval"],
    [["a.json", "b.json", "--confidence", "30"], "--confidence takes 50 to 99.9 percent, not 30"],
    [["a.json", "b.json", "--confidence", "most"], "`most` is not a number"],
    [["a.json", "b.json", "--format", "markdwn"], "unknown format `markdwn`; did you mean `markdown`?"],
    [["a.json"], "missing required argument 'b'"],
    [["kref", "kref"], "`kref` is on both sides"],
    [["kref", "kref", "--in", "a.json"], "`kref` is on both sides"],
    [["kref", "nnoe"], "unknown strategy `nnoe`; did you mean `none`?"],
    [["kref", "none", "--config", "nowhere.yaml"], "there is no config `nowhere.yaml`"],
  ])("refuses %j", async (args, message) => {
    const { run: there } = session({ ...files, "new.json": '{"version":2}', "cut.json": '{"ver' });
    const { status, stdout, stderr } = await there("compare", ...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
});

describe("refplay compare of strategies that are to be run", () => {
  const config = "engine: threads\ncpus: [1, 2]\nstrategies: [none]\n";

  it("runs the config with the two, often enough for an interval", async () => {
    const repetitions: number[] = [];
    const one = session(
      { "my.yaml": config, "own.ts": "" },
      {
        runCell: async (spec) => {
          repetitions.push(spec.repetitions);
          return madeUpCell(spec);
        },
      },
    );
    const { status, stdout, stderr } = await one.run("compare", "kref", "./own.ts", "--config", "my.yaml");
    expect([status, stderr]).toEqual([0, ""]);
    expect(one.measured).toEqual(["kref@1", "own@1", "kref@2", "own@2"]);
    expect(repetitions).toEqual([6, 6, 6, 6]);
    expect(stdout).toContain("A: kref\nB: own\n");
    expect(stdout).toContain("Results: results/my-compare/run-1.json");
    expect(readdirSync(join(one.folder, "results/my-compare"))).toContain("run-1.json");
  });

  it("takes CPUs, repetitions and folder from the command line", async () => {
    const repetitions: number[] = [];
    const runCell = async (spec: CellSpec) => {
      repetitions.push(spec.repetitions);
      return madeUpCell(spec);
    };
    const one = session({ "my.yaml": `${config}repetitions: 9\n` }, { runCell });
    const flags = ["--cpus", "4", "--repetitions", "3", "--out", "there", "--seed", "s"];
    await one.run("compare", "kref", "none", "--config", "my.yaml", ...flags);
    expect(one.measured).toEqual(["kref@4", "none@4"]);
    expect(readdirSync(join(one.folder, "there"))).toContain("run-1.json");
    await one.run("compare", "kref", "none", "--config", "my.yaml", "--cpus", "4");
    expect(repetitions).toEqual([3, 3, 9, 9]);
  });

  it("asks the published question where no config is named, and says so", async () => {
    const one = session({ "configs/mine.ts": "" });
    const { status, stderr } = await one.run("compare", "kref", "none");
    expect([status, stderr]).toEqual([
      0,
      "No config is named: this is the nginx question, configs/standard.yaml\n",
    ]);
    expect(new Set(one.measured.map((id) => id.split("@")[0]))).toEqual(new Set(["kref", "none"]));
  });

  it("compares variants where a scenario has those", async () => {
    const walk = "scenario: proc-walk\nengine: threads\ncpus: [1]\n";
    const one = session({ "walk.yaml": walk }, { prepare: async () => "linked" });
    const { status, stderr } = await one.run("compare", "ref-walk", "rcu-walk", "--config", "walk.yaml");
    expect([status, stderr]).toEqual([0, ""]);
    expect(one.measured).toEqual(["ref-walk@1", "rcu-walk@1"]);
  });

  it("tells of a wrong condition before it runs anything, and of faults with 1", async () => {
    const one = session({ "my.yaml": config }, { runCell: async (spec) => madeUpCell(spec, { leaked: 1 }) });
    const wrong = await one.run(
      "compare",
      "kref",
      "none",
      "--config",
      "my.yaml",
      "--fail-if",
      "efficiency@2",
    );
    expect([wrong.status, one.measured]).toEqual([2, []]);
    expect((await one.run("compare", "kref", "none", "--config", "my.yaml")).status).toBe(1);
  });

  it.each([
    ["efficency < -3", "there is no figure `efficency`; did you mean `efficiency`?"],
    ["efficiency@1 < -3", "There it is on 2 CPUs."],
    ["pairNsP99@4 > 3", "no compared cell has `pairNsP99` on 4 CPUs"],
    ["krfe:pairNsP99 > 3", "no compared cell is of strategy `krfe`; did you mean `kref`?"],
    ["transfersPerRequest > 3", "no compared cell has `transfersPerRequest`"],
  ])("refuses %j before it runs anything", async (condition, message) => {
    const one = session({ "my.yaml": config });
    const flags = ["--config", "my.yaml", "--fail-if", condition];
    const { status, stderr } = await one.run("compare", "kref", "none", ...flags);
    expect([status, one.measured]).toEqual([2, []]);
    expect(stderr).toContain(message);
  });

  it("says where the results are when an error comes after the run, and takes them from there", async () => {
    const one = session({ "my.yaml": config });
    const condition = ["--fail-if", "requestsPerSecond < -99%"];
    const args = ["compare", "kref", "none", "--config", "my.yaml", "--sure", ...condition];
    const failed = await one.run(...args);
    expect([failed.status, failed.stdout, one.measured.length]).toEqual([2, "", 4]);
    expect(failed.stderr.replace(/\s+/g, " ")).toContain(
      "`refplay compare kref none --in results/my-compare/run-1.json` takes them without another run.",
    );
    const again = await one.run(
      "compare",
      "kref",
      "none",
      "--in",
      "results/my-compare/run-1.json",
      ...condition,
    );
    expect([again.status, one.measured.length]).toEqual([0, 4]);
  });

  it("compares nothing where Ctrl-C stopped the run, and goes on later", async () => {
    const one = session(
      { "my.yaml": config },
      {
        runCell: async (spec) => {
          if (one.measured.length === 3) one.interrupt();
          return madeUpCell(spec);
        },
      },
    );
    const stopped = await one.run("compare", "kref", "none", "--config", "my.yaml");
    expect([stopped.status, stopped.stdout]).toEqual([130, ""]);
    expect(stopped.stderr).toContain(
      "Nothing is compared. 3 of 4 cells are in results/my-compare/run-1.json",
    );
    const again = await one.run("compare", "kref", "none", "--config", "my.yaml");
    expect(again.status).toBe(0);
    expect(one.measured).toEqual(["kref@1", "none@1", "kref@2", "none@2"]);
  });
});

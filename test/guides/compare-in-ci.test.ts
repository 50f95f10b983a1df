/** The workflow that the guide to comparing in CI has people copy: its steps are run as they stand, on a small config. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../src/link/node-host.ts";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: { readonly path?: string };
}

const workflow = parse(readFileSync(join(packageRoot, "docs/examples/compare-in-ci.yml"), "utf8"));
const steps: readonly Step[] = workflow.jobs.compare.steps;

const config = [
  "engine: sim",
  "machine: epyc-9654",
  "workload: { requests: 120, distinctRequests: 30, thinkUs: 0 }",
  "cpus: [1, 4]",
  "repetitions: 4",
  "strategies: [./counter.ts]",
  "",
].join("\n");

/** What `refplay new` writes, a counter; the pull request adds an atomic operation to its fast path. */
const counter = readFileSync(join(packageRoot, "strategies/template/my-strategy.ts"), "utf8");

let folder: string;
let summary: string;

function runStep(name: string): { status: number | null; stderr: string } {
  const script = steps.find((step) => step.name === name)?.run ?? "";
  expect(script).not.toBe("");
  // As GitHub runs it where no shell is named.
  const { status, stderr } = spawnSync("bash", ["-e", "-c", script], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}`, GITHUB_STEP_SUMMARY: summary },
  });
  return { status, stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "refplay-ci-"));
  summary = join(folder, "summary.md");
  for (const part of ["bin", "base", "head"]) mkdirSync(join(folder, part));
  // `npx refplay` is this tree's.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const main = join(packageRoot, "src/cli/main.ts");
  const npx = `#!/bin/sh\n[ "$1" = refplay ] || exit 64\nshift\nexec "${process.execPath}" --import "${tsx}" "${main}" "$@"\n`;
  writeFileSync(join(folder, "bin/npx"), npx);
  chmodSync(join(folder, "bin/npx"), 0o755);
  for (const side of ["base", "head"]) writeFileSync(join(folder, side, "refplay.yaml"), config);
  writeFileSync(join(folder, "base/counter.ts"), counter);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the workflow of the guide", () => {
  it("has what GitHub asks for: both sides in their folders, and steps that do something", () => {
    expect(workflow.on).toBe("pull_request");
    expect(steps.flatMap((step) => step.with?.path ?? [])).toEqual(["base", "head"]);
    for (const { run, uses } of steps)
      expect([run, uses].filter((text) => text !== undefined)).toHaveLength(1);
  });

  it("simulates both sides, shows what changed and fails where it is too much", () => {
    const taken = "  const before: i32 = fetchAdd(label + refs, 1);\n";
    const slower = counter.replace(taken, `  fetchAdd(label + refs, 0);\n${taken}`);
    expect(slower).not.toBe(counter);
    writeFileSync(join(folder, "head/counter.ts"), slower);
    expect(runStep("Simulate")).toEqual({ status: 0, stderr: "" });
    expect(runStep("Compare")).toEqual({ status: 1, stderr: "" });
    const shown = readFileSync(summary, "utf8");
    expect(shown).toMatch(/^### ❌ refplay: B against A\n/);
    expect(shown).toMatch(/- ❌ fails if `requestsPerSecond < -5%`: counter@1 -/);
    expect(shown).toMatch(/- ✅ fails if `labelBytes > 0`: counter@1 0/);
    expect(shown).toMatch(/\| counter on 4 CPUs \| rmwPerRequest \|.*🔴 worse \|/);
  }, 240_000);

  it("is not green where the strategy of the pull request hangs on the second CPU count", () => {
    const file = join(folder, "results/head/run-1.json");
    const record = JSON.parse(readFileSync(file, "utf8"));
    const message = "no worker was done after 60 s";
    const failure = { cell: "counter@4", code: "cell-stuck", message };
    // As `refplay run` leaves it: what was measured, and why nothing more was.
    const [first] = JSON.parse(readFileSync(join(folder, "results/base/run-1.json"), "utf8")).cells;
    writeFileSync(
      join(folder, "results/head/run-9.json"),
      JSON.stringify({ ...record, cells: [first], failure }),
    );
    writeFileSync(summary, "");
    expect(runStep("Compare")).toEqual({ status: 1, stderr: "" });
    const shown = readFileSync(summary, "utf8");
    expect(shown).toMatch(/^### ❌ refplay: B against A\n/);
    expect(shown).toContain(`⚠️ B: the run of ../results/head/run-9.json failed at counter@4: ${message}`);
    expect(shown).toContain(`counter@4: B has no such cell: its run failed: ${message}`);
    expect(shown).not.toContain("was stopped");
  }, 240_000);
});

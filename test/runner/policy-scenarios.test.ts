/** Scenarios that change policy, run for real and small: nothing is leaked, and kernel and model agree. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import type { Cell, ResultsRecord } from "../../src/results/schema.ts";
import { session } from "../cli/support.ts";

async function cells(config: string): Promise<readonly Cell[]> {
  const shell = session({ "config.yaml": config }, realServices());
  const { stdout, stderr } = await shell.run("run", "config.yaml", "--json");
  expect(stderr).not.toMatch(/error|defect/i);
  return (JSON.parse(stdout) as ResultsRecord).cells;
}

const once = "repetitions: 1\nwarmupRuns: 0\nmemoryMiB: 64\n";
const clean = { leaked: 0, violations: 0 };

describe("scenario policy", () => {
  it("gives every mistake of the example its verdict, with its column, and leaks nothing", async () => {
    const found = await cells(readFileSync(join(packageRoot, "configs/policy-history.yaml"), "utf8"));
    expect(found).toHaveLength(2);
    for (const cell of found) {
      expect(cell).toMatchObject(clean);
      const steps = cell.policySteps ?? [];
      const verdicts = new Set(steps.map(({ verdict }) => verdict));
      for (const errno of ["EINVAL", "ENOENT", "ENAMETOOLONG", "EEXIST", "EACCES", "EPERM", "EBUSY", "E2BIG"])
        expect([errno, verdicts.has(errno)]).toEqual([errno, true]);
      expect(steps.filter(({ expected }) => expected !== undefined)).toEqual([]);
      expect(steps.find(({ step }) => step.includes("lxd-c2"))).toMatchObject({
        verdict: "ENOENT",
        column: 12,
      });
    }
  });

  it("brings a task's replaced label up to date before its hat", async () => {
    const steps = [
      "load: [a, a//HAT, b]",
      "change: a",
      "replace: a",
      "hat: HAT",
      "replace: a//HAT",
      "open: 1",
      "hat:",
      "stack: b",
      "remove: b",
      "hat: HAT",
    ];
    const list = steps.map((step) => `    - ${step}\n`).join("");
    const [cell] = await cells(
      `${once}scenario: policy\ncpus: [1]\nstrategies: [kref]\nworkload:\n  steps:\n${list}`,
    );
    expect(cell?.policySteps?.map(({ verdict }) => verdict)).toEqual(steps.map(() => "done"));
    expect(cell).toMatchObject(clean);
  });
});

const sum = (counts: readonly number[] = []): number => counts.reduce((all, count) => all + count, 0);

describe.each(["rwlock", "seqlock", "rcu-list"])("with label set %s", (labelSet) => {
  const settings = `${once}labelSet: ${labelSet}\ncpus: [1, 2]\nstrategies: [kref]\n`;

  it("churn looks labels up while they come and go", async () => {
    const rates = "replacePerSecond: 1000, compoundsPerSecond: 1000, removePerSecond: 100";
    const workload = `{ requests: 400, thinkUs: 0, pauseScale: 0, labels: 60, ${rates}, policyEvents: 60 }`;
    for (const cell of await cells(`${settings}scenario: churn\nworkload: ${workload}\n`)) {
      expect(cell).toMatchObject({ ...clean, requests: 400 });
      expect(cell.events).toMatchObject({ lookUps: 400 });
      expect(cell.labelSet?.variant).toBe(labelSet);
      expect(cell.labelSet?.lookUps).toBeGreaterThanOrEqual(400);
      expect(cell.labelSet?.updates).toBeGreaterThan(0);
      expect(sum(cell.retirement?.waitHistogram?.counts)).toBe(cell.retirement?.freed);
      expect(sum(cell.pairHistogram?.counts)).toBeGreaterThan(0);
      const { atNs = [], labels = [] } = cell.unreclaimed ?? {};
      expect(labels).toHaveLength(atNs.length);
    }
  });

  it("nginx replaces, stacks, enters hats and passes files", async () => {
    const shares = "changeProfileShare: 0.2, stackShare: 0.5, hatShare: 0.2, passShare: 0.1";
    const workload = `{ requests: 400, thinkUs: 0, workerLabels: own, replacePerSecond: 20000, ${shares} }`;
    for (const cell of await cells(`${settings}scenario: nginx\nworkload: ${workload}\n`)) {
      expect(cell).toMatchObject({ ...clean, requests: 400 });
      expect(cell.labelSet?.updates).toBe(cell.cpus === 1 ? 40 : 20);
      // With one CPU a worker passes files to itself.
      if (cell.cpus === 2) expect(cell.labelSet?.fileMerges).toBeGreaterThan(0);
    }
  });
});

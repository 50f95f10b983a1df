/** Scenarios with a program of their own, run for real in small, on every engine they claim. */
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import type { Cell, ResultsRecord } from "../../src/results/schema.ts";
import { session } from "../cli/support.ts";

/** One of them: what is linked for one run serves the next. */
const services = realServices();

async function cells(config: string): Promise<readonly Cell[]> {
  const shell = session({ "config.yaml": config }, services);
  const { status, stderr, stdout } = await shell.run("run", "config.yaml", "--json");
  expect(stderr).not.toMatch(/error|defect/i);
  expect(status).toBe(0);
  return (JSON.parse(stdout) as ResultsRecord).cells;
}

const onSim = "engine: sim\nmachine: xeon-8375c-2s\nseed: test\n";
const onThreads = "engine: threads\ncpus: [1, 2]\nrepetitions: 1\nwarmupRuns: 0\nmemoryMiB: 64\n";
const figureOf = (cell: Cell | undefined, name: string) =>
  cell?.figures?.find((figure) => figure.name === name)?.value;
const sound = { leaked: 0, violations: 0 };

describe("proc-walk", () => {
  it("gains nothing on one CPU, and at least three times on 128 of two sockets, by the line that the report names", async () => {
    const found = await cells(
      `scenario: proc-walk\ncpus: [1, 128]\nengine: sim\nmachine: xeon-8375c-2s\nworkload: { requests: 6000 }\n`,
    );
    for (const cell of found) expect(cell).toMatchObject(sound);
    const [ref1, rcu1, ref128, rcu128] = found.map(({ requestsPerSecond }) => requestsPerSecond);
    expect((rcu1 ?? 0) / (ref1 ?? 1)).toBeCloseTo(1, 1);
    expect((rcu128 ?? 0) / (ref128 ?? 1)).toBeGreaterThan(3);
    expect(found[2]?.hottestLines?.[0]?.symbol).toBe("dentry(/proc).lockref");
    // What is left when walks do not contend: the workers' names.
    expect(found[3]?.hottestLines?.[0]?.symbol).toBe("wqPoolAttachMutex");
    expect(figureOf(found[2], "counted walks")).toBeGreaterThan(3.5);
    expect(figureOf(found[3], "counted walks")).toBe(0);
    // What user time was fitted to, and what is held against it.
    const share = found[2]?.figures?.find(({ name }) => name === "system time");
    expect(share).toMatchObject({ published: { min: 97, max: 97 }, fitted: true });
    expect(share?.value).toBeCloseTo(97, 0);
    expect(found[3]?.figures?.find(({ name }) => name === "system time")).toMatchObject({
      published: { min: 85, max: 85 },
    });
    expect(found[3]?.gain).toMatchObject({ over: "ref-walk", published: { min: 3, max: 4 } });
    expect(found[1]?.gain?.published).toBeUndefined();
  });

  it("runs on threads, where walks under RCU are not counted either", async () => {
    const found = await cells(`scenario: proc-walk\n${onThreads}workload: { requests: 300, pids: 32 }\n`);
    expect(found.map(({ id }) => id)).toEqual(["ref-walk@1", "rcu-walk@1", "ref-walk@2", "rcu-walk@2"]);
    for (const cell of found) expect(cell).toMatchObject({ ...sound, requests: 300, requestUnit: "pids" });
    // On another machine nothing published stands beside.
    expect(
      found.flatMap(({ figures = [] }) => figures).every(({ published }) => published === undefined),
    ).toBe(true);
    expect(found.map((cell) => figureOf(cell, "counted walks") === 0)).toEqual([false, true, false, true]);
    expect(found[1]?.rmwPerRequestTotal).toBeLessThan(found[0]?.rmwPerRequestTotal ?? 0);
  });
});

describe("proc-dedup", () => {
  const workload = "workload: { threads: 16, files: 16, others: 2 }\n";

  it("builds what the formulae say and ends it, on the simulator and on threads", async () => {
    const some = "variants: [copies, symlink-files, hard-link]\n";
    const simulated = await cells(`scenario: proc-dedup\n${some}cpus: [8]\n${onSim}${workload}`);
    const measured = await cells(`scenario: proc-dedup\nvariants: [copies]\n${onThreads}${workload}`);
    expect([simulated.length, measured.length]).toEqual([3, 2]);
    for (const cell of [...simulated, ...measured]) {
      expect(cell).toMatchObject({ ...sound, requests: 16 });
      expect(figureOf(cell, "off the formula")).toBe(0);
    }
    expect(simulated.map((cell) => [figureOf(cell, "dentries"), figureOf(cell, "inodes")])).toEqual([
      [732, 732],
      [220, 220],
      [732, 220],
    ]);
    const [copies, links] = simulated.map((cell) => figureOf(cell, "exit") ?? 0);
    expect(links).toBeLessThan((copies ?? 0) / 2);
    expect(figureOf(simulated[0], "longest wait, below")).toBeGreaterThan(1);
    // Threads have no clock that is fine enough.
    expect(figureOf(measured[1], "longest wait, below")).toBeNull();
  });

  it("tells exact counts of the full scale, beside the published ones", async () => {
    const [find] = await cells(`scenario: proc-dedup\nvariants: [copies]\ncpus: [1]\n${onSim}${workload}`);
    const tids = workload.replace("threads: 16", "threads: 4, walker: every-tid");
    const [every] = await cells(`scenario: proc-dedup\nvariants: [copies]\ncpus: [1]\n${onSim}${tids}`);
    expect(figureOf(find, "full */task/*/fd*/*")).toBe(134_217_728);
    expect(figureOf(every, "full */task/*/fd*/*")).toBe(549_755_813_888);
    expect(find?.figures?.find(({ name }) => name === "full */task/*/fd*/*")?.published).toMatchObject({
      min: 134e6,
    });
  });

  it("names the rules that a variant breaks", async () => {
    const [cell] = await cells(
      `scenario: proc-dedup\nvariants: [symlink-tgid]\ncpus: [1]\n${onSim}${workload}`,
    );
    expect(figureOf(cell, "rules broken")).toBe(6);
    expect(cell?.notes.filter((note) => note.includes("@{PROC}/@{pid}/fdinfo/* r"))).toHaveLength(1);
  });
});

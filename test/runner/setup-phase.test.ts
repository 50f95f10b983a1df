/** The set-up of a workload: executed before everything that is counted, and left out of it. */
import { describe, expect, it } from "vitest";
import { Event } from "../../src/kernel/events.ts";
import { countedRun } from "../../src/runner/counted-run.ts";
import { batchLimits, pairsPerRecord } from "../../src/runner/scripts-of-cell.ts";
import { policySteps, setupCounts } from "../../src/runner/setup-phase.ts";
import { trialBoot } from "../../src/runner/trial.ts";
import { makeWorkload, type Workload } from "../../src/workloads/workload.ts";
import { kernel, type Line, scriptOf } from "../kernel/support.ts";

/** Two CPUs with a task each; the set-up is the first of CPU 0's records. */
function workload(setupRecords: number, lines: readonly Line[], population = {}): Workload {
  return makeWorkload({
    name: "small",
    scripts: [scriptOf(lines), scriptOf([["switchTask", 1]])],
    population: {
      profiles: 2,
      tasks: 2,
      descriptorsPerTask: 4,
      threadsPerProcess: 1,
      channels: 0,
      ...population,
    },
    openAtCut: 0,
    setupRecords,
  });
}

const openClose: readonly Line[] = [
  ["open", 0],
  ["close", 0],
];
const lines: readonly Line[] = [
  ["switchTask", 0],
  ["repeat", 2, 3],
  ...openClose,
  ["request"],
  ...openClose,
  ["request"],
];

describe("a set-up", () => {
  it("executes the records of its blocks in every round", () => {
    const counts = (records: number): Record<string, number> =>
      Object.fromEntries(
        setupCounts(workload(records, lines))
          .byEvent.map((count, event) => [Event[event] ?? "", count] as const)
          .filter(([, count]) => count > 0),
      );
    expect(counts(0)).toEqual({});
    expect(counts(1)).toEqual({ switchTask: 1 });
    expect(counts(5)).toEqual({ switchTask: 1, repeat: 1, open: 2, close: 2, request: 2 });
    expect(setupCounts(workload(5, lines)).records).toBe(8);
  });

  it("is executed before the counted run counts, and its requests are none of the run's", () => {
    const program = kernel("kref", { hooks: 66 });
    const counted = countedRun(program, workload(5, lines), "s", 1 << 20);
    expect(counted).toMatchObject({ requests: 1, strategyRmws: 6, violations: [] });
    expect(countedRun(program, workload(1, lines), "s", 1 << 20)).toMatchObject({
      requests: 3,
      strategyRmws: 18,
    });
  });

  it("leaves latencies alone: pairs per record are those of the run", () => {
    // One pair in two records, of CPU 0; both CPUs read an end, and CPU 1 switches to its task.
    expect(pairsPerRecord(workload(5, lines))).toBe(1 / (3 + 1 + 2));
  });

  it("is tried before anything is measured", () => {
    const many: readonly Line[] = [
      ["switchTask", 0],
      ...Array.from({ length: 9000 }, (_, descriptor): Line => ["open", descriptor]),
    ];
    const program = kernel("kref", { hooks: 66, verify: 1 });
    const boot = (records: number) => () =>
      trialBoot(program, workload(records, many, { descriptorsPerTask: 10_000 }), "kref", 1);
    expect(boot(0)).not.toThrow();
    expect(boot(9001)).toThrow(/1 MiB do not hold/);
  });

  it("may take the longer the more labels its policy records go through", () => {
    const records: readonly Line[] = [
      ["switchTask", 0],
      ["removeProfile", 1],
      ["repeat", 5, 1],
      ["removeProfile", 2],
    ];
    const few = policySteps(workload(0, records));
    expect(few).toBeGreaterThan(0);
    expect(policySteps(workload(0, records, { totalLabels: 3000 }))).toBe(1000 * few);
    expect(policySteps(workload(0, lines))).toBe(0);
  });
});

describe("batches of a script that pauses", () => {
  it("are as long as its pauses add up to 20 ms, by CPU", () => {
    const pausing = makeWorkload({
      ...workload(0, []),
      scripts: [
        scriptOf([
          ["switchTask", 0],
          ["repeat", 100, 2],
          ["think", 2_000_000],
          ["stall", 2_000_000],
        ]),
        scriptOf([["switchTask", 1]]),
      ],
      openAtCut: 0,
    });
    const [slow = 0, fast = 0] = batchLimits(pausing);
    expect(slow).toBe(10);
    expect(fast).toBeGreaterThan(1e6);
  });
});

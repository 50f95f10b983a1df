/** What is made of the counters of a run: leaks, broken rules, and runs that did not do what their script says. */
import { describe, expect, it } from "vitest";
import { leaksOf, mostCounts, spreadNotes, unfaithful } from "../../src/runner/audited.ts";
import type { CellSpec } from "../../src/runner/cell-spec.ts";
import { buildWorkload, withoutPauses } from "../../src/runner/scripts-of-cell.ts";
import { findWorkload } from "../../src/workloads/index.ts";

/** The parts of a cell that decide its scripts. */
function spec(scenario: string, parameters: Record<string, unknown>): CellSpec {
  const all = findWorkload(scenario)?.parameters.parse(parameters) as Record<string, unknown>;
  return {
    cpus: 1,
    seed: "s",
    workload: { scenario, parameters: all, trace: undefined },
  } as unknown as CellSpec;
}

describe("leaks", () => {
  it("of one kind are not made good by another that was freed too often", () => {
    expect(leaksOf({ labels: 2, labelExtras: -2 }, "lastPut")).toEqual({ labels: 2, "label-extras": 2 });
  });

  it("count per-CPU counters and not their bytes", () => {
    expect(leaksOf({ percpuBytesInUse: 24 }, "retire")).toEqual({ "percpu-counters": 3 });
  });

  it("of a strategy that never releases are all but what hangs on a label", () => {
    expect(leaksOf({ labels: 9, profiles: 9, proxies: 9, files: 1 }, "never")).toEqual({ files: 1 });
  });

  it("of several runs are those of the worst", () => {
    expect(mostCounts({ files: 1 }, { files: 3, creds: 1 }, {})).toEqual({ files: 3, creds: 1 });
  });
});

describe("a run", () => {
  const workload = buildWorkload(spec("open-close", { requests: 10 }));
  const executed = workload.expected.records - 1;
  const run = (atEnd: Record<string, number>, finished = true, setup = 0) => ({
    elapsedNs: 1,
    cpuNs: [1],
    finished,
    atSetup: { events: setup },
    atEnd,
    atTeardown: {},
  });

  it("that executed every record is faithful", () => {
    expect(unfaithful(run({ events: executed, openDescriptors: 0 }), workload)).toEqual({});
  });

  it("that skipped records is not", () => {
    expect(unfaithful(run({ events: executed - 3 }), workload)).toEqual({ "records-not-executed": 3 });
  });

  it("that left a descriptor open against its script is not", () => {
    expect(unfaithful(run({ events: executed, openDescriptors: 1 }), workload)).toEqual({
      "descriptors-against-script": 1,
    });
  });

  it("that was cut by time owes nothing", () => {
    expect(unfaithful(run({ events: 1 }, false), workload)).toEqual({});
  });

  it("owes its set-up in any case, and counts it among the records of the script", () => {
    const prepared = { ...workload, setupRecords: 1 };
    expect(unfaithful(run({ events: executed - 1 }, true, 1), prepared)).toEqual({});
    expect(unfaithful(run({ events: 1 }, false, 0), prepared)).toEqual({ "setup-records-not-executed": 1 });
    expect(unfaithful(run({ events: executed }, true, 1), prepared)).toEqual({ "records-not-executed": 1 });
  });
});

describe("repetitions", () => {
  it("that differ by more than a tenth are worth a note, others are not", () => {
    expect(spreadNotes({ median: 100, medianAbsDev: 10 })).toEqual([]);
    expect(spreadNotes({ median: 100, medianAbsDev: 23 })[0]).toMatch(/^repetitions differ by 23 %/);
  });
});

describe("scripts for latencies", () => {
  it("leave out the delay between get and put, which is a part of the pair's record", () => {
    const delayed = spec("refscale", { requests: 2, pairsPerRequest: 3, delayNs: 20_000 });
    const measured = buildWorkload(delayed);
    const plain = withoutPauses(delayed, measured);
    expect(plain?.scripts).toEqual(
      buildWorkload(spec("refscale", { requests: 2, pairsPerRequest: 3 })).scripts,
    );
    expect(measured.scripts).not.toEqual(plain?.scripts);
  });

  it("leave out think time, and are not built where there is none", () => {
    const thinking = spec("open-close", { requests: 5, thinkUs: 10 });
    expect(withoutPauses(thinking, buildWorkload(thinking))?.expected.thinks).toBe(0);
    const busy = spec("open-close", { requests: 5 });
    expect(withoutPauses(busy, buildWorkload(busy))).toBeUndefined();
  });
});

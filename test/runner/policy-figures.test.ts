/** What is made of the counters of policy. */
import { describe, expect, it } from "vitest";
import { Audit, PolicyError } from "../../src/kernel/audit.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { auditCounters, countersOfRun, leaksOf } from "../../src/runner/audited.ts";
import { labelBytesByPart, labelBytesOf } from "../../src/runner/label-bytes.ts";
import { policyCounters, policyDiffers, policyFigures } from "../../src/runner/policy-figures.ts";
import type { Workload } from "../../src/workloads/index.ts";

const workload = {
  population: { answers: 3 },
  policySteps: [
    { text: "load a", answers: [0], expected: "done" },
    { text: "load b", answers: [1, 2], expected: "ENOENT" },
  ],
} as unknown as Workload;
const plain = { population: {} } as unknown as Workload;

const run = (atEnd: Record<string, number>) => ({
  elapsedNs: 1,
  cpuNs: [1],
  finished: true,
  atSetup: {},
  atEnd,
  atTeardown: {},
});

const figuresOf = (atEnd: Record<string, number>, of = workload, msPerTick = 1) =>
  policyFigures(
    { labelSet: "seqlock", buffers: "pool" },
    of,
    run(atEnd),
    (counter) => (counter === "lookUps" ? 7 : 9),
    msPerTick,
  );

describe("counters of policy", () => {
  it("are asked for by the numbers that the kernel has for them", () => {
    const counters = { ...auditCounters, ...policyCounters(workload) };
    expect(counters).toMatchObject({
      lookUps: Audit.lookUps,
      bufferLockWaitTicks: Audit.bufferLockWaitTicks,
      "policy:EPERM": Audit.policyErrors + PolicyError.notPermitted,
      "policy:E2BIG": Audit.policyErrors + PolicyError.tooManyParts,
      "answer:0": Audit.answers,
      "answer:2": Audit.answers + 2,
    });
    expect(Object.keys(policyCounters(plain)).filter((name) => name.startsWith("answer:"))).toEqual([]);
    expect(countersOfRun.filter((name) => auditCounters[name] === undefined)).toEqual([]);
  });

  it("of texts and buffers that stay are leaks; texts stay with labels that are never released", () => {
    expect(leaksOf({ rawdata: 1, buffers: 2 }, "lastPut")).toEqual({ rawdata: 1, buffers: 2 });
    expect(leaksOf({ rawdata: 1, buffers: 2 }, "never")).toEqual({ buffers: 2 });
  });
});

describe("figures of policy", () => {
  it("are those of the run, with rates over all", () => {
    const figures = figuresOf({
      lookUps: 100,
      setLockWaitTicks: 5,
      reclaimed: 4,
      reclaimTicks: 6,
      longestReclaimTicks: 3,
      bufferBytes: 8192,
      setMembers: 12,
    });
    expect(figures).toMatchObject({
      labelSet: {
        variant: "seqlock",
        lookUps: 100,
        lookUpsPerSecond: 7,
        updatesPerSecond: 9,
        lockWaitMs: 5,
        members: 12,
      },
      reclaim: { labels: 4, meanMs: 1.5, maxMs: 3 },
      buffers: { variant: "pool", bytes: 8192, takes: 0 },
    });
    // The longest of the set-up is none of a run in which nothing was freed.
    expect(figuresOf({ longestReclaimTicks: 3 }).reclaim).toEqual({ labels: 0, meanMs: 0, maxMs: 0 });
  });

  it("name refused events and answers as the kernel does", () => {
    const refused = { "policy:ENOENT": 2, "policy:EEXIST": 0, "answer:1": PolicyError.busy };
    const figures = figuresOf(refused);
    expect(figures.policyErrors).toEqual({ ENOENT: 2 });
    expect(figures.answers).toEqual(["done", "EBUSY", "done"]);
    expect(figures.policySteps?.map(({ verdict }) => verdict)).toEqual(["done", "EBUSY"]);
    expect(Object.keys(figuresOf({}, plain))).toEqual(["labelSet", "reclaim", "buffers"]);
  });

  it("break a rule where a step comes to something else than the model says", () => {
    expect(policyDiffers(run({ "answer:1": PolicyError.busy }), workload)).toEqual({ "policy-differs": 1 });
    expect(policyDiffers(run({ "answer:1": PolicyError.noEntry }), workload)).toEqual({});
    expect(policyDiffers(run({}), plain)).toEqual({});
  });
});

describe("bytes of a label", () => {
  const host = nodeHost();
  const bytes = (strategy: string) => {
    const path = `${packageRoot}/strategies/${strategy}.ts`;
    const program = linkProgram(kernelProgram({ path }, {}, host), host);
    return { parts: labelBytesByPart(program, 4), all: labelBytesOf(program, 4) };
  };

  it.each(["none", "kref", "percpu-ref"])("add up to the whole with %s", (strategy) => {
    const { parts, all } = bytes(strategy);
    expect(parts.label + parts.strategy + 2 * parts.vectorPerPart + parts.perCpu + parts.extra).toBe(all);
    // struct aa_label of v6.6 without count and vector.
    expect(parts.label).toBe(80);
    expect(parts.proxy).toBeGreaterThan(0);
    expect(parts.profile).toBeGreaterThan(0);
  });

  it("have percpu_ref's counters on all CPUs", () => {
    expect(bytes("percpu-ref").parts.perCpu).toBe(4 * 8);
    expect(bytes("kref").parts.perCpu).toBe(0);
  });
});

/** Every workload and every label set runs on the simulator, on many CPUs, to its end and without a broken rule. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { labelSets } from "../../../src/config/schema.ts";
import { simulate } from "../../../src/engines/sim/index.ts";
import { bootArguments } from "../../../src/kernel/boot-arguments.ts";
import { Mark } from "../../../src/kernel/core/marks.ts";
import { kernelProgram, linkProgram } from "../../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../../src/link/stepped/index.ts";
import { builtinMachine } from "../../../src/machines/builtin.ts";
import { compileMachine } from "../../../src/machines/compile.ts";
import { auditCounters, verdictOfMark, violationsOf } from "../../../src/runner/audited.ts";
import { setupCounts } from "../../../src/runner/setup-phase.ts";
import { findWorkload, workloadNames } from "../../../src/workloads/index.ts";
import { warmRecords } from "../../../src/workloads/warm-up.ts";

const host = nodeHost(packageRoot);
const cpus = 24;
const epyc = builtinMachine("epyc-9654");
if (epyc === undefined) throw new Error("the machine is gone");
const machine = compileMachine(epyc);

const trace = {
  text: readFileSync(join(packageRoot, "test/fixtures/strace/messages.strace"), "utf8"),
  file: "messages.strace",
};

/** Small parameters, so that a run takes a fraction of a second; defaults for the others. */
const parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  nginx: { requests: 240, passShare: 0.2, workerLabels: "own", replacePerSecond: 10_000, hatShare: 0.1 },
  "open-close": { requests: 480, thinkUs: 1 },
  refscale: { requests: 48, pairsPerRequest: 10, labels: "rotate" },
  churn: { requests: 240, labels: 40, replacePerSecond: 10_000, compoundsPerSecond: 10_000 },
  policy: { steps: [{ load: "nginx" }, { replace: "nginx" }, { remove: "nginx" }] },
  strace: { trace: trace.file, timeScale: 0 },
};

function linked(labelSet: number): SteppedProgram {
  const path = join(packageRoot, "strategies", "percpu-ref.ts");
  const settings = { eventMarks: 1, labelSet, percpuBytes: 16_384 };
  return buildStepped(linkProgram({ ...kernelProgram({ path }, settings, host), steppedOnly: true }, host));
}

describe.each(labelSets.map((name, index) => [name, index] as const))("label set %s", (_name, index) => {
  const program = linked(index);
  test.each(workloadNames)("%s", (name) => {
    const definition = findWorkload(name);
    const workload = definition?.build(definition.parameters.parse(parameters[name]), {
      cpus: name === "policy" ? 1 : cpus,
      seed: "coverage",
      readTrace: () => trace,
    });
    if (workload === undefined) throw new Error("no such workload");
    const result = simulate({
      program,
      machine,
      cpus: workload.cpus,
      scripts: workload.scripts,
      memoryBytes: 16 * 2 ** 20,
      boot: bootArguments(workload.population),
      setupRecords: setupCounts(workload).records,
      warmRecords: warmRecords(workload.scripts, workload.setupRecords),
      audit: auditCounters,
      eventMark: Mark.scriptEvent,
      verdictOfMark,
      opLimit: 2e7,
    });
    expect(result.violations).toEqual([]);
    expect(violationsOf(result.atTeardown)).toEqual({});
    expect(result.atEnd.requests).toBe(workload.expected.requests);
    expect(result.elapsedNs).toBeGreaterThan(0);
    if (workload.cpus > 1) expect(result.hotLines.length).toBeGreaterThan(0);
  });
});

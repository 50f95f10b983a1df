/** Jobs as they are run for people: the kernel with a strategy, a small load, a machine of three L3 domains on two sockets. */
import type { SimJob, SimMachine } from "../../../src/engines/sim/index.ts";
import { bootArguments } from "../../../src/kernel/boot-arguments.ts";
import { Mark } from "../../../src/kernel/core/marks.ts";
import { kernelProgram, linkProgram } from "../../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../../src/link/stepped/index.ts";
import { setupCounts } from "../../../src/runner/setup-phase.ts";
import { type BuildContext, type Workload, workloads } from "../../../src/workloads/index.ts";
import type { TestedStrategy } from "../../conformance/support.ts";

const host = nodeHost(packageRoot);
const cpus = 8;
const context: BuildContext = { cpus, seed: "differential" };

/** Latencies near those of a Zen 4; the grace period short, so that some end within the run. */
const machine: SimMachine = {
  name: "small",
  threadsPerCore: 2,
  coresPerL3: 2,
  l3PerSocket: 1,
  sockets: 2,
  numbering: "compact",
  lineBytes: 64,
  hitNs: 1,
  storeNs: 0.5,
  privateAtomicNs: 2.3,
  atomicNs: 5,
  fenceNs: 6,
  memoryNs: 90,
  idleNs: { smt: 6.1, l3: 25.2, socket: 110, cross: 190 },
  handOffNs: { smt: 6.1, l3: 25.2, socket: 110, cross: 190 },
  holdNs: 0.5,
  mostHoldNs: 10,
  storeBufferEntries: 64,
  gracePeriodNs: 3000,
  scaling: [
    { l3Domains: 1, percent: 100 },
    { l3Domains: 2, percent: 97.3 },
  ],
};

/** The loads, each of less than ten thousand operations a CPU. */
export const loads: ReadonlyMap<string, Workload> = new Map<string, Workload>([
  [
    "nginx",
    workloads.nginx.build(
      workloads.nginx.parameters.parse({ requests: 80, thinkUs: 2, replacePerSecond: 20_000 }),
      context,
    ),
  ],
  [
    "churn",
    workloads.churn.build(
      workloads.churn.parameters.parse({
        requests: 32,
        thinkUs: 2,
        labels: 20,
        replacePerSecond: 20_000,
        compoundsPerSecond: 20_000,
      }),
      context,
    ),
  ],
]);

/** The kernel with a strategy, without what only the compiled build needs. */
export function linkedKernel({ path }: TestedStrategy): SteppedProgram {
  const spec = kernelProgram({ path }, { eventMarks: 1, percpuBytes: 4096 }, host);
  return buildStepped(linkProgram({ ...spec, steppedOnly: true }, host));
}

export function jobOfLoad(program: SteppedProgram, strategy: TestedStrategy, load: Workload): SimJob {
  return {
    program,
    machine,
    cpus,
    scripts: load.scripts,
    memoryBytes: 4 * 2 ** 20,
    boot: bootArguments(load.population),
    setupRecords: setupCounts(load).records,
    maintenance: strategy.meta.capabilities?.needsMaintenance === true,
    // Often enough to do something in a run of less than a millisecond.
    maintenanceAtNs: [5000, 20_000, 40_000, 41_000, 60_000],
    eventMark: Mark.scriptEvent,
    opLimit: 5e6,
  };
}

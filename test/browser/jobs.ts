/**
 * Simulations that must come out the same wherever they are run: programs linked from texts, generated loads, shipped machines. No
 * Node here: the very same module runs in a page. Together they use every kind of load, distance and numbering, a managed scan, grace
 * periods that end within the run, slow windows, locks, think times and compounds.
 */
import type { SimJob, SimMachine } from "../../src/engines/sim/index.ts";
import { RefplayError } from "../../src/errors.ts";
import { Audit } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { describeUse } from "../../src/link/meta.ts";
import { packageSource, packageSourcesHost } from "../../src/link/package-sources.ts";
import { buildStepped } from "../../src/link/stepped/index.ts";
import { builtinMachine } from "../../src/machines/builtin.ts";
import { compileMachine } from "../../src/machines/compile.ts";
import { setupCounts } from "../../src/runner/setup-phase.ts";
import { findWorkload, type Workload } from "../../src/workloads/index.ts";

/** Texts of portable sources by path from the project's folder. */
export type SourceTexts = Readonly<Record<string, string>>;

interface Plan {
  readonly strategy: string;
  readonly machine: string;
  /** What is otherwise than on that machine. */
  readonly shape?: Partial<SimMachine>;
  readonly cpus: number;
  readonly workload: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

const plans = {
  "kref, nginx, 48 CPUs": {
    strategy: "kref",
    machine: "epyc-9654",
    cpus: 48,
    workload: "nginx",
    parameters: { requests: 720, thinkUs: 6, replacePerSecond: 20_000 },
  },
  "percpu-ref, churn, 12 CPUs on 4 small sockets": {
    strategy: "percpu-ref",
    machine: "xeon-8176-8s",
    shape: { sockets: 4, l3PerSocket: 2, coresPerL3: 1, threadsPerCore: 2 },
    cpus: 12,
    workload: "churn",
    parameters: {
      requests: 240,
      thinkUs: 3,
      labels: 30,
      replacePerSecond: 30_000,
      compoundsPerSecond: 30_000,
    },
  },
  "percpu-managed, churn with stalls, 16 CPUs": {
    strategy: "percpu-managed",
    machine: "epyc-7742-2s",
    cpus: 16,
    workload: "churn",
    parameters: {
      requests: 240,
      thinkUs: 3,
      labels: 30,
      replacePerSecond: 30_000,
      stallEvery: 5,
      stallMs: 0.02,
    },
  },
  "hazard-pointer, nginx, 24 CPUs": {
    strategy: "hazard-pointer",
    machine: "vm-24",
    cpus: 24,
    workload: "nginx",
    parameters: { requests: 360, thinkUs: 2, workerLabels: "own", passShare: 0.1, replacePerSecond: 30_000 },
  },
  "cred-local, nginx, 8 CPUs": {
    strategy: "cred-local",
    machine: "graviton3",
    cpus: 8,
    workload: "nginx",
    parameters: {
      requests: 240,
      thinkUs: 2,
      workerLabels: "own",
      changeProfileShare: 0.3,
      stackShare: 0.5,
      replacePerSecond: 30_000,
    },
  },
} as const satisfies Record<string, Plan>;

export type JobName = keyof typeof plans;

export const jobNames = Object.keys(plans) as JobName[];

const seed = "browser";

/** Short enough that several grace periods end within a run of less than a millisecond. */
const gracePeriodNs = 7013.3;

/** Everything that the kernel counts. */
const audit = Object.fromEntries(
  Object.entries(Audit).filter((entry): entry is [string, Audit] => typeof entry[1] === "number"),
);

/** Memory beside the CPUs' areas: labels, tasks, files. */
const heapBytes = 16 * 2 ** 20;

export function loadOf(name: JobName): Workload {
  const { workload, parameters, cpus }: Plan = plans[name];
  const definition = findWorkload(workload);
  if (definition === undefined) throw new RangeError(`no workload is named ${workload}`);
  return definition.build(definition.parameters.parse(parameters), { cpus, seed });
}

export function machineOf(name: JobName): SimMachine {
  const { machine, shape }: Plan = plans[name];
  const description = builtinMachine(machine);
  if (description === undefined) throw new RangeError(`no machine is named ${machine}`);
  return { ...compileMachine(description), gracePeriodNs, ...shape };
}

/** Links the job's program from `texts` and makes its load. Throws what the linker refuses, with its place. */
export function jobOf(name: JobName, texts: SourceTexts): SimJob {
  const host = packageSourcesHost(texts);
  const path = packageSource(`refplay/source/strategies/${plans[name].strategy}.ts`) ?? "";
  try {
    const spec = kernelProgram({ path }, { eventMarks: 1, percpuBytes: 8192 }, host);
    const program = buildStepped(linkProgram({ ...spec, steppedOnly: true }, host));
    const load = loadOf(name);
    const areas = (load.cpus + 2) * (program.constants.get("cpuAreaBytes") ?? 0);
    return {
      program,
      machine: machineOf(name),
      cpus: load.cpus,
      scripts: load.scripts,
      memoryBytes: Math.ceil((heapBytes + areas) / 65_536) * 65_536,
      boot: bootArguments(load.population),
      setupRecords: setupCounts(load).records,
      maintenance: describeUse({ path }, host).capabilities.needsMaintenance,
      // Often enough to do something in so short a run.
      maintenanceAtNs: [5000, 20_000, 40_000, 41_000, 60_000],
      audit,
      eventMark: Mark.scriptEvent,
      expectedRequests: load.expected.requests,
      timelineEntries: 1000,
      opLimit: 2e7,
    };
  } catch (error) {
    throw error instanceof RefplayError ? new Error(error.format()) : error;
  }
}

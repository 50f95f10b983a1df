/** The kernel on worker threads with a policy loaded: what every part of the label benchmark measures. */
import { join } from "node:path";
import { type Running, startThreads } from "../../../src/bench/running.ts";
import { compileOptimised, hostWasmOptions, type Threads } from "../../../src/engines/threads/index.ts";
import { RefplayError } from "../../../src/errors.ts";
import { Audit } from "../../../src/kernel/audit.ts";
import { bootArguments } from "../../../src/kernel/boot-arguments.ts";
import type { IrProgram } from "../../../src/link/ir.ts";
import { linkProgram } from "../../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../../src/link/node-host.ts";
import { buildWasm } from "../../../src/link/wasm/index.ts";
import type { Population } from "../../../src/workloads/index.ts";

/** Variants of the label set by the number of their option. */
export const variants = ["rwlock", "seqlock", "rcu-list"] as const;
export type Variant = (typeof variants)[number];

export interface LabelKernelOptions {
  readonly program: LabelProgram;
  /** One for each CPU; the first one's begins with the set-up. */
  readonly scripts: readonly Int32Array[];
  readonly setupRecords: number;
  readonly population: Population;
  readonly pin: boolean;
}

const memoryBytes = 96 * 2 ** 20;
/** A counter for each label and CPU, and for what waits to be freed. */
const percpuBytes = 1_048_576;
/** Records of one call: a worker that shows no sign of life for long is said to hang. */
const setupBatch = 1024;

/** A program with one variant and one strategy, ready to be started as often as wanted. */
export interface LabelProgram {
  readonly variant: Variant;
  readonly strategy: string;
  readonly ir: IrProgram;
  readonly module: WebAssembly.Module;
}

/** The typed form of bench/programs/label-set.ts; `strategy` is a file of strategies/ without its extension. */
export function labelIr(variant: Variant, strategy: string): IrProgram {
  const path = join(packageRoot, "strategies", `${strategy}.ts`);
  const options = { labelSet: variants.indexOf(variant), percpuBytes };
  const module = join(packageRoot, "bench", "programs", "label-set.ts");
  const strategies = [{ instance: "strategy", path, options: {} }];
  return linkProgram({ module, entries: "all", strategies, options }, nodeHost());
}

export async function buildLabelProgram(variant: Variant, strategy: string): Promise<LabelProgram> {
  const ir = labelIr(variant, strategy);
  const { binary } = await buildWasm(ir, hostWasmOptions);
  return { variant, strategy, ir, module: compileOptimised(binary) };
}

const counters = {
  lookUps: Audit.lookUps,
  retries: Audit.lookUpRetries,
  fallbacks: Audit.lookUpFallbacks,
  listed: Audit.listed,
  longestList: Audit.longestList,
  lockWaits: Audit.setLockWaits,
  lockWaitTicks: Audit.setLockWaitTicks,
  updates: Audit.policyUpdates,
  rebuilt: Audit.rebuilt,
  scanned: Audit.scanned,
  reclaimed: Audit.reclaimed,
  reclaimTicks: Audit.reclaimTicks,
  longestReclaimTicks: Audit.longestReclaimTicks,
  compoundsMade: Audit.compoundsMade,
  mistakes: Audit.allScriptErrors,
  policyErrors: Audit.allPolicyErrors,
} as const;

/** What the kernel counted, by name; sums since boot but for the two `longest`. */
export type Counts = Readonly<Record<keyof typeof counters, number>>;

const counterNames = Object.keys(counters) as (keyof Counts)[];
/** Not sums, so they have no difference. */
const maxima: readonly (keyof Counts)[] = ["longestList", "longestReclaimTicks"];

function countsBy(value: (name: keyof Counts) => number): Counts {
  return Object.fromEntries(counterNames.map((name) => [name, value(name)])) as Counts;
}

export const noCounts: Counts = countsBy(() => 0);

/** What was counted between two looks; of maxima the later. Counters pass 2^31. */
export function countsSince(before: Counts, after: Counts): Counts {
  return countsBy((name) => (maxima.includes(name) ? after[name] : (after[name] - before[name]) >>> 0));
}

export function addCounts(a: Counts, b: Counts): Counts {
  return countsBy((name) => (maxima.includes(name) ? Math.max(a[name], b[name]) : a[name] + b[name]));
}

export class LabelKernel {
  readonly program: LabelProgram;
  readonly #running: Running;

  private constructor(program: LabelProgram, running: Running) {
    this.program = program;
    this.#running = running;
  }

  /** Starts the workers, boots and runs the set-up. RefplayError `set-up-failed` where a record of it went wrong. */
  static async open(options: LabelKernelOptions): Promise<LabelKernel> {
    const { program, scripts, population, pin } = options;
    const { constants } = program.ir;
    const cpus = scripts.length;
    const running = await startThreads({ wasm: program.module, cpus, memoryBytes, constants, scripts, pin });
    const { threads } = running;
    await threads.callOne(0, "boot", bootArguments(population));
    for (let cpu = 0; cpu < cpus; cpu++) await threads.callOne(cpu, "bootCpu", [cpu]);
    for (let left = options.setupRecords; left > 0; left -= setupBatch)
      await threads.callOne(0, "run", [0, Math.min(left, setupBatch)]);
    await threads.callOne(0, "drain", [0]);
    const kernel = new LabelKernel(program, running);
    await kernel.expectNoMistakes();
    return kernel;
  }

  get threads(): Threads {
    return this.#running.threads;
  }

  async counts(): Promise<Counts> {
    const asked = counterNames.map((name) => [counters[name]]);
    const { values } = await this.threads.callMany(0, "audit", asked);
    const byName = new Map(counterNames.map((name, index) => [name, values[index] ?? 0]));
    return countsBy((name) => byName.get(name) ?? 0);
  }

  /** Calls an entry on all CPUs, with the CPU's number. */
  async onAll(entry: string): Promise<void> {
    await this.threads.callAll(entry, (cpu) => [cpu]);
  }

  /** RefplayError, and the workers are stopped, where the kernel counted a mistake of the script: figures would mean nothing. */
  async expectNoMistakes(): Promise<void> {
    const { mistakes, policyErrors } = await this.counts();
    if (mistakes + policyErrors === 0) return;
    await this.close();
    const what = `${mistakes} records and ${policyErrors} policy events went wrong`;
    throw new RefplayError("set-up-failed", `${this.program.variant}, ${this.program.strategy}: ${what}`);
  }

  close(): Promise<void> {
    return this.#running.end();
  }
}

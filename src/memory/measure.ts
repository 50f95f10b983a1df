/**
 * What labels take with a strategy: the kernel's own program is booted on a machine with so many CPUs, labels are made and some
 * of them used, maintenance runs, and then the allocators are asked. Nothing here knows how a strategy counts.
 *
 * Sizes are those of a 64-bit kernel: our objects have its layout, with 8 bytes for a pointer or a long (`label-layout.ts`), and
 * strategies lay theirs out the same way.
 */
import { createDirect } from "../engines/reference/index.ts";
import { Audit } from "../kernel/audit.ts";
import { bootArguments } from "../kernel/boot-arguments.ts";
import { Kind } from "../kernel/core/kinds.ts";
import { kernelProgram, linkProgram } from "../link/link.ts";
import type { SourceHost } from "../link/source-host.ts";
import { buildStepped } from "../link/stepped/index.ts";
import { type MemoryPlan, memoryLoad } from "./load.ts";

/** Bytes of all labels together, by part. */
export interface LabelMemory {
  /** Labels that there are, each namespace's `unconfined` included. */
  readonly labels: number;
  /** The objects without the strategy's bytes in them: fields, vectors, the holders of a compound's parts. */
  readonly object: number;
  /** The strategy's bytes in them. */
  readonly strategy: number;
  /** Counters on all CPUs together. */
  readonly perCpu: number;
  /** What the strategy allocated apart. */
  readonly apart: number;
  readonly total: number;
  /** The same with each object as large as the kernel's kmalloc makes it. */
  readonly kmalloc: number;
}

export interface MemoryReport {
  /** While the hot labels are used: maintenance has run once since their last use. */
  readonly hot: LabelMemory;
  /** After maintenance had nothing to do any more. */
  readonly idle: LabelMemory;
  /** What the strategy takes however many labels there are: for each task, holder and guard, for each CPU, and once. */
  readonly fixed: {
    readonly task: number;
    readonly holder: number;
    readonly guard: number;
    readonly cpu: number;
    readonly global: number;
  };
}

/** Sizes of kmalloc's caches up to a page (mm/slab_common.c, v6.6, x86-64). */
const kmallocSizes = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096] as const;

/** What kmalloc gives for so many bytes: beyond a page powers of two. */
export function kmallocBytes(bytes: number): number {
  return kmallocSizes.find((size) => size >= bytes) ?? 2 ** Math.ceil(Math.log2(bytes));
}

/** Operations that a call may take: the longest makes all labels, or opens all files of a CPU. */
const stepLimit = 2 ** 31;
/** Runs of maintenance after which it is taken for endless; each may look at so many labels only. */
const mostRuns = 10_000;

/**
 * Measures one strategy.
 * @throws RefplayErrors with every mistake in the strategy's source; Error where the machine's memory was too small
 */
export function measureMemory(path: string, plan: MemoryPlan, host: SourceHost): MemoryReport {
  const workload = memoryLoad(plan);
  const { cpus } = plan;
  // 8 bytes for every label and then some, as for measured runs.
  const percpuBytes = Math.min(2 ** 20, 4096 + Math.ceil((plan.labels * 10) / 4096) * 4096);
  const program = linkProgram(kernelProgram({ path }, { percpuBytes }, host), host);
  const constant = (name: string): number => program.constants.get(name) ?? 0;
  const objects = new Map<number, { readonly kind: number; readonly bytes: number }>();
  const machine = createDirect(buildStepped(program), {
    cpus,
    scripts: workload.scripts,
    memoryWords: 2 ** 20 + plan.labels * 256 + (cpus * constant("cpuAreaBytes")) / 4,
    checks: false,
    stepLimit,
    onObject: (address, kind, bytes) => {
      // Per-CPU memory the allocator adds up itself.
      if (bytes === 0) objects.delete(address);
      else if (kind === Kind.label || kind === Kind.labelExtra) objects.set(address, { kind, bytes });
    },
  });
  const audit = (counter: Audit): number => machine.call("audit", [counter]);
  const everyCpu = Array.from({ length: cpus }, (_, cpu) => cpu);
  const settle = (): void => {
    while (machine.gracePeriod(0) > 0);
  };

  const read = (): LabelMemory => {
    settle();
    const sizes = (kind: Kind) => [...objects.values()].filter((object) => object.kind === kind);
    const sum = (kind: Kind, size: (bytes: number) => number) =>
      sizes(kind).reduce((bytes, object) => bytes + size(object.bytes), 0);
    const labels = sizes(Kind.label).length;
    const strategy = labels * constant("labelStrategyBytes");
    const asked = (bytes: number): number => bytes;
    const object = sum(Kind.label, asked) - strategy;
    const perCpu = audit(Audit.percpuBytesInUse) * cpus;
    const apart = sum(Kind.labelExtra, asked);
    return {
      labels,
      object,
      strategy,
      perCpu,
      apart,
      total: object + strategy + perCpu + apart,
      kmalloc: sum(Kind.label, kmallocBytes) + sum(Kind.labelExtra, kmallocBytes) + perCpu,
    };
  };

  machine.call("boot", bootArguments(workload.population));
  for (const cpu of everyCpu) machine.call("bootCpu", [cpu], cpu);
  machine.call("run", [0, workload.setupRecords]);
  settle();
  // What the labels' making looks like is over: the period begins with the use of the hot ones.
  if (plan.hotLabels > 0) machine.call("maintain", [0]);
  for (const cpu of everyCpu) machine.call("run", [cpu, 0], cpu);
  machine.call("maintain", [0]);
  const hot = read();
  for (let run = 0; machine.call("maintain", [0]) !== 0; run++) {
    settle();
    if (run === mostRuns) throw new Error(`maintenance still has something to do after ${mostRuns} runs`);
  }
  const idle = read();
  const missing = audit(Audit.allScriptErrors) + audit(Audit.allWarnings);
  if (missing > 0) throw new Error(`${missing} errors while labels were made: the machine is too small`);
  return {
    hot,
    idle,
    fixed: {
      task: constant("strategyTaskBytes"),
      holder: constant("holderSlotBytes"),
      guard: constant("guardSlotBytes"),
      cpu: constant("strategyCpuBytes"),
      global: constant("strategyGlobalBytes"),
    },
  };
}

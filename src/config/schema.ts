/**
 * What a run's config may say: every field with its default, unit and range.
 *
 * The sentences here are the only copy: `refplay run --print-config`, the JSON Schema for editors
 * (docs/config.schema.json) and the hint of an error all come from them. The parameters under `workload` belong to the
 * chosen scenario and are declared by the workload itself (src/config/scenarios.ts puts both together).
 */
import { z } from "zod";

/** Kernel states a hook's label references follow; see `hooks` below. */
const hookLevels = ["v6.6", "v6.7", "v6.11"] as const;
export type HookLevel = (typeof hookLevels)[number];

/** Engines that this version can run cells on. */
const engines = ["sim", "threads"] as const;
export type EngineName = (typeof engines)[number];

/** Label sets, in the order of the kernel's option. */
export const labelSets = ["rwlock", "seqlock", "rcu-list"] as const;

/** Work buffers, in the order of the kernel's option. */
export const bufferKinds = ["kmalloc", "percpu", "pool", "hybrid"] as const;

/** CPUs a cell may ask for; below 2 GiB, memory has room for as many CPU areas. */
const maxCpus = 4096;
/** CPUs that a cell on threads may ask for: each is a worker thread. */
export const maxThreadsCpus = 1024;

const int32Min = -2147483648;
const int32Max = 2147483647;

const strategyOption = z
  .int()
  .min(int32Min)
  .max(int32Max)
  .describe("An option of the strategy; `refplay list strategies` names them");

const strategyNamed = z.string().min(1).describe("Name of a built-in strategy, or path to a .ts file");

const strategyPart = z
  .union([z.string().min(1), z.object({ use: strategyNamed }).catchall(strategyOption)])
  .describe(
    "A strategy for a part of one that is made of others: its name, a path, or { use, option: integer }",
  );

const strategyUse = z
  .object({
    use: strategyNamed,
    hooks: z
      .enum(hookLevels)
      .optional()
      .describe("Hooks that this strategy runs under, instead of the config's"),
  })
  .catchall(z.union([strategyOption, strategyPart]));

const strategyEntry = z
  .union([z.string().min(1), strategyUse])
  .describe(
    "A strategy: its name, the path of your own .ts file, or { use: name or path, option: integer, part: strategy, hooks: version }",
  );

function refuseRepeated(values: readonly (number | string)[], context: z.RefinementCtx): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) === index) return;
    context.addIssue({ code: "custom", path: [index], message: `${value} is listed twice`, input: value });
  });
}

function refuseDescending(values: readonly number[], context: z.RefinementCtx): void {
  values.forEach((value, index) => {
    if (index === 0 || value > (values[index - 1] as number)) return;
    const message = `${value} is not after ${values[index - 1]}`;
    context.addIssue({ code: "custom", path: [index], message, input: value });
  });
}

/** The config without `scenario` and `workload`, which depend on each other. */
const configFields = {
  hooks: z
    .enum(hookLevels)
    .default("v6.6")
    .describe(
      "How many label references each hook takes, as that kernel does: 6, 4 or 2 RMWs per open+close",
    ),
  engine: z
    .union([z.enum(engines), z.array(z.enum(engines)).min(1).superRefine(refuseRepeated)])
    .default("threads")
    .describe(
      "Where cells run: threads = this machine's own CPUs, sim = a described machine, [sim, threads] = both, side by side",
    ),
  machine: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())])
    .default("epyc-9654")
    .describe(
      "The machine that sim simulates: a name (`refplay list machines`), the path of a machine file, or a mapping as in one; threads ignores it",
    ),
  cpus: z
    .array(z.int().min(1).max(maxCpus))
    .min(1)
    .superRefine(refuseRepeated)
    .default([1, 2])
    .describe(
      "CPU counts, one cell per strategy and count; on threads, more than the machine has runs, marked oversubscribed; on sim it is refused",
    ),
  threadsCpus: z
    .array(z.int().min(1).max(maxThreadsCpus))
    .superRefine(refuseRepeated)
    .default([])
    .describe("CPU counts of the cells on threads in a run on both engines; [] = those of `cpus`"),
  strategies: z
    .array(strategyEntry)
    .min(1)
    .default(["none", "kref", "percpu-ref"])
    .describe("Strategies to compare: names, paths of your own .ts files, or { use, option: integer }"),
  variants: z
    .array(z.string().min(1))
    .superRefine(refuseRepeated)
    .default([])
    .describe(
      "Variants to compare, of a scenario that has some (`refplay list scenarios`) in place of strategies; [] = all",
    ),
  seed: z
    .union([z.string().min(1).max(200), z.number()])
    .default("refplay")
    .transform(String)
    .describe("Text or number that every random choice comes from; same seed, same scripts"),
  repetitions: z
    .union([z.literal("auto"), z.int().min(1).max(1000)])
    .default("auto")
    .describe(
      "Measured runs per cell, on sim one for each of so many seeds; the median is reported; auto = 5 on threads, 1 on sim",
    ),
  warmupRuns: z
    .int()
    .min(0)
    .max(100)
    .default(1)
    .describe("Runs per cell on threads before the measured ones, thrown away"),
  runMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe(
      "Length of one run on threads, ms, less where all scripts end before; 0 = fixed work: every CPU runs its whole script, as on sim",
    ),
  memoryMiB: z
    .union([z.literal("auto"), z.int().min(16).max(2047)])
    .default("auto")
    .describe(
      "Shared memory of a cell, MiB; it never grows; auto = 256 on threads, on sim as much as its CPUs need",
    ),
  pin: z
    .enum(["auto", "always", "never"])
    .default("auto")
    .describe(
      "Bind each worker of threads to a CPU: auto = where koffi is installed, always = refuse to run without",
    ),
  creds: z
    .enum(["atomic", "task-local"])
    .default("atomic")
    .describe(
      "How a task's own credentials are counted on every open and close: atomic = in one counter, task-local = in the task",
    ),
  labelLayout: z
    .enum(["shared", "split"])
    .default("shared")
    .describe("Whether a label's flags share a cache line with its counter"),
  labelSet: z
    .enum(labelSets)
    .default("rwlock")
    .describe(
      "How labels are found: rwlock = a tree under a reader/writer lock, as in the kernel; seqlock = readers walk it without a lock; rcu-list = they do, and new labels go to a list that whoever has the lock inserts",
    ),
  labelSetRetries: z
    .int()
    .min(0)
    .max(64)
    .default(4)
    .describe("Walks without a lock that a look-up begins again before it takes the lock; not for rwlock"),
  buffers: z
    .enum(bufferKinds)
    .default("hybrid")
    .describe(
      "Where a path hook's work buffer comes from: kmalloc = allocated each time, percpu = two per CPU, pool = a list for all under a lock, hybrid = the pool with a cache per CPU, as in the kernel",
    ),
  gracePeriodUs: z
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe(
      "Least length of an RCU grace period, us; 0 = on sim the machine's, on threads as short as it comes, microseconds where a kernel's takes milliseconds",
    ),
  maintenanceAtUs: z
    .array(z.number().min(0).max(1e9))
    .superRefine(refuseDescending)
    .default([])
    .describe(
      "Times since the run's beginning, us, at which a strategy's maintenance runs, instead of at its interval; sim only",
    ),
  maxLabelParts: z
    .int()
    .min(2)
    .max(32)
    .default(16)
    .describe("Profiles in one compound label; the event that would make a larger one gets E2BIG"),
};

const vary = z
  .record(
    z.string(),
    z
      .array(z.union([z.number(), z.string(), z.boolean()]))
      .min(1)
      .max(20),
  )
  .refine((parameters) => Object.keys(parameters).length <= 1, "one parameter can be varied at a time")
  .default({})
  .describe("One parameter of the workload with the values that it takes in turn: cells for each");

/** `workload` is checked in a second step, against the schema of the chosen scenario. */
export function configSchema<const Names extends readonly [string, ...string[]]>(scenarios: Names) {
  return z.strictObject({
    scenario: z
      .enum(scenarios)
      .default("nginx" as Names[number])
      .describe("The load to run"),
    workload: z
      .record(z.string(), z.unknown())
      .default({})
      .describe("Parameters of the scenario; `refplay list workloads` names them"),
    vary,
    ...configFields,
  });
}

/** A config with all defaults filled in; `workload` still as the user wrote it. */
export type Config = z.output<ReturnType<typeof configSchema>>;

/** One entry of `strategies` as the user may write it. */
export type StrategyEntry = z.output<typeof strategyEntry>;

/** What a part of a strategy is, as the user may write it. */
export type PartEntry = z.output<typeof strategyPart>;

/** The engines of a run, in the order in which their cells run. */
export function enginesOf({ engine }: Pick<Config, "engine">): readonly EngineName[] {
  return typeof engine === "string" ? [engine] : engine;
}

/** Values that the design has and this version does not: named so that they are refused as "not yet" and not as typing mistakes. */
export const notYet: Readonly<Record<string, readonly string[]>> = {
  engine: ["check"],
};

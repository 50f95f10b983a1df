/** nginx on 96 cores, from the mail that began it all: how much of linear scaling is left. One parameter is fitted to one cell. */
import { numberIn, type PublishedRow, textIn } from "../published.ts";
import type { Bound, Cell, FidelityTable, KernelLoad, MachineUse, RunSpec } from "../types.ts";

/**
 * Mean time outside the kernel before each request, us: found by `refplay fidelity --fit`, so that kref at 192 threads comes out at
 * the first run's 68 %. The only parameter of this table.
 */
export const nginxThinkUs = 45.4;

/** All CPUs together. Think times are random: with fewer, a cell is a point off by chance. */
const requests = 80_000;
/**
 * The same where the prediction stands at its bound: percpu_ref on 192 threads cannot exceed `off`, which is 85 %, and 90 was published.
 * Chance of a tenth would decide whether that is within 5 points.
 */
const manyRequests = 1_280_000;
/** As many as any CPU serves: none is drawn once and served again. */
const distinctRequests = (all: number): number => all / 16 + 1;

/** Whose shape is that of the source's machine. */
export const nginxMachine = "epyc-9654";
const machine: MachineUse = { name: nginxMachine };

interface Column {
  readonly name: string;
  /** Columns of the file: runs of the same condition. */
  readonly published: readonly string[];
  readonly strategy: string;
  readonly hooks: KernelLoad["hooks"];
  bound(cpus: number): Bound;
}

const mostCpus = 192;
/** Points by which two runs of one condition differ in the source. */
export const nginxNoisePoints = 3;
const noise: Bound = { kind: "points", most: nginxNoisePoints };

/** The source, in a sentence. */
export const nginxSource =
  'RFC "Nginx refcount scalability issue with Apparmor enabled", 10 Jan 2024, linux-security-module; one EPYC with 96 Zen 4 cores, kernels 6.1 and 6.5';

/** The published curves, with the strategy and the hooks that each is of. */
export const nginxColumns: readonly Column[] = [
  {
    name: "off",
    published: ["off_run1"],
    strategy: "none",
    hooks: "v6.6",
    bound: () => ({ kind: "points", most: 1 }),
  },
  {
    name: "kref v6.6",
    published: ["kref_run1", "kref_run2"],
    strategy: "kref",
    hooks: "v6.6",
    bound: (cpus) => (cpus === mostCpus ? { kind: "points", most: 1 } : noise),
  },
  {
    name: "kref v6.7",
    published: ["kref_without_getsecid_run2"],
    strategy: "kref",
    hooks: "v6.7",
    bound: () => noise,
  },
  {
    name: "percpu-ref v6.6",
    published: ["percpu_ref"],
    strategy: "percpu-ref",
    hooks: "v6.6",
    bound: (cpus) => (cpus === mostCpus ? { kind: "points", most: 5 } : noise),
  },
];

/** `96C192T`: 192 threads. */
export function threadsOf(row: PublishedRow): number {
  const threads = /^\d+C(\d+)T$/.exec(textIn(row, "cores_threads"))?.[1];
  if (threads === undefined) throw new RangeError(`${row.cores_threads} is no number of cores and threads`);
  return Number(threads);
}

export function nginxRun(
  strategy: string,
  hooks: KernelLoad["hooks"],
  cpus: number,
  thinkUs = nginxThinkUs,
  all = requests,
): RunSpec {
  return {
    machine,
    cpus,
    load: {
      kind: "kernel",
      strategy,
      hooks,
      scenario: "nginx",
      parameters: { requests: all, distinctRequests: distinctRequests(all), thinkUs },
      perRequest: 1,
    },
  };
}

/** What the think time is fitted to. */
export const nginxFit = {
  cpus: mostCpus,
  baseCpus: 16,
  strategy: "kref",
  hooks: "v6.6",
  column: "kref_run1",
} as const;

export function nginxTable(rows: readonly PublishedRow[]): FidelityTable {
  const [first] = rows;
  if (first === undefined) throw new RangeError("an empty table");
  const baseCpus = threadsOf(first);
  const cells = nginxColumns.flatMap(({ name, published, strategy, hooks, bound }) =>
    rows.slice(1).map((row): Cell => {
      const cpus = threadsOf(row);
      const atBound = strategy === "percpu-ref" && cpus === mostCpus;
      const run = (count: number): RunSpec =>
        nginxRun(strategy, hooks, count, nginxThinkUs, atBound ? manyRequests : requests);
      return {
        row: textIn(row, "cores_threads"),
        column: name,
        published: published.map((column) => numberIn(row, column)),
        figure: {
          kind: "efficiency",
          of: run(cpus),
          base: run(baseCpus),
        },
        bound: bound(cpus),
        fitted: strategy === "none" || (name === "kref v6.6" && cpus === mostCpus),
      };
    }),
  );
  return {
    name: "nginx",
    title: "nginx on 96 cores: throughput per thread in % of that on 8 cores",
    unit: "%",
    source: nginxSource,
    notes: [
      `Fitted: think time per request (${nginxThinkUs} us), to kref at 192 threads. Nothing else is fitted to a cell.`,
      "`off` is no prediction: the machine's slowdown by L3 domains is that column.",
      "percpu-ref at 192 threads may be 5 points off: the source measured 90 % there, but 85 % with AppArmor off, which is all that " +
        "a strategy without cost can reach here. Simulated with 1,280,000 requests, so that chance does not decide.",
      "Two runs of one condition differ by up to 3 points in the source.",
    ],
    cells,
  };
}

/**
 * `proc-walk`: many `ps -fe` at a time, before and after procfs answered for its dentries under RCU. docs/scenarios/proc-walk.md
 * tells the story, where each figure comes from, and what the model leaves out.
 */
import { z } from "zod";
import { ProcEvent } from "../kernel/procfs/events.ts";
import { ProcKind } from "../kernel/procfs/kinds.ts";
import { WalkAudit } from "../kernel/procfs/walk/walk-names.ts";
import { Random } from "../workloads/random.ts";
import { faultCounters } from "./audit-names.ts";
import { finished, ScenarioScript } from "./script.ts";
import type { ProgramScenario, ScenarioContext, ScenarioOutcome, ScenarioRun } from "./types.ts";

/** CPUs and machine of the published figures, as far as they are known; see the page. */
const published = { cpus: 128, machine: "xeon-8375c-2s" } as const;
const source = "commit da4d6b9cf80a (v5.16): 128 instances of ps -fe on 128 CPUs";

/**
 * User time of a process with the standard 1,024 pids, chosen so that 128 CPUs spend 97 % of their time in the kernel with `ref-walk`
 * on that machine. The one fitted parameter.
 */
const fittedUserUs = 15_100;

const parameters = z.strictObject({
  requests: z
    .int()
    .min(1)
    .max(100_000_000)
    .default(20_000)
    .describe("pids that are visited over all CPUs together; CPUs differ by at most one"),
  pids: z
    .int()
    .min(1)
    .max(32_768)
    .default(1024)
    .describe("kernel threads, which are always there; each instance of ps is one more process"),
  workers: z
    .int()
    .min(0)
    .max(32_768)
    .default(512)
    .describe(
      "how many of them are workers (kworker/...), at most all; assumed: the most that 128 CPUs' own pools keep, see the page",
    ),
  userUsPerProcess: z
    .number()
    .min(0)
    .max(10_000_000)
    .default(fittedUserUs)
    .describe("time outside the kernel of one instance of ps, us; fitted, see the page"),
  statNs: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(500)
    .describe("time in the kernel for a stat of /proc/<pid> beside what is modelled, ns"),
  fileNs: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(1600)
    .describe("the same for open, read and close of one of its files, on average, ns"),
  processUs: z
    .int()
    .min(0)
    .max(100_000)
    .default(700)
    .describe("the same for the instance itself (fork, exec, exit), us"),
});
type Parameters = z.infer<typeof parameters>;

/** Bytes of one process's objects: four dentries and inodes, pid and task, worker and pool, rounded up by the allocator. */
const bytesPerPid = 4 * (192 + 1024) + 64 + 512 + 256 + 64;

function build(given: Parameters, context: ScenarioContext): ScenarioRun {
  const { cpus, seed, size } = context;
  const small = size === "small";
  const pids = small ? Math.min(given.pids, 24) : given.pids;
  const workers = Math.min(pids, small ? 12 : given.workers);
  const requests = small ? Math.min(given.requests, 40 * cpus) : given.requests;
  const userNs = small ? 0 : Math.round((1000 * given.userUsPerProcess) / (given.pids + cpus));
  const all = pids + cpus;
  let setupRecords = 0;
  const scripts = Array.from({ length: cpus }, (_, cpu) => {
    const random = new Random(`${seed}/proc-walk/${cpu}`);
    const script = new ScenarioScript();
    if (cpu === 0) {
      // The dcache of a machine that has been up for a while knows all processes that are always there.
      for (let pid = 0; pid < pids; pid++) script.add(ProcEvent.visit, pid, 0);
      setupRecords = pids;
    }
    const visits = Math.floor(requests / cpus) + (cpu < requests % cpus ? 1 : 0);
    // Instances are somewhere in the midst of their list: they have been running for long.
    let pid = random.below(all);
    for (let visit = 0; visit < visits; visit++) {
      if (pid === all) {
        script.add(ProcEvent.exit);
        script.add(ProcEvent.spawn);
        pid = 0;
      }
      script.add(ProcEvent.visit, pid, userNs === 0 ? 0 : Math.max(1, random.exponentialNs(userNs)));
      pid++;
    }
    return script;
  });
  const times = small ? [0, 0, 0] : [given.statNs, given.fileNs, given.processUs * 1000];
  return {
    ...finished(scripts),
    requests,
    setupRecords,
    boot: [pids, workers, hashOrder(4 * all), ...times],
    heapBytes: 2 * bytesPerPid * all + 16 * 2 ** hashOrder(4 * all),
    notes: [
      `assumed, not known of the published machine: ${workers} of ${pids} processes are workers, whose names are read under one mutex`,
    ],
  };
}

/** Buckets for so many dentries: about one each, as powers of two. */
function hashOrder(dentries: number): number {
  return Math.max(6, Math.ceil(Math.log2(dentries)));
}

/** Whether a cell is what was measured: as many CPUs, on the machine that stands for it, with nothing changed. */
function isPublished({ cpus, engine, machine, parameters: given }: ScenarioOutcome<Parameters>): boolean {
  const standard = parameters.parse({ requests: given.requests });
  const same = (Object.keys(standard) as (keyof Parameters)[]).every((key) => standard[key] === given[key]);
  return engine === "sim" && machine === published.machine && cpus === published.cpus && same;
}

function figures(outcome: ScenarioOutcome<Parameters>) {
  const { atEnd, cpus, parameters: given, requestsPerSecond, variant } = outcome;
  const perProcess = given.pids + cpus;
  const processesPerSecond = requestsPerSecond / perProcess;
  const userShare = (processesPerSecond * given.userUsPerProcess) / 1e6 / cpus;
  const visits = atEnd.requests ?? 0;
  const perVisit = (name: string): number | null => (visits === 0 ? null : (atEnd[name] ?? 0) / visits);
  const share = variant === "ref-walk" ? 97 : 85;
  return [
    { name: "processes/s", unit: "1/s", value: processesPerSecond },
    {
      name: "system time",
      unit: "%",
      value: requestsPerSecond === 0 ? null : 100 * (1 - userShare),
      ...(isPublished(outcome) ? { published: { min: share, max: share, source } } : {}),
      ...(isPublished(outcome) && variant === "ref-walk" ? { fitted: true as const } : {}),
    },
    { name: "counted walks", unit: "per pid", value: perVisit("refWalks") },
    { name: "other fallbacks", unit: "count", value: atEnd.misses ?? 0 },
    { name: "restarts", unit: "count", value: atEnd.restarts ?? 0 },
    { name: "dentries made", unit: "count", value: atEnd.slowLookUps ?? 0 },
  ];
}

const audit = {
  ...(Object.fromEntries(
    Object.entries(WalkAudit).filter(
      ([name, counter]) => typeof counter === "number" && name !== "warnings" && name !== "violations",
    ),
  ) as Record<string, number>),
  ...faultCounters(WalkAudit.warnings, WalkAudit.violations),
};

export const procWalk: ProgramScenario<typeof parameters> = {
  title: "path walk in /proc",
  summary: "every CPU runs ps -fe: walks to /proc/<pid>/... with and without counted references",
  doc: "docs/scenarios/proc-walk.md",
  program: "src/kernel/procfs/walk/program.ts",
  callbacks: "src/kernel/procfs/callbacks.ts",
  variants: [
    {
      name: "ref-walk",
      summary: "until v5.15: procfs answers for its dentries only to walks that hold references",
      options: { rcuRevalidate: 0 },
    },
    {
      name: "rcu-walk",
      summary: "since v5.16: procfs answers under RCU, and only the walk's end is counted",
      options: { rcuRevalidate: 1 },
    },
  ],
  requests: "pids",
  kinds: ProcKind as unknown as Record<number, string>,
  // As `boot` makes them.
  objects: {
    [`${ProcKind.dentry}#1`]: "(/)",
    [`${ProcKind.dentry}#2`]: "(mount point)",
    [`${ProcKind.dentry}#3`]: "(/proc)",
  },
  events: ProcEvent as unknown as Record<number, string>,
  audit,
  countedInRun: [
    "requests",
    "events",
    "walks",
    "missing",
    "refWalks",
    "restarts",
    "misses",
    "slowLookUps",
    "invalidated",
    "spawned",
  ],
  leaks: ["dentries", "inodes", "pids", "tasks"],
  faults: ["badRecords", ...Object.keys(faultCounters(0, 0))],
  parameters,
  build,
  figures,
  gain: (outcome) =>
    outcome.variant === "rcu-walk"
      ? { over: "ref-walk", ...(isPublished(outcome) ? { published: { min: 3, max: 4, source } } : {}) }
      : undefined,
};

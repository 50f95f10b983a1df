/**
 * `proc-dedup`: a process with many threads and open files, everything of it looked up, and its end, with directories for every
 * thread or with links. docs/scenarios/proc-dedup.md tells the story and where the figures come from.
 */
import { RefplayError } from "../errors.ts";
import { DedupAudit } from "../kernel/procfs/dedup/dedup-names.ts";
import { ProcEvent } from "../kernel/procfs/events.ts";
import { ProcKind } from "../kernel/procfs/kinds.ts";
import { pathRules } from "./apparmor-rules.ts";
import { faultCounters } from "./audit-names.ts";
import { type DedupShape, dedupCounts } from "./dedup-counts.ts";
import { dedupFigures, dedupNotes, offTheFormula } from "./dedup-figures.ts";
import { builtShape, type DedupParameters, dedupParameters } from "./dedup-parameters.ts";
import { addPaths, pathCounters } from "./dedup-paths.ts";
import { ScenarioScript } from "./script.ts";
import type { ProgramScenario, ScenarioContext, ScenarioRun } from "./types.ts";

/** Bytes of a dentry with its inode as the allocator rounds them, and of a thread's pid and task. */
const [bytesPerPair, bytesPerThread] = [192 + 1024, 64 + 512];
/** What arrays need to begin on pages. */
const spareBytes = 64 * 1024;
/** Addresses end at 2 GiB; the rest is for CPUs. */
const mostBytes = 1.75 * 2 ** 30;

function build(given: DedupParameters, { cpus, size, variant }: ScenarioContext): ScenarioRun {
  const small = size === "small";
  const shaped = small
    ? {
        ...given,
        threads: Math.min(given.threads, 5),
        files: Math.min(given.files, 3),
        others: Math.min(given.others, 1),
        ns: Math.min(given.ns, 1),
        net: Math.min(given.net, 1),
        attr: Math.min(given.attr, 1),
      }
    : given;
  const shape = builtShape(shaped, variant);
  const { threads } = shape;
  const scripts = Array.from({ length: cpus }, () => new ScenarioScript());
  const first = scripts[0] as ScenarioScript;
  const unshare = (): void => {
    if (shape.leaderUnshared) first.add(ProcEvent.unshareFiles, 0);
    for (let thread = 1; thread <= shape.unshared; thread++) first.add(ProcEvent.unshareFiles, thread);
  };
  const walk = (): void => {
    for (let tid = 0; tid < (shape.walker === "find" ? 1 : threads); tid++) {
      first.add(ProcEvent.walkProcess, tid);
      first.add(ProcEvent.walkTasks, tid);
    }
  };
  if (given.unshareWhen === "before") unshare();
  walk();
  if (given.unshareWhen === "after" && (shape.unshared > 0 || shape.leaderUnshared)) {
    unshare();
    walk();
  }
  addPaths(
    first,
    pathRules.map(({ opens }) => opens),
  );
  // Rules ask for /proc/<tid> of the second thread, which find does not see.
  if (shape.walker === "find" && threads > 1) first.add(ProcEvent.forget, 1);
  first.add(ProcEvent.clearTimes);
  const setupRecords = first.executed;
  // The leader is released when all other threads are.
  for (let thread = threads - 1; thread > 0; thread--)
    scripts[thread % cpus]?.add(ProcEvent.exitThread, thread);
  for (const script of scripts.slice(1)) script.post();
  for (let cpu = 1; cpu < cpus; cpu++) first.waitFor(cpu, 1);
  first.add(ProcEvent.exitThread, 0);
  const { dentries } = dedupCounts(shape);
  const order = Math.max(6, Math.ceil(Math.log2(dentries)));
  return {
    scripts: scripts.map((script) => script.finish()),
    records: scripts.reduce((sum, script) => sum + script.executed, 0),
    requests: threads,
    setupRecords,
    boot: [threads, shape.files, shape.others, order, shaped.ns, shaped.net, shaped.attr],
    heapBytes: bytesOf(shape, dentries, order),
    notes: [],
  };
}

function bytesOf({ files, threads }: DedupShape, dentries: number, order: number): number {
  const [table, sharedInodes] = [8 * 2 ** order, 16 * threads * files];
  const bytes = 1.5 * dentries * bytesPerPair + threads * bytesPerThread + table + sharedInodes + spareBytes;
  if (bytes <= mostBytes) return bytes;
  throw new RefplayError(
    "workload-too-large",
    `${threads} threads with ${files} files are ${dentries.toLocaleString("en-US")} dentries, more than can be built`,
    {
      hint: "build fewer (`threads`, `files`, `others`): the full scale is computed, and told by `fullThreads` and `fullFiles`",
    },
  );
}

const audit = {
  ...(Object.fromEntries(
    Object.entries(DedupAudit).filter(
      ([name, counter]) => typeof counter === "number" && !["warnings", "violations", "paths"].includes(name),
    ),
  ) as Record<string, number>),
  ...pathCounters(pathRules.length),
  ...faultCounters(DedupAudit.warnings, DedupAudit.violations),
};

export const procDedup: ProgramScenario<typeof dedupParameters> = {
  title: "directories of threads",
  summary:
    "a process with many threads and files, all of it looked up, exits: copies of directories against links",
  doc: "docs/scenarios/proc-dedup.md",
  program: "src/kernel/procfs/dedup/program.ts",
  callbacks: "src/kernel/procfs/callbacks.ts",
  variants: [
    {
      name: "copies",
      summary: "every thread has directories of its own, as in the kernel",
      options: { links: 0 },
    },
    {
      name: "symlink-task",
      summary: "/proc/<tid>/task of a thread is a link to the leader's",
      options: { links: 1 },
    },
    {
      name: "symlink-files",
      summary: "also fd and fdinfo of threads, while they share the leader's descriptor table",
      options: { links: 2 },
    },
    {
      name: "symlink-tgid",
      summary: "also fd, fdinfo, ns, net and attr of /proc/<pid>, to its thread directory",
      options: { links: 3 },
    },
    {
      name: "hard-link",
      summary:
        "directories of their own, but all entries of one descriptor of one table are names of one inode",
      options: { hardLinks: 1 },
    },
  ],
  requests: "threads",
  kinds: ProcKind as unknown as Record<number, string>,
  objects: { [`${ProcKind.dentry}#1`]: "(/proc)" },
  events: ProcEvent as unknown as Record<number, string>,
  audit,
  countedInRun: ["requests", "events", "dentriesMade", "inodesMade", "invalidated"],
  leaks: ["dentries", "inodes", "pids", "tasks"],
  faults: ["badRecords", ...Object.keys(faultCounters(0, 0))],
  parameters: dedupParameters,
  build,
  figures: dedupFigures,
  notes: dedupNotes,
  differs: (outcome) => ({ "off-the-formula": offTheFormula(outcome) }),
};

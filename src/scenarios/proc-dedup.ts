/**
 * `proc-dedup`: a process with many threads and open files, everything of it looked up, and its end, with directories for every
 * thread or with links. docs/scenarios/proc-dedup.md tells the story and where the figures come from.
 */
import { z } from "zod";
import { DedupAudit } from "../kernel/procfs/dedup/dedup-names.ts";
import { ProcEvent } from "../kernel/procfs/events.ts";
import { ProcKind } from "../kernel/procfs/kinds.ts";
import { brokenRules } from "./apparmor-rules.ts";
import { faultCounters } from "./audit-names.ts";
import { type DedupCounts, type DedupVariant, dedupCounts, dedupWalkers } from "./dedup-counts.ts";
import { ScenarioScript } from "./script.ts";
import type {
  ProgramScenario,
  ScenarioContext,
  ScenarioFigure,
  ScenarioOutcome,
  ScenarioRun,
} from "./types.ts";

const source = 'J. Mahoney, "procfs: reduce duplication by using symlinks", April 2018';

const size = (from: number, to: number) => z.int().min(from).max(to);

const parameters = z.strictObject({
  walker: z
    .enum(dedupWalkers)
    .default("find")
    .describe(
      "who looked everything up: find sees the leader's directory, every-tid looks up /proc/<tid> of each thread",
    ),
  threads: size(1, 4096).default(128).describe("threads that are built"),
  files: size(0, 16_384).default(32).describe("open files of the process that are built"),
  others: size(0, 200)
    .default(4)
    .describe("other entries that are built in each directory of a process or thread"),
  unshared: size(0, 4096)
    .default(0)
    .describe("threads beside the leader that leave the shared descriptor table (unshare(CLONE_FILES))"),
  leaderUnshares: z.boolean().default(false).describe("whether the leader leaves it"),
  unshareWhen: z
    .enum(["before", "after"])
    .default("before")
    .describe(
      "whether they leave before everything is looked up, or after, and then it is looked up once more",
    ),
  fullThreads: size(1, 100_000).default(4096).describe("threads of the full scale, which is computed"),
  fullFiles: size(0, 1_000_000).default(16_384).describe("its open files"),
  fullOthers: size(0, 1000)
    .default(135)
    .describe(
      "its other entries; with a thread's directory, fd and fdinfo the 138 that fit the published 600,000",
    ),
});
type Parameters = z.infer<typeof parameters>;

/** The shape that is built. */
function builtShape(given: Parameters, variant: string) {
  const { files, leaderUnshares, others, threads, walker } = given;
  const unshared = Math.min(given.unshared, threads - 1);
  return {
    variant: variant as DedupVariant,
    walker,
    threads,
    files,
    others,
    unshared,
    leaderUnshared: leaderUnshares,
  };
}

/** The same at full scale, with nobody unshared. */
function fullCounts(given: Parameters, variant: string): DedupCounts {
  const { fullFiles: files, fullOthers: others, fullThreads: threads, walker } = given;
  return dedupCounts({
    variant: variant as DedupVariant,
    walker,
    threads,
    files,
    others,
    unshared: 0,
    leaderUnshared: false,
  });
}

/** Bytes of a dentry with its inode as the allocator rounds them, and of a thread's pid and task. */
const [bytesPerPair, bytesPerThread] = [192 + 1024, 64 + 256];

function build(given: Parameters, { cpus, size, variant }: ScenarioContext): ScenarioRun {
  const small = size === "small";
  const shaped = small
    ? {
        ...given,
        threads: Math.min(given.threads, 5),
        files: Math.min(given.files, 3),
        others: Math.min(given.others, 1),
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
    boot: [threads, shape.files, shape.others, order],
    heapBytes: 1.5 * dentries * bytesPerPair + threads * bytesPerThread + 8 * 2 ** order + 32 * shape.files,
    notes: notesOf(variant as DedupVariant),
  };
}

function notesOf(variant: DedupVariant): string[] {
  const broken = brokenRules(variant);
  return broken.map(
    ({ from, opens, rule }) => `${variant} breaks the AppArmor rule \`${rule}\` (${from}) for ${opens}`,
  );
}

/** What is published of the full scale, where the shape is the published one. */
function publishedOf(given: Parameters, variant: string): Record<string, ScenarioFigure["published"]> {
  if (given.fullThreads !== 4096 || given.fullFiles !== 16_384) return {};
  const exactly = (value: number) => ({ min: value, max: value, source });
  if (variant === "copies") {
    return given.walker === "find"
      ? { entries: { min: 134e6, max: 135e6, source }, usPerPair: exactly(480e6 / 134_826_000) }
      : { entries: { min: 545e9, max: 555e9, source } };
  }
  return variant.startsWith("symlink-") && variant !== "symlink-task"
    ? { pairs: { min: 595e3, max: 605e3, source } }
    : {};
}

/** How far what was built is off the formula. One dentry and inode belong to procfs' root. */
function offTheFormula({ atSetup, parameters: given, run, variant }: ScenarioOutcome<Parameters>): number {
  const [threads = 0, files = 0, others = 0] = run.boot;
  const counts = dedupCounts(builtShape({ ...given, threads, files, others }, variant));
  const dentries = Math.abs((atSetup.dentries ?? 0) - 1 - counts.dentries);
  return dentries + Math.abs((atSetup.inodes ?? 0) - 1 - counts.inodes);
}

function figures(outcome: ScenarioOutcome<Parameters>): readonly ScenarioFigure[] {
  const { atEnd, atSetup, elapsedNs, engine, parameters: given, variant } = outcome;
  const built = dedupCounts(builtShape(given, variant));
  const full = fullCounts(given, variant);
  const known = publishedOf(given, variant);
  const dentries = (atSetup.dentries ?? 0) - 1;
  const inodes = (atSetup.inodes ?? 0) - 1;
  const usPerPair = elapsedNs / 1000 / Math.max(1, built.dentries);
  const onSim = (ticks: number | undefined): number | null => (engine === "sim" ? (ticks ?? 0) : null);
  const beside = (published: ScenarioFigure["published"]) => (published === undefined ? {} : { published });
  return [
    { name: "dentries", unit: "count", value: dentries },
    { name: "inodes", unit: "count", value: inodes },
    {
      name: "off the formula",
      unit: "count",
      value: offTheFormula(outcome),
    },
    { name: "exit", unit: "ms", value: elapsedNs / 1e6 },
    {
      name: "exit per dentry",
      unit: "us",
      value: usPerPair,
      ...(engine === "sim" ? beside(known.usPerPair) : {}),
    },
    { name: "longest hold", unit: "us", value: onSim(atEnd.longestHold) },
    { name: "longest wait", unit: "us", value: onSim(atEnd.longestWait) },
    {
      name: "full dentries",
      unit: "count",
      value: full.dentries,
      ...beside(known.pairs),
      // `fullOthers` was chosen so that links come to the published number.
      ...(known.pairs === undefined ? {} : { fitted: true as const }),
    },
    { name: "full inodes", unit: "count", value: full.inodes },
    {
      name: "full */task/*/fd*/*",
      unit: "count",
      value: full.threadFileEntries,
      ...beside(known.entries),
    },
    { name: "full exit", unit: "s", value: (usPerPair * full.dentries) / 1e6 },
    { name: "rules broken", unit: "count", value: brokenRules(variant as DedupVariant).length },
  ];
}

const audit = {
  ...(Object.fromEntries(
    Object.entries(DedupAudit).filter(
      ([name, counter]) => typeof counter === "number" && name !== "warnings" && name !== "violations",
    ),
  ) as Record<string, number>),
  ...faultCounters(DedupAudit.warnings, DedupAudit.violations),
};

export const procDedup: ProgramScenario<typeof parameters> = {
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
      summary: "also the leader's own fd and fdinfo, to its thread directory",
      options: { links: 3 },
    },
    {
      name: "hard-link",
      summary: "directories of their own, but all entries of one descriptor are names of one inode",
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
  parameters,
  build,
  figures,
  differs: (outcome) => ({ "off-the-formula": offTheFormula(outcome) }),
};

/** Directories of threads: formulae, what is built held against them, links that bounce, figures that come of it. */
import { describe, expect, it } from "vitest";
import { createDirect } from "../../src/engines/reference/index.ts";
import { DedupAudit } from "../../src/kernel/procfs/dedup/dedup-names.ts";
import {
  type DedupShape,
  type DedupVariant,
  type DedupWalker,
  dedupCounts,
  dedupVariants,
} from "../../src/scenarios/dedup-counts.ts";
import { procDedup } from "../../src/scenarios/proc-dedup.ts";
import { procProgram } from "../kernel/procfs/support.ts";

const published = {
  threads: 4096,
  files: 16_384,
  inDirectories: 92,
  others: 40,
  unshared: 0,
  leaderUnshared: false,
};
const full = (variant: DedupVariant, walker: DedupWalker) => dedupCounts({ ...published, variant, walker });

describe("at full scale", () => {
  it("copies of fd and fdinfo for every thread are 134,217,728 pairs, and 549,755,813,888 below every tid", () => {
    expect(full("copies", "find").threadFileEntries).toBe(134_217_728);
    expect(full("copies", "every-tid").threadFileEntries).toBe(549_755_813_888);
    expect(full("copies", "find").fileEntries).toBe(134_250_496);
    expect(full("copies", "every-tid").fileEntries).toBe(549_890_031_616);
  });

  it("links leave about 600,000", () => {
    expect(full("symlink-files", "find").dentries).toBe(598_155);
    // The process's ns, net and attr are links as well.
    expect(full("symlink-tgid", "find").dentries).toBe(598_155 - 92);
    expect(full("symlink-task", "find").dentries).toBe(full("copies", "find").dentries);
  });

  it("every dentry that find makes is one of 2F(T+1) + K(T+1), K = 138, or `task`", () => {
    const [files, threads] = [16_384, 4096];
    const byFormula = 2 * files * (threads + 1) + 138 * (threads + 1) + 1;
    expect(full("copies", "find").dentries).toBe(byFormula);
    expect(byFormula).toBe(134_815_883);
  });

  it("is what the scenario computes by itself, and what the published time is of", () => {
    const figures = figuresOf("copies", {});
    expect(figures["full dentries"]?.value).toBe(134_815_883);
    expect(figures["exit per dentry"]?.published?.min).toBe(480e6 / 134_815_883);
    const linked = figuresOf("symlink-files", {})["full dentries"];
    expect([linked?.value, linked?.fitted]).toEqual([598_155, true]);
  });

  it("hard links share inodes and leave as many dentries", () => {
    const { dentries, inodes } = full("hard-link", "find");
    expect(dentries).toBe(full("copies", "find").dentries);
    expect(inodes).toBe(full("symlink-files", "find").inodes);
  });
});

/** The scenario's figures of a run in which nothing was measured. */
function figuresOf(variant: DedupVariant, counters: Readonly<Record<string, number>>, more: object = {}) {
  const parameters = procDedup.parameters.parse({});
  const run = procDedup.build(parameters, { cpus: 1, seed: "figures", variant, size: "full" });
  const figures = procDedup.figures({
    engine: "sim",
    cpus: 1,
    variant,
    parameters,
    run,
    requestsPerSecond: 1,
    finished: true,
    elapsedNs: 1000,
    cpuNs: [1000],
    atSetup: {},
    atEnd: counters,
    atTeardown: {},
    latencies: [],
    cpuTimes: [],
    ...more,
  });
  return Object.fromEntries(figures.map((figure) => [figure.name, figure]));
}

describe("times of the inode list's lock", () => {
  it("are told no finer than the clock shows them, but for the mean of many", () => {
    const figures = figuresOf("copies", { longestHold: 1, longestWait: 7, heldTicks: 300, sections: 1200 });
    expect(figures["longest hold, below"]?.value).toBe(2);
    expect(figures["longest wait, below"]?.value).toBe(8);
    expect(figures["mean hold"]?.value).toBe(0.25);
    expect(figuresOf("copies", {})["mean hold"]?.value).toBeNull();
  });
});

describe("a run that was cut by time", () => {
  it("has no time of an exit, and none is computed from it", () => {
    const told = (finished: boolean) => {
      const figures = figuresOf("copies", {}, { engine: "threads", finished, elapsedNs: 60.9e6 });
      return ["exit", "exit per dentry", "full exit"].map((name) => figures[name]?.value);
    };
    expect(told(false)).toEqual([null, null, null]);
    const [exit, each, full] = told(true);
    expect(exit).toBe(60.9);
    expect(each).toBeGreaterThan(0);
    expect(full).toBeGreaterThan(0);
    // What was built is there whether or not it came to its end.
    const cut = figuresOf("copies", {}, { finished: false, atSetup: { dentries: 100 } });
    expect(cut.dentries?.value).toBe(99);
  });
});

describe("what cannot be built", () => {
  it("is refused, with what would be right, however it is asked for", () => {
    const build = (threads: number, files: number) => () => {
      const parameters = procDedup.parameters.parse({ threads, files });
      return procDedup.build(parameters, { cpus: 4, seed: "large", variant: "copies", size: "full" });
    };
    expect(build(4096, 16_384)).toThrow(/134,[0-9]{3},[0-9]{3} dentries, more than can be built/);
    expect(build(512, 512)).not.toThrow();
  });
});

/** Builds the shape on the reference engine and takes it down again. */
function built(shape: DedupShape, unshareWhen: "before" | "after" = "before") {
  const { files, inDirectories, leaderUnshared, others, threads, unshared, variant, walker } = shape;
  const parameters = procDedup.parameters.parse({
    walker,
    threads,
    files,
    others,
    ns: Math.max(0, inDirectories - 1),
    net: Math.min(1, inDirectories),
    attr: 0,
    unshared,
    leaderUnshares: leaderUnshared,
    unshareWhen,
  });
  const run = procDedup.build(parameters, { cpus: 1, seed: "built", variant, size: "full" });
  const options = procDedup.variants.find(({ name }) => name === variant)?.options ?? {};
  const program = procProgram(procDedup.program, options);
  const machine = createDirect(program, { cpus: 1, scripts: [...run.scripts], memoryWords: 2 ** 19 });
  machine.call("boot", [...run.boot]);
  machine.call("bootCpu", [0]);
  machine.call("run", [0, run.setupRecords]);
  const audit = (counter: DedupAudit): number => machine.call("audit", [counter]);
  while (machine.gracePeriod(0) > 0);
  const all = { dentries: audit(DedupAudit.dentries) - 1, inodes: audit(DedupAudit.inodes) - 1 };
  const invalidated = audit(DedupAudit.invalidated);
  machine.call("run", [0, 0]);
  machine.call("dismantle");
  while (machine.gracePeriod(0) > 0);
  const left = [DedupAudit.dentries, DedupAudit.inodes, DedupAudit.pids, DedupAudit.tasks].map(audit);
  const faults = audit(DedupAudit.badRecords);
  return { ...all, invalidated, left, faults };
}

/** Threads, files, other entries, threads that have unshared, and whether the leader has. */
const sizes: readonly (readonly [number, number, number, number, boolean])[] = [
  [1, 3, 1, 0, false],
  [2, 1, 0, 0, false],
  [2, 3, 2, 1, false],
  [3, 2, 0, 0, true],
  [4, 3, 1, 1, true],
  [5, 2, 3, 0, false],
];

describe("what is built", () => {
  const shapes = dedupVariants.flatMap((variant) =>
    (["find", "every-tid"] as const).flatMap((walker) =>
      sizes.map(([threads, files, others, unshared, leaderUnshared]): DedupShape => {
        const inDirectories = (threads + files) % 4;
        return { variant, walker, threads, files, inDirectories, others, unshared, leaderUnshared };
      }),
    ),
  );

  it("agrees with the formulae for sixty shapes, and is gone after the exit", () => {
    expect(shapes).toHaveLength(60);
    for (const shape of shapes) {
      const { dentries, inodes } = dedupCounts(shape);
      expect(built(shape), JSON.stringify(shape)).toMatchObject({
        dentries,
        inodes,
        left: [0, 0, 0, 0],
        faults: 0,
      });
    }
  });

  it("agrees with the formulae for larger numbers of threads and files, too", () => {
    for (const [threads, files] of [
      [2, 40],
      [6, 7],
      [7, 12],
      [9, 5],
      [12, 16],
      [16, 3],
      [20, 1],
      [24, 4],
      [3, 33],
      [5, 21],
      [8, 8],
      [11, 2],
      [13, 6],
    ] as const) {
      for (const variant of ["copies", "symlink-files"] as const) {
        const shape = {
          variant,
          walker: "find",
          threads,
          files,
          inDirectories: 3,
          others: 2,
          unshared: 0,
          leaderUnshared: false,
        } as const;
        const { dentries, inodes } = dedupCounts(shape);
        expect(built(shape), JSON.stringify(shape)).toMatchObject({ dentries, inodes });
      }
    }
  });

  it("agrees with the formulae whether threads and leader leave the shared table before or after everything was looked up", () => {
    let shapes = 0;
    for (const variant of dedupVariants) {
      for (const [threads, files, walker, unshared, leaderUnshared] of leaving) {
        const shape = {
          variant,
          walker,
          threads,
          files,
          inDirectories: 2,
          others: 1,
          unshared,
          leaderUnshared,
        };
        const [before, after] = [built(shape), built(shape, "after")];
        const { dentries, inodes } = dedupCounts(shape);
        const what = JSON.stringify(shape);
        for (const one of [before, after])
          expect(one, what).toMatchObject({ dentries, inodes, left: [0, 0, 0, 0], faults: 0 });
        expect(before.invalidated, what).toBe(0);
        // A link that leads nowhere any more bounces once, and so does a name of an inode that is no longer shared.
        const leavers = leaderUnshared ? threads - 1 : unshared;
        expect(after.invalidated, what).toBe(leavers * bounces(variant, walker, files, threads));
        shapes += 1;
      }
    }
    expect(shapes).toBeGreaterThanOrEqual(5 * 8);
  });
});

/** Threads, files, walker, threads that leave the table, whether the leader does. */
const leaving: readonly (readonly [number, number, DedupWalker, number, boolean])[] = [
  [2, 1, "find", 1, false],
  [3, 2, "find", 1, false],
  [3, 2, "find", 0, true],
  [4, 3, "every-tid", 2, false],
  [4, 3, "every-tid", 2, true],
  [4, 2, "every-tid", 3, false],
  [5, 1, "find", 4, true],
  [1, 2, "every-tid", 0, true],
];

/** Dentries that are wrong of one thread that left the table. */
function bounces(variant: DedupVariant, walker: DedupWalker, files: number, threads: number): number {
  const own = walker === "find" ? 0 : 1;
  // fd and fdinfo below task, and in /proc/<tid>, which leads to the thread directory in any case with `symlink-tgid`.
  if (variant === "symlink-files") return 2 + 2 * own;
  if (variant === "symlink-tgid") return 2;
  // Each name of each descriptor: below every tid's task, and in /proc/<tid>.
  if (variant === "hard-link") return 2 * files * ((own === 1 ? threads : 1) + own);
  return 0;
}

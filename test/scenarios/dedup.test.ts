/** Directories of threads: formulae, what is built held against them, links that bounce, rules that break. */
import { describe, expect, it } from "vitest";
import { createDirect } from "../../src/engines/reference/index.ts";
import { DedupAudit } from "../../src/kernel/procfs/dedup/dedup-names.ts";
import { brokenRules, pathRules, resolvedPath, ruleMatches } from "../../src/scenarios/apparmor-rules.ts";
import {
  type DedupShape,
  type DedupVariant,
  type DedupWalker,
  dedupCounts,
  dedupVariants,
} from "../../src/scenarios/dedup-counts.ts";
import { procDedup } from "../../src/scenarios/proc-dedup.ts";
import { procProgram } from "../kernel/procfs/support.ts";

const published = { threads: 4096, files: 16_384, others: 135, unshared: 0, leaderUnshared: false };
const full = (variant: DedupVariant, walker: DedupWalker) => dedupCounts({ ...published, variant, walker });

describe("at full scale", () => {
  it("copies of fd and fdinfo for every thread are 134,217,728 pairs, and 549,755,813,888 below every tid", () => {
    expect(full("copies", "find").threadFileEntries).toBe(134_217_728);
    expect(full("copies", "every-tid").threadFileEntries).toBe(549_755_813_888);
    expect(full("copies", "find").fileEntries).toBe(134_250_496);
    expect(full("copies", "every-tid").fileEntries).toBe(549_890_031_616);
  });

  it("links leave about 600,000", () => {
    for (const variant of ["symlink-files", "symlink-tgid"] as const)
      expect(full(variant, "find").dentries).toBe(598_155);
    expect(full("symlink-task", "find").dentries).toBe(full("copies", "find").dentries);
  });

  it("hard links share inodes and leave as many dentries", () => {
    const { dentries, inodes } = full("hard-link", "find");
    expect(dentries).toBe(full("copies", "find").dentries);
    expect(inodes).toBe(full("symlink-files", "find").inodes);
  });
});

/** Builds the shape on the reference engine and takes it down again. */
function built(shape: DedupShape, unshareWhen: "before" | "after" = "before") {
  const { files, leaderUnshared, others, threads, unshared, variant, walker } = shape;
  const parameters = procDedup.parameters.parse({
    walker,
    threads,
    files,
    others,
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
        return { variant, walker, threads, files, others, unshared, leaderUnshared };
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
          others: 2,
          unshared: 0,
          leaderUnshared: false,
        } as const;
        const { dentries, inodes } = dedupCounts(shape);
        expect(built(shape), JSON.stringify(shape)).toMatchObject({ dentries, inodes });
      }
    }
  });

  it("is the same whether threads leave the shared descriptor table before or after everything was looked up", () => {
    for (const variant of dedupVariants) {
      for (const leaderUnshared of [false, true]) {
        const shape: DedupShape = {
          variant,
          walker: "every-tid",
          threads: 4,
          files: 3,
          others: 1,
          unshared: 2,
          leaderUnshared,
        };
        const [before, after] = [built(shape), built(shape, "after")];
        const { dentries, inodes } = dedupCounts(shape);
        for (const one of [before, after])
          expect(one).toMatchObject({ dentries, inodes, left: [0, 0, 0, 0] });
        expect(before.invalidated).toBe(0);
        // A link that leads nowhere any more bounces once; without links nothing changes.
        const links = variant === "symlink-files" || variant === "symlink-tgid";
        if (links) expect(after.invalidated).toBeGreaterThan(0);
        else expect(after.invalidated).toBe(0);
      }
    }
  });
});

describe("AppArmor rules", () => {
  it("see the path that a look-up ends at", () => {
    const at = (variant: DedupVariant, path: string) => resolvedPath(variant, path);
    expect(at("copies", "/proc/4711/fdinfo/8")).toBe("/proc/4711/fdinfo/8");
    expect(at("symlink-task", "/proc/4712/task/4712/stat")).toBe("/proc/4711/task/4712/stat");
    expect(at("symlink-files", "/proc/4711/task/4712/fd/1")).toBe("/proc/4711/fd/1");
    expect(at("symlink-files", "/proc/4711/fdinfo/8")).toBe("/proc/4711/fdinfo/8");
    expect(at("symlink-tgid", "/proc/4711/fdinfo/8")).toBe("/proc/4711/task/4711/fdinfo/8");
    expect(at("symlink-tgid", "/proc/4711/stat")).toBe("/proc/4711/stat");
  });

  it("match as apparmor.d(5) says", () => {
    expect(ruleMatches("@{PROC}/@{pid}/fd/[0-9]* w", "/proc/12/fd/3")).toBe(true);
    expect(ruleMatches("@{PROC}/@{pid}/fd/* r", "/proc/12/fd/")).toBe(true);
    expect(ruleMatches("@{PROC}/@{pid}/fd/ r", "/proc/12/fd/3")).toBe(false);
    expect(ruleMatches("@{PROC}/@{pid}/* r", "/proc/12/fd/3")).toBe(false);
    expect(ruleMatches("@{PROC}/@{pid}/** r", "/proc/12/fd/3")).toBe(true);
    expect(ruleMatches("@{PROC}/@{pid}/stat r", "/proc/012/stat")).toBe(false);
  });

  it("for a process's own fd, fdinfo, net and attr break with symlink-tgid, and those alone", () => {
    const broken = brokenRules("symlink-tgid").map(({ rule }) => rule);
    expect(broken).toEqual([
      "@{PROC}/@{pid}/fdinfo/* r",
      "@{PROC}/@{pid}/fd/ r",
      "@{PROC}/@{pid}/fd/[0-9]* w",
      "@{PROC}/@{pid}/net/dev r",
      "@{PROC}/@{pid}/attr/current r",
    ]);
    expect(brokenRules("symlink-files").map(({ rule }) => rule)).toEqual([
      "@{PROC}/@{pid}/task/@{tid}/fdinfo/* r",
    ]);
    for (const variant of ["copies", "symlink-task", "hard-link"] as const)
      expect(brokenRules(variant)).toEqual([]);
    for (const { opens, rule } of pathRules) expect(ruleMatches(rule, opens), rule).toBe(true);
  });
});

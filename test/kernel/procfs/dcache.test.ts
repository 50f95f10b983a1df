/** Dentries, the table that finds them, and the superblock's list of inodes; names share one bucket, so that neighbours matter. */
import { describe, expect, it } from "vitest";
import { createDirect } from "../../../src/engines/reference/index.ts";
import { procProgram, procRun } from "./support.ts";

const source = "test/programs/procfs-dcache.ts";
/** The verify build tells of every touch of what is freed. */
const program = () => procProgram(source, { verify: 1 });
const seeds = Array.from({ length: 30 }, (_, index) => index + 1);

type Calls = Parameters<typeof procRun>[3];

/** One schedule: what the actors returned, and what `asked` tells behind them. */
function run(seed: number, before: Calls, actors: Calls, asked: readonly string[]) {
  const calls = [...asked.map((entry) => [entry] as const), ["end", 0] as const];
  const { after, ...rest } = procRun(program(), seed, [["boot"], ...before], actors, calls);
  return { ...rest, after: after.slice(0, -1) };
}

function direct() {
  const machine = createDirect(procProgram(source), { cpus: 2, memoryWords: 65_536 * 2 });
  machine.call("boot");
  return machine;
}

describe("a dentry", () => {
  it("is one for a name, however many CPUs make it at a time", () => {
    for (const seed of seeds) {
      const makers = [1, 2, 3].map(() => ["make", 7, 3] as const);
      const asked = ["children", "directoryCount", "liveDentries", "liveInodes", "listed"];
      const { after, verdicts } = run(seed, [], makers, asked);
      // Its own and the directory's; the directory is kept by it and by whoever has mounted it.
      expect([verdicts, after], `seed ${seed}`).toEqual([[], [1, 2, 2, 2, 2]]);
    }
  });

  it("leaves nothing behind where it comes and goes on several CPUs, and lets nobody touch it late", () => {
    for (const seed of seeds) {
      const actors = [
        ["comeAndGo", 7, 4],
        ["comeAndGo", 7, 4],
        ["find", 7, 8],
        ["findRcu", 7, 8],
      ] as const;
      const asked = ["children", "directoryCount", "liveDentries", "liveInodes", "listed"];
      const { after, verdicts } = run(seed, [], actors, asked);
      expect([verdicts, after], `seed ${seed}`).toEqual([[], [0, 1, 1, 1, 1]]);
    }
  });

  it("is found with and without a reference while its neighbours in the table come and go", () => {
    for (const seed of seeds) {
      const actors = [
        ["comeAndGo", 1, 4],
        ["comeAndGo", 3, 4],
        ["find", 2, 12],
        ["findRcu", 2, 12],
      ] as const;
      const before = [
        ["make", 0, 2, 1],
        ["make", 0, 5, 1],
      ] as const;
      const { returned, verdicts } = run(seed, before, actors, []);
      expect([verdicts, returned.slice(2)], `seed ${seed}`).toEqual([[], [12, 12]]);
    }
  });

  it("stays in the cache when its last reference goes, and keeps its directory", () => {
    const machine = direct();
    machine.call("make", [0, 7, 1]);
    expect(machine.call("find", [0, 7, 1])).toBe(1);
    expect(machine.call("find", [0, 8, 1])).toBe(0);
    expect(machine.call("directoryCount")).toBe(2);
    machine.call("keep", [0, 7]);
    expect(machine.call("keptCount")).toBe(1);
    machine.call("putKept", [0]);
    expect(machine.call("keptCount")).toBe(0);
    expect(machine.call("children")).toBe(1);
  });

  it("that was dropped is found no more, belongs to who has it, and goes with the last put", () => {
    const machine = direct();
    machine.call("make", [0, 7, 1]);
    machine.call("keep", [0, 7]);
    machine.call("dropKept", [0]);
    expect(machine.call("find", [0, 7, 1])).toBe(0);
    expect(machine.call("findRcu", [0, 7, 1])).toBe(0);
    expect([machine.call("keptCount"), machine.call("children")]).toEqual([1, 1]);
    machine.call("putKept", [0]);
    expect([machine.call("children"), machine.call("directoryCount"), machine.call("listed")]).toEqual([
      0, 1, 1,
    ]);
  });

  it("has another sequence number once it was dropped, so that a walk under RCU sees it", () => {
    const machine = direct();
    machine.call("make", [0, 7, 1]);
    expect(machine.call("remember", [0, 7])).toBe(1);
    expect(machine.call("same")).toBe(1);
    // References do not change it.
    machine.call("find", [0, 7, 3]);
    expect(machine.call("same")).toBe(1);
    machine.call("keep", [0, 7]);
    machine.call("invalidateKept", [0]);
    expect(machine.call("same")).toBe(0);
  });
});

describe("the superblock's list of inodes", () => {
  it("has every inode that is there once, linked both ways, in any order", () => {
    for (const seed of seeds) {
      const actors = [1, 2, 3, 4].map(() => ["inodes", 3] as const);
      const { after, verdicts } = run(seed, [], actors, ["listed", "liveInodes"]);
      expect([verdicts, after], `seed ${seed}`).toEqual([[], [5, 5]]);
    }
  });

  it("loses an inode with its last reference and not before", () => {
    const machine = direct();
    machine.call("twice", [0]);
    expect(machine.call("listed")).toBe(2);
    machine.call("putInode", [0]);
    expect(machine.call("listed")).toBe(2);
    machine.call("putInode", [0]);
    expect(machine.call("listed")).toBe(1);
  });
});

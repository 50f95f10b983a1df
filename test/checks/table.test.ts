import { describe, expect, it } from "vitest";
import { breachText } from "../../src/checks/explain.ts";
import { scheduleTable } from "../../src/checks/table.ts";
import { tie, wrap } from "../../src/checks/wrap.ts";
import type { Replay } from "../../src/engines/check/types.ts";
import { Op } from "../../src/machine/ops.ts";
import { buffered, lookUpAfterLastPut, pairs, step } from "./replays.ts";

const names = ["reader 1", "closer", "reader 2", "softirq", "maintenance", "task 6", "task 7"];

function longest(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

function replayOf(...steps: Replay["steps"]): Replay {
  return { steps, breach: null, stuckAt: -1, unfinished: false };
}

describe("a schedule as a table", () => {
  it("has a column for each of two actors, with source lines, store buffers, flushes and marks", () => {
    expect(`\n${scheduleTable(lookUpAfterLastPut(), names)}\n`).toBe(`
                      0 reader 1               1 closer
1 label.ts:30         rcuReadLock
2 kref.ts:40          load slot → label#1
3 kref.ts:41                                   store slot ← 0  buf: slot=0
4 kref.ts:41                                   flush slot ← 0
5 kref.ts:41                                   fetchAdd label#1.refs -1
                                                (1 → 0)  • released label#1
6 kref-get-from-z…:13 fetchAdd label#1.refs +1
                       (0 → 1)
`);
  });

  it("has a column for each of three actors", () => {
    expect(`\n${scheduleTable(pairs(3, 4), names)}\n`).toBe(`
      0 reader 1             1 closer               2 reader 2
1     fetchAdd label#1.refs
       +1 (0 → 1) kref.ts:40
2-5   … 4 private operations
6     freed label#1
       kref.ts:40
7                            fetchAdd label#1.refs
                              +1 (1 → 2) kref.ts:41
8-11                         … 4 private operations
12                           freed label#1
                              kref.ts:41
13                                                  fetchAdd label#1.refs
                                                     +1 (2 → 3) kref.ts:42
14-17                                               … 4 private operations
18                                                  freed label#1
                                                     kref.ts:42
`);
  });

  it("has a lane for each of five actors, whose columns would be too narrow", () => {
    expect(`\n${scheduleTable(pairs(5, 4), names)}\n`).toBe(`
0 reader 1, 1 closer, 2 reader 2, 3 softirq, 4 maintenance
      0 1 2 3 4
1     ●         kref.ts:40 fetchAdd label#1.refs +1 (0 → 1)
2-5   ●                    … 4 private operations
6     ●         kref.ts:40 freed label#1
7       ●       kref.ts:41 fetchAdd label#1.refs +1 (1 → 2)
8-11    ●                  … 4 private operations
12      ●       kref.ts:41 freed label#1
13        ●     kref.ts:42 fetchAdd label#1.refs +1 (2 → 3)
14-17     ●                … 4 private operations
18        ●     kref.ts:42 freed label#1
19          ●   kref.ts:43 fetchAdd label#1.refs +1 (3 → 4)
20-23       ●              … 4 private operations
24          ●   kref.ts:43 freed label#1
25            ● kref.ts:44 fetchAdd label#1.refs +1 (4 → 5)
26-29         ●            … 4 private operations
30            ● kref.ts:44 freed label#1
`);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])(
    "of %i actors stays within 80 columns, private steps shown or not",
    (actors) => {
      for (const allSteps of [false, true]) {
        expect(longest(scheduleTable(pairs(actors, 9), names, { allSteps }))).toBeLessThanOrEqual(80);
      }
    },
  );

  it("leaves out the columns of actors that do nothing", () => {
    const text = scheduleTable(replayOf(step(2, Op.fence)), names);
    expect(text).toContain("2 reader 2");
    expect(text).not.toContain("closer");
  });

  it("shows all steps when asked", () => {
    const folded = scheduleTable(pairs(2, 4), names);
    const all = scheduleTable(pairs(2, 4), names, { allSteps: true });
    expect(folded).toMatch(/^2-5 +… 4 private operations$/m);
    expect(all).toContain("task#1.slots+12 ← 3");
    expect(all).not.toContain("private");
  });

  it("folds neither cells that others touch, nor short runs, nor the broken object", () => {
    const store = (actor: number, address: number, symbol: string) =>
      step(actor, Op.store, { address, symbol, operands: [address, 1] });
    const own = [0, 1].map((i) => store(0, 64 + 4 * i, `own+${i}`));
    const shared = [0, 1, 2].map((i) => store(0, 128 + 4 * i, `ring+${i}`));
    const others = [0, 1, 2].map((i) => store(1, 128 + 4 * i, `ring+${i}`));
    const label = [0, 1, 2].map((i) => store(0, 256 + 4 * i, `label#1+${i}`));
    const broken = {
      ...lookUpAfterLastPut(),
      steps: [...own, ...shared, ...others, ...label, step(1, Op.fence)],
    };
    expect(scheduleTable(broken, names)).not.toContain("private");
  });

  it("names what pointers point to, and shows other large values in hexadecimal", () => {
    const cell = { address: 4096, symbol: "slot" };
    const text = scheduleTable(
      replayOf(
        step(0, Op.allocated, { address: 8192, symbol: "label#1", operands: [8192, 1, 64] }),
        step(0, Op.store, { ...cell, operands: [4096, 8192] }),
        step(0, Op.store, { ...cell, operands: [4096, -0x40000000] }),
        step(0, Op.store, { ...cell, operands: [4096, -3] }),
      ),
      names,
      { allSteps: true },
    );
    expect(text.match(/← .*/g)).toEqual(["← label#1", "← 0xc0000000", "← -3"]);
  });

  it("names objects that no step touches, and writes both values of a cell in one way", () => {
    const cell = { address: 4096, symbol: "slot", result: 0 };
    const steps = [
      step(0, Op.load, { ...cell, result: 8192 }),
      step(0, Op.fetchAdd, { ...cell, operands: [4096, 1], before: 0x40000000, after: 3 }),
    ];
    const objects = [{ address: 8192, bytes: 64, name: "scratch#2" }];
    const text = scheduleTable({ ...replayOf(...steps), objects }, names);
    expect(text).toContain("→ scratch#2");
    expect(text).toContain("(0x40000000 → 0x3)");
  });

  it("says what each kind of operation did", () => {
    const cell = { address: 64, symbol: "x" };
    const head = { address: 96, symbol: "label#1.rcu" };
    const shown = (changes: ReturnType<typeof step>) =>
      scheduleTable(replayOf({ ...changes, chain: [] }), names)
        .split("\n")[1]
        ?.replace(/^1 +/, "");
    expect(
      [
        step(0, Op.loadAcquire, { ...cell, result: 7 }),
        step(0, Op.compareExchange, { ...cell, operands: [64, 1, 2], result: 1, before: 1, after: 2 }),
        step(0, Op.compareExchange, { ...cell, operands: [64, 1, 2], result: 5, before: 5, after: 5 }),
        step(0, Op.exchange, { ...cell, operands: [64, 3], result: 0, before: 0, after: 3 }),
        step(0, Op.awaitAtLeast, { ...cell, operands: [64, 2] }),
        step(0, Op.callRcu, { ...head, operands: [96, 3] }),
        step(0, Op.rcuTake, { ...head, kind: "take", result: 96 }),
        step(0, Op.rcuTake, { result: 0 }),
        step(0, Op.freed, { ...head, kind: "flush" }),
        step(0, Op.rcuReadUnlock, { kind: "flush" }),
        step(0, Op.synchronizeRcu),
      ].map(shown),
    ).toEqual([
      "loadAcquire x → 7",
      "compareExchange x 1, 2 (1 → 2)",
      "compareExchange x 1, 2 (stays 5)",
      "exchange x 3 (0 → 3)",
      "await x ≥ 2",
      "callRcu label#1.rcu",
      "rcuTake → label#1.rcu",
      "rcuTake: none left",
      "flush freed label#1",
      "flush rcuReadUnlock",
      "synchronizeRcu begins",
    ]);
  });

  it("lists store buffers, long ones of many actors cut short", () => {
    const full = step(0, Op.store, {
      ...{ address: 64, symbol: "x" },
      operands: [64, 1],
      buffer: [buffered("x", 1), buffered("y", 2)],
    });
    const fences = [1, 2, 3].map((actor) => step(actor, Op.fence));
    expect(scheduleTable(replayOf(full), names)).toContain("buf: x=1, y=2");
    expect(scheduleTable(replayOf(full, ...fences), names)).toContain("buf: x=1, y=2");
    const entries = Array.from({ length: 20 }, (_, at) => buffered("slot", at));
    const long = scheduleTable(replayOf({ ...full, buffer: entries }, ...fences), names);
    expect(long.replace(/\s+/g, " ")).toContain("buf: 20 entries, …, slot=19");
  });

  it("does not repeat a long store buffer that is as it was", () => {
    const buffer = [buffered("x", 1), buffered("y", 2)];
    const load = step(0, Op.load, { address: 64, symbol: "z", result: 0, buffer });
    const text = scheduleTable(replayOf(load, load, step(1, Op.fence), load), names, { allSteps: true });
    expect(text.match(/buf: .*/g)).toEqual(["buf: x=1, y=2", "buf: as before", "buf: as before"]);
  });

  it("uses colours only when told to", () => {
    expect(scheduleTable(lookUpAfterLastPut(), names)).not.toContain("\u001b");
    expect(scheduleTable(lookUpAfterLastPut(), names, { color: true })).toContain("\u001b[31mfetchAdd");
  });
});

describe("what stands below a schedule", () => {
  it("is the rule, the source line, the chain of calls, the expectation and the command", () => {
    const text = breachText(lookUpAfterLastPut(), names, {
      sourceLine: (file, line) =>
        file.endsWith("from-zero.ts") && line === 13 ? "  fetchAdd(refs, 1);" : undefined,
      expected: "premature-release",
      command: ["refplay check mine", '--replay "0*2 1 1f 1 0"'],
    });
    expect(`\n${text}\n`).toBe(`
✗ premature-release at step 6, by reader 1
  kref-get-from-z…:13 | fetchAdd(refs, 1);
  a reference was taken to label#1 after its release
  calls      reader (test/programs/check/label.ts:33) >
              tryGet (strategies/broken/kref-get-from-zero.ts:13)
  expected   premature-release
  see again
  refplay check mine
  --replay "0*2 1 1f 1 0"
`);
  });

  it("tells of a leak who allocated the object, and where the schedule freed something", () => {
    expect(`\n${breachText(pairs(2), names)}\n`).toBe(`
✗ leak after the last step
  label#1 is still there at the end
  allocated  boot (test/programs/check/label.ts:12)
  freed      at step 2, by reader 1: put (strategies/kref.ts:40)
`);
  });

  it("is nothing where no rule was broken", () => {
    expect(breachText(replayOf(step(0, Op.fence)), names)).toBe("");
  });
});

describe("wrapping", () => {
  it("breaks at spaces, then after dots and dashes, then anywhere", () => {
    expect(wrap("ab cd ef", 5)).toEqual(["ab cd", "ef"]);
    expect(wrap("store label#1.references", 12)).toEqual(["store", "label#1.", "references"]);
    expect(wrap("abcdefgh", 3)).toEqual(["abc", "def", "gh"]);
    expect(wrap(`(1${tie}→${tie}2)`, 4)).toEqual(["(1", "→ 2)"]);
    expect(wrap("ab cd", 3, " ")).toEqual(["ab", " cd"]);
    expect(wrap("", 3)).toEqual([]);
  });
});

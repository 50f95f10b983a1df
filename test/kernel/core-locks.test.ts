/** Spinlock, reader/writer lock, sequence counter and lockless list. */
import { describe, expect, it } from "vitest";
import { type ActorSpec, createDirect, ReferenceEngine } from "../../src/engines/reference/index.ts";
import { explain } from "../conformance/schedules.ts";
import { builtin, kindNames, markedVerdicts, steppedTestProgram } from "../conformance/support.ts";

const program = () => steppedTestProgram("core", builtin("none"));

function direct() {
  const machine = createDirect(program(), { cpus: 2, memoryWords: 65_536 * 2 });
  machine.call("boot");
  return machine;
}

/** Runs actors, one CPU each, under one schedule; then `after` on CPU 0. Returns what the actors and `after` returned. */
function race(actors: readonly [string, ...number[]][], seed: number, after: [string, ...number[]]) {
  const engine = new ReferenceEngine(program(), {
    seed,
    cpus: actors.length,
    memoryBytes: 512 * 1024,
    kinds: kindNames,
    stepLimit: 1_000_000,
  });
  engine.run([{ cpu: 0, entry: "boot", args: [], role: "script" }]);
  engine.run(
    actors.map(([entry, ...args], cpu): ActorSpec => ({ cpu, entry, args: [cpu, ...args], role: "script" })),
  );
  const returned = actors.map((_, actor) => engine.returnedBy(actor));
  const [entry, ...args] = after;
  engine.run([{ cpu: 0, entry, args, role: "script" }]);
  const last = engine.returnedBy(0);
  const result = engine.finish();
  expect(explain(result), `seed ${seed}`).toBe("");
  expect(markedVerdicts(result.counters.marks), `seed ${seed}`).toEqual([]);
  return { returned, last };
}

describe("a spinlock", () => {
  it("lets one CPU at a time in", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { last } = race(
        [
          ["underSpinlock", 8],
          ["underSpinlock", 8],
          ["underSpinlock", 8],
        ],
        seed,
        ["counted"],
      );
      expect(last).toBe(24);
    }
  });

  it("lets in who tries it while it is free, and refuses the others", () => {
    let refused = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { returned, last } = race(
        [
          ["underTryLock", 10],
          ["underTryLock", 10],
          ["underSpinlock", 5],
        ],
        seed,
        ["counted"],
      );
      const had = (returned[0] ?? 0) + (returned[1] ?? 0);
      expect(last).toBe(had + 5);
      refused += 20 - had;
    }
    expect(refused).toBeGreaterThan(0);
  });
});

describe("a reader/writer lock", () => {
  it("keeps writers apart from everybody and lets readers meet", () => {
    let met = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const actors: [string, ...number[]][] = [
        ["reader", 8],
        ["reader", 8],
        ["writer", 6],
        ["writer", 6],
      ];
      expect(race(actors, seed, ["counted"]).last).toBe(12);
      met += race(actors, seed, ["readersMet"]).last;
    }
    expect(met).toBeGreaterThan(0);
  });

  it("refuses a writer that tries while a reader is inside, and then lets readers in again", () => {
    const machine = direct();
    machine.call("beginRead");
    expect(machine.call("tryWrite")).toBe(0);
    machine.call("beginRead");
    machine.call("endRead");
    machine.call("endRead");
    expect(machine.call("tryWrite")).toBe(1);
    machine.call("endWrite");
    machine.call("beginRead");
    machine.call("endRead");
  });

  it("gets a writer in although readers come and go all the time", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { last } = race(
        [
          ["reader", 60],
          ["reader", 60],
          ["reader", 60],
          ["writer", 2],
        ],
        seed,
        ["counted"],
      );
      expect(last).toBe(2);
    }
  });
});

describe("a sequence counter", () => {
  it("makes readers that met a writer read again", () => {
    let retries = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { returned, last } = race(
        [
          ["seqReader", 8],
          ["seqWriter", 6],
          ["seqWriter", 6],
        ],
        seed,
        ["counted"],
      );
      expect(last).toBe(12);
      retries += returned[0] ?? 0;
    }
    expect(retries).toBeGreaterThan(0);
  });
});

describe("a lockless list", () => {
  it("loses no node of several adders and a taker", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { returned, last } = race([["addNodes", 10], ["addNodes", 10], ["takeNodes"]], seed, [
        "takeNodes",
        0,
      ]);
      expect((returned[2] ?? 0) + last).toBe(20);
    }
  });

  it("tells exactly one adder of an empty list that it was empty", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { returned } = race(
        [
          ["addNodes", 6],
          ["addNodes", 6],
          ["addNodes", 6],
        ],
        seed,
        ["takeNodes", 0],
      );
      expect(returned).toEqual(expect.arrayContaining([0]));
      expect(returned.reduce((sum, value) => sum + value, 0)).toBe(1);
    }
  });

  it("is taken newest first, and turned round oldest first", () => {
    const machine = direct();
    machine.call("addNodes", [0, 3]);
    expect(machine.read(machine.call("firstNode") + 8)).toBe(2);
    expect(machine.call("oldest", [0, 0])).toBe(0);
    expect(machine.call("firstNode")).toBe(0);
    machine.call("addNodes", [0, 3]);
    expect(machine.call("oldest", [0, 2])).toBe(2);
  });
});

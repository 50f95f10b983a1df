import { describe, expect, it } from "vitest";
import {
  type ActorSpec,
  ReferenceEngine,
  type ReferenceOptions,
  type ReferenceResult,
  runReference,
} from "../../src/engines/reference/index.ts";
import { Op } from "../../src/machine/ops.ts";
import {
  Box,
  Cell,
  kinds,
  maintenance,
  memoryBytes,
  program,
  script,
  softirq,
} from "./reference-programs.ts";

function run(
  phases: readonly (readonly ActorSpec[])[],
  seed: number,
  options: Partial<ReferenceOptions> = {},
): ReferenceResult {
  return runReference(program(), phases, { seed, memoryBytes, kinds, ...options });
}

const seeds = Array.from({ length: 60 }, (_, i) => i);

/** What each seed found: its first verdict, or "ok". */
function verdicts(phases: readonly (readonly ActorSpec[])[]): Set<string> {
  return new Set(seeds.map((seed) => run(phases, seed).violations[0]?.verdict ?? "ok"));
}

describe("schedules", () => {
  it("lose an increment made of a load and a store for some seeds, never one made atomic", () => {
    const ends = (entry: string) =>
      new Set(
        seeds.map((seed) => {
          const engine = new ReferenceEngine(program(), { seed, memoryBytes });
          engine.run([script(entry, 5), script(entry, 5)]);
          return engine.memory[Cell.counter >> 2];
        }),
      );
    expect(ends("bumpAtomic")).toEqual(new Set([10]));
    expect(ends("bump").size).toBeGreaterThan(2);
  });

  it("are the same for the same seed, to the last step", () => {
    const actors = [[script("bump", 20), script("bump", 20), script("bumpAtomic", 20)]];
    expect(run(actors, 3)).toEqual(run(actors, 3));
    expect([...run(actors, 3).schedule]).not.toEqual([...run(actors, 4).schedule]);
  });

  it("can be replayed from their recording under another seed", () => {
    const phases = [
      [script("create")],
      [script("read"), script("read"), script("remove", 2), script("bump", 9), softirq, maintenance],
    ];
    for (const seed of seeds) {
      const first = run(phases, seed);
      expect(first.violations).toEqual([]);
      expect(run(phases, seed + 1000, { schedule: first.schedule })).toEqual(first);
    }
  });

  it("that do not fit the program are refused", () => {
    const wrong = { schedule: [1, 1, 1] };
    expect(() => run([[script("setReady"), script("waitReady")]], 1, wrong)).toThrow("does not fit");
  });

  it("end at the step limit without a verdict in either direction", () => {
    const result = run([[script("bump", 1000)]], 1, { stepLimit: 100 });
    expect(result.violations.map((violation) => violation.verdict)).toEqual(["limit-exceeded"]);
    expect(result.counters.steps).toBe(100);
  });

  it("give the same memory and counts without checks", () => {
    const phases = [[script("bump", 50), softirq]];
    const checked = run(phases, 1);
    const fast = run(phases, 1, { checks: false });
    expect(fast.counters).toEqual(checked.counters);
    expect(fast.returned).toEqual(checked.returned);
    expect(fast.schedule).toHaveLength(0);
  });
});

describe("waiting", () => {
  it("goes on when the cell is written", () => {
    expect(verdicts([[script("waitReady"), script("waitReady"), script("setReady")]])).toEqual(
      new Set(["ok"]),
    );
  });

  it("for each other is a deadlock, named with all that wait", () => {
    const phases = [[script("lockBoth", Cell.lockA, Cell.lockB), script("lockBoth", Cell.lockB, Cell.lockA)]];
    expect(verdicts(phases)).toEqual(new Set(["ok", "deadlock"]));
    const found = seeds
      .map((seed) => run(phases, seed).violations[0])
      .find((violation) => violation !== undefined);
    expect(found?.detail).toMatch(/actor 0 waits in awaitEqual \(lock test.ts:.*actor 1 waits in awaitEqual/);
    expect(found?.chain.map((frame) => frame.function)).toEqual(["lockBoth", "lock"]);
  });

  it("in one order is none", () => {
    const both = script("lockBoth", Cell.lockA, Cell.lockB);
    expect(verdicts([[both, both, both]])).toEqual(new Set(["ok"]));
  });

  it("for the clock lets it go on when nobody else can", () => {
    const result = run([[script("waitForTick", 3), script("bump", 4)]], 1);
    expect(result.violations).toEqual([]);
    expect(result.returned[0]).toBe(3);
  });
});

describe("RCU", () => {
  it("an object freed without a grace period is used after free for some seeds", () => {
    const phases = [[script("create")], [script("read"), script("read"), script("remove", 0)]];
    expect(verdicts(phases)).toEqual(new Set(["ok", "use-after-free"]));
  });

  it("synchronizeRcu waits for every reader that had begun", () => {
    expect(verdicts([[script("create")], [script("read"), script("read"), script("remove", 1)]])).toEqual(
      new Set(["ok"]),
    );
  });

  it("callRcu runs the callback once, with its id, after every reader that had begun", () => {
    for (const seed of seeds) {
      const marks: number[] = [];
      const phases = [[script("create")], [script("read"), script("remove", 2), script("read"), softirq]];
      const onMark = ({ argument }: { argument: number }) => marks.push(argument);
      expect(run(phases, seed, { onMark }).violations).toEqual([]);
      expect(marks).toEqual([5]);
    }
  });

  it("a callback that nobody runs leaves its object behind", () => {
    const result = run([[script("create")], [script("remove", 2)]], 1);
    expect(result.violations.map((violation) => violation.verdict)).toEqual(["leak"]);
  });

  it("callbacks of one phase can be taken in the next", () => {
    expect(run([[script("create")], [script("remove", 2)], [script("read"), softirq]], 1).violations).toEqual(
      [],
    );
  });

  it("read sections may not wait for a grace period, do other work, end twice or stay open", () => {
    const of = (kind: number) => run([[script("stay", kind)]], 1).violations[0];
    expect(of(1)).toMatchObject({ verdict: "deadlock", op: Op.synchronizeRcu });
    expect(of(2)).toMatchObject({ verdict: "assertion", op: Op.work });
    expect(of(3)).toMatchObject({ verdict: "assertion", op: Op.rcuReadUnlock });
    expect(of(0)).toMatchObject({ verdict: "assertion", detail: "'stay' ended inside an RCU read section" });
  });
});

describe("lifetimes", () => {
  it("an object that is never freed is a leak, with its kind and who allocated it", () => {
    const { violations } = run([[script("create")]], 1);
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({
      verdict: "leak",
      actor: -1,
      address: Box.address,
      symbol: "Box#1.owner",
    });
    expect(violations[0]?.chain.map((frame) => frame.function)).toEqual(["create"]);
  });

  it("freeing twice is a double free", () => {
    const { violations } = run([[script("create")], [script("destroy")], [script("destroy")]], 1);
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({ verdict: "double-free", op: Op.freed, symbol: "Box#1.owner" });
    expect(violations[0]?.detail).toMatch(/first by destroy test\.ts:\d+:1/);
  });

  it("queueing one head twice is a double free", () => {
    const again = [script("create")];
    const engine = new ReferenceEngine(program(), { seed: 1, memoryBytes });
    engine.run(again);
    engine.run([script("remove", 2)]);
    engine.memory[Cell.pointer >> 2] = Box.address;
    expect(engine.run([script("remove", 2)])).toBe(false);
    expect(engine.finish().violations[0]).toMatchObject({ verdict: "double-free", op: Op.callRcu });
  });

  it("a use after free names the access, the field and who freed the object", () => {
    const phases = [[script("create")], [script("destroy")], [script("touch", Box.address + Box.refs)]];
    const { violations } = run(phases, 1);
    expect(violations[0]).toMatchObject({
      verdict: "use-after-free",
      op: Op.load,
      symbol: "Box#1.refs",
      step: 4,
    });
    expect(violations[0]?.detail).toMatch(/load touches a freed object, freed by destroy test\.ts/);
    expect(violations[0]?.chain.map((frame) => frame.function)).toEqual(["touch"]);
  });

  it("a range can be allocated again after it was freed, not before", () => {
    const again = [[script("create")], [script("destroy")], [script("create")], [script("destroy")]];
    expect(run(again, 1).violations).toEqual([]);
    const over = run([[script("create")], [script("create")]], 1).violations[0];
    expect(over).toMatchObject({ verdict: "assertion", op: Op.allocated });
  });

  it("freeing what was never allocated is reported", () => {
    expect(run([[script("destroy")]], 1).violations[0]).toMatchObject({
      verdict: "assertion",
      detail: "frees what was never allocated",
    });
  });
});

describe("faults", () => {
  it("null, misaligned and wild addresses stop the run where they are used", () => {
    const of = (address: number) => run([[script("touch", address)]], 1).violations[0]?.detail;
    expect(of(0)).toBe("load used an address in the null line (0)");
    expect(of(60)).toBe("load used an address in the null line (60)");
    expect(of(2050)).toBe("load used an address that is not a multiple of 4 (2050)");
    expect(of(memoryBytes)).toBe(`load used an address outside the memory (${memoryBytes})`);
    expect(of(-8)).toBe("load used an address outside the memory (-8)");
  });

  it("a division by zero is an assertion at its place", () => {
    const violation = run([[script("divide", 0)]], 1).violations[0];
    expect(violation).toMatchObject({ verdict: "assertion", op: Op.fault, detail: "divided by zero" });
    expect(violation?.chain.map((frame) => frame.function)).toEqual(["divide"]);
    expect(run([[script("divide", 7)]], 1).returned).toEqual([14]);
  });
});

describe("marks", () => {
  it("can be declared to be violations of the program's own finding", () => {
    const phases = [[script("create")], [script("remove", 2), softirq]];
    const own = run(phases, 1, { verdictOfMark: (event) => (event === 50 ? "lost-release" : undefined) });
    expect(own.violations).toMatchObject([{ verdict: "lost-release", op: Op.mark, address: 5 }]);
    expect(own.violations[0]?.chain.map((frame) => frame.function)).toEqual(["softirq"]);
    expect(own.counters.marks).toEqual(new Map([[50, 1]]));
  });
});

describe("maintenance", () => {
  it("runs until it finds nothing to do, after all scripts are done", () => {
    for (const seed of seeds.slice(0, 10)) {
      const engine = new ReferenceEngine(program(), { seed, memoryBytes });
      expect(engine.run([script("bumpAtomic", 7), maintenance])).toBe(true);
      expect(engine.memory[Cell.counter >> 2]).toBe(0);
    }
  });

  it("that is blocked when all else is over is abandoned", () => {
    const blocked: ActorSpec = { ...maintenance, entry: "waitReady", args: [] };
    expect(run([[script("bump", 3), blocked, softirq]], 1).violations).toEqual([]);
  });
});

describe("counters", () => {
  it("count operations by kind and tell a strategy's atomic ones apart", () => {
    const { counters } = run([[script("bumpAtomic", 6), script("lockBoth", Cell.lockA, Cell.lockB)]], 1);
    expect(counters.byOp[Op.fetchAdd]).toBe(7);
    expect(counters.byOp[Op.exchange]).toBe(2);
    expect(counters.rmws).toBe(9);
    expect(counters.strategyRmws).toBe(6);
    expect(counters.steps).toBe(11);
  });
});

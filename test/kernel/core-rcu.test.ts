/** RCU of the compiled build under random schedules: no reader may see a label freed, and all are freed in the end. */
import { describe, expect, it } from "vitest";
import { type ActorSpec, createDirect, ReferenceEngine } from "../../src/engines/reference/index.ts";
import { Boot } from "../../src/machine/memory-map.ts";
import { Op } from "../../src/machine/ops.ts";
import { explain } from "../conformance/schedules.ts";
import { builtin, kindNames, markedVerdicts, steppedTestProgram } from "../conformance/support.ts";

/** Runs actors, one CPU each; returns the greatest backlog. */
function race(actors: readonly [string, number][], seed: number, rcuBacklog = 100): number {
  const engine = new ReferenceEngine(steppedTestProgram("qsbr", builtin("none"), { rcuBacklog }), {
    seed,
    cpus: actors.length,
    memoryBytes: 512 * 1024,
    kinds: kindNames,
    stepLimit: 1_000_000,
  });
  const alone = (entry: string, ...args: number[]): number => {
    engine.run([{ cpu: 0, entry, args, role: "script" }]);
    return engine.returnedBy(0);
  };
  alone("boot");
  engine.run(
    actors.map(([entry, count], cpu): ActorSpec => ({ cpu, entry, args: [cpu, count], role: "script" })),
  );
  if (!engine.world.halted) {
    expect(alone("waiting"), `seed ${seed}`).toBe(0);
    expect(alone("liveLabels"), `seed ${seed}`).toBe(1);
  }
  const peak = alone("peak");
  alone("end", 0);
  const result = engine.finish();
  expect(explain(result), `seed ${seed}`).toBe("");
  expect(markedVerdicts(result.counters.marks)).toEqual([]);
  return peak;
}

describe("quiescent-state based RCU", () => {
  it("frees nothing under a reader, however long it stays, and everything in the end", () => {
    for (let seed = 1; seed <= 40; seed++) {
      race(
        [
          ["slowReader", 4],
          ["reader", 20],
          ["updater", 6],
        ],
        seed,
      );
      race(
        [
          ["updater", 6],
          ["reader", 20],
          ["slowReader", 4],
        ],
        seed,
      );
    }
  });

  it("lets several updaters share grace periods", () => {
    for (let seed = 1; seed <= 80; seed++)
      race(
        [
          ["updater", 6],
          ["slowReader", 3],
          ["updater", 6],
        ],
        seed,
      );
  });

  it("does not wait for CPUs that are offline, and sees them when they come online", () => {
    for (let seed = 1; seed <= 80; seed++)
      race(
        [
          ["thinker", 20],
          ["slowReader", 2],
          ["updater", 6],
        ],
        seed,
      );
  });

  it("gives synchronize a grace period after which queued callbacks may run at once", () => {
    for (let seed = 1; seed <= 80; seed++)
      race(
        [
          ["waiter", 5],
          ["waiter", 5],
          ["slowReader", 3],
        ],
        seed,
      );
  });

  it("bounds the callbacks that wait: above the limit an updater waits for its grace period", () => {
    let unbounded = 0;
    for (let seed = 1; seed <= 40; seed++) {
      expect(
        race(
          [
            ["updater", 20],
            ["slowReader", 10],
          ],
          seed,
          3,
        ),
      ).toBeLessThanOrEqual(4);
      unbounded = Math.max(
        unbounded,
        race(
          [
            ["updater", 20],
            ["slowReader", 10],
          ],
          seed,
          100,
        ),
      );
    }
    expect(unbounded).toBeGreaterThan(4);
  });
});

describe("a grace period of a least length", () => {
  /** One CPU on which a label was replaced at tick 10, and which says how many callbacks wait at later ones. */
  function waitingAt(gracePeriodUs: number, ticks: readonly number[]): number[] {
    const machine = createDirect(steppedTestProgram("qsbr", builtin("none"), { gracePeriodUs }), {
      memoryWords: 1 << 17,
    });
    machine.write(Boot.tick, 10);
    machine.call("boot");
    machine.call("replaceOnce", [0]);
    machine.call("quietly", [0]);
    return ticks.map((tick) => {
      machine.write(Boot.tick, tick);
      machine.call("quietly", [0]);
      return machine.call("waiting");
    });
  }

  it("is over with the next quiescent state where that length is 0", () => {
    expect(waitingAt(0, [10])).toEqual([0]);
  });

  it("makes who waits for it wait that long", () => {
    const spins = (gracePeriodUs: number): number => {
      const engine = new ReferenceEngine(steppedTestProgram("qsbr", builtin("none"), { gracePeriodUs }), {
        seed: 1,
        memoryBytes: 512 * 1024,
      });
      engine.run([{ cpu: 0, entry: "boot", args: [], role: "script" }]);
      engine.run([{ cpu: 0, entry: "waiter", args: [0, 3], role: "script" }]);
      return engine.finish().counters.byOp[Op.spin] ?? 0;
    };
    expect([spins(0), spins(5)]).toEqual([0, 3]);
  });

  it("keeps callbacks until it has passed, by whole ticks of a millisecond", () => {
    expect(waitingAt(3000, [10, 12, 13, 14])).toEqual([1, 1, 1, 0]);
    expect(waitingAt(1, [10, 11, 12])).toEqual([1, 1, 0]);
  });
});

/** The policy text that profiles share: its two counts, one call at a time and under random schedules. */
import { describe, expect, it } from "vitest";
import { type ActorSpec, createDirect, ReferenceEngine } from "../../src/engines/reference/index.ts";
import { Mark, Verdict } from "../../src/kernel/core/marks.ts";
import { explain } from "../conformance/schedules.ts";
import { builtin, kindNames, markedVerdicts, steppedTestProgram } from "../conformance/support.ts";

const program = () => steppedTestProgram("rawdata", builtin("none"), { verify: 1, quarantine: 4 });

function direct() {
  const marks: number[] = [];
  const machine = createDirect(program(), {
    memoryWords: 65_536,
    kinds: kindNames,
    checks: false,
    onMark: ({ event }) => marks.push(event),
  });
  machine.call("boot");
  const text = machine.call("alloc", [0]);
  return {
    text,
    counts: () => [machine.call("countOf", [text]), machine.call("profilesOf", [text])],
    profileGet: () => machine.call("profileGet", [text]),
    profilePut: () => machine.call("profilePut", [0, text]),
    tryGet: () => machine.call("tryGet", [text]) === 1,
    put: () => machine.call("put", [0, text]),
    settle: () => machine.gracePeriod(),
    live: () => machine.call("live"),
    found: (verdict: Verdict) => marks.includes(Mark.violation + verdict),
  };
}

describe("a policy text", () => {
  it("begins with one profile, which stands for one count", () => {
    const { text, counts, live } = direct();
    expect(text).toBeGreaterThan(0);
    expect(counts()).toEqual([1, 1]);
    expect(live()).toBe(1);
  });

  it("has one count for all its profiles together", () => {
    const { counts, profileGet, profilePut } = direct();
    profileGet();
    profileGet();
    expect(counts()).toEqual([1, 3]);
    profilePut();
    profilePut();
    expect(counts()).toEqual([1, 1]);
    profilePut();
    expect(counts()).toEqual([0, 0]);
  });

  it("goes a grace period after its last profile where nobody has it open", () => {
    const { profilePut, settle, live } = direct();
    profilePut();
    expect(live()).toBe(1);
    settle();
    expect(live()).toBe(0);
  });

  it("stays while somebody has it open, and goes with him", () => {
    const { counts, profilePut, tryGet, put, settle, live } = direct();
    expect(tryGet()).toBe(true);
    expect(counts()).toEqual([2, 1]);
    profilePut();
    settle();
    expect(counts()).toEqual([1, 0]);
    expect(live()).toBe(1);
    put();
    settle();
    expect(live()).toBe(0);
  });

  it("is not there for who comes when its last count is gone", () => {
    const { counts, profilePut, tryGet } = direct();
    profilePut();
    expect(tryGet()).toBe(false);
    expect(counts()).toEqual([0, 0]);
  });

  it("stays with its profiles when who had it open closes it", () => {
    const { counts, tryGet, put, settle, live } = direct();
    tryGet();
    put();
    settle();
    expect(counts()).toEqual([1, 1]);
    expect(live()).toBe(1);
  });

  it.each(["profilePut", "put"] as const)("tells of a %s too many", (name) => {
    const machine = direct();
    machine.profilePut();
    expect(machine.found(Verdict.negativeCount)).toBe(false);
    machine[name]();
    expect(machine.found(Verdict.negativeCount)).toBe(true);
  });

  it("is freed once and never too early while texts are replaced and opened", () => {
    let opened = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const engine = new ReferenceEngine(program(), {
        seed,
        cpus: 4,
        memoryBytes: 512 * 1024,
        kinds: kindNames,
        stepLimit: 1_000_000,
      });
      const actor = (cpu: number, entry: string, ...args: number[]): ActorSpec => ({
        cpu,
        entry,
        args,
        role: entry === "softirq" ? "softirq" : "script",
      });
      engine.run([actor(0, "boot")]);
      engine.run([
        actor(0, "opener", 0, 20),
        actor(1, "opener", 1, 20),
        actor(2, "loader", 2, 8),
        actor(3, "softirq", 3),
      ]);
      opened += engine.returnedBy(0) + engine.returnedBy(1);
      engine.run([actor(0, "live")]);
      expect(engine.returnedBy(0), `seed ${seed}`).toBe(0);
      const result = engine.finish();
      expect(explain(result), `seed ${seed}`).toBe("");
      expect(markedVerdicts(result.counters.marks), `seed ${seed}`).toEqual([]);
    }
    expect(opened).toBeGreaterThan(60);
  });
});

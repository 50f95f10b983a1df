/** The queued spinlock, and the count in its word that makes a lockref of it. */
import { describe, expect, it } from "vitest";
import { createDirect } from "../../../src/engines/reference/index.ts";
import { procProgram, procRun } from "./support.ts";

const program = () => procProgram("test/programs/procfs-locks.ts");
const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

function direct(count: number) {
  const machine = createDirect(program(), { cpus: 2, memoryWords: 65_536 * 2 });
  machine.call("boot", [count]);
  return machine;
}

describe("a queued spinlock", () => {
  it("lets one CPU at a time in and is free with an empty queue afterwards, in any order", () => {
    for (const seed of seeds) {
      const actors = [1, 2, 3, 4].map(() => ["underQueuedLock", 6] as const);
      const { after, verdicts } = procRun(program(), seed, [["boot", 1]], actors, [
        ["counted"],
        ["restOfLock"],
      ]);
      expect([verdicts, after], `seed ${seed}`).toEqual([[], [24, 0]]);
    }
  });
});

describe("a lockref", () => {
  it("counts with and without its lock, whoever else has it", () => {
    for (const seed of seeds) {
      const actors = [
        ["getAndPut", 8],
        ["getAndPut", 8],
        ["underLockref", 5],
        ["underLockref", 5],
      ] as const;
      const calls = [["counted"], ["count"], ["restOfLockref"]] as const;
      const { after, verdicts } = procRun(program(), seed, [["boot", 1]], actors, calls);
      expect([verdicts, after], `seed ${seed}`).toEqual([[], [10, 1, 0]]);
    }
  });

  it("ends once, and nobody gets a reference afterwards", () => {
    let late = 0;
    for (const seed of seeds) {
      const actors = [["user", 4], ["user", 4], ["drop"]] as const;
      const calls = [["ends"], ["count"], ["restOfLockref"]] as const;
      const { after, returned, verdicts } = procRun(program(), seed, [["boot", 1]], actors, calls);
      expect([verdicts, after], `seed ${seed}`).toEqual([[], [1, -128, 0]]);
      if ((returned[0] ?? 0) + (returned[1] ?? 0) < 8) late++;
    }
    expect(late).toBeGreaterThan(0);
  });

  it("gives a reference to who has none only while it is not dead, and not from 0 where that is asked", () => {
    const machine = direct(0);
    expect(machine.call("getNotZero", [0])).toBe(0);
    expect(machine.call("getNotDead", [0])).toBe(1);
    expect(machine.call("getNotZero", [0])).toBe(1);
    expect(machine.call("count")).toBe(2);
    machine.call("lock", [0]);
    machine.call("markDead");
    machine.call("unlock");
    expect(machine.call("getNotDead", [0])).toBe(0);
    expect(machine.call("getNotZero", [0])).toBe(0);
    expect(machine.call("count")).toBe(-128);
  });

  it("puts all references but the last, for which the lock is kept", () => {
    const machine = direct(2);
    expect(machine.call("putNotLast")).toBe(1);
    expect(machine.call("putNotLast")).toBe(0);
    expect(machine.call("putOrLock", [0])).toBe(0);
    // Still counted, and locked: an unlocked change is refused.
    expect(machine.call("count")).toBe(1);
    expect(machine.call("putNotLast")).toBe(0);
    machine.call("unlockAdd", [2]);
    expect(machine.call("count")).toBe(3);
    expect(machine.call("putOrLock", [0])).toBe(1);
    expect(machine.call("count")).toBe(2);
    expect(machine.call("restOfLockref")).toBe(0);
  });
});

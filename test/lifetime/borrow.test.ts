/** Borrows beyond what one hook needs: several at a time, and some that their task sleeps with. With every strategy. */
import { describe, expect, it } from "vitest";
import { createDirect } from "../../src/engines/reference/index.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import {
  kindNames,
  markedVerdicts,
  stageBytes,
  steppedTestProgram,
  type TestedStrategy,
  testedStrategies,
} from "../conformance/support.ts";

const cpus = 2;

/** A label that only the shared slot refers to. */
function begin(strategy: TestedStrategy) {
  const marks = new Map<number, number>();
  const machine = createDirect(steppedTestProgram("borrow-stage", strategy), {
    cpus,
    memoryWords: stageBytes(cpus) / 4,
    kinds: kindNames,
    onMark: ({ event }) => marks.set(event, (marks.get(event) ?? 0) + 1),
  });
  const on = (cpu: number, entry: string, ...args: number[]) => machine.call(entry, [cpu, ...args], cpu);
  machine.call("boot");
  for (let cpu = 0; cpu < cpus; cpu++) on(cpu, "bootCpu");
  const label = on(0, "make", 0);
  on(0, "publishLabel", label);
  on(0, "show", 0);
  /** Its last holders drop it, and all that can happen then happens. */
  const end = () => {
    on(0, "hide");
    on(0, "retireLabel", label);
    on(0, "drop", 0);
    settle();
  };
  const settle = () => {
    while (machine.gracePeriod() + on(0, "maintain") > 0);
  };
  const released = () => marks.get(Mark.released) ?? 0;
  return { on, label, end, settle, released, live: () => machine.call("liveLabels"), marks };
}

const releasing = testedStrategies().filter(({ meta }) => meta.capabilities.releases !== "never");

describe.each(releasing.map((strategy) => [strategy.name, strategy] as const))("%s", (_name, strategy) => {
  it("keeps a label until the last of more borrows than there are places for has ended", () => {
    const { on, label, end, settle, released, live, marks } = begin(strategy);
    for (let guard = 0; guard < 7; guard++) expect(on(1, "borrowAt", 1, guard)).toBe(label);
    end();
    for (const guard of [5, 0, 6, 3, 1, 2, 4]) {
      expect(released()).toBe(0);
      on(1, "touch", label);
      on(1, "unborrowAt", 1, guard, label);
      settle();
    }
    expect(released()).toBe(1);
    expect(live()).toBe(0);
    expect(markedVerdicts(marks)).toEqual([]);
  });

  it("keeps a label for a task that sleeps and goes on elsewhere, while others borrow on its CPU", () => {
    const { on, label, end, settle, released, live, marks } = begin(strategy);
    for (const guard of [0, 1]) on(1, "borrowAt", 1, guard);
    on(1, "sleep");
    for (const guard of [2, 3, 4, 5]) on(1, "borrowAt", 1, guard);
    for (const guard of [2, 3, 4, 5]) on(1, "unborrowAt", 1, guard, label);
    end();
    expect(released()).toBe(0);
    on(0, "touch", label);
    on(0, "unborrowAt", 1, 1, label);
    settle();
    expect(released()).toBe(0);
    on(0, "unborrowAt", 1, 0, label);
    settle();
    expect(released()).toBe(1);
    expect(live()).toBe(0);
    expect(markedVerdicts(marks)).toEqual([]);
  });

  it("borrows again in places that were given back", () => {
    const { on, label, end, released } = begin(strategy);
    for (let round = 0; round < 20; round++) {
      expect(on(1, "borrowAt", 1, 0)).toBe(label);
      on(1, "unborrowAt", 1, 0, label);
    }
    end();
    expect(released()).toBe(1);
  });
});

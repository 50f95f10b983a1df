/** The build for engines that watch every access: what it leaves out, and what it tells by marks. */
import { describe, expect, it } from "vitest";
import { createDirect, type Direct, ReferenceEngine } from "../../src/engines/reference/index.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { builtin, linkTestProgram, stageBytes, steppedTestProgram } from "../conformance/support.ts";

const options = { verify: 0, watched: 1 };

/** The label stage on two CPUs, call by call, and the marks so far. */
function stage(strategy: string): { machine: Direct; marks: number[] } {
  const marks: number[] = [];
  const machine = createDirect(steppedTestProgram("label-stage", builtin(strategy), options), {
    cpus: 2,
    memoryWords: stageBytes(2) / 4,
    onMark: ({ event }) => marks.push(event),
  });
  machine.call("boot");
  for (const cpu of [0, 1]) machine.call("bootCpu", [cpu], cpu);
  return { machine, marks };
}

describe("a watched build", () => {
  it("is refused together with verify", () => {
    const link = () => linkTestProgram("label-stage", builtin("kref"), { verify: 1, watched: 1 });
    expect(link).toThrow("the program cannot have both `watched` and `verify`");
  });

  it("tells of every holder before the reference is dropped and after it was taken", () => {
    const { machine, marks } = stage("kref");
    machine.call("make", [0, 0]);
    machine.call("copy", [0, 0, 1]);
    machine.call("carry", [0, 1, 1, 2]);
    machine.call("drop", [1, 2], 1);
    machine.call("drop", [0, 0]);
    const { holderTaken, holderDropped, released } = Mark;
    expect(marks).toEqual([holderTaken, holderTaken, holderDropped, holderDropped, released]);
  });

  it("allocates without atomic operations", () => {
    const program = steppedTestProgram("label-stage", builtin("kref"), options);
    const engine = new ReferenceEngine(program, { memoryBytes: stageBytes(1), seed: "watched" });
    for (const [entry, ...args] of [["boot"], ["make", 0, 0], ["make", 0, 1]] as const) {
      engine.run([{ cpu: 0, entry, args, role: "script" }]);
    }
    expect(engine.world.counters().rmws).toBe(0);
  });

  it("never uses memory twice", () => {
    const { machine } = stage("kref");
    const first = machine.call("make", [0, 0]);
    machine.call("drop", [0, 0]);
    while (machine.gracePeriod(0) > 0);
    expect(machine.call("make", [0, 0])).toBeGreaterThan(first);
  });

  it("gives each CPU addresses of its own, whatever others allocated before", () => {
    const alone = stage("percpu-ref").machine.call("make", [1, 0], 1);
    const { machine } = stage("percpu-ref");
    machine.call("make", [0, 0]);
    expect(machine.call("make", [1, 0], 1)).toBe(alone);
  });

  it("has neither magazines nor depot, and takes less memory", () => {
    const bytes = (given: Record<string, number>): number => {
      const { constants } = linkTestProgram("label-stage", builtin("kref"), given);
      return (constants.get("cpuAreaBytes") ?? 0) - (constants.get("watchedHeapBytes") ?? 0);
    };
    expect(bytes(options)).toBeLessThan(bytes({ verify: 0 }));
  });
});

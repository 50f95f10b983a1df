/** percpu_ref, every entry point: in direct mode one call at a time, then under random schedules. */
import { describe, expect, it } from "vitest";
import {
  type ActorSpec,
  createDirect,
  ReferenceEngine,
  runReference,
} from "../../src/engines/reference/index.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { Confirm, percpuBias, RefEvent, RefInit, RefMode } from "../../src/kernel/core/percpu-ref-layout.ts";
import { explain } from "../conformance/schedules.ts";
import {
  builtin,
  kindNames,
  markedVerdicts,
  steppedTestProgram,
  verdictText,
} from "../conformance/support.ts";

// The ref's module is not part of a strategy; the linker wants some strategy all the same.
const strategy = builtin("none");

/** One object with a ref on a machine with two CPUs. */
function direct(flags: number, options: Readonly<Record<string, number>> = {}) {
  const marks = new Map<number, number>();
  const machine = createDirect(steppedTestProgram("percpu-ref", strategy, options), {
    cpus: 2,
    kinds: kindNames,
    onMark: ({ event }) => marks.set(event, (marks.get(event) ?? 0) + 1),
  });
  machine.call("boot");
  const thing = machine.call("make", [0, flags]);
  return {
    machine,
    thing,
    /** Calls an entry that takes a CPU and the object. */
    on: (cpu: number, entry: string, ...args: number[]) => machine.call(entry, [cpu, thing, ...args], cpu),
    of: (entry: string) => machine.call(entry, [thing]),
    mode: () => machine.call("word", [thing]) & RefMode.mask,
    released: () => machine.call("released"),
    confirmed: () => machine.call("confirmed"),
    warned: (mark: Mark) => marks.get(mark) ?? 0,
    grace: () => machine.gracePeriod(),
  };
}

describe("a percpu_ref when made", () => {
  it("counts per CPU and has one reference", () => {
    const ref = direct(RefInit.percpu);
    expect(ref.mode()).toBe(RefMode.percpu);
    expect(ref.of("count")).toBe((percpuBias + 1) | 0);
    expect(ref.of("isZero")).toBe(0);
    expect(ref.of("isDying")).toBe(0);
  });

  it("starts atomic when asked to, and may go per-CPU later", () => {
    const ref = direct(RefInit.atomic);
    expect(ref.mode()).toBe(RefMode.atomic);
    expect(ref.of("count")).toBe(1);
    ref.on(0, "switchToPercpu");
    expect(ref.mode()).toBe(RefMode.percpu);
    expect(ref.warned(Mark.switchNotAllowed)).toBe(0);
  });

  it("starts dead when asked to, without a reference, until it is reinitialised", () => {
    const ref = direct(RefInit.dead);
    expect(ref.mode()).toBe(RefMode.atomic | RefMode.dead);
    expect(ref.of("isZero")).toBe(1);
    expect(ref.on(0, "tryGet")).toBe(0);
    expect(ref.on(0, "tryGetLive")).toBe(0);
    ref.on(0, "reinit");
    expect(ref.mode()).toBe(RefMode.percpu);
    expect(ref.on(0, "tryGetLive")).toBe(1);
  });

  it("is refused when there is no per-CPU memory, and takes nothing then", () => {
    const ref = direct(RefInit.percpu, { percpuBytes: 64 });
    const objects = ref.machine.liveObjects().length;
    for (let made = 1; made < 8; made++)
      expect(ref.machine.call("make", [0, RefInit.percpu])).toBeGreaterThan(0);
    const before = ref.machine.liveObjects().length;
    expect(before).toBeGreaterThan(objects);
    expect(ref.machine.call("make", [0, RefInit.percpu])).toBe(0);
    expect(ref.warned(Mark.percpuExhausted)).toBe(1);
    expect(ref.machine.liveObjects().length).toBe(before);
  });
});

describe("gets and puts", () => {
  it("do not touch the atomic count in per-CPU mode, and never release", () => {
    const ref = direct(RefInit.percpu);
    const before = ref.of("count");
    ref.on(0, "get");
    ref.on(1, "getMany", 5);
    expect(ref.on(1, "put")).toBe(0);
    expect(ref.on(0, "putMany", 5)).toBe(0);
    expect(ref.on(0, "put")).toBe(0);
    expect(ref.of("count")).toBe(before);
  });

  it("release with the last put in atomic mode, and only then", () => {
    const ref = direct(RefInit.atomic);
    ref.on(0, "get");
    ref.on(1, "getMany", 3);
    expect(ref.on(1, "put")).toBe(0);
    expect(ref.on(0, "putMany", 3)).toBe(0);
    expect(ref.on(0, "put")).toBe(1);
    expect(ref.of("isZero")).toBe(1);
  });

  it("take references on one CPU and drop them on another", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "getMany", 10);
    ref.on(1, "putMany", 10);
    ref.on(0, "kill");
    ref.grace();
    expect(ref.of("count")).toBe(0);
    expect(ref.released()).toBe(1);
  });
});

describe("tryGet", () => {
  it("succeeds while a reference is left, dead or not, and fails at zero", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "get");
    ref.on(0, "kill");
    ref.grace();
    expect(ref.on(1, "tryGet")).toBe(1);
    expect(ref.on(1, "put")).toBe(0);
    expect(ref.on(0, "put")).toBe(1);
    expect(ref.on(1, "tryGet")).toBe(0);
    expect(ref.on(1, "tryGetMany", 2)).toBe(0);
  });

  it("takes many at once", () => {
    const ref = direct(RefInit.atomic);
    expect(ref.on(0, "tryGetMany", 4)).toBe(1);
    expect(ref.of("count")).toBe(5);
  });
});

describe("tryGetLive", () => {
  it("fails as soon as the ref is killed, although references are left", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "get");
    expect(ref.on(1, "tryGetLive")).toBe(1);
    ref.on(0, "kill");
    expect(ref.on(1, "tryGetLive")).toBe(0);
    expect(ref.on(1, "tryGet")).toBe(1);
  });

  it("succeeds in atomic mode as long as nobody killed the ref", () => {
    const ref = direct(RefInit.atomic);
    expect(ref.on(0, "tryGetLive")).toBe(1);
    expect(ref.of("count")).toBe(2);
  });
});

describe("switching to atomic mode", () => {
  it("brings the sum of all CPUs and the bias in together, after a grace period", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    ref.on(0, "getMany", 7);
    ref.on(1, "putMany", 3);
    ref.on(0, "switchToAtomic", Confirm.silent);
    expect(ref.mode()).toBe(RefMode.atomic);
    // The reference it was made with, the switch's own, and the bias; nothing of the per-CPU counters yet.
    expect(ref.of("count")).toBe((percpuBias + 2) | 0);
    ref.on(1, "get");
    ref.grace();
    expect(ref.of("count")).toBe(1 + 7 - 3 + 1);
  });

  it("tells who asked for it when it is over, and others not", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    expect(ref.on(0, "switchToAtomic", Confirm.wanted)).toBe(RefEvent.none);
    expect(ref.confirmed()).toBe(0);
    ref.grace();
    expect(ref.confirmed()).toBe(1);
    ref.on(0, "switchToPercpu");
    ref.on(0, "switchToAtomic", Confirm.silent);
    ref.grace();
    expect(ref.confirmed()).toBe(1);
  });

  it("is confirmed at once when the ref is atomic already", () => {
    const ref = direct(RefInit.atomic);
    expect(ref.on(0, "switchToAtomic", Confirm.wanted)).toBe(RefEvent.confirmed);
    ref.on(0, "switchToAtomicSync");
    expect(ref.machine.pendingCallbacks).toBe(0);
  });

  it("lasts over a kill and a reinit until somebody asks for per-CPU mode", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    ref.on(0, "switchToAtomic", Confirm.silent);
    ref.grace();
    ref.on(0, "kill");
    expect(ref.of("isZero")).toBe(1);
    ref.on(0, "reinit");
    expect(ref.mode()).toBe(RefMode.atomic);
    ref.on(0, "switchToPercpu");
    expect(ref.mode()).toBe(RefMode.percpu);
  });

  it("gives the counters back after a kill of a ref that may not be reinitialised", () => {
    const ref = direct(RefInit.percpu);
    expect(ref.machine.call("percpuBytesInUse")).toBe(8);
    ref.on(0, "get");
    ref.on(0, "kill");
    ref.grace();
    expect(ref.machine.call("percpuBytesInUse")).toBe(0);
    expect(ref.on(0, "put")).toBe(1);
  });

  it("warns of a sum that is not positive, and never releases then", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "putMany", 5);
    ref.on(0, "kill");
    ref.grace();
    expect(ref.warned(Mark.sumNotPositive)).toBe(1);
    ref.on(0, "getMany", 20);
    ref.on(0, "putMany", 20);
    expect(ref.released()).toBe(0);
  });
});

describe("switching to per-CPU mode", () => {
  it("starts with empty counters, however often it went to and fro", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    for (let round = 1; round <= 5; round++) {
      ref.on(round % 2, "get");
      ref.on(0, "switchToAtomic", Confirm.silent);
      ref.grace();
      expect(ref.of("count")).toBe(1 + round);
      ref.on(0, "switchToPercpu");
    }
  });

  it("is refused for a ref made without permission", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "switchToAtomic", Confirm.silent);
    ref.grace();
    ref.on(0, "switchToPercpu");
    expect(ref.mode()).toBe(RefMode.atomic);
    expect(ref.warned(Mark.switchNotAllowed)).toBe(1);
  });

  it("does nothing to a ref that counts per CPU already", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "get");
    ref.on(0, "switchToPercpu");
    expect(ref.warned(Mark.switchNotAllowed)).toBe(0);
    ref.on(0, "kill");
    ref.grace();
    expect(ref.of("count")).toBe(1);
  });

  it("leaves a dead ref atomic", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    ref.on(0, "get");
    ref.on(0, "kill");
    ref.grace();
    ref.on(0, "switchToPercpu");
    expect(ref.mode()).toBe(RefMode.atomic | RefMode.dead);
  });
});

describe("a kill", () => {
  it("drops the reference that the ref was made with; the last put releases", () => {
    const ref = direct(RefInit.percpu);
    ref.on(1, "get");
    expect(ref.on(0, "kill")).toBe(RefEvent.none);
    expect(ref.of("isDying")).toBe(1);
    ref.grace();
    expect(ref.released()).toBe(0);
    expect(ref.of("count")).toBe(1);
    expect(ref.on(1, "put")).toBe(1);
  });

  it("releases in its callback when nobody else has a reference", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "kill");
    expect(ref.released()).toBe(0);
    ref.grace();
    expect(ref.released()).toBe(1);
  });

  it("releases at once when the ref was atomic and nobody else has a reference", () => {
    const ref = direct(RefInit.atomic);
    expect(ref.on(0, "kill")).toBe(RefEvent.released);
  });

  it("is confirmed after the grace period", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "get");
    ref.on(0, "killAndConfirm");
    expect(ref.confirmed()).toBe(0);
    ref.grace();
    expect(ref.confirmed()).toBe(1);
  });

  it("is warned of the second time, and drops nothing more", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "getMany", 2);
    ref.on(0, "kill");
    ref.grace();
    ref.on(0, "kill");
    expect(ref.warned(Mark.killTwice)).toBe(1);
    expect(ref.of("count")).toBe(2);
  });

  it("does not let puts during the switch reach zero, although their gets are in the counters", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "getMany", 5);
    ref.on(0, "kill");
    expect(ref.on(1, "putMany", 4)).toBe(0);
    expect(ref.on(1, "put")).toBe(0);
    expect(ref.released()).toBe(0);
    ref.grace();
    expect(ref.released()).toBe(1);
  });
});

describe("reviving", () => {
  it("reinitialises a dead ref without references to one reference in per-CPU mode", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    ref.on(0, "kill");
    ref.grace();
    ref.on(0, "reinit");
    expect(ref.mode()).toBe(RefMode.percpu);
    expect(ref.of("isDying")).toBe(0);
    ref.on(0, "kill");
    ref.grace();
    expect(ref.released()).toBe(2);
  });

  it("is warned of while references are left, and then does nothing", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    ref.on(0, "get");
    ref.on(0, "kill");
    ref.grace();
    ref.on(0, "reinit");
    expect(ref.warned(Mark.reinitNotZero)).toBe(1);
    expect(ref.of("isDying")).toBe(1);
  });

  it("resurrects a dead ref with the references that are left and one more", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    ref.on(0, "getMany", 2);
    ref.on(0, "kill");
    ref.grace();
    ref.on(0, "resurrect");
    expect(ref.mode()).toBe(RefMode.percpu);
    expect(ref.on(1, "tryGetLive")).toBe(1);
    ref.on(0, "kill");
    ref.grace();
    expect(ref.of("count")).toBe(3);
  });

  it("is warned of when the ref is alive", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    ref.on(0, "resurrect");
    expect(ref.warned(Mark.resurrectNotDying)).toBe(1);
    expect(ref.of("count")).toBe((percpuBias + 1) | 0);
  });

  it("is warned of when the counters were given back", () => {
    const ref = direct(RefInit.percpu);
    ref.on(0, "get");
    ref.on(0, "kill");
    ref.grace();
    ref.on(0, "resurrect");
    expect(ref.warned(Mark.resurrectNotDying)).toBe(1);
    expect(ref.of("isDying")).toBe(1);
  });
});

describe("exit", () => {
  it("gives counters and data back", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    ref.on(0, "kill");
    ref.grace();
    ref.on(0, "exit");
    ref.on(0, "free");
    expect(ref.machine.call("percpuBytesInUse")).toBe(0);
    expect(ref.machine.liveObjects()).toEqual([]);
  });

  it("keeps the count for isZero", () => {
    const zero = direct(RefInit.percpu | RefInit.allowReinit);
    zero.on(0, "kill");
    zero.grace();
    zero.on(0, "exit");
    expect(zero.of("isZero")).toBe(1);

    const held = direct(RefInit.atomic);
    held.on(0, "getMany", 3);
    held.on(0, "exit");
    expect(held.of("isZero")).toBe(0);
    expect(held.on(0, "tryGet")).toBe(0);
  });

  it("is warned of during a switch, and leaves the memory to the callback", () => {
    const ref = direct(RefInit.percpu | RefInit.allowReinit);
    ref.on(0, "kill");
    ref.on(0, "exit");
    expect(ref.warned(Mark.exitWhileSwitching)).toBe(1);
    ref.grace();
    expect(ref.released()).toBe(1);
    ref.on(0, "exit");
    expect(ref.machine.call("percpuBytesInUse")).toBe(0);
  });

  it("may be called twice", () => {
    const ref = direct(RefInit.atomic);
    ref.on(0, "exit");
    ref.on(0, "exit");
    expect(ref.machine.violations()).toEqual([]);
  });
});

describe("under random schedules", () => {
  const program = () => steppedTestProgram("percpu-ref-actors", strategy);

  /** Runs actors (entry, arguments behind the CPU) with a softirq, one CPU each; counts marks and returns `released`. */
  function race(flags: number, holders: number, actors: readonly [string, ...number[]][], seed: number) {
    const specs: ActorSpec[] = actors.map(([entry, ...args], cpu) => ({
      cpu,
      entry,
      args: [cpu, ...args],
      role: "script",
    }));
    // On a CPU of its own: callbacks use per-CPU cells, and would come in the midst of an actor's step.
    const own = actors.length;
    const softirq: ActorSpec = { cpu: own, entry: "softirq", args: [own], role: "softirq" };
    const result = runReference(
      program(),
      [
        [{ cpu: 0, entry: "boot", args: [flags, holders], role: "script" }],
        [...specs, softirq],
        [{ cpu: 0, entry: "released", args: [], role: "script" }],
      ],
      { seed, cpus: actors.length + 1, memoryBytes: 512 * 1024, kinds: kindNames, stepLimit: 1_000_000 },
    );
    expect(explain(result), `seed ${seed}`).toBe("");
    expect(markedVerdicts(result.counters.marks), `seed ${seed}`).toEqual([]);
    for (const mark of [Mark.sumNotPositive, Mark.killTwice, Mark.resurrectNotDying, Mark.exitWhileSwitching])
      expect(result.counters.marks.get(mark) ?? 0, `${Mark[mark]}, seed ${seed}`).toBe(0);
    return result.returned[0];
  }

  it("users race a kill: the object is released once and nobody touches it afterwards", () => {
    for (let seed = 1; seed <= 120; seed++)
      expect(race(RefInit.percpu, 0, [["user", 6], ["user", 6], ["killer"]], seed)).toBe(1);
  });

  it("users race a kill of an atomic ref", () => {
    for (let seed = 1; seed <= 60; seed++)
      expect(race(RefInit.atomic, 0, [["user", 6], ["user", 6], ["killer"]], seed)).toBe(1);
  });

  it("switches to and fro race users and a kill", () => {
    for (let seed = 1; seed <= 80; seed++) {
      const actors: [string, ...number[]][] = [["user", 8], ["switcher", 4], ["user", 8], ["killer"]];
      expect(race(RefInit.percpu | RefInit.allowReinit, 1, actors, seed)).toBe(1);
    }
  });

  it("a switch back waits for the switch that is under way", () => {
    for (let seed = 1; seed <= 80; seed++) {
      const actors: [string, ...number[]][] = [["user", 8], ["hastySwitcher", 4], ["user", 8], ["killer"]];
      expect(race(RefInit.percpu | RefInit.allowReinit, 1, actors, seed)).toBe(1);
    }
  });

  it("two switchers wait for each other's switches", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const actors: [string, ...number[]][] = [["switcher", 4], ["switcher", 4], ["user", 6], ["killer"]];
      expect(race(RefInit.percpu | RefInit.allowReinit, 2, actors, seed)).toBe(1);
    }
  });

  it("no new user gets in between a confirmed kill and the resurrection", () => {
    for (let seed = 1; seed <= 80; seed++) {
      const actors: [string, ...number[]][] = [
        ["liveUser", 10],
        ["liveUser", 10],
        ["reviver", 3],
      ];
      // Nobody kills it for good, so it is still there in the end.
      const specs = actors.map(([entry, ...args], cpu) => ({ cpu, entry, args: [cpu, ...args] }));
      const result = runReference(
        program(),
        [
          [{ cpu: 0, entry: "boot", args: [RefInit.percpu | RefInit.allowReinit, 0], role: "script" }],
          [
            ...specs.map((spec) => ({ ...spec, role: "script" }) as const),
            { cpu: 3, entry: "softirq", args: [3], role: "softirq" },
          ],
          [
            { cpu: 0, entry: "killer", args: [0], role: "script" },
            { cpu: 3, entry: "softirq", args: [3], role: "softirq" },
          ],
        ],
        { seed, cpus: 4, memoryBytes: 512 * 1024, kinds: kindNames, stepLimit: 1_000_000 },
      );
      expect(explain(result), `seed ${seed}`).toBe("");
      expect(markedVerdicts(result.counters.marks), `seed ${seed}`).toEqual([]);
    }
  });
});

it("is asked whether it is zero while another CPU exits it: before, at and after its end the answer is the same", () => {
  const program = steppedTestProgram("percpu-ref", strategy);
  const script = (cpu: number, entry: string, args: number[]): ActorSpec => ({
    cpu,
    entry,
    args,
    role: "script",
  });
  for (let seed = 0; seed < 300; seed++) {
    const options = {
      cpus: 2,
      memoryBytes: 512 * 1024,
      kinds: kindNames,
      seed: `${seed}`,
      stepLimit: 100_000,
    };
    const engine = new ReferenceEngine(program, options);
    engine.run([script(0, "boot", [])]);
    engine.run([script(0, "make", [0, RefInit.dead])]);
    const thing = engine.returnedBy(0);
    engine.run([script(1, "isZero", [thing]), script(0, "exit", [0, thing])]);
    expect(engine.world.violations, `seed ${seed}`).toEqual([]);
    expect(engine.returnedBy(0), `seed ${seed}`).toBe(1);
  }
});

it("verdicts are spelled as the engines spell them", () => {
  expect(verdictText(1)).toBe("use-after-free");
});

/** The rules of docs/simulator-model.md for what takes or shows time beside lines: grace periods, thinking, the clock, maintenance. */
import { describe, expect, it } from "vitest";
import { engines } from "./engines.ts";
import { machine, on, one, show, spin, store, work, x, y, z } from "./examples.ts";
import { SimCallback, SimCell, type SimRecord, SimStep, stageEvery, stageJob } from "./stage.ts";

const named = engines.map((engine) => [engine.name, engine] as const);

describe.each(named)("the %s simulator", (_name, engine) => {
  describe("keeps grace periods", () => {
    it("of the least length where nobody reads", () => {
      // Asked for at 100: over at 1100.
      const { result } = show(engine, [[spin(100), one(SimStep.synchronizeRcu)]]);
      expect(result.cpuNs).toEqual([1100]);
      expect(result.time.gracePeriodsNs).toBe(1000);
      expect(result.gracePeriods).toEqual({ count: 1, meanNs: 1000, longestNs: 1000 });
    });

    it("until the last section that began before is over", () => {
      // 1 waits from 100 for 0's section, until 3000; 2's began later. What 3 asks for at 200 is for the next grace period, 3000
      // to 4000 at least, and 2's section, entered at 500, lasts until 5500.
      const section = (ns: number) => [one(SimStep.rcuReadLock), spin(ns), one(SimStep.rcuReadUnlock)];
      const { result } = show(engine, [
        section(3000),
        [spin(100), one(SimStep.synchronizeRcu)],
        [spin(500), ...section(5000)],
        [spin(200), one(SimStep.synchronizeRcu)],
      ]);
      expect(result.cpuNs).toEqual([3000, 3000, 5500, 5500]);
      expect(result.gracePeriods).toEqual({ count: 2, meanNs: 2700, longestNs: 2900 });
    });

    it("never before what their readers stored is written", () => {
      // The reader's store of x waits for memory until 600; its section is over at 500, and time is up at 550.
      const slow = { ...machine, memoryNs: 600, gracePeriodNs: 550 };
      const { lines } = show(
        engine,
        [
          [{ step: SimStep.rcuReadLock }, store(x, 1), spin(500), { step: SimStep.rcuReadUnlock }],
          [{ step: SimStep.synchronizeRcu }, { step: SimStep.mark, a: 1 }],
        ],
        { machine: slow },
      );
      expect(lines.filter((line) => line.includes("synchronizeRcu"))).toEqual(["600 cpu1 synchronizeRcu"]);
    });

    it("begin for nobody whose stores are not written", () => {
      // The store of x is written at 100, and the callback cell of the same line then, too, behind it.
      const head = x - 8;
      const call: SimRecord = { step: SimStep.callRcu, a: head, b: SimCallback.count, c: y };
      const { facts, result } = show(engine, [[store(x, 0), call]]);
      expect(facts.memory[y >> 2]).toBe(1);
      expect(result.gracePeriods.count).toBe(1);
      const other = show(engine, [[store(x, 7), { step: SimStep.synchronizeRcu }]]);
      expect(other.lines.filter((line) => line.includes("synchronizeRcu"))).toEqual([
        "1100 cpu0 synchronizeRcu",
      ]);
    });

    it("after which callbacks run, in their order, on a CPU of their own", () => {
      // A head's line comes from memory in 100, and writing it costs 1: x is queued at 100, z at 201. z has to wait for the next grace
      // period, from 1100 on. The callback's CPU loads the head from its sibling in 20, and y from memory; the second time y is its own.
      const call = (a: number): SimRecord => ({ step: SimStep.callRcu, a, b: SimCallback.count, c: y });
      const { lines, facts } = show(engine, [[call(x), call(z), spin(5000)]]);
      const told = lines.filter((line) => line.includes("callRcu") || line.includes("fetchAdd y"));
      expect(told).toEqual([
        "100 cpu0 callRcu x",
        "201 cpu0 callRcu z",
        "1220 cpu1 fetchAdd y = 0",
        "2120 cpu1 fetchAdd y = 1",
      ]);
      expect(facts.memory[SimCell.callbacksDone >> 2]).toBe(2);
    });
  });

  it.each([
    [
      [
        { l3Domains: 1, percent: 100 },
        { l3Domains: 2, percent: 80 },
      ],
      4,
      1250,
    ],
    [
      [
        { l3Domains: 1, percent: 100 },
        { l3Domains: 2, percent: 80 },
      ],
      8,
      1250,
    ],
    // 85 percent: 16000 / 0.85 = 18823.5 ticks.
    [
      [
        { l3Domains: 1, percent: 100 },
        { l3Domains: 3, percent: 70 },
      ],
      4,
      1176.5,
    ],
    [
      [
        { l3Domains: 1, percent: 100 },
        { l3Domains: 3, percent: 70 },
      ],
      3,
      1000,
    ],
  ])("thinks slower on more L3 domains: %j, CPU %d", (scaling, cpu, ns) => {
    const job = stageJob({ ...machine, scaling }, on({ [cpu]: [work(1000), spin(1000)] }));
    const { result } = engine.observe(job);
    expect(result.cpuNs[cpu]).toBe(ns + 1000);
    expect(result.time).toMatchObject({ thinkNs: 1000, slowdownNs: ns - 1000, spinNs: 1000 });
  });

  it("shows microseconds on the clock, and lets actors await them for nothing", () => {
    const script = [
      spin(1500),
      one(SimStep.now),
      { step: SimStep.awaitAtLeast, a: 128, b: 3 },
      one(SimStep.now),
    ];
    const { lines, result } = show(engine, [script]);
    expect(lines).toEqual(["1500 cpu0 now = 1", "3000 cpu0 awaitAtLeast", "3000 cpu0 now = 3"]);
    expect(result.cpuNs).toEqual([3000]);
  });

  it("calls `maintain` by plan, one call after the other, as long as scripts run", () => {
    // The first call loads its cell from memory, 1000 to 1100; the second one, due at 1010, finds it there; 20000 is too late.
    const { lines } = show(engine, [[spin(10_000)]], {
      maintenance: true,
      maintenanceAtNs: [1000, 1010, 20_000],
    });
    expect(lines).toEqual(["1100 cpu2 load = 0", "1100 cpu2 load = 0"]);
  });

  it("calls `maintain` again after a millisecond where it names no interval and did nothing", () => {
    const { lines } = show(engine, [[spin(2_500_000)]], { maintenance: true });
    // From memory at first, then a hit. The next one would be at 3000100.
    expect(lines).toEqual(["1000100 cpu2 load = 0", "2000100 cpu2 load = 0"]);
  });

  describe("calls `maintain` while it has something to do", () => {
    const scripts = [[store(SimCell.chores, 2), spin(2_500_000)]];
    // At 1000000 the cell is CPU 0's, on the same core: 20 to load and 20 more to have it alone, then 6 for the atomic.
    const first = ["1000020 cpu2 load = 2", "1000040 cpu2 fetchAdd = 2"];
    const rest = (lines: readonly string[]) => lines.filter((line) => line.includes("cpu2"));

    it("at once again where it names no interval", () => {
      const { lines } = show(engine, scripts, { maintenance: true });
      const second = ["1000046 cpu2 load = 1", "1000047 cpu2 fetchAdd = 1"];
      expect(rest(lines)).toEqual([...first, ...second, "1000051 cpu2 load = 0", "2000052 cpu2 load = 0"]);
    });

    it("in its interval, counted from the end of the call before", () => {
      const { lines } = show(engine, scripts, { maintenance: true, program: stageEvery(1) });
      expect(rest(lines)).toEqual([...first, "2000046 cpu2 load = 1", "2000047 cpu2 fetchAdd = 1"]);
    });
  });
});

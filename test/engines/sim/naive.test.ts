/** Every rule of docs/simulator-model.md in a program small enough to work out the times by hand, on all simulators. */
import { describe, expect, it } from "vitest";
import { Distance } from "../../../src/engines/sim/types.ts";
import { engines } from "./engines.ts";
import { add, awaitEqual, awaitNot, load, machine, on, one, show, store, work, x, y, z } from "./examples.ts";
import { SimCallback, type SimRecord, SimStep, stageJob } from "./stage.ts";

const named = engines.map((engine) => [engine.name, engine] as const);

describe.each(named)("the %s simulator", (_name, engine) => {
  describe("moves a line", () => {
    it.each([
      [1, "smt", 20],
      [2, "l3", 40],
      [4, "socket", 80],
      [8, "cross", 160],
    ] as const)("to CPU %d, %s, in the idle latency of that distance", (cpu, distance, latency) => {
      // CPU 0: asked for at 0, from memory in 100 ns. Long after its hold, at 1000, the other asks: it has the line after the
      // latency and is done 6 ns later.
      const { lines, result } = show(engine, on({ 0: [add(x)], [cpu]: [work(1000), add(x)] }));
      expect(lines).toEqual(["100 cpu0 fetchAdd x = 0", `${1000 + latency} cpu${cpu} fetchAdd x = 1`]);
      expect(result.elapsedNs).toBe(1000 + latency + 6);
      expect(result.transfersByDistance[Distance[distance]]).toBe(1);
      expect(result.transfersByDistance[Distance.memory]).toBe(1);
    });

    it("not at all while it is there, for a hit's cost", () => {
      // From memory at 100 (a load costs nothing more), hit until 101, owned atomic until 105, store until 106, hit until 107.
      const { lines, result } = show(engine, [[load(x), load(x), add(x), store(x, 7), load(x)]]);
      const times = ["100 cpu0 load x = 0", "100 cpu0 load x = 0", "101 cpu0 fetchAdd x = 0"];
      expect(lines).toEqual([...times, "105 cpu0 store x", "106 cpu0 load x = 7"]);
      expect(result.cpuNs).toEqual([107]);
      expect(result.time).toMatchObject({ ownNs: 7, linesNs: 100 });
    });

    it("to a load from the nearest CPU that has it, to a writer from the farthest", () => {
      // 0 loads from memory, 1 at 1000 from its sibling; 8 at 2000 finds both on the other socket, 160. Then 1 writes: 8 has the
      // line too, 160. Its next load hits.
      const scripts = on({
        0: [load(x)],
        1: [work(1000), load(x), work(1980), add(x), load(x)],
        8: [work(2000), load(x)],
      });
      const { lines, result } = show(engine, scripts);
      const loads = ["100 cpu0 load x = 0", "1020 cpu1 load x = 0", "2160 cpu8 load x = 0"];
      expect(lines).toEqual([...loads, "3160 cpu1 fetchAdd x = 0", "3166 cpu1 load x = 1"]);
      expect(result.transfersByDistance).toEqual([0, 1, 0, 0, 2, 1]);
    });

    it("on CPUs numbered core by core as well as thread by thread", () => {
      // Cores first: 8 cores, so CPU 8 is the other thread of CPU 0's core and CPU 4 is on the other socket.
      const other = { ...machine, numbering: "cores-first" } as const;
      const job = stageJob(other, on({ 0: [add(x)], 4: [work(2000), add(x)], 8: [work(1000), add(x)] }));
      const { result } = engine.observe(job);
      expect([result.cpuNs[8], result.cpuNs[4]]).toEqual([1026, 2166]);
    });
  });

  describe("lets an owner keep a contended line", () => {
    it("for a get and a put, back to back: one transfer for both", () => {
      // 0 has x at 100, its hold until 100 + 6 + 10; its second atomic, 106 to 110, moves that to 120. 2 queues at 60 and gets it
      // handed on: 120 + 24 - 10.
      const { lines, facts } = show(engine, on({ 0: [add(x), add(x)], 2: [work(50), add(x), add(x)] }));
      const [get, put] = ["100 cpu0 fetchAdd x = 0", "106 cpu0 fetchAdd x = 1"];
      expect(lines).toEqual([get, put, "134 cpu2 fetchAdd x = 2", "140 cpu2 fetchAdd x = 3"]);
      // What came from memory is left out; 2 waited from 50 to 134.
      const of = { address: x, transfers: 1, transfersByDistance: [0, 0, 1, 0, 0, 0], loads: 0 };
      expect(facts.lines).toHaveLength(1);
      expect(facts.lines[0]).toMatchObject({ ...of, waitNs: 84, mostWaiting: 1 });
    });

    it("no longer than the machine's longest hold", () => {
      // 0 adds at 100, 106, 110, ... 150, when its 50 ns are over; operations come before hand-offs. 2 has it at 150 + 24 - 10 and
      // keeps it until 164 + 6 + 10. 0 asked at 154 and has it at 180 + 24 - 10.
      const { lines } = show(engine, on({ 0: Array(14).fill(add(x)), 2: [work(50), add(x)] }));
      expect(lines.slice(11)).toEqual([
        "146 cpu0 fetchAdd x = 11",
        "150 cpu0 fetchAdd x = 12",
        "164 cpu2 fetchAdd x = 13",
        "194 cpu0 fetchAdd x = 14",
      ]);
    });

    it("not where nobody waits: its operations then do not count", () => {
      // 0 has x from 100 on and adds until 100 + 6 + 3 * 4 = 118. 2 asks at 107, comes at 117: the hold ended at 116.
      const { lines } = show(engine, on({ 0: Array(4).fill(add(x)), 2: [work(107), add(x)] }));
      expect(lines.at(-1)).toBe("147 cpu2 fetchAdd x = 4");
    });
  });

  describe("does not let an owner keep a contended line", () => {
    const fail: SimRecord = { step: SimStep.compareExchange, a: x, b: 99, c: 1 };

    it.each([
      ["loads", load(x), 1],
      ["compare-and-swaps that fail", fail, 4],
    ] as const)("by %s", (_what, looks, cost) => {
      // 0 has x at 100, its hold until 116; what it does from 106 on does not move that. 2 has it at 116 + 24 - 10.
      const { lines } = show(engine, on({ 0: [add(x), looks, looks, looks], 2: [work(50), add(x)] }));
      const times = lines.map((line) => Number.parseInt(line, 10));
      expect(times).toEqual([100, 106, 106 + cost, 106 + 2 * cost, 130]);
    });

    it("that it had from memory for a load", () => {
      // 0 has x at 100 without a hold; 2, who came at 60, has it at 100 + 24 - 10.
      const { lines } = show(engine, on({ 0: [load(x)], 2: [work(50), add(x)] }));
      expect(lines.at(-1)).toBe("114 cpu2 fetchAdd x = 0");
    });

    it("once it was given another one: who comes then has it at once", () => {
      // With holds of 500 ns: 0 has x at 100 and y at 206. 2 comes to x at 310, when 0's hold is on y: 300 + 40, and 6.
      const long = { ...machine, holdNs: 500, mostHoldNs: 500 };
      const job = stageJob(long, on({ 0: [add(x), add(y)], 2: [work(300), add(x)] }));
      expect(engine.observe(job).result.cpuNs[2]).toBe(346);
    });
  });

  it("lets a waiter of the owner's L3 domain pass the others, never two in a row", () => {
    // x is 0's at 100, its hold until 116. Queue: 4, 5 (the other domain), 2, 3. 2 passes: 116 + 24 - 10 = 130. Then 4, who is
    // first: 130 + 16 + 48 - 10 = 184. Then 5, its sibling: 184 + 16 + 12 - 10 = 202. Then 3: 202 + 16 + 48 - 10 = 256.
    const scripts = on({
      0: [add(x)],
      2: [work(22), add(x)],
      3: [work(23), add(x)],
      4: [work(20), add(x)],
      5: [work(21), add(x)],
    });
    expect(show(engine, scripts).lines).toEqual([
      "100 cpu0 fetchAdd x = 0",
      "130 cpu2 fetchAdd x = 1",
      "184 cpu4 fetchAdd x = 2",
      "202 cpu5 fetchAdd x = 3",
      "256 cpu3 fetchAdd x = 4",
    ]);
  });

  it("serves the lower CPU first where two ask at the same time", () => {
    // Both come at 10; 0 has it at 100 until 116, then 1: 116 + 12 - 10.
    const expected = ["100 cpu0 fetchAdd x = 0", "118 cpu1 fetchAdd x = 1"];
    expect(show(engine, [[add(x)], [add(x)]]).lines).toEqual(expected);
  });

  describe("has store buffers", () => {
    it("that fill, forward, and drain one store at a time", () => {
      // x is asked for at 0, y when x is written, z when y is. The third store finds no room until 100.
      const script = [store(x, 1), store(y, 2), load(x), store(z, 3), one(SimStep.fence)];
      const { lines, result } = show(engine, [script]);
      expect(lines).toEqual([
        "0 cpu0 store x",
        "1 cpu0 store y",
        "2 cpu0 load x = 1",
        "100 cpu0 writes x 1",
        "100 cpu0 store z",
        "200 cpu0 writes y 2",
        "300 cpu0 writes z 3",
        "300 cpu0 fence",
      ]);
      expect(result.cpuNs).toEqual([305]);
      // Stores, forwarded load and fence; waiting from 3 to 100 and from 101 to 300.
      expect(result.time).toMatchObject({ ownNs: 1 + 1 + 1 + 1 + 5, linesNs: 97 + 199 });
    });

    it("that an atomic waits for", () => {
      // x is written at 100; then y is asked for: 200.
      const { lines } = show(engine, [[store(x, 1), add(y)]]);
      expect(lines).toEqual(["0 cpu0 store x", "100 cpu0 writes x 1", "200 cpu0 fetchAdd y = 0"]);
    });

    it("by which two CPUs miss each other's store, unless they fence", () => {
      const both = (...between: ReturnType<typeof one>[]) =>
        show(engine, [
          [load(y), work(1000), store(x, 1), ...between, load(y)],
          [load(x), work(1000), store(y, 1), ...between, load(x)],
        ]).lines.filter((line) => line.includes(" load "));
      // Both find the line that they read there, for another 11 ns: the other one asks for it at 1100, it goes at 1110.
      expect(both().slice(2)).toEqual(["1101 cpu0 load y = 0", "1101 cpu1 load x = 0"]);
      // Both stores are written at 1120, and 5 ns later each asks for what the other has by then, for 20 ns.
      expect(both(one(SimStep.fence)).slice(2)).toEqual(["1145 cpu0 load y = 1", "1145 cpu1 load x = 1"]);
    });

    it("that never let a message overtake what it tells of", () => {
      // x is on the other socket, y is the reader's. x is written at 1160, only then y is asked for; at 1170 the reader loses it and
      // asks again, comes at 1180, when y is written, and waits for the hold: 1190 + 12 - 10. x comes from the sibling: 1192 + 20.
      const scripts = on({
        0: [work(1000), store(x, 1), store(y, 1)],
        1: [awaitEqual(y, 1), load(x)],
        8: [add(x), add(x)],
      });
      expect(show(engine, scripts).lines.slice(2)).toEqual([
        "1000 cpu0 store x",
        "1001 cpu0 store y",
        "1160 cpu0 writes x 1",
        "1180 cpu0 writes y 1",
        "1192 cpu1 awaitEqual y",
        "1212 cpu1 load x = 1",
      ]);
    });
  });

  it("fetches a line for several readers together, and lets writers wait for them", () => {
    // 0 has x from 100 on. Loads of 200 come at 210 and go by 0's distance: 240, 280, 360. 1 comes at 225 and waits for the last:
    // 360 + 96 - 10 = 446, as 8 is on the other socket. 3 and 5 come at 240 and 241, behind it: 446 + 16, then 24 - 10 and 48 - 10.
    const scripts = on({
      0: [add(x)],
      1: [work(215), add(x)],
      2: [work(200), load(x)],
      3: [work(230), load(x)],
      4: [work(200), load(x)],
      5: [work(231), load(x)],
      8: [work(200), load(x)],
    });
    const { lines, facts } = show(engine, scripts);
    expect(lines).toEqual([
      "100 cpu0 fetchAdd x = 0",
      "240 cpu2 load x = 1",
      "280 cpu4 load x = 1",
      "360 cpu8 load x = 1",
      "446 cpu1 fetchAdd x = 1",
      "476 cpu3 load x = 2",
      "500 cpu5 load x = 2",
    ]);
    expect(facts.lines[0]).toMatchObject({ transfers: 6, loads: 5, mostWaiting: 3 });
  });

  it("counts what begins before the last script's end", () => {
    // x, the head and y come from memory; the callback's CPU loads the head, adds to x and counts itself, all long after.
    const call: SimRecord = { step: SimStep.callRcu, a: z, b: SimCallback.count, c: x };
    const { result, facts } = show(engine, [[add(x), call, add(y)]]);
    expect(result.transfersByDistance).toEqual([0, 0, 0, 0, 0, 3]);
    expect(facts.lines).toEqual([]);
    expect(facts.memory[x >> 2]).toBe(2);
    expect(result.gracePeriods.count).toBe(1);
    expect(result.byOp[SimStep.fetchAdd]).toBe(4);
  });

  it("wakes those who await a cell when their line is taken", () => {
    // 1 has x from memory at 100 and keeps it for 10; 2 waits for that: 110 + 24 - 10. At 1010 0's request takes it from both, who ask
    // again and queue. 0 has it at 1040 until 1056; then both at once: 12 - 10 and 24 - 10 later.
    const { lines, result } = show(engine, [[work(1000), add(x)], [awaitNot(x, 0)], [awaitNot(x, 0)]]);
    const woken = ["1058 cpu1 awaitNotEqual x", "1070 cpu2 awaitNotEqual x"];
    expect(lines).toEqual(["1040 cpu0 fetchAdd x = 0", ...woken]);
    expect(result.time.locksNs).toBe(1058 + 1070);
    expect(result.byOp[SimStep.awaitNotEqual]).toBe(2);
  });
});

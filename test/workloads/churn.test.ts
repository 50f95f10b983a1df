import { describe, expect, test } from "vitest";
import { Event } from "../../src/kernel/events.ts";
import { hashScripts, workloads } from "../../src/workloads/index.ts";
import { countEvents } from "../../src/workloads/workload.ts";
import { simulate } from "./simulate.ts";

const churn = (parameters: Record<string, unknown>, cpus: number, seed = "test") =>
  workloads.churn.build(workloads.churn.parameters.parse(parameters), { cpus, seed });

describe("churn", () => {
  test("is the same bytes for the same seed only", () => {
    const build = (seed: string) => hashScripts(churn({ requests: 2000 }, 3, seed).scripts);
    expect(build("churn-2024")).toBe("ed571ada11b19e2f");
    expect(build("churn-2024")).toBe(build("churn-2024"));
    expect(build("one")).not.toBe(build("two"));
  });

  test.each([1, 2, 4])(
    "serves exactly the requests asked for on %i CPUs, with its slots in order",
    (cpus) => {
      const workload = churn(
        { requests: 1001, distinctRequests: 100, labels: 200, policyEvents: 3000 },
        cpus,
      );
      expect(workload.expected.requests).toBe(1001);
      const simulated = simulate(workload);
      expect(simulated.requests).toBe(1001);
      expect(simulated.openAtEnd).toBe(workload.expected.openAtCut);
      expect(simulated.inFlight).toBe(0);
      expect(workload.expected.lookUps).toBe(1001);
      // What set-up keeps is never changed.
      expect(simulated.keptAtEnd).toBeGreaterThanOrEqual(40);
    },
  );

  test("changes policy on the last CPU only, and there does nothing else", () => {
    const { scripts, setupRecords } = churn({ requests: 3000 }, 3);
    const serving = [scripts[0]?.subarray(setupRecords * 4), scripts[1]].map(
      (cells) => countEvents(cells ?? new Int32Array()).byEvent,
    );
    for (const counts of serving) {
      expect(counts[Event.loadProfile]).toBe(0);
      expect(counts[Event.removeProfile]).toBe(0);
      expect(counts[Event.keepLabel]).toBe(0);
      expect(counts[Event.lookUpLabel]).toBe(1500);
    }
    const last = countEvents(scripts[2] ?? new Int32Array()).byEvent;
    expect(last[Event.request]).toBe(0);
    expect(last[Event.keepLabel]).toBe(last[Event.dropLabel]);
    expect(last[Event.loadProfile]).toBeGreaterThanOrEqual(last[Event.removeProfile] ?? 0);
  });

  test("stalls its workers every so many requests, and only those", () => {
    const stalls = { stallEvery: 10, stallMs: 2 };
    const of = (more: object, cpus: number) =>
      churn({ requests: 3000, ...stalls, ...more }, cpus).scripts.map(countEvents);
    const inSection = of({ stallIn: "section" }, 3);
    expect(inSection.map(({ byEvent }) => byEvent[Event.stall])).toEqual([150, 150, 0]);
    expect(inSection[0]?.stallNs).toBe(150 * 2e6);
    const asUser = of({ stallIn: "user", thinkUs: 0 }, 1)[0];
    expect(asUser?.thinkNs).toBe(300 * 2e6);
    expect(asUser?.byEvent[Event.stall]).toBe(0);
    // In ticks, so that callbacks run meanwhile.
    expect(asUser?.byEvent[Event.think]).toBe(300 * 2);
    const uneven = of({ stallIn: "user", stallMs: 2.5, thinkUs: 0 }, 2)[0];
    expect([uneven?.byEvent[Event.think], uneven?.thinkNs]).toEqual([300 * 3, 300 * 2.5e6]);
    // A visit is one file more.
    const opens = (visitShare: number) =>
      of({ stallIn: "sleep", visitShare }, 2)[0]?.byEvent[Event.open] ?? 0;
    expect(opens(1) - opens(0)).toBe(300);
  });

  test("changes as often as the rates say while the others serve", () => {
    const rates = { replacePerSecond: 500, compoundsPerSecond: 300, removePerSecond: 200 };
    const { scripts } = churn({ requests: 100_000, children: 0, ...rates }, 2);
    const { byEvent, thinkNs } = countEvents(scripts[1] ?? new Int32Array());
    // 100,000 requests of 40 us are 4 s; a removed profile is loaded again.
    expect(byEvent[Event.removeProfile]).toBeCloseTo(800, -2);
    expect(byEvent[Event.loadProfile]).toBeCloseTo(2800, -2);
    expect(byEvent[Event.keepLabel]).toBeCloseTo(1200, -2);
    expect(thinkNs / 4e9).toBeCloseTo(1, 1);
  });

  test("changes without pause where asked, and not at all at a rate of 0", () => {
    const still = { replacePerSecond: 0, compoundsPerSecond: 0, removePerSecond: 0 };
    const last = (parameters: object) =>
      countEvents(churn({ requests: 1000, ...parameters }, 2).scripts[1] ?? new Int32Array()).byEvent;
    expect(last({ pauseScale: 0, policyEvents: 5000 })[Event.think]).toBe(0);
    expect(last({ ...still, policyEvents: 5000 }).filter((count) => count > 0)).toEqual([1, 1]);
    const removals = last({ ...still, removePerSecond: 10, policyEvents: 500 });
    expect(removals[Event.removeProfile]).toBe(500);
    expect(removals[Event.keepLabel]).toBe(0);
  });

  test("stays small whatever its length, and takes 100,000 labels", () => {
    const long = churn({ requests: 50_000_000, labels: 100 }, 2);
    expect(long.expected.requests).toBe(50_000_000);
    expect(long.scripts.map((cells) => cells.byteLength < 400_000)).toEqual([true, true]);
    const large = churn({ requests: 100, labels: 100_000 }, 2);
    expect(large.population).toMatchObject({ profiles: 0, namedProfiles: 80_002, namespaces: 2 });
    expect(large.population.labelSlots).toBe(20_032);
  });

  test("keeps labels of one profile where there are no compounds to look up", () => {
    const workload = churn({ requests: 100, labels: 50, compoundShare: 0 }, 2);
    expect(workload.population.labelSlots).toBe(50 + 32);
  });

  test("keeps none where nothing is looked up either, so that replaced labels can go", () => {
    const slots = (more: object) =>
      churn({ requests: 100, labels: 50, compoundShare: 0, ...more }, 2).population.labelSlots;
    expect(slots({ lookUpsPerRequest: 0, parseShare: 0 })).toBe(32);
    expect(slots({ lookUpsPerRequest: 0, parseShare: 0.1 })).toBe(50 + 32);
    expect(slots({ lookUpsPerRequest: 1, parseShare: 0 })).toBe(50 + 32);
  });

  test.each([
    [{ labels: 2, compoundShare: 0 }, "labels"],
    [{ labels: 1 }, "labels"],
    [{ passShare: 0.95 }, "passShare"],
    [{ pauseScale: -1 }, "pauseScale"],
  ])("refuses %j", (parameters, path) => {
    const parsed = workloads.churn.parameters.safeParse(parameters);
    expect(parsed.error?.issues[0]?.path).toEqual([path]);
  });
});

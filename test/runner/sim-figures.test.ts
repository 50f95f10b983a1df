import { describe, expect, it } from "vitest";
import { Event } from "../../src/kernel/events.ts";
import { assumptionsOf } from "../../src/runner/assumptions.ts";
import {
  namedLatencies,
  pairOf,
  slowFigures,
  slowNotes,
  timeSplitPct,
  transfersPerRequest,
  withGracePeriod,
} from "../../src/runner/sim-figures.ts";
import { load } from "../config/support.ts";

describe("figures of a simulated run", () => {
  it("tell transfers by distance for each request", () => {
    const { transfersPerRequest: of } = transfersPerRequest({
      requests: 4,
      transfersByDistance: [0, 4, 8, 2, 1, 1],
    });
    expect(of).toEqual({ self: 0, smt: 1, l3: 2, socket: 0.5, cross: 0.25, memory: 0.25, all: 4 });
    expect(transfersPerRequest({ requests: 0, transfersByDistance: [1] })).toEqual({});
  });

  it("split the time of all CPUs, with what they had nothing to do", () => {
    const time = {
      thinkNs: 100,
      slowdownNs: 20,
      ownNs: 10,
      linesNs: 40,
      locksNs: 8,
      gracePeriodsNs: 2,
      spinNs: 0,
    };
    expect(timeSplitPct(time, 2, 100)).toEqual({
      think: 50,
      slowdown: 10,
      own: 5,
      lines: 20,
      locks: 4,
      gracePeriods: 1,
      spin: 0,
      rest: 10,
    });
  });

  it("name events, and make a pair of an open and a close", () => {
    const histogram = { upTo: [11.31], counts: [1] };
    const figures = { count: 1, meanNs: 1, p50Ns: 10, p90Ns: 20, p99Ns: 30, maxNs: 40, histogram };
    const of = (...events: Event[]) =>
      namedLatencies({ latencies: events.map((event) => ({ event, ...figures })) });
    expect(of(Event.passFile)[0]?.event).toBe("pass-file");
    expect(pairOf(of(Event.open, Event.close))).toEqual({ p50: 20, p99: 60, max: 80 });
    expect(pairOf(of(Event.pair))).toEqual({ p50: 10, p99: 30, max: 40 });
    expect(pairOf(of(Event.open))).toBeNull();
  });

  it("take a grace period from the config where that has one", () => {
    const machine = load("engine: sim").machine?.machine;
    if (machine === undefined) throw new Error("no machine");
    expect(withGracePeriod(machine, 0)).toBe(machine);
    expect(withGracePeriod(machine, 250).gracePeriodNs).toBe(250_000);
  });
});

describe("slow windows of a simulated run", () => {
  const slow = { windows: 1, openNs: 2e6, longestNs: 2e6, insideRequests: 100, outsideRequests: 900 };

  it("become a steady state by their share of the strategy's interval", () => {
    const figures = slowFigures(slow, 8e6, { atNs: [1e6], intervalNs: 1e9 }).slowWindows;
    expect(figures).toMatchObject({
      openShare: 0.25,
      longestMs: 2,
      insidePerSecond: 50_000,
      outsidePerSecond: 150_000,
    });
    expect(figures?.dutyCycle).toBeCloseTo(0.002);
    expect(figures?.steadyPerSecond).toBeCloseTo(0.002 * 50_000 + 0.998 * 150_000);
  });

  it("have their share of the run where maintenance comes at the strategy's interval anyway", () => {
    expect(slowFigures(slow, 8e6, { atNs: [], intervalNs: 1e6 }).slowWindows?.dutyCycle).toBe(0.25);
    expect(slowFigures(slow, 8e6, { atNs: [1e6], intervalNs: 0 }).slowWindows?.dutyCycle).toBe(0.25);
    const whole = { ...slow, openNs: 8e6, outsideRequests: 0 };
    expect(slowFigures(whole, 8e6, { atNs: [], intervalNs: 1e6 }).slowWindows).toMatchObject({
      outsidePerSecond: null,
      steadyPerSecond: null,
    });
    expect(slowFigures(null, 8e6, { atNs: [], intervalNs: 1 })).toEqual({});
  });

  it("are said to be cut off where the run ended before they did, or before they began", () => {
    const plan = { atNs: [1e6], intervalNs: 1e9 };
    expect(slowNotes(slow, 8e6, plan)).toEqual([]);
    expect(slowNotes(slow, 3e6, plan).join()).toContain("was open when the run ended");
    expect(slowNotes(null, 0.5e6, plan).join()).toContain("ended before its maintenance began");
    expect(slowNotes(slow, 3e6, { atNs: [], intervalNs: 0 })).toEqual([]);
  });
});

describe("assumptions of a prediction", () => {
  const described = (text: string) => {
    const { machine } = load("engine: sim\nmachine: ./m.yaml\ncpus: [1]", { "m.yaml": text });
    if (machine === undefined) throw new Error("no machine");
    return machine;
  };
  const base =
    "name: m\ntopology: { l3Domains: 4, cores: 8, threads: 8 }\nlatencyNs: { l3: 9, socket: 20 }\n";

  it("are CPUs beyond the scaling table, stand-ins, and figures that nobody published", () => {
    const machine = described(
      `${base}standIn: for another.\nscaling: [{ l3Domains: 1, percent: 100 }, { l3Domains: 2, percent: 90 }]\n` +
        "sources:\n  - { what: [latencyNs.l3, topology], basis: published, where: a book }\n" +
        "  - { what: [latencyNs.socket, holdNs], basis: assumed, where: a guess }\n",
    );
    expect(assumptionsOf(machine, 4)).toEqual([
      "m is a stand-in: for another.",
      "of m, assumed: latencyNs.socket, holdNs",
    ]);
    expect(assumptionsOf(machine, 5)[1]).toBe(
      "3 L3 domains are in use and the machine's scaling table ends at 2: its last value, 90 %, is assumed beyond",
    );
    expect(assumptionsOf(described(base), 8)).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { deriveFields } from "../../src/calibrate/derive.ts";
import { defaults, type Field } from "../../src/calibrate/fields.ts";
import {
  additionsInHold,
  alwaysWaiting,
  handOffOfSpaced,
  handOffOfTight,
  mostHoldOfTight,
  spacedNs,
  tightNs,
} from "../../src/calibrate/hand-off.ts";
import { machineFileText } from "../../src/calibrate/machine-file.ts";
import type { Measurements } from "../../src/calibrate/measure.ts";
import { planOf } from "../../src/calibrate/plan.ts";
import { shapeOf } from "../../src/calibrate/shape.ts";
import { figureOf } from "../../src/calibrate/statistics.ts";
import { type HostDistance, topologyOf } from "../../src/calibrate/topology.ts";
import { parseMachine } from "../../src/machines/resolve.ts";
import { evenHost, type HostOptions } from "./hosts.ts";

const ns = (value: number) => figureOf([value, value * 1.01, value * 0.99]);

interface MadeUp extends HostOptions {
  /** Idle latencies by distance. */
  readonly idle?: Partial<Record<HostDistance, number>>;
  readonly atomic?: number;
  readonly tight?: Partial<Record<HostDistance, number>>;
  readonly spaced?: Partial<Record<HostDistance, number>>;
  readonly pinned?: boolean;
  readonly memory?: number | null;
}

/** Figures of a host as the model would have them, and what is derived of them. */
function derived({
  idle = {},
  atomic = 8,
  tight = {},
  spaced = {},
  pinned = true,
  memory = 110,
  ...host
}: MadeUp) {
  const shape = shapeOf(topologyOf(evenHost(host)));
  const plan = planOf(shape);
  const idleOf = (distance: HostDistance): number => idle[distance] ?? 50;
  const measurements: Measurements = {
    pinned,
    ownCpu: pinned ? 0 : null,
    hit: ns(1),
    store: ns(0.2),
    privateAtomic: ns(5),
    fence: ns(4),
    memory: memory === null ? null : ns(memory),
    memoryBytes: memory === null ? 0 : 2 ** 28,
    gapLoads: 16,
    pairs: plan.pairs.map((pair) => ({
      ...pair,
      taken: ns(idleOf(pair.distance) + atomic),
      takenAndRead: ns(2 * idleOf(pair.distance) + atomic),
    })),
    groups: plan.groups.map((group) => ({
      ...group,
      tight: ns(tight[group.distance] ?? 20),
      spaced: ns(spaced[group.distance] ?? 60),
    })),
    notes: [],
  };
  const fields = deriveFields(measurements, plan, 64);
  const text = machineFileText({
    name: "my-host",
    model: 'Some "CPU": model # 7',
    software: "Linux 6.8.0, Node 20.20.2, refplay 0.1.0",
    date: "2024-05-06T07:08:09.000Z",
    rounds: 3,
    load: [0.1, 0.2],
    shape,
    fields,
    notes: ["one: thing # to know"],
  });
  const field = (path: string): Field | undefined => fields.find((one) => one.path === path);
  return { fields, field, text, ...parseMachine(text, "my-host.yaml") };
}

describe("the hand-off", () => {
  const costs = { privateAtomic: 5, atomic: 8, hold: 5, reach: 25 };

  it("and the hold give the figures back that they were found from", () => {
    for (const most of [13.5, 15, 31.5, 50]) {
      const found = mostHoldOfTight(tightNs(60, most, costs), 60, costs) as number;
      expect(tightNs(60, found, costs)).toBeCloseTo(tightNs(60, most, costs), 9);
      expect(handOffOfTight(tightNs(60, most, costs), most, costs)).toBeCloseTo(60, 9);
    }
    expect(handOffOfSpaced(spacedNs(60, costs), costs)).toBeCloseTo(60, 9);
  });

  it("lets an owner add as often as additions begin in its hold", () => {
    expect([0, 13, 17.9, 18, 50].map((most) => additionsInHold(most, costs))).toEqual([3, 3, 3, 4, 10]);
  });

  it("is as near as can be to a figure that no hold gives", () => {
    // Three additions take 16.2 ns each at least, four 14.4 at most.
    const found = (ns: number) => tightNs(60, mostHoldOfTight(ns, 60, costs) as number, costs);
    expect(found(16.1)).toBeCloseTo((13.5 + 35) / 3, 9);
    expect(found(14.6)).toBeCloseTo((22.5 + 35) / 4, 9);
  });

  it("tells nothing where a line is hardly ever handed on", () => {
    expect(mostHoldOfTight(5.01, 60, costs)).toBeNull();
    // Slower than with the shortest hold: as slow as can be.
    expect(tightNs(60, mostHoldOfTight(90, 60, costs) as number, costs)).toBeCloseTo((17.5 + 35) / 3, 9);
  });

  it("is seen only where somebody always waits", () => {
    expect(alwaysWaiting(48, 2, 20, costs)).toBe(true);
    expect(alwaysWaiting(44, 2, 20, costs)).toBe(false);
    expect(alwaysWaiting(44, 3, 20, costs)).toBe(true);
  });
});

describe("a machine file", () => {
  it("has the latencies that lines were handed over with", () => {
    const { description, machine, field } = derived({
      sockets: 2,
      l3PerSocket: 3,
      coresPerL3: 4,
      threadsPerCore: 2,
      numbering: "cores-first",
      idle: { smt: 4, l3: 30, socket: 90, cross: 150 },
    });
    expect(description.topology).toEqual({
      sockets: 2,
      l3Domains: 6,
      cores: 24,
      threads: 48,
      numbering: "cores-first",
    });
    expect(machine).toMatchObject({
      hitNs: 1,
      storeNs: 0.2,
      privateAtomicNs: 5,
      atomicNs: 8,
      fenceNs: 4,
      memoryNs: 110,
      idleNs: { smt: 4, l3: 30, socket: 90, cross: 150 },
      gracePeriodNs: 7.5e6,
    });
    const bases = [
      "costNs.hit",
      "costNs.atomic",
      "latencyNs.socket",
      "latencyNs.memory",
      "gracePeriodUs",
      "holdNs",
    ];
    expect(bases.map((path) => field(path)?.basis)).toEqual([
      ...Array(4).fill("measured"),
      "assumed",
      "assumed",
    ]);
    expect(field("latencyNs.socket")?.where).toContain("median of 48 of 384 pairs");
  });

  it("has hand-offs fitted to contended counters, by three CPUs or by the hold of a nearer distance", () => {
    const hold = defaults.holdNs;
    const costs = { privateAtomic: 5, atomic: 8, hold, reach: 15 };
    const { description, field } = derived({
      sockets: 2,
      coresPerL3: 4,
      idle: { l3: 30, cross: 150 },
      spaced: { l3: spacedNs(40, costs) },
      tight: { l3: tightNs(40, 20, costs), cross: 30 },
    });
    expect(description.handOffNs.l3).toBeCloseTo(40, 1);
    expect(description.mostHoldNs).toBeCloseTo(20, 1);
    // Four additions in 20 ns: 30 = (20 + hand-off - 15) / 4.
    expect(description.handOffNs.cross).toBeCloseTo(115, 0);
    const fitted = ["handOffNs.l3", "handOffNs.cross", "mostHoldNs"].map((path) => field(path)?.basis);
    expect(fitted).toEqual(["fitted", "fitted", "fitted"]);
    expect(field("handOffNs.l3")?.where).toContain("4 CPUs that add to one counter, 16 ns apart: measured ");
  });

  it("takes the idle latency for the hand-off of two CPUs, and says so", () => {
    const { description, field } = derived({ coresPerL3: 2, idle: { l3: 70 }, tight: { l3: 25 } });
    expect([description.handOffNs.l3, field("handOffNs.l3")?.basis]).toEqual([70, "assumed"]);
    expect(field("mostHoldNs")?.basis).toBe("fitted");
  });

  it("leaves out distances that the host does not have", () => {
    const { description } = derived({ coresPerL3: 2 });
    expect(Object.keys(description.latencyNs)).toEqual(["l3", "memory"]);
    expect(Object.keys(description.handOffNs)).toEqual(["l3"]);
    const one = derived({});
    expect(Object.keys(one.description.latencyNs)).toEqual(["memory"]);
    expect(one.field("costNs.atomic")).toMatchObject({ value: 5, basis: "assumed" });
    expect(one.field("mostHoldNs")?.basis).toBe("assumed");
  });

  it("never says that a distance was measured where threads went where they liked", () => {
    const { fields, description } = derived({
      coresPerL3: 4,
      threadsPerCore: 2,
      pinned: false,
      idle: { smt: 60, l3: 60 },
    });
    const between = fields.filter(({ path }) => /^(latencyNs\.[^m]|handOffNs)/.test(path));
    expect(between.map(({ basis }) => basis)).toEqual(["assumed", "assumed", "assumed", "assumed"]);
    expect(between[0]?.where).toContain("not pinned");
    expect(description.latencyNs).toMatchObject({ smt: 60, l3: 60 });
    // Where there is only one distance, that is what was measured.
    expect(derived({ coresPerL3: 4, pinned: false }).field("latencyNs.l3")).toMatchObject({
      basis: "measured",
      where: expect.stringContaining("not pinned"),
    });
  });

  it("never says that memory was measured where it was not", () => {
    const { field } = derived({ coresPerL3: 2, memory: null });
    expect(field("latencyNs.memory")).toMatchObject({ value: 100, basis: "assumed" });
  });

  it("has an atomic cost of its own only where it stands out from the noise", () => {
    expect(derived({ coresPerL3: 2, atomic: 1 }).field("costNs.atomic")).toMatchObject({
      value: 5,
      basis: "assumed",
    });
    expect(derived({ coresPerL3: 2, atomic: 80 }).field("costNs.atomic")).toMatchObject({ basis: "assumed" });
  });

  it("raises a farther distance that came out nearer, and says so", () => {
    const { description, field } = derived({ l3PerSocket: 2, coresPerL3: 2, idle: { l3: 60, socket: 58 } });
    expect(description.latencyNs.socket).toBe(60);
    expect(field("latencyNs.socket")?.where).toContain("came to 58, and was raised to what l3 takes");
    // Threads of a core hand a line over in no time.
    const smt = derived({ coresPerL3: 2, threadsPerCore: 2, idle: { smt: 0.1, l3: 60 } });
    expect(smt.description.latencyNs.smt).toBe(1);
  });

  it("names the origin of every number, once", () => {
    const host = { sockets: 2, coresPerL3: 4, threadsPerCore: 2 };
    for (const pinned of [true, false]) {
      const { fields, description } = derived({ ...host, pinned });
      const named = description.sources.flatMap(({ what }) => what);
      expect(named.toSorted()).toEqual([...fields.map(({ path }) => path), "topology"].toSorted());
      for (const { path, basis } of fields) {
        expect(description.sources.find(({ what }) => what.includes(path))?.basis).toBe(basis);
      }
    }
    // One for all that have it.
    const { description } = derived({ ...host, pinned: false });
    expect(description.sources.map(({ what }) => what)).toContainEqual([
      "latencyNs.smt",
      "latencyNs.l3",
      "latencyNs.cross",
    ]);
  });

  it("tells spread, date, host, load and what to know", () => {
    const { text, description } = derived({ coresPerL3: 2 });
    expect(text).toContain("hit: 1 # measured, +-0.01, 0.99 to 1.01");
    expect(text).toContain("gracePeriodUs: 7500 # assumed");
    expect(text).toContain("on 2024-05-06");
    expect(text).toContain("# - one: thing # to know");
    expect(description.title).toBe('Some "CPU": model # 7: 1 socket of 1 L3 domain of 2 cores with 1 thread');
    expect(description.summary).toContain("Load average 0.10 before and 0.20 after");
  });
});

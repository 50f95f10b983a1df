/** Where CPU numbers stand, for both numberings, by example and for all pairs of random machines. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  capacity,
  coreOf,
  distanceBetween,
  l3DomainsInUse,
  l3Of,
  scalingBasis,
  scalingPercent,
  socketOf,
} from "../../src/engines/sim/topology.ts";
import { Distance, type SimMachine } from "../../src/engines/sim/types.ts";

const latencies = { smt: 6, l3: 25, socket: 110, cross: 200 };

function machine(fields: Partial<SimMachine>): SimMachine {
  return {
    name: "test",
    threadsPerCore: 2,
    coresPerL3: 8,
    l3PerSocket: 12,
    sockets: 1,
    numbering: "compact",
    lineBytes: 64,
    hitNs: 1,
    storeNs: 0,
    privateAtomicNs: 2,
    atomicNs: 5,
    fenceNs: 2,
    memoryNs: 100,
    idleNs: latencies,
    handOffNs: latencies,
    holdNs: 1,
    mostHoldNs: 100,
    storeBufferEntries: 56,
    gracePeriodNs: 7_500_000,
    scaling: [],
    ...fields,
  };
}

const genoa = machine({});
const genoaTwice = machine({ sockets: 2 });
const xeon = machine({ numbering: "cores-first", coresPerL3: 28, l3PerSocket: 1, sockets: 8 });

describe("compact numbering", () => {
  it("fills a core with its threads, then the next", () => {
    expect([0, 1, 2, 15, 16].map((cpu) => coreOf(genoa, cpu))).toEqual([0, 0, 1, 7, 8]);
  });

  it("fills an L3 domain, then the next, then the next socket", () => {
    expect([0, 15, 16, 191].map((cpu) => l3Of(genoa, cpu))).toEqual([0, 0, 1, 11]);
    expect([0, 191, 192, 383].map((cpu) => socketOf(genoaTwice, cpu))).toEqual([0, 0, 1, 1]);
    expect(l3Of(genoaTwice, 192)).toBe(12);
  });

  it("counts the L3 domains that the first CPUs are on", () => {
    expect([1, 16, 17, 32, 96, 192].map((cpus) => l3DomainsInUse(genoa, cpus))).toEqual([1, 1, 2, 2, 6, 12]);
  });
});

describe("cores-first numbering", () => {
  it("gives every core one thread, socket after socket, before the first core's second", () => {
    expect([0, 27, 28, 223, 224, 447].map((cpu) => coreOf(xeon, cpu))).toEqual([0, 27, 28, 223, 0, 223]);
    expect([27, 28, 56, 223, 224, 252].map((cpu) => socketOf(xeon, cpu))).toEqual([0, 1, 2, 7, 0, 1]);
  });

  it("makes CPU 224 the sibling of CPU 0", () => {
    expect(distanceBetween(xeon, 0, 224)).toBe(Distance.smt);
    expect(distanceBetween(xeon, 0, 1)).toBe(Distance.l3);
  });

  it("counts no more L3 domains once siblings join", () => {
    expect([1, 28, 29, 112, 224, 225, 448].map((cpus) => l3DomainsInUse(xeon, cpus))).toEqual([
      1, 1, 2, 4, 8, 8, 8,
    ]);
  });
});

describe("the distance of two CPUs", () => {
  it("is the nearest thing they share", () => {
    expect(distanceBetween(genoaTwice, 3, 3)).toBe(Distance.self);
    expect(distanceBetween(genoaTwice, 2, 3)).toBe(Distance.smt);
    expect(distanceBetween(genoaTwice, 3, 4)).toBe(Distance.l3);
    expect(distanceBetween(genoaTwice, 15, 16)).toBe(Distance.socket);
    expect(distanceBetween(genoaTwice, 191, 192)).toBe(Distance.cross);
  });

  it("is the same both ways, and of every kind as often as the topology says", () => {
    const shape = fc.record({
      threadsPerCore: fc.integer({ min: 1, max: 3 }),
      coresPerL3: fc.integer({ min: 1, max: 4 }),
      l3PerSocket: fc.integer({ min: 1, max: 3 }),
      sockets: fc.integer({ min: 1, max: 3 }),
      numbering: fc.constantFrom("compact" as const, "cores-first" as const),
    });
    fc.assert(
      fc.property(shape, fc.nat(), (fields, pick) => {
        const described = machine(fields);
        const all = capacity(described);
        const a = pick % all;
        const seen = [0, 0, 0, 0, 0];
        for (let b = 0; b < all; b++) {
          const distance = distanceBetween(described, a, b);
          expect(distanceBetween(described, b, a)).toBe(distance);
          seen[distance] = (seen[distance] ?? 0) + 1;
        }
        const { threadsPerCore: threads, coresPerL3: cores, l3PerSocket: domains, sockets } = fields;
        const perL3 = threads * cores;
        const perSocket = perL3 * domains;
        expect(seen).toEqual([1, threads - 1, perL3 - threads, perSocket - perL3, perSocket * (sockets - 1)]);
      }),
      { seed: 6, numRuns: 200 },
    );
  });
});

describe("the scaling percentage", () => {
  const scaling = [
    { l3Domains: 1, percent: 100 },
    { l3Domains: 2, percent: 95 },
    { l3Domains: 6, percent: 91 },
  ];
  const scaled = machine({ scaling });

  it("is the table's at its points, linear between them, the last one's beyond", () => {
    expect([1, 16, 32, 33, 64, 96, 192].map((cpus) => scalingPercent(scaled, cpus))).toEqual([
      100, 100, 95, 94, 93, 91, 91,
    ]);
  });

  it("tells a point from a guess", () => {
    expect([16, 32, 64, 96, 97].map((cpus) => scalingBasis(scaled, cpus))).toEqual([
      "point",
      "point",
      "between",
      "point",
      "beyond",
    ]);
  });

  it("is 100 without a table", () => {
    expect(scalingPercent(machine({}), 192)).toBe(100);
    expect(scalingBasis(machine({}), 192)).toBe("none");
  });
});

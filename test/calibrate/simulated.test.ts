/** What the hand-off and the latencies are derived from, held against the simulator: the same loops, the same figures. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  alwaysWaiting,
  type HoldCosts,
  handOffOfSpaced,
  mostHoldOfTight,
  spacedNs,
  tightNs,
} from "../../src/calibrate/hand-off.ts";
import { simulate } from "../../src/engines/sim/index.ts";
import type { SimMachine } from "../../src/engines/sim/types.ts";
import { linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildStepped } from "../../src/link/stepped/index.ts";
import { Op } from "../../src/machine/ops.ts";

const program = buildStepped(
  linkProgram(
    {
      module: join(packageRoot, "bench", "programs", "calibrate.ts"),
      entries: "all",
      strategies: [],
      options: {},
      steppedOnly: true,
    },
    nodeHost(),
  ),
);

function machineWith(changes: Partial<SimMachine>): SimMachine {
  const ns = { smt: 70, l3: 70, socket: 70, cross: 70 };
  return {
    name: "test",
    threadsPerCore: 1,
    coresPerL3: 8,
    l3PerSocket: 1,
    sockets: 1,
    numbering: "compact",
    lineBytes: 64,
    hitNs: 1,
    storeNs: 0.25,
    privateAtomicNs: 5,
    atomicNs: 8,
    fenceNs: 4,
    memoryNs: 100,
    idleNs: ns,
    handOffNs: ns,
    holdNs: 5,
    mostHoldNs: 50,
    storeBufferEntries: 56,
    gracePeriodNs: 1000,
    scaling: [],
    ...changes,
  };
}

/** ns and additions of a run in which all CPUs have that script. */
function run(
  machine: SimMachine,
  cpus: number,
  script: readonly number[],
): { ns: number; additions: number } {
  const scripts = Array.from({ length: cpus }, () => Int32Array.from(script));
  const result = simulate({ program, machine, cpus, scripts, memoryBytes: 0x60000 });
  expect(result.violations).toEqual([]);
  return { ns: result.elapsedNs, additions: (result.byOp[Op.fetchAdd] ?? 0) - cpus };
}

const turns = 200;

function contended(machine: SimMachine, cpus: number, gap: number): number {
  const { ns, additions } = run(machine, cpus, [0, cpus, turns, gap]);
  return ns / additions;
}

function handedOver(machine: SimMachine, reads: 0 | 1): number {
  const [lines, passes] = [256, 20];
  return run(machine, 2, [1, 2, passes, reads]).ns / (passes * lines);
}

const costsOf = (machine: SimMachine): HoldCosts => ({
  privateAtomic: machine.privateAtomicNs,
  atomic: machine.atomicNs,
  hold: machine.holdNs,
  reach: machine.idleNs.l3 / 2,
});

describe("simulated", () => {
  it("pairs hand lines over in the time that latency and atomic cost are derived from", () => {
    const machine = machineWith({});
    const taken = handedOver(machine, 0) / 2;
    const takenAndRead = handedOver(machine, 1);
    expect(taken / (70 + 8)).toBeCloseTo(1, 1);
    expect(2 * taken - takenAndRead).toBeGreaterThan(7);
    expect(2 * taken - takenAndRead).toBeLessThan(9.5);
  });

  it.each([
    [2, 50, 70],
    [2, 20, 70],
    [3, 31, 70],
    [4, 50, 45],
    [8, 12, 110],
  ])(
    "%i CPUs add to one counter as fast as the hold of %d ns and the hand-off of %d ns say",
    (cpus, mostHoldNs, l3) => {
      const machine = machineWith({ mostHoldNs, handOffNs: { smt: l3, l3, socket: l3, cross: l3 } });
      const predicted = contended(machine, cpus, 0);
      const costs = costsOf(machine);
      expect(predicted / tightNs(l3, mostHoldNs, costs)).toBeCloseTo(1, 1);
      const found = mostHoldOfTight(predicted, l3, costs) as number;
      const again = contended({ ...machine, mostHoldNs: found }, cpus, 0);
      expect(again / predicted).toBeCloseTo(1, 1);
    },
  );

  it.each([
    [3, 70],
    [4, 45],
    [8, 110],
  ])("%i CPUs that pause between additions are handed the line in %d ns", (cpus, l3) => {
    const machine = machineWith({ handOffNs: { smt: l3, l3, socket: l3, cross: l3 } });
    const predicted = contended(machine, cpus, 16);
    const costs = costsOf(machine);
    expect(alwaysWaiting(predicted, cpus, 16, costs)).toBe(true);
    expect(predicted / spacedNs(l3, costs)).toBeCloseTo(1, 1);
    expect(handOffOfSpaced(predicted, costs) / l3).toBeCloseTo(1, 1);
  });
});

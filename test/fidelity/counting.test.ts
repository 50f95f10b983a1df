/** The loops of the micro benchmarks, on the reference engine: they do what their names say. */
import { describe, expect, it } from "vitest";
import { type ActorSpec, ReferenceEngine } from "../../src/engines/reference/index.ts";
import { FidelityPrograms } from "../../src/fidelity/programs.ts";
import { turns } from "../../src/fidelity/types.ts";
import { nodeHost } from "../../src/link/node-host.ts";
import { Op } from "../../src/machine/ops.ts";

const program = new FidelityPrograms({ host: nodeHost(), strategyPath: (name) => name }).counting();
const [sharedCounter, ball] = [1024, 1152];
const times = 20;

function ran(...what: (keyof typeof turns)[]) {
  const scripts = what.map((turn) => Int32Array.of(turns[turn], times, 1, 0));
  const options = { memoryBytes: 65_536, cpus: what.length, scripts, seed: "counting", record: false };
  const engine = new ReferenceEngine(program, options);
  const actors = what.map((_, cpu): ActorSpec => ({ cpu, entry: "run", args: [cpu, 0], role: "script" }));
  expect(engine.run(actors)).toBe(true);
  const { memory } = engine.world;
  const areaOf = (cpu: number) =>
    (program.constants.get("cpuAreaBase") ?? 0) + cpu * (program.constants.get("cpuAreaBytes") ?? 0);
  return {
    ops: (op: Op) => engine.world.counters().byOp[op],
    rmws: engine.world.counters().rmws,
    cell: (address: number) => memory[address >> 2],
    requests: what.map(
      (_, cpu) => memory[(areaOf(cpu) + (program.constants.get("requestCounter") ?? -1)) >> 2],
    ),
    own: what.map((_, cpu) => memory[(areaOf(cpu) + 64) >> 2]),
  };
}

describe("the counting program", () => {
  it("adds to one counter, an atomic operation each time, and counts its turns", () => {
    const run = ran("atomicInc", "atomicInc", "idle", "atomicInc");
    expect(run.cell(sharedCounter)).toBe(3 * times);
    expect(run.rmws).toBe(3 * times);
    expect(run.requests).toEqual([times, times, 0, times]);
  });

  it("adds to a counter of each CPU without atomic operations", () => {
    const run = ran("percpuInc", "percpuInc");
    expect(run.own).toEqual([times, times]);
    expect(run.rmws).toBe(0);
    expect(run.cell(sharedCounter)).toBe(0);
  });

  it("reads under RCU, and with the counters and barriers of SRCU", () => {
    const rcu = ran("rcuRead", "rcuRead");
    expect(rcu.rmws).toBe(0);
    expect(rcu.ops(Op.rcuReadLock)).toBe(2 * times);
    const srcu = ran("srcuRead", "srcuRead");
    expect(srcu.ops(Op.fence)).toBe(4 * times);
    expect(srcu.rmws).toBe(0);
  });

  it("throws a ball to and fro, each throw after the other's", () => {
    const run = ran("ping", "idle", "pong");
    expect(run.requests).toEqual([times, 0, times]);
    expect(run.cell(ball)).toBe(0);
    expect(run.rmws).toBeGreaterThanOrEqual(2 * times);
  });
});

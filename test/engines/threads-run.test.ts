import { describe, expect, it } from "vitest";
import { runThreads, type ThreadsJob } from "../../src/engines/threads/run.ts";
import { Samples } from "../../src/engines/threads/samples.ts";
import { latencyOf, spreadOf } from "../../src/engines/threads/statistics.ts";
import { withThreads } from "../../src/engines/threads/threads.ts";
import { RefplayError } from "../../src/errors.ts";
import type { IrExpr, IrStatement } from "../../src/link/ir.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { FaultReason, Op } from "../../src/machine/ops.ts";
import {
  assign,
  binary,
  fault,
  give,
  int,
  local,
  op,
  program,
  type SmallFunction,
  script,
  thisCpu,
  when,
} from "../link/wasm-harness.ts";

/*
 * A kernel of its own, small enough to know every count: a script record {event, operand, more} with event 1 = add 1 to `events`,
 * 2 = wait until CPU `operand` has made as much progress as this one, and `more` on top, 3 = own progress, 4 = fault,
 * 5 = add `operand` to `events`, 0 = end.
 * `open` counts what `teardown` gives back, less what the population says is to be lost.
 */
enum Cell {
  events = 4096,
  open = 4160,
  boots = 4224,
  lost = 4228,
  dismantled = 4232,
  maintained = 4288,
}
enum CpuCell {
  cursor = 0,
  progress = 64,
}
const areas = { cpuAreaBase: 8192, cpuAreaBytes: 128, scriptCursor: CpuCell.cursor };

const area = (cpu: IrExpr, field: CpuCell): IrExpr =>
  binary("add", binary("mul", cpu, int(areas.cpuAreaBytes)), int(areas.cpuAreaBase + field));
const addTo = (address: number, value: IrExpr): IrStatement => op(Op.fetchAdd, [int(address), value]);

/** run(cpu, records): the records from the cursor on. Locals: 2 cursor, 3 event, 4 progress, 5 records done. */
const runBody: IrStatement[] = [
  op(Op.load, [area(local(0), CpuCell.cursor)], 2),
  {
    kind: "loop",
    label: 0,
    body: [
      when(binary("geS", local(5), local(1)), [give(int(1))]),
      assign(3, script(local(2))),
      when(binary("eq", local(3), int(0)), [give(int(0))]),
      when(binary("eq", local(3), int(1)), [addTo(Cell.events, int(1)), addTo(Cell.open, int(1))]),
      when(binary("eq", local(3), int(2)), [
        op(Op.load, [area(local(0), CpuCell.progress)], 4),
        op(Op.awaitAtLeast, [
          area(script(binary("add", local(2), int(4))), CpuCell.progress),
          binary("add", local(4), script(binary("add", local(2), int(8)))),
        ]),
      ]),
      when(binary("eq", local(3), int(3)), [
        op(Op.load, [area(local(0), CpuCell.progress)], 4),
        op(Op.storeRelease, [area(local(0), CpuCell.progress), binary("add", local(4), int(1))]),
      ]),
      when(binary("eq", local(3), int(4)), [fault(FaultReason.outOfRange)]),
      when(binary("eq", local(3), int(5)), [addTo(Cell.events, script(binary("add", local(2), int(4))))]),
      assign(2, binary("add", local(2), int(16))),
      op(Op.store, [area(local(0), CpuCell.cursor), local(2)]),
      assign(5, binary("add", local(5), int(1))),
    ],
  },
];

const kernel: SmallFunction[] = [
  {
    name: "boot",
    parameters: 1,
    result: null,
    body: [addTo(Cell.boots, int(1)), addTo(Cell.lost, local(0))],
  },
  { name: "bootCpu", parameters: 1, result: null, body: [addTo(Cell.boots, int(100))] },
  { name: "run", parameters: 2, extra: 4, body: runBody },
  {
    name: "teardown",
    parameters: 1,
    extra: 2,
    result: null,
    body: [
      when(binary("eq", local(0), int(0)), [
        op(Op.load, [int(Cell.open)], 1),
        op(Op.load, [int(Cell.lost)], 2),
        addTo(Cell.open, binary("sub", local(2), local(1))),
      ]),
    ],
  },
  { name: "dismantle", parameters: 0, result: null, body: [addTo(Cell.dismantled, int(1))] },
  { name: "maintain", parameters: 1, body: [addTo(Cell.maintained, thisCpu), give(int(0))] },
  { name: "audit", parameters: 1, extra: 1, body: [op(Op.load, [local(0)], 1), give(local(1))] },
];

const audit = { events: Cell.events, open: Cell.open, boots: Cell.boots, dismantled: Cell.dismantled };

type ScriptRecord = readonly [event: number, operand?: number, more?: number];

/** A script with its end. */
function records(...list: readonly ScriptRecord[]): Int32Array {
  return Int32Array.from(
    [...list, [0] as const].flatMap(([event, operand, more]) => [event, operand ?? 0, more ?? 0, 0]),
  );
}

async function job(more: Partial<ThreadsJob> & Pick<ThreadsJob, "scripts">): Promise<ThreadsJob> {
  const { binary: wasm } = await buildWasm(program(kernel));
  return {
    wasm,
    cpus: more.scripts.length,
    memoryBytes: 65_536,
    constants: new Map(Object.entries(areas)),
    population: [0],
    length: { kind: "fixedWork" },
    repetitions: 2,
    audit,
    ...more,
  };
}

const opens = (count: number): ScriptRecord[] => Array.from({ length: count }, () => [1]);

describe("a job on threads", () => {
  it("runs every script to its end in each repetition, from a fresh machine", async () => {
    const scripts = [records(...opens(1000)), records(...opens(500))];
    const result = await runThreads(await job({ scripts, repetitions: 3, batchRecords: 7 }));
    expect(result.repetitions.map((one) => one.atEnd)).toEqual(
      Array(3).fill({ events: 1500, open: 1500, boots: 201, dismantled: 0 }),
    );
    expect(result.repetitions.every((one) => one.finished)).toBe(true);
    expect(result.elapsedNs.values).toEqual(result.repetitions.map((one) => one.elapsedNs));
    expect(result.pairNs).toBeNull();
  });

  it("audits again after everything was taken down, which shows what is lost", async () => {
    const scripts = [records(...opens(10)), records(...opens(10))];
    const result = await runThreads(await job({ scripts, population: [3], repetitions: 1 }));
    expect(result.repetitions[0]?.atTeardown).toMatchObject({ open: 3, dismantled: 1 });
  });

  it("gives rates of every counter over the time of the slowest CPU", async () => {
    const scripts = [records(...opens(100)), records(...opens(5000))];
    const result = await runThreads(await job({ scripts }));
    for (const [index, one] of result.repetitions.entries()) {
      expect(one.elapsedNs).toBe(Math.max(...one.cpuNs));
      expect(result.perSecond.events?.values[index]).toBeCloseTo(5100 / (one.elapsedNs / 1e9), 3);
    }
  });

  it("lets CPUs wait for each other's progress", async () => {
    const round = (...body: ScriptRecord[]): Int32Array =>
      records(...Array.from({ length: 200 }, () => body).flat());
    const scripts = [round([1], [3], [2, 1]), round([2, 0, 1], [1], [3])];
    const result = await runThreads(await job({ scripts, repetitions: 1, batchRecords: 5 }));
    expect(result.repetitions[0]?.atEnd.events).toBe(400);
  });

  it("stops after a fixed time even where a CPU waits for another whose time is over", async () => {
    const long = (...body: ScriptRecord[]): Int32Array =>
      records(...Array.from({ length: 20_000 }, () => body).flat());
    const scripts = [long([1], [3]), long([2, 0, 1], [3], [1])];
    const result = await runThreads(
      await job({ scripts, length: { kind: "fixedTime", ms: 5 }, batchRecords: 16, repetitions: 2 }),
    );
    expect(result.repetitions.length).toBe(2);
    for (const one of result.repetitions) expect(one.atEnd.events).toBeGreaterThan(0);
  });

  it("keeps the batches of a CPU short where it is told to", async () => {
    const scripts = [records(...opens(100)), records(...opens(100))];
    const runs = await withThreads(await job({ scripts }), (threads) =>
      threads.run({ batchRecords: 50, batchLimits: [3, 1000], timeMs: null, sampleEvery: 0 }),
    );
    // The end of a script may take a batch of its own.
    expect(runs[0]?.batches).toBe(34);
    expect(runs[1]?.batches).toBeLessThanOrEqual(3);
  });

  it("ends before its fixed time where all scripts do", async () => {
    const scripts = [records([1]), records([1])];
    const length = { kind: "fixedTime", ms: 1e9 } as const;
    const result = await runThreads(await job({ scripts, length, repetitions: 1, warmups: 0 }));
    expect(result.repetitions[0]).toMatchObject({ finished: true, atEnd: { events: 2 } });
  });

  it("runs maintenance as a further CPU that boots, helps and is torn down with the others", async () => {
    const scripts = [records(...opens(2000)), records(...opens(2000))];
    const result = await runThreads(
      await job({
        scripts,
        maintenance: true,
        repetitions: 1,
        audit: { ...audit, maintained: Cell.maintained },
      }),
    );
    expect(result.repetitions[0]?.atEnd).toMatchObject({ events: 4000, boots: 301 });
    // Every round of CPU 2 counts 2.
    expect((result.repetitions[0]?.atEnd.maintained ?? 1) % 2).toBe(0);
  });

  it("calls maintenance no sooner than the strategy's interval, and at the end all the same", async () => {
    const scripts = [records(...opens(2000))];
    const intervalMs = 0x7fff_ffff;
    const result = await runThreads(
      await job({
        scripts,
        maintenance: true,
        repetitions: 1,
        constants: new Map([...Object.entries(areas), ["strategy.maintenanceIntervalMs", intervalMs]]),
        audit: { ...audit, maintained: Cell.maintained },
      }),
    );
    const [run] = result.repetitions;
    expect(run?.atEnd.maintained).toBe(0);
    // CPU 1 counts 1, once: it had nothing to do.
    expect(run?.atTeardown.maintained).toBe(1);
  });

  it("tells batches inside slow windows from those outside", async () => {
    const scripts = [records(...opens(2000)), records(...opens(2000))];
    const watching = async (slowWindows: Cell) => {
      const constants = new Map([...Object.entries(areas), ["slowWindows", slowWindows]]);
      const result = await runThreads(await job({ scripts, batchRecords: 16, repetitions: 2, constants }));
      return result.slowWindows;
    };
    // Cells that stay as they are during a run: one at 0, one that has been counted up before.
    expect(await watching(Cell.lost)).toBe(null);
    const always = await watching(Cell.boots);
    expect(always).toMatchObject({ windows: 0, share: 1, insideSpeed: 1, outsideSpeed: null });
    expect(always?.longestNs).toBeGreaterThan(0);
  });

  it("stops each CPU after the records that it was given, and goes on from there", async () => {
    const scripts = [records(...opens(1000)), records(...opens(1000))];
    const { wasm, constants } = await job({ scripts });
    const options = { wasm, constants: constants ?? new Map(), cpus: 2, memoryBytes: 65_536, scripts };
    await withThreads(options, async (threads) => {
      const run = (more: { readonly records?: readonly number[] }) =>
        threads.run({ batchRecords: 16, timeMs: null, sampleEvery: 0, ...more });
      await run({ records: [700, 0] });
      expect(threads.cells[Cell.events / 4]).toBe(700);
      await run({ records: [16, 33] });
      expect(threads.cells[Cell.events / 4]).toBe(749);
      await run({});
      expect(threads.cells[Cell.events / 4]).toBe(2000);
    });
  });

  it("makes the pauses of maintenance that it was given", async () => {
    const scripts = [records(...opens(2000))];
    const { wasm, constants } = await job({ scripts });
    const options = { wasm, constants: constants ?? new Map(), cpus: 1, memoryBytes: 65_536, scripts };
    await withThreads({ ...options, maintenance: true }, async (threads) => {
      const maintenancePausesMs = [0x7fff_ffff];
      await threads.run({ batchRecords: 1, timeMs: null, sampleEvery: 0, maintenancePausesMs });
      expect(threads.cells[Cell.maintained / 4]).toBe(0);
    });
  });

  it("holds CPUs up where it is asked to, and loses nothing of what they do", async () => {
    const scripts = [records(...opens(300)), records(...opens(300))];
    const { binary: wasm } = await buildWasm(program(kernel), { stalls: true });
    const stalls = { seed: "held up", everyAccesses: 3, longestMs: 1, longShare: 0.1, betweenBatches: 0.1 };
    const result = await runThreads({ ...(await job({ scripts, repetitions: 1 })), wasm, stalls });
    expect(result.repetitions[0]).toMatchObject({ finished: true, atEnd: { events: 600 } });
  });

  it("times sampled batches, of the same scripts or of others that run apart", async () => {
    const scripts = [records(...opens(4000)), records(...opens(4000))];
    const plan = { pairsPerRecord: 0.5, batchRecords: 100, sampleEvery: 2 };
    const same = await runThreads(await job({ scripts, latency: plan, repetitions: 2 }));
    // 40 batches on 2 CPUs, every second one, in 2 repetitions.
    expect(same.pairNs?.samples).toBe(2 * 2 * 20);
    const apart = await runThreads(
      await job({ scripts, latency: { ...plan, scripts: [records(...opens(1000)), records()] } }),
    );
    expect(apart.pairNs?.samples).toBe(5);
    expect(apart.repetitions.map((one) => one.atEnd.events)).toEqual([8000, 8000]);
    const { p50, p99, max } = apart.pairNs ?? { p50: 0, p99: 0, max: 0 };
    expect(p50 > 0 && p50 <= p99 && p99 <= max * 1.001).toBe(true);
  });

  it("leaves the set-up out of what it counts, and to CPU 0 alone", async () => {
    const scripts = [records(...opens(3000)), records(...opens(500))];
    const setup = { setupRecords: 2500, countedInRun: ["events"] };
    const result = await runThreads(await job({ scripts, ...setup, repetitions: 2 }));
    expect(result.repetitions.map(({ atSetup }) => atSetup)).toEqual(
      Array(2).fill({ events: 2500, open: 2500, boots: 201, dismantled: 0 }),
    );
    expect(result.repetitions.map(({ atEnd }) => atEnd)).toEqual(
      Array(2).fill({ events: 1000, open: 3500, boots: 201, dismantled: 0 }),
    );
    const [first] = result.repetitions;
    expect(result.perSecond.events?.values[0]).toBeCloseTo(1000 / ((first?.elapsedNs ?? 0) / 1e9), 3);
    expect(result.repetitions.map(({ atTeardown }) => atTeardown.events)).toEqual([1000, 1000]);
  });

  it("sets up before scripts for latencies, too", async () => {
    const scripts = [records(...opens(2000)), records()];
    const plan = { pairsPerRecord: 1, batchRecords: 100, sampleEvery: 1, scripts: [records(...opens(1050))] };
    const setup = { setupRecords: 450 };
    const own = await runThreads(
      await job({ scripts, latency: { ...plan, setupRecords: 650 }, repetitions: 1 }),
    );
    expect(own.pairNs?.samples).toBe(4);
    const same = await runThreads(await job({ scripts, ...setup, latency: plan, repetitions: 1 }));
    expect(same.pairNs?.samples).toBe(6);
  });

  it("counts on where a counter passes 2^31", async () => {
    const scripts = [records([5, 0x7fff_ffff], [5, 11])];
    const result = await runThreads(await job({ scripts, countedInRun: ["events"], repetitions: 1 }));
    expect(result.repetitions[0]?.atEnd.events).toBe(0x7fff_ffff + 11);
  });

  it("times all batches of one CPU, each place in its loop by itself, while others run on", async () => {
    const rounds = 50;
    const loop = (...body: ScriptRecord[]): ScriptRecord[] =>
      Array.from({ length: rounds }, () => body).flat();
    const scripts = [records([3], [3], [3], ...loop([1], [1], [5, 7])), records(...opens(9000))];
    const sampleCpus = [{ cpu: 0, batchRecords: 1, batchesPerRound: 3, skipRecords: 3 }, { cpu: 1 }];
    const result = await runThreads(await job({ scripts, sampleCpus, repetitions: 2 }));
    // The small kernel says that there is more until it comes to the end.
    expect(result.cpuTimes.map(({ batchNs }) => batchNs.map((times) => times?.samples))).toEqual([
      [2 * rounds, 2 * rounds, 2 * rounds],
      [2 * 9000],
    ]);
    for (const { batchNs, timerNs } of result.cpuTimes) {
      expect(timerNs?.p50).toBeGreaterThan(0);
      for (const times of batchNs) {
        const { p50, p99, max } = times ?? { p50: 0, p99: 0, max: 0 };
        expect(p50 > 0 && p50 <= p99 && p99 <= max * 1.001).toBe(true);
      }
    }
    expect(result.repetitions.map((one) => one.atEnd.events)).toEqual(
      Array(2).fill(2 * rounds + 7 * rounds + 9000),
    );
    expect(result.pairNs).toBeNull();
  });

  it("times batches after the set-up, and pairs apart from them", async () => {
    const scripts = [records(...opens(1000)), records()];
    const sampleCpus = [{ cpu: 0, batchRecords: 100, skipRecords: 50 }];
    const latency = {
      pairsPerRecord: 1,
      batchRecords: 100,
      sampleEvery: 1,
      scripts: [records(...opens(300))],
    };
    const result = await runThreads(
      await job({ scripts, sampleCpus, latency, setupRecords: 250, repetitions: 1 }),
    );
    expect(result.cpuTimes[0]?.batchNs.map((times) => times?.samples)).toEqual([7]);
    expect(result.cpuTimes[0]?.batchRecords).toBe(100);
    expect(result.pairNs).toBeNull();
  });

  it("times no batches of a CPU that there is not", async () => {
    const scripts = [records()];
    for (const sampling of [{ cpu: 1 }, { cpu: 0, batchRecords: 0 }, { cpu: 0, skipRecords: -1 }]) {
      const bad = runThreads(await job({ scripts, sampleCpus: [sampling] }));
      await expect(bad).rejects.toThrow(RangeError);
    }
    const both = { sampleCpus: [{ cpu: 0 }], latency: { pairsPerRecord: 1 } };
    await expect(runThreads(await job({ scripts, ...both }))).rejects.toThrow(RangeError);
  });

  it("tells its progress", async () => {
    const seen: [number, number][] = [];
    await runThreads(
      await job({ scripts: [records([1])], onRun: (done, total) => seen.push([done, total]) }),
    );
    expect(seen).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
  });

  it("names the script record at which a worker died", async () => {
    const scripts = [records([1], [1]), records([1], [1], [1], [4])];
    const error: unknown = await runThreads(await job({ scripts, batchRecords: 2 })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RefplayError);
    expect((error as RefplayError).code).toBe("worker-died");
    expect((error as RefplayError).message).toMatch(/^CPU 1 died in run, before script record 3: outOfRange/);
  });

  it("names the script record and the cell at which a worker hangs", async () => {
    const scripts = [records([1], [2, 1, 1]), records([1])];
    const error: unknown = await runThreads(await job({ scripts, hangTimeoutMs: 1000 })).catch(
      (reason: unknown) => reason,
    );
    expect((error as RefplayError).code).toBe("worker-hung");
    expect((error as RefplayError).message).toContain(
      "CPU 0 in run, before script record 1, in awaitAtLeast(8384, 1)",
    );
  });
});

describe("figures of a job", () => {
  it("are medians with spread", () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5, medianAbsDev: 2, values: [5, 1, 3] });
  });

  it("give the time of a pair from whole batches, to a tenth of a nanosecond", () => {
    const sampleNs = Float64Array.from({ length: 100 }, (_, index) => (index < 98 ? 420 : 4200));
    const run = { startNs: 0, endNs: 1, batches: 100, finished: true, sampleNs, slowestSampleNs: 42_000 };
    const latency = latencyOf([run], 100);
    expect(latency?.p50).toBeCloseTo(4.2, 2);
    expect(latency?.p99).toBeCloseTo(42, 1);
    expect([latency?.max, latency?.samples]).toEqual([420, 100]);
    expect(latencyOf([{ ...run, sampleNs: new Float64Array(0) }], 100)).toBeNull();
  });

  it("keep an even selection of samples where there are too many, and always the slowest", () => {
    const samples = new Samples(8);
    for (let ns = 1; ns <= 32; ns++) samples.add(ns === 5 ? 1000 : ns);
    expect([...samples.take()]).toEqual([4, 8, 12, 16, 20, 24, 28, 32]);
    expect(samples.slowest).toBe(1000);
  });
});

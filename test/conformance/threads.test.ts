/**
 * The rules of the strategy contract on worker threads and shared memory: the same random steps as under the reference
 * engine's schedules, only that the processors decide the order. No engine watches here: the program's own checks (heap
 * headers, poison, holder accounting) and what is left at the end must tell.
 */
import { describe, expect, it } from "vitest";
import { hostWasmOptions } from "../../src/engines/threads/compile.ts";
import { type Threads, withThreads } from "../../src/engines/threads/threads.ts";
import { Kind } from "../../src/kernel/core/kinds.ts";
import { Mark, Verdict, verdictLimit, warningLimit } from "../../src/kernel/core/marks.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { linkTestProgram, type TestedStrategy, testedStrategies, verdictText } from "./support.ts";

const memoryBytes = 8 << 20;

/** Sums of the program's own counters, by name, where they are not 0. */
async function complaints(threads: Threads): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (let verdict = Verdict.none + 1; verdict < verdictLimit; verdict++) {
    const { value } = await threads.callOne(0, "violationCount", [verdict]);
    if (value !== 0) found[verdictText(verdict)] = value ?? 0;
  }
  for (let mark = Mark.none + 1; mark < warningLimit; mark++) {
    const { value } = await threads.callOne(0, "warningCount", [mark]);
    if (value !== 0) found[Mark[mark] ?? `mark ${mark}`] = value ?? 0;
  }
  return found;
}

/** What is called here; leaving the rest out makes the build several times faster. */
const entries = [
  "boot",
  "bootCpu",
  "churn",
  "clear",
  "drain",
  "maintain",
  "live",
  "percpuBytesInUse",
  "violationCount",
  "warningCount",
];

async function build(strategy: TestedStrategy) {
  // Room for all labels of a round, should maintenance not get to run.
  const ir = linkTestProgram("label-stage", strategy, { quarantine: 32, percpuBytes: 65536 }, entries);
  const { binary } = await buildWasm(ir, { ...hostWasmOptions, checks: true, inlineMaxSize: 40 });
  const maintenance = strategy.meta.capabilities.needsMaintenance;
  return { wasm: binary, constants: ir.constants, maintenance };
}

/** Churn on all CPUs, with maintenance beside it where there is any. */
async function churnAll(threads: Threads, steps: number, round: number): Promise<void> {
  const { cpus, workers } = threads;
  let churning = true;
  const maintaining = async (): Promise<void> => {
    while (churning && workers > cpus) await threads.callOne(cpus, "maintain", [cpus]);
  };
  const background = maintaining();
  await threads.callAll("churn", (cpu) => [cpu, steps, round * 64 + cpu]);
  churning = false;
  await background;
}

async function churnOnThreads(
  program: Awaited<ReturnType<typeof build>>,
  cpus: number,
  steps: number,
  rounds: number,
) {
  return withThreads({ ...program, cpus, memoryBytes }, async (threads) => {
    await threads.callOne(0, "boot");
    await threads.callAll("bootCpu", (cpu) => [cpu], "workers");
    for (let round = 1; round <= rounds; round++) {
      await churnAll(threads, steps, round);
      await threads.callOne(0, "clear", [0]);
      // A callback may make work for maintenance, and that for further callbacks.
      for (let pass = 0; pass < 3; pass++) {
        await threads.callAll("drain", (cpu) => [cpu], "workers");
        await threads.callOne(0, "maintain", [0]);
      }
    }
    const left = async (kind: Kind) => (await threads.callOne(0, "live", [kind])).value;
    return {
      complaints: await complaints(threads),
      labels: await left(Kind.label),
      proxies: await left(Kind.proxy),
      labelExtras: await left(Kind.labelExtra),
      percpuBytes: (await threads.callOne(0, "percpuBytesInUse")).value,
    };
  });
}

describe.each(testedStrategies())("on threads the strategy $name", (strategy) => {
  const never = strategy.meta.capabilities.releases === "never";
  let program: ReturnType<typeof build> | undefined;
  for (const { cpus, steps, rounds } of [
    { cpus: 1, steps: 5_000, rounds: 1 },
    { cpus: 2, steps: 40_000, rounds: 3 },
    { cpus: 3, steps: 15_000, rounds: 2 },
  ]) {
    const title = `keeps every rule with ${cpus === 1 ? "1 CPU" : `${cpus} CPUs`}`;
    const skipped = `${title} (skipped: it declares that it never releases)`;
    (never ? it.skip : it)(never ? skipped : title, async () => {
      program ??= build(strategy);
      expect(await churnOnThreads(await program, cpus, steps, rounds)).toEqual({
        complaints: {},
        labels: 0,
        proxies: 0,
        labelExtras: 0,
        percpuBytes: 0,
      });
    });
  }
});

/**
 * Random histories of policy on worker threads: thousands of steps on each of three CPUs, only that the processors decide the order.
 * REFPLAY_POLICY_SEED asks for other histories.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostWasmOptions } from "../../src/engines/threads/compile.ts";
import { withThreads } from "../../src/engines/threads/index.ts";
import { Audit } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { builtin, linkTestProgram } from "../conformance/support.ts";
import { maxLabelParts, population, profileNames } from "./policy-history.ts";
import { Complaints, checkRules } from "./policy-history-check.ts";
import { checkEnd } from "./policy-history-cpus.ts";
import { cpus, splitHistory, splitScripts } from "./policy-history-split.ts";
import { PolicyView } from "./policy-history-view.ts";
import { scriptOf } from "./support.ts";

const seed = Number(process.env.REFPLAY_POLICY_SEED ?? 1_709_240_013);
const memoryBytes = 64 << 20;
const stepsPerCpu = 4000;

const [history] = fc.sample(splitHistory({ minLength: stepsPerCpu, maxLength: stepsPerCpu }), {
  seed,
  numRuns: 1,
});
const split = splitScripts(history?.drawn ?? []);

/** What is wrong after a run; empty where all is well. */
async function wrongOnThreads(strategy: string, labelSet: number): Promise<readonly string[]> {
  const options = { verify: 1, percpuBytes: 65536, quarantine: 32, labelSet, maxLabelParts };
  const ir = linkTestProgram("policy-stage", builtin(strategy), options);
  const { binary: wasm } = await buildWasm(ir, { ...hostWasmOptions, checks: true, inlineMaxSize: 40 });
  const { constants } = ir;
  const scripts = split.scripts.map(scriptOf);
  return withThreads({ wasm, cpus, memoryBytes, constants, scripts }, async (threads) => {
    const one = async (entry: string, ...args: number[]): Promise<number> =>
      (await threads.callOne(0, entry, args)).value ?? 0;
    await one("boot", ...bootArguments(population(0)));
    for (let cpu = 0; cpu < cpus; cpu++) await threads.callOne(cpu, "bootCpu", [cpu]);
    await one("run", 0, split.preparing);
    const names: number[] = [];
    for (const index of profileNames.keys()) names.push(await one("nameAt", index));
    const view = new PolicyView({ read: (address) => threads.cells[address >> 2] ?? 0, constants }, names);
    const wrong = new Complaints();
    const drain = async (): Promise<void> => {
      for (let pass = 0; pass < 3; pass++) await threads.callAll("drain", (cpu) => [cpu]);
    };
    const look = async (): Promise<void> => {
      await drain();
      const fault = await one("checkSets");
      wrong.unless(fault === 0, () => `a set's tree is broken: ${fault}`);
      checkRules(view, null, wrong);
    };
    await threads.callAll("run", (cpu) => [cpu, split.running[cpu] ?? 0]);
    await look();
    await threads.callAll("run", (cpu) => [cpu, 0]);
    await look();
    checkEnd(view, split, wrong);
    wrong.unless((await one("audit", Audit.rebuilt)) > 0, () => "no compound was made anew");
    await threads.callAll("teardown", (cpu) => [cpu]);
    await drain();
    await one("dismantle");
    await drain();
    for (const counter of [
      Audit.allViolations,
      Audit.allWarnings,
      Audit.allScriptErrors,
      Audit.objects,
      Audit.percpuBytesInUse,
    ]) {
      const value = await one("audit", counter);
      wrong.unless(value === 0, () => `${Audit[counter]}: ${value}`);
    }
    return wrong.lines;
  });
}

describe.each([
  ["rwlock", 0],
  ["seqlock", 1],
  ["rcu-list", 2],
] as const)("with the label set %s", (_, labelSet) => {
  it.each(["kref", "percpu-ref", "cred-local"])(
    "and %s a history on threads breaks no rule",
    async (strategy) => {
      expect(await wrongOnThreads(strategy, labelSet)).toEqual([]);
    },
  );
});

/** The label benchmark's own parts: what it loads, how it counts, and what its program does. Nothing here is timed. */
import { beforeAll, describe, expect, it } from "vitest";
import { labelBytes, meanNames, strategyNames } from "../../bench/lib/labels/bytes.ts";
import {
  addCounts,
  type Counts,
  countsSince,
  labelIr,
  noCounts,
} from "../../bench/lib/labels/label-kernel.ts";
import { settings } from "../../bench/lib/labels/look-ups.ts";
import { hubPolicy, mixedPolicy, policySetup, randomOrder } from "../../bench/lib/labels/policy.ts";
import { isUndisturbed, waitedNsIn } from "../../bench/lib/labels/undisturbed.ts";
import { withThreads } from "../../src/engines/threads/index.ts";
import { Audit } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { parseLabel } from "../../src/policy/parse-label.ts";
import { ScriptBuilder } from "../../src/workloads/script.ts";

describe("the policies", () => {
  it("have as many labels as asked for, a fifth of them compounds", () => {
    const { texts, profiles } = mixedPolicy(100);
    expect([texts.length, texts.length - profiles.length]).toEqual([100, 20]);
  });

  it("have compounds of one hub and one other profile each, all in the root", () => {
    const { policy, hubs } = hubPolicy(200, 4);
    const compounds = policy.texts.slice(policy.profiles.length).map((text) => parseLabel(text));
    expect(compounds).toHaveLength(40);
    const isHub = (name: string): boolean => hubs.some(({ profile }) => profile === name);
    for (const parts of compounds) {
      expect(parts).toHaveLength(2);
      expect(parts.filter(({ profile }) => isHub(profile))).toHaveLength(1);
      expect(parts.every(({ namespace }) => namespace.length === 0)).toBe(true);
    }
    expect(new Set(policy.texts).size).toBe(200);
  });

  it("are looked up in an order that has each label once", () => {
    const order = randomOrder(50, "test");
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at));
    expect(order).toEqual(randomOrder(50, "test"));
  });
});

describe("rounds", () => {
  it("are disturbed where threads waited for more than a twentieth of them", () => {
    expect(isUndisturbed(1000, 500, 550)).toBe(true);
    expect(isUndisturbed(1000, 500, 551)).toBe(false);
    expect(isUndisturbed(1000, null, null)).toBe(true);
  });

  it("read the time of waiting from the second number of a thread's schedstat", () => {
    expect(waitedNsIn("556142 2870597 1\n")).toBe(2_870_597);
    expect(waitedNsIn("")).toBe(0);
  });

  it("count what came in between, and keep the most of what is no sum", () => {
    const before: Counts = { ...noCounts, lookUps: 0x7fff_ffff, longestList: 7 };
    const after: Counts = { ...noCounts, lookUps: -0x8000_0000 + 9, longestList: 5 };
    const since = countsSince(before, after);
    expect([since.lookUps, since.longestList]).toEqual([10, 5]);
    const both = addCounts(since, { ...since, longestList: 6 });
    expect([both.lookUps, both.longestList]).toEqual([20, 6]);
  });
});

describe("bytes of a label", () => {
  it("are those of struct aa_label with kref, and more with per-CPU counts", () => {
    const names = meanNames(mixedPolicy(100));
    const bytes = (strategy: string) => labelBytes(labelIr("rcu-list", strategy), strategy, 64, 3, names);
    const [plain, compound] = bytes("kref");
    expect([plain.label + plain.counter, plain.vector, plain.proxy, plain.perCpu]).toEqual([88, 16, 16, 0]);
    expect([compound.vector, compound.holders, compound.profile]).toEqual([32, 24, 0]);
    const { label, counter, vector, holders, name, proxy, profile, perCpu, extra, total } = compound;
    expect(total).toBe(label + counter + vector + holders + name + proxy + profile + perCpu + extra);
    expect(bytes("percpu-ref")[0].perCpu).toBe(64 * 8);
  });

  it("are told for every strategy that there is", () => {
    expect(strategyNames()).toEqual(expect.arrayContaining(["kref", "none", "percpu-ref"]));
  });
});

describe.each(["rwlock", "seqlock", "rcu-list"] as const)("the benchmark's program with %s", (variant) => {
  const ir = labelIr(variant, "kref");
  let wasm: Uint8Array;
  beforeAll(async () => {
    wasm = (await buildWasm(ir)).binary;
  }, 120_000);

  it("looks labels up, replaces profiles meanwhile, and leaks nothing", async () => {
    const policy = mixedPolicy(60);
    const { script, setUp, records } = policySetup(policy, "all");
    const population = {
      ...setUp.population,
      tasks: 2,
      descriptorsPerTask: 0,
      threadsPerProcess: 1,
      channels: 0,
    };
    const turns = 600;
    const options = {
      wasm,
      cpus: 2,
      memoryBytes: 2 ** 24,
      constants: ir.constants,
      scripts: [script.finish(), new ScriptBuilder().finish()],
    };
    await withThreads(options, async (threads) => {
      const audit = async (...asked: Audit[]): Promise<number[]> => {
        const { values } = await threads.callMany(
          0,
          "audit",
          asked.map((counter) => [counter]),
        );
        return values.map((value) => value ?? 0);
      };
      await threads.callOne(0, "boot", bootArguments(population));
      await threads.callOne(1, "bootCpu", [1]);
      await threads.callOne(0, "run", [0, records]);
      const { value: block = 0 } = await threads.callOne(0, "prepare", [60, policy.profiles.length, 4096]);
      await threads.callMany(
        0,
        "putInOrder",
        randomOrder(60, "made").map((slot, at) => [block, at, slot]),
      );
      const play = async (roles: readonly number[], round: number): Promise<number[]> => {
        const counters = [Audit.lookUps, Audit.policyUpdates, Audit.compoundsMade];
        const before = await audit(...counters);
        await threads.callAll("turns", (cpu) => [cpu, roles[cpu] ?? 0, block, turns, round]);
        const after = await audit(...counters);
        return after.map((value, index) => value - (before[index] ?? 0));
      };
      expect(await play(settings.alone, 1)).toEqual([turns, 0, 0]);
      expect(await play(settings.busy, 2)).toEqual([turns, 0, 0]);
      expect(await play(settings.noLookUp, 3)).toEqual([0, 0, 0]);
      await play(settings.replacing, 4);
      // One look-up more for the label that is made: of its vector.
      expect(await play(settings.makingBusy, 5)).toEqual([500, 0, 1]);
      for (const entry of ["teardown", "drain"]) await threads.callAll(entry, (cpu) => [cpu]);
      await threads.callOne(0, "dismantle");
      await threads.callAll("drain", (cpu) => [cpu]);
      const ends = [Audit.objects, Audit.allScriptErrors, Audit.allPolicyErrors, Audit.allViolations];
      expect(await audit(...ends)).toEqual([0, 0, 0, 0]);
    });
  });
});

/** What labels take: the allocators' own figures, with few labels; and the promise for percpu-dynamic, with 192 CPUs. */
import { describe, expect, it } from "vitest";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { kmallocBytes, type MemoryReport, measureMemory } from "../../src/memory/measure.ts";
import { memoryText } from "../../src/memory/table.ts";
import { builtin } from "../conformance/support.ts";

const host = nodeHost(packageRoot);

function measure(name: string, cpus: number, labels: number, hotLabels: number): MemoryReport {
  const plan = { cpus, labels, hotLabels, opensPerHotLabel: 4500, seed: "test" };
  return measureMemory(builtin(name).path, plan, host);
}

describe("the memory of labels", () => {
  it("is that of the objects with kref: 88 bytes, 8 for each profile and the vector's end, 8 for a compound's holders", () => {
    const { hot, idle } = measure("kref", 2, 20, 1);
    // Three namespaces have an unconfined; four labels are compounds.
    expect(hot.labels).toBe(23);
    expect(hot.strategy).toBe(8 * 23);
    expect([hot.perCpu, hot.apart]).toEqual([0, 0]);
    const profilesBeyondOne = (hot.total - 23 * 104) / 16;
    expect(Number.isInteger(profilesBeyondOne)).toBe(true);
    expect(profilesBeyondOne).toBeGreaterThanOrEqual(4);
    expect(idle).toEqual(hot);
  });

  it("has a counter of 8 bytes for each label and CPU with percpu-ref, used or not, and a record of 64", () => {
    const { hot } = measure("percpu-ref", 3, 20, 0);
    expect(hot.perCpu).toBe(8 * 3 * 23);
    expect(hot.apart).toBe(64 * 23);
  });

  it("has counters of hot labels only with percpu-dynamic, and none when they are cold", () => {
    const { hot, idle, fixed } = measure("percpu-dynamic", 3, 20, 2);
    expect(hot.perCpu).toBe(8 * 3 * 2);
    expect(hot.apart).toBe(32 * 2);
    expect([idle.perCpu, idle.apart]).toEqual([0, 0]);
    expect(fixed).toEqual({ task: 0, holder: 8, guard: 8, cpu: 64, global: 64 });
  });

  it("is within 1.2 times kref's with percpu-dynamic where 1 % of the labels are hot on 192 CPUs", () => {
    const [labels, hotLabels] = [500, 5];
    const kref = measure("kref", 192, labels, 0).hot;
    const dynamic = measure("percpu-dynamic", 192, labels, hotLabels).hot;
    expect(dynamic.labels).toBe(kref.labels);
    expect(dynamic.perCpu).toBe(8 * 192 * hotLabels);
    expect(dynamic.total / kref.total).toBeLessThan(1.2);
    expect(dynamic.kmalloc / kref.kmalloc).toBeLessThan(1.2);
  });

  it("is rounded up as kmalloc does", () => {
    expect([1, 8, 9, 96, 97, 104, 129, 193, 4097].map(kmallocBytes)).toEqual([
      8, 8, 16, 96, 128, 128, 192, 256, 8192,
    ]);
  });
});

describe("the table", () => {
  it("has lines of 80 characters at most, and compares with kref where it is there", () => {
    const part = { labels: 10_000, object: 1_041_024, strategy: 240_024, apart: 640_192, kmalloc: 0 };
    const large = { ...part, perCpu: 40_960_000, total: 42_881_240 };
    const fixed = { task: 24, holder: 32, guard: 40, cpu: 1024, global: 64 };
    const small = { ...large, perCpu: 0, apart: 0, total: 1_121_048 };
    const plan = { cpus: 512, labels: 10_000, hotLabels: 100, opensPerHotLabel: 1, seed: "" };
    const text = memoryText(
      [
        { name: "a-strategy-with-a-long-name", memory: { hot: large, idle: large, fixed } },
        { name: "kref", memory: { hot: small, idle: small, fixed } },
      ],
      plan,
      (line) => line,
    );
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toMatch(/^kref .* 1\.00 /m);
    expect(text).toMatch(/ 38\.25 /);
  });
});

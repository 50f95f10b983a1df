/** The heap and the per-CPU allocator, one call at a time and under random schedules. */
import { describe, expect, it } from "vitest";
import { type ActorSpec, createDirect, runReference } from "../../src/engines/reference/index.ts";
import { Kind } from "../../src/kernel/core/kinds.ts";
import { Mark, Verdict } from "../../src/kernel/core/marks.ts";
import { explain } from "../conformance/schedules.ts";
import { builtin, kindNames, markedVerdicts, steppedTestProgram } from "../conformance/support.ts";

const strategy = builtin("none");

/** A machine whose own checks are the program's: the engine does not watch, so a violation does not end a call. */
function heap(options: Readonly<Record<string, number>> = {}, memoryBytes = 512 * 1024, checks = true) {
  const marks = new Map<number, number>();
  const machine = createDirect(steppedTestProgram("core", strategy, options), {
    cpus: 2,
    checks,
    memoryWords: memoryBytes / 4,
    kinds: kindNames,
    onMark: ({ event }) => marks.set(event, (marks.get(event) ?? 0) + 1),
  });
  machine.call("boot");
  return {
    machine,
    alloc: (bytes: number, kind: Kind = Kind.file, cpu = 0) => machine.call("alloc", [cpu, kind, bytes], cpu),
    free: (address: number, cpu = 0) => machine.call("free", [cpu, address], cpu),
    live: (kind: Kind = Kind.file) => machine.call("live", [kind]),
    found: (verdict: Verdict) => marks.get(Mark.violation + verdict) ?? 0,
    warned: (mark: Mark) => marks.get(mark) ?? 0,
  };
}

describe.each([
  { build: "a measured", options: { verify: 0 } },
  { build: "a verify", options: { verify: 1 } },
])("the heap of $build build", ({ options }) => {
  it("hands out objects of every size, aligned to a line, that do not overlap", () => {
    const h = heap(options, 4 << 20);
    const sizes = [1, 8, 63, 64, 65, 100, 192, 500, 512, 513, 1000, 2048, 4000, 5000, 65_536, 100_000];
    const ranges = sizes.flatMap((bytes) => [h.alloc(bytes), h.alloc(bytes)].map((at) => ({ at, bytes })));
    for (const { at } of ranges) {
      expect(at).toBeGreaterThan(0);
      expect(at % 64).toBe(0);
    }
    const sorted = ranges.sort((a, b) => a.at - b.at);
    for (const [i, { at, bytes }] of sorted.entries())
      expect(at + bytes).toBeLessThanOrEqual(sorted[i + 1]?.at ?? 4 << 20);
  });

  it("counts live objects by kind, also those freed on another CPU", () => {
    const h = heap(options);
    const file = h.alloc(64);
    h.alloc(64, Kind.cred);
    expect(h.live(Kind.file)).toBe(1);
    expect(h.live(Kind.cred)).toBe(1);
    h.free(file, 1);
    expect(h.live(Kind.file)).toBe(0);
  });

  it("uses freed objects again, so that churn takes no new pages", () => {
    const h = heap(options);
    h.machine.call("churnHeap", [0, 3, 100, 96]);
    const used = h.machine.call("used");
    h.machine.call("churnHeap", [0, 20, 100, 96]);
    expect(h.machine.call("used")).toBe(used);
  });

  it("brings back to one CPU what another freed: a producer and a consumer take no new pages", () => {
    const h = heap(options);
    const round = () => {
      h.machine.call("produce", [0, 200, 96], 0);
      h.machine.call("consume", [1, 200], 1);
    };
    for (let i = 0; i < 3; i++) round();
    const used = h.machine.call("used");
    for (let i = 0; i < 20; i++) round();
    expect(h.machine.call("used")).toBe(used);
  });

  it("returns 0 and says so when memory is used up, and goes on once something is freed", () => {
    const h = heap(options, 64 * 1024);
    const objects: number[] = [];
    for (let at = h.alloc(1000); at !== 0; at = h.alloc(1000)) objects.push(at);
    expect(h.warned(Mark.heapExhausted)).toBe(1);
    expect(h.live()).toBe(objects.length);
    for (const object of objects) h.free(object);
    expect(h.live()).toBe(0);
    expect(h.alloc(1000)).toBeGreaterThan(0);
  });

  it("refuses what no size class holds", () => {
    const h = heap(options);
    expect(h.alloc(1 << 20)).toBe(0);
    expect(h.machine.call("reserve", [0, 100_000])).toBeGreaterThan(0);
    expect(h.machine.call("reserve", [0, 1 << 24])).toBe(0);
  });
});

describe("a verify build", () => {
  it("gives each life of a block a generation of its own", () => {
    const h = heap({ quarantine: 0 });
    const first = h.alloc(64);
    const before = h.machine.call("generation", [first]);
    h.free(first);
    expect(h.machine.call("alive", [first])).toBe(0);
    const second = h.alloc(64);
    expect(second).toBe(first);
    expect(h.machine.call("generation", [second])).toBe(before + 1);
  });

  it("keeps freed blocks in quarantine for as many frees as asked", () => {
    const h = heap({ quarantine: 3 });
    const first = h.alloc(64);
    h.free(first);
    const others = [h.alloc(64), h.alloc(64), h.alloc(64)];
    expect(others).not.toContain(first);
    for (const other of others.slice(0, 2)) h.free(other);
    expect(h.alloc(64)).not.toBe(first);
    h.free(others[2] as number);
    expect(h.alloc(64)).toBe(first);
  });

  it("finds a second free, and counts the object once", () => {
    const h = heap({}, undefined, false);
    const object = h.alloc(64);
    h.free(object);
    h.free(object);
    expect(h.found(Verdict.doubleFree)).toBe(1);
    expect(h.live()).toBe(0);
  });

  it("finds a write after the free when the block is used again", () => {
    const h = heap({ quarantine: 0 }, undefined, false);
    const object = h.alloc(64);
    h.free(object);
    h.machine.write(object + 24, 1);
    expect(h.found(Verdict.useAfterFree)).toBe(0);
    h.alloc(64);
    expect(h.found(Verdict.useAfterFree)).toBe(1);
  });

  it("finds a free of what was never an object", () => {
    const h = heap({}, undefined, false);
    const object = h.alloc(256);
    h.free(object + 64);
    expect(h.found(Verdict.doubleFree)).toBe(1);
    expect(h.live()).toBe(1);
  });
});

describe("per-CPU memory", () => {
  it("lies 8 bytes apart on each CPU, on lines that no other CPU has", () => {
    const h = heap();
    const offsets = [1, 2, 3, 4].map(() => h.machine.call("cellAlloc", [8]));
    const cells = (cpu: number) => offsets.map((offset) => h.machine.call("cellOf", [cpu, offset]));
    expect(cells(0).map((at) => at - (cells(0)[0] ?? 0))).toEqual([0, 8, 16, 24]);
    const lines = (cpu: number) => new Set(cells(cpu).map((at) => at >> 6));
    for (const line of lines(0)) expect(lines(1).has(line)).toBe(false);
  });

  it("is 0 when handed out, also for the second time", () => {
    const h = heap();
    const offset = h.machine.call("cellAlloc", [8]);
    h.machine.write(h.machine.call("cellOf", [1, offset]), 7);
    h.machine.call("cellFree", [offset, 8]);
    expect(h.machine.call("cellAlloc", [8])).toBe(offset);
    expect(h.machine.read(h.machine.call("cellOf", [1, offset]))).toBe(0);
  });

  it("packs pieces of several sizes without crossing a line", () => {
    const h = heap({ percpuBytes: 192 });
    const pieces = [24, 48, 16, 64, 8].map((bytes) => ({ bytes, at: h.machine.call("cellAlloc", [bytes]) }));
    for (const { bytes, at } of pieces) {
      expect(at).toBeGreaterThan(0);
      expect(at >> 6).toBe((at + bytes - 1) >> 6);
    }
    const taken = new Set(
      pieces.flatMap(({ bytes, at }) => Array.from({ length: bytes / 8 }, (_, i) => at / 8 + i)),
    );
    expect(taken.size).toBe((24 + 48 + 16 + 64 + 8) / 8);
    expect(h.machine.call("cellsInUse")).toBe(24 + 48 + 16 + 64 + 8);
  });

  it("returns 0 and says so when it is used up, and what was freed can be had again", () => {
    const h = heap({ percpuBytes: 128 });
    const offsets = Array.from({ length: 16 }, () => h.machine.call("cellAlloc", [8]));
    expect(h.machine.call("cellAlloc", [8])).toBe(0);
    expect(h.warned(Mark.percpuExhausted)).toBe(1);
    h.machine.call("cellFree", [offsets[3] as number, 8]);
    expect(h.machine.call("cellAlloc", [8])).toBe(offsets[3]);
  });

  it("finds a second free", () => {
    const h = heap({}, undefined, false);
    const offset = h.machine.call("cellAlloc", [8]);
    h.machine.call("cellFree", [offset, 8]);
    h.machine.call("cellFree", [offset, 8]);
    expect(h.found(Verdict.doubleFree)).toBe(1);
    expect(h.machine.call("cellsInUse")).toBe(0);
  });
});

describe("under random schedules", () => {
  /** Runs actors, one CPU each; nothing may be left or broken. */
  function race(actors: readonly [string, ...number[]][], seed: number): void {
    const specs: ActorSpec[] = actors.map(([entry, ...args], cpu) => ({
      cpu,
      entry,
      args: [cpu, ...args],
      role: "script",
    }));
    const result = runReference(
      steppedTestProgram("core", strategy),
      [[{ cpu: 0, entry: "boot", args: [], role: "script" }], specs],
      { seed, cpus: actors.length, memoryBytes: 512 * 1024, kinds: kindNames, stepLimit: 1_000_000 },
    );
    expect(explain(result), `seed ${seed}`).toBe("");
    expect(markedVerdicts(result.counters.marks), `seed ${seed}`).toEqual([]);
  }

  it("three CPUs never get one block at the same time", () => {
    const actor: [string, ...number[]] = ["churnHeap", 2, 40, 64];
    for (let seed = 1; seed <= 20; seed++) race([actor, actor, actor], seed);
  });

  it("blocks that one CPU frees for others come back whole", () => {
    for (let seed = 1; seed <= 20; seed++)
      race(
        [
          ["produce", 40, 64],
          ["produce", 40, 64],
          ["consume", 80],
        ],
        seed,
      );
  });

  it("three CPUs never get one per-CPU counter at the same time", () => {
    for (let seed = 1; seed <= 40; seed++)
      race(
        [
          ["churnCells", 6],
          ["churnCells", 6],
          ["churnCells", 6],
        ],
        seed,
      );
  });
});

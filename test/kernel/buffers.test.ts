/** Work buffers in their four variants: one call at a time, under random schedules, and on threads. */
import { describe, expect, it } from "vitest";
import { type ActorSpec, createDirect, ReferenceEngine } from "../../src/engines/reference/index.ts";
import { hostWasmOptions } from "../../src/engines/threads/compile.ts";
import { withThreads } from "../../src/engines/threads/index.ts";
import { Mark, Verdict } from "../../src/kernel/core/marks.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { explain } from "../conformance/schedules.ts";
import {
  builtin,
  kindNames,
  linkTestProgram,
  markedVerdicts,
  steppedTestProgram,
} from "../conformance/support.ts";

const variants = { kmalloc: 0, percpu: 1, pool: 2, hybrid: 3 } as const;
type Variant = keyof typeof variants;
const names = Object.keys(variants) as Variant[];

const strategy = builtin("none");
const optionsOf = (variant: Variant, verify = 1) => ({
  buffers: variants[variant],
  bufferBytes: 256,
  quarantine: 4,
  verify,
});

/** Buffers that there are after boot, with `cpus` CPUs (more than one). */
const atBoot = (variant: Variant, cpus: number) =>
  ({ kmalloc: 0, percpu: 2 * cpus, pool: 6, hybrid: 6 })[variant];

function direct(variant: Variant, cpus = 2, options: Readonly<Record<string, number>> = {}) {
  const program = steppedTestProgram("buffers", strategy, { ...optionsOf(variant), ...options });
  const machine = createDirect(program, { cpus, memoryWords: 65_536, kinds: kindNames });
  machine.call("boot");
  for (let cpu = 0; cpu < cpus; cpu++) machine.call("bootCpu", [cpu], cpu);
  const ask = (entry: string, ...args: number[]) => machine.call(entry, args);
  const take = (cpu = 0) => machine.call("take", [cpu], cpu);
  const give = (buffer: number, cpu = 0) => machine.call("give", [cpu, buffer], cpu);
  /** Somebody has the pool's lock while `act` runs. */
  const meanwhile = (act: () => void) => {
    expect(ask("occupy")).toBe(1);
    act();
    ask("leave");
  };
  return { ask, take, give, meanwhile };
}

const actor = (cpu: number, entry: string, ...args: number[]): ActorSpec => ({
  cpu,
  entry,
  args,
  role: "script",
});

/** Three CPUs under the schedule of a seed, booted. */
function scheduled(
  variant: Variant,
  seed: number,
  { memoryBytes = 512 * 1024, ...options }: Readonly<Record<string, number>> = {},
) {
  const program = steppedTestProgram("buffers", strategy, { ...optionsOf(variant), ...options });
  const engine = new ReferenceEngine(program, {
    seed,
    cpus: 3,
    memoryBytes,
    kinds: kindNames,
    stepLimit: 1_000_000,
  });
  /** All at once. What each returned. */
  const run = (...actors: ActorSpec[]) => {
    engine.run(actors);
    return actors.map((_, index) => engine.returnedBy(index));
  };
  const ask = (entry: string, ...args: number[]) => run(actor(0, entry, ...args))[0] ?? 0;
  /** Frees everything; what is wrong then fails the test. */
  const end = () => {
    ask("dismantle", 0);
    const left = ask("exist");
    const result = engine.finish();
    expect(explain(result), `seed ${seed}`).toBe("");
    expect(markedVerdicts(result.counters.marks), `seed ${seed}`).toEqual([]);
    return left;
  };
  ask("boot");
  run(...[0, 1, 2].map((cpu) => actor(cpu, "bootCpu", cpu)));
  return { run, ask, end };
}

/** Three CPUs with two buffers at a time each. */
function race(variant: Variant, seed: number) {
  const { run, ask, end } = scheduled(variant, seed);
  const missing = run(...[0, 1, 2].map((cpu) => actor(cpu, "user", cpu, 6)));
  const seen = {
    missing: missing.reduce((sum, part) => sum + part, 0),
    exist: ask("exist"),
    bytes: ask("bytes"),
    takes: ask("takes"),
    waits: ask("lockWaits"),
    ticks: ask("lockWaitTicks"),
    listed: ask("listed"),
    cached: ask("allCached"),
  };
  return { ...seen, left: end() };
}

/** One CPU takes 200 buffers while two others hold the pool's lock most of the time. */
function keptBusy(variant: Variant, seed: number) {
  const { run, ask, end } = scheduled(variant, seed);
  const [met] = run(actor(0, "collector", 0, 200), actor(1, "keeper", 1, 2000), actor(2, "keeper", 2, 2000));
  const seen = { met, waits: ask("lockWaits"), ticks: ask("lockWaitTicks") };
  end();
  return seen;
}

describe.each(names)("work buffers with %s", (variant) => {
  it("are two different ones for a hook that needs two, and can be given back in any order", () => {
    for (const backwards of [false, true]) {
      const { ask, take, give } = direct(variant);
      const exist = ask("exist");
      const both = [take(), take()];
      const theirs = [take(1), take(1)];
      expect(new Set([0, ...both, ...theirs]).size).toBe(5);
      for (const buffer of backwards ? both.reverse() : both) give(buffer);
      for (const buffer of theirs) give(buffer, 1);
      expect(ask("exist")).toBe(exist);
    }
  });

  it("exist from boot to the end, and nothing is left", () => {
    const { ask, take, give } = direct(variant);
    expect(ask("exist")).toBe(atBoot(variant, 2));
    expect(ask("bytes")).toBe(atBoot(variant, 2) * 256);
    const buffer = take();
    expect(ask("takes")).toBe(1);
    give(buffer);
    ask("dismantle", 0);
    expect(ask("exist")).toBe(0);
    expect(ask("listed")).toBe(0);
    expect(ask("allCached")).toBe(0);
  });

  it("give back nothing for a buffer that was not to be had", () => {
    const { ask, give } = direct(variant);
    give(0);
    expect(ask("exist")).toBe(atBoot(variant, 2));
  });

  it("are in one hand at a time and keep what is written, and all come back", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const seen = race(variant, seed);
      expect(seen).toMatchObject({ missing: 0, takes: 3 * 6 * 2, left: 0 });
      if (variant === "kmalloc" || variant === "percpu") {
        expect(seen).toMatchObject({ exist: atBoot(variant, 3), waits: 0, listed: 0, cached: 0 });
      } else {
        expect(seen.listed + seen.cached).toBe(seen.exist);
        expect(seen.exist).toBeGreaterThanOrEqual(6);
        expect(seen.bytes).toBe(seen.exist * 256);
      }
      if (variant === "pool") expect(seen.cached).toBe(0);
    }
  });

  it("are in one hand at a time on threads, and all come back", async () => {
    const ir = linkTestProgram("buffers", strategy, optionsOf(variant));
    const { binary: wasm } = await buildWasm(ir, { ...hostWasmOptions, checks: true, inlineMaxSize: 40 });
    await withThreads({ wasm, cpus: 3, memoryBytes: 4 << 20, constants: ir.constants }, async (threads) => {
      const ask = async (entry: string, ...args: number[]) =>
        (await threads.callOne(0, entry, args)).value ?? -1;
      await threads.callOne(0, "boot");
      await threads.callAll("bootCpu", (cpu) => [cpu]);
      await threads.callAll("user", (cpu) => [cpu, 5000]);
      expect(await ask("takes")).toBe(3 * 5000 * 2);
      const exist = await ask("exist");
      if (variant === "pool" || variant === "hybrid")
        expect((await ask("listed")) + (await ask("allCached"))).toBe(exist);
      else expect(exist).toBe(atBoot(variant, 3));
      await ask("dismantle", 0);
      expect(await ask("exist")).toBe(0);
      for (const verdict of [Verdict.assertion, Verdict.doubleFree, Verdict.useAfterFree])
        expect(await ask("violationCount", verdict)).toBe(0);
    });
  });
});

describe("with percpu", () => {
  it("a third one is not to be had, and the first is again once it is given back", () => {
    const { take, give } = direct("percpu");
    const first = take();
    take();
    expect(take()).toBe(0);
    give(first);
    expect(take()).toBe(first);
  });

  it("each CPU has its own, the same each time", () => {
    const { take, give } = direct("percpu");
    const mine = take();
    expect(take(1)).not.toBe(mine);
    give(mine);
    expect(take()).toBe(mine);
  });
});

describe("the pool", () => {
  it.each([
    [1, 4],
    [2, 6],
    [4, 6],
  ])("of %i CPUs begins with %i buffers, two of them kept back", (cpus, count) => {
    const { ask, take } = direct("pool", cpus);
    expect(ask("exist")).toBe(count);
    for (let taken = 0; taken < count - 2; taken++) take();
    expect(ask("exist")).toBe(count);
    expect(ask("listed")).toBe(2);
  });

  it("grows when only the reserve is left, and keeps what it grew by", () => {
    const { ask, take, give } = direct("pool");
    const taken = Array.from({ length: 7 }, () => take());
    expect(new Set(taken).size).toBe(7);
    expect(ask("exist")).toBe(9);
    for (const buffer of taken) give(buffer);
    expect(ask("listed")).toBe(9);
    expect(ask("bytes")).toBe(9 * 256);
    expect(taken).toContain(take());
    expect(ask("exist")).toBe(9);
  });

  it("hands out the buffer that came back last", () => {
    const { take, give } = direct("pool");
    const [first, second] = [take(), take()];
    give(first);
    give(second);
    expect([take(), take()]).toEqual([second, first]);
  });

  it("says 0 when memory is used up, and goes on once one is given back", () => {
    const { take, give, ask } = direct("pool", 2, { bufferBytes: 8192 });
    const taken: number[] = [];
    for (let buffer = take(); buffer !== 0; buffer = take()) taken.push(buffer);
    expect(taken.length).toBeGreaterThan(3);
    give(taken.pop() ?? 0);
    expect(take()).toBeGreaterThan(0);
    expect(ask("listed")).toBe(2);
  });

  it("is looked at once more when memory is used up", () => {
    let late = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { run, ask, end } = scheduled("pool", seed, { bufferBytes: 8192, memoryBytes: 384 * 1024 });
      const last = ask("collect", 0, 100);
      const before = ask("warningCount", Mark.heapExhausted);
      const [, taken = 0] = run(actor(0, "giveAll", 0, last), actor(1, "take", 1));
      // Memory was asked for and not to be had, and yet there was a buffer.
      if (taken !== 0 && ask("warningCount", Mark.heapExhausted) > before) late += 1;
      run(actor(1, "give", 1, taken));
      end();
    }
    expect(late).toBeGreaterThan(0);
  });

  it("counts who finds its lock taken, and how long they wait", () => {
    const seen = Array.from({ length: 40 }, (_, seed) => race("pool", seed + 1));
    expect(Math.max(...seen.map(({ waits }) => waits))).toBeGreaterThan(0);
    for (const { waits, ticks } of seen) if (waits === 0) expect(ticks).toBe(0);
    const { waits, ticks } = keptBusy("pool", 1);
    expect(waits).toBeGreaterThan(0);
    expect(ticks).toBeGreaterThan(0);
  });
});

describe("with hybrid", () => {
  it("nothing is cached while nobody is in the way", () => {
    const { ask, take, give } = direct("hybrid");
    give(take());
    expect([ask("cached", 0), ask("hold", 0), ask("listed")]).toEqual([0, 0, 6]);
  });

  it("a give that finds the lock taken caches, and a take has it from there without the lock", () => {
    const { ask, take, give, meanwhile } = direct("hybrid");
    const buffer = take();
    meanwhile(() => {
      give(buffer);
      expect([ask("cached", 0), ask("hold", 0), ask("listed")]).toEqual([1, 1, 5]);
      expect(take()).toBe(buffer);
      expect([ask("cached", 0), ask("hold", 0)]).toEqual([0, 0]);
    });
    expect(ask("lockWaits")).toBe(0);
    give(buffer);
    expect([ask("cached", 0), ask("listed")]).toEqual([0, 6]);
  });

  it("caches on while the count is not used up, and takes from there first", () => {
    const { ask, take, give, meanwhile } = direct("hybrid");
    const [first, second] = [take(), take()];
    meanwhile(() => give(first));
    // The lock is free again, but a taken lock was met and nothing has been taken from the cache since.
    give(second);
    expect([ask("cached", 0), ask("hold", 0)]).toEqual([2, 1]);
    expect([take(), take()]).toEqual([second, first]);
    expect(ask("hold", 0)).toBe(0);
  });

  it("never lets the count fall below 0, so that one CPU does not cache for ever", () => {
    const { ask, take, give, meanwhile } = direct("hybrid");
    const both = [take(), take()];
    meanwhile(() => give(both[0] ?? 0));
    give(both[1] ?? 0);
    const again = [take(), take()];
    for (const buffer of again) give(buffer);
    expect([ask("cached", 0), ask("listed")]).toEqual([0, 6]);
  });

  it("leaves other CPUs' caches alone", () => {
    const { ask, take, give, meanwhile } = direct("hybrid");
    const mine = take();
    meanwhile(() => give(mine));
    const others = [take(1), take(1), take(1)];
    expect(others).not.toContain(mine);
    expect([ask("cached", 0), ask("cached", 1)]).toEqual([1, 0]);
  });

  it("frees what any CPU has cached at the end", () => {
    const { ask, take, give, meanwhile } = direct("hybrid");
    const [mine, theirs] = [take(), take(1)];
    meanwhile(() => {
      give(mine);
      give(theirs, 1);
    });
    expect([ask("cached", 0), ask("cached", 1)]).toEqual([1, 1]);
    ask("dismantle", 0);
    expect(ask("exist")).toBe(0);
  });

  it("caches under schedules in which CPUs meet, and counts their waits", () => {
    const seen = Array.from({ length: 40 }, (_, seed) => race("hybrid", seed + 1));
    expect(Math.max(...seen.map(({ cached }) => cached))).toBeGreaterThan(0);
    expect(Math.max(...seen.map(({ waits }) => waits))).toBeGreaterThan(0);
  });

  it("remembers no more than 64 taken locks", () => {
    const { waits, met } = keptBusy("hybrid", 1);
    expect(waits).toBeGreaterThan(64);
    expect(met).toBe(64);
  });
});

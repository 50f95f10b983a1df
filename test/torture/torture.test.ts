/** The short version of `npm run torture`: a round for each strategy with fixed seeds, and what torture itself promises. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RefplayError } from "../../src/errors.ts";
import { hashScripts } from "../../src/workloads/workload.ts";
import { writeHistory } from "./history.ts";
import { TortureLog } from "./log.ts";
import { parseTortureOptions } from "./options.ts";
import { planRound, variantCount } from "./plan.ts";
import { strategyNamed, strategyNames } from "./program.ts";
import { type RoundResult, runRound } from "./round.ts";

/** Programs are built first, which takes long where all cores are busy; the engine itself tells machines that hang. */
const timeoutMs = 240_000;

const limits = { cpus: 3, labels: 80, steps: 8000, lives: 2 };

describe("after a round of torture", () => {
  it.each(strategyNames().map((name, at) => [name, at] as const))(
    "everything that %s counted is accounted for",
    async (name, at) => {
      // Neighbours get different label sets and buffers.
      const { death, wrong } = await runRound(strategyNamed(name), "short", at, limits);
      expect({ death, wrong }).toEqual({ death: null, wrong: {} });
    },
    timeoutMs,
  );

  // Bugs that need no particular order of the processors.
  it.each([
    ["broken/kref-put-twice", /underflow|negative-count/],
    ["broken/hazard-skips-first-cpu", /use-after-free|premature-release/],
    ["broken/percpu-kill-twice", /underflow|negative-count|kill-twice|sum-not-positive|left: labels/],
  ])(
    "the bug of %s shows",
    async (name, expected) => {
      const { wrong } = await runRound(strategyNamed(name), "short", 0, limits);
      expect(Object.keys(wrong).join()).toMatch(expected);
    },
    timeoutMs,
  );
});

describe("a round", () => {
  const plan = (number: number) => planRound("a", number, { options: {} }, { labels: 60, steps: 3000 });

  it("is the same for the same seed, and another for another", () => {
    const hash = (number: number): string => hashScripts(writeHistory(plan(number)).workload.scripts);
    expect(plan(3)).toEqual(plan(3));
    expect(hash(3)).toBe(hash(3));
    expect(hash(3)).not.toBe(hash(4));
  });

  it("goes with one of a few programs, which between them have every label set with every kind of buffers", () => {
    const pairs = new Set<string>();
    for (let number = 0; number < variantCount; number++) {
      const { kernel } = plan(number).variant;
      pairs.add(`${kernel.labelSet} ${kernel.buffers}`);
      expect(plan(number + variantCount).variant).toEqual(plan(number).variant);
    }
    expect(pairs.size).toBe(12);
  });

  it("draws a strategy's options within their limits, and none that exclude each other", () => {
    const options = {
      a: { unit: "ms", default: 5000, min: 0, max: 60_000, conflicts: ["b"] },
      b: { unit: "0/1", default: 0, min: 0, max: 1 },
    };
    const drawn = Array.from(
      { length: 200 },
      (_, run) => planRound(`${run}`, 0, { options }).variant.strategy,
    );
    for (const { a = 5000, b = 0 } of drawn) expect(a === 0 || b === 0).toBe(true);
    for (const { a, b } of drawn) {
      if (a !== undefined) expect(a >= 0 && a <= 400).toBe(true);
      if (b !== undefined) expect([0, 1]).toContain(b);
    }
    expect(drawn.some(({ b }) => b === 1)).toBe(true);
    expect(drawn.some(({ a }) => a !== undefined && a > 0)).toBe(true);
  });
});

describe("the log", () => {
  const header = { torture: 1 as const, seed: "s" };
  const result: RoundResult = {
    plan: planRound("s", 4, { options: {} }),
    wrong: { "left: labels": 2 },
    death: null,
    lives: 1,
    ms: 70,
    did: {},
  };
  const file = (): string => join(mkdtempSync(join(tmpdir(), "refplay-torture-")), "log");

  it("tells a later run what was done, but for a line that was cut off", () => {
    const path = file();
    const log = new TortureLog(path, header, false);
    log.add("kref", 4, result);
    log.add("none", 5, result);
    writeFileSync(path, readFileSync(path, "utf8").slice(0, -20));
    const { before } = new TortureLog(path, header, true);
    expect(before).toEqual([{ strategy: "kref", round: 4, ms: 70, wrong: { "left: labels": 2 } }]);
  });

  it("of another seed, or no log, is refused", () => {
    const path = file();
    new TortureLog(path, header, false);
    expect(() => new TortureLog(path, { ...header, seed: "t" }, true)).toThrow("of another run");
    writeFileSync(path, "hello\n");
    expect(() => new TortureLog(path, header, true)).toThrow("no log");
  });
});

describe("options", () => {
  const parse = (...args: string[]) => parseTortureOptions(args, { exit: false });

  it("have defaults, and all strategies unless some are named", () => {
    expect(parse()).toMatchObject({ msPerStrategy: 600_000, strategies: strategyNames(), resume: false });
    expect(parse("--strategy", "kref,none", "--minutes", "0.5")).toMatchObject({
      msPerStrategy: 30_000,
      strategies: ["kref", "none"],
    });
  });

  it("repeat one round", () => {
    expect(parse("--round-seed", "a/b/17", "--times", "3").round).toEqual({
      run: "a/b",
      number: 17,
      times: 3,
    });
  });

  it.each([
    ["--round-seed", "17"],
    ["--cpus", "0"],
    ["--minutes", "-1"],
  ])("refuse %s %s", (...args) => {
    expect(() => parse(...args)).toThrow();
  });

  it("do not resume without a log, nor know strategies that do not exist", () => {
    expect(() => parse("--resume")).toThrow(RefplayError);
    expect(() => strategyNamed("kreff")).toThrow("kref");
  });
});

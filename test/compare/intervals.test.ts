import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { fewestPairs, fewestRepetitions, shiftIntervals } from "../../src/compare/intervals.ts";
import {
  independentRank,
  pairedRank,
  rankSumCounts,
  signedRankCounts,
} from "../../src/compare/rank-distributions.ts";

describe("rank distributions", () => {
  it("count every order and every choice of signs", () => {
    expect(rankSumCounts(2, 3)).toEqual([1, 1, 2, 2, 2, 1, 1]);
    expect(rankSumCounts(5, 5).reduce((sum, count) => sum + count)).toBe(252);
    expect(signedRankCounts(3)).toEqual([1, 1, 1, 2, 1, 1, 1]);
    expect(signedRankCounts(10).reduce((sum, count) => sum + count)).toBe(1024);
  });

  // Critical values of the Mann-Whitney test, 5 % on two sides; the interval begins one rank above.
  it.each([
    [3, 3, -1],
    [3, 5, 0],
    [4, 4, 0],
    [5, 5, 2],
    [5, 8, 6],
    [6, 6, 5],
    [8, 8, 13],
    [10, 10, 23],
    [20, 20, 127],
  ])("give the published critical value for %i and %i values", (n, m, critical) => {
    expect(independentRank(n, m, 0.95)).toBe(critical + 1);
    expect(independentRank(m, n, 0.95)).toBe(critical + 1);
  });

  // The same of Wilcoxon's signed-rank test.
  it.each([
    [5, -1],
    [6, 0],
    [7, 2],
    [8, 3],
    [10, 8],
    [15, 25],
    [20, 52],
  ])("give the published critical value for %i pairs", (n, critical) => {
    expect(pairedRank(n, 0.95)).toBe(critical + 1);
  });

  it("go on without a jump where they are approximated", () => {
    const steps = [29, 30, 31, 32].map(
      (n) => independentRank(n, n, 0.95) - independentRank(n - 1, n - 1, 0.95),
    );
    for (const step of steps) expect(step).toBeGreaterThanOrEqual(20);
    for (const step of steps) expect(step).toBeLessThanOrEqual(26);
    const ofPairs = [29, 30, 31, 32].map((n) => pairedRank(n, 0.95) - pairedRank(n - 1, 0.95));
    for (const step of ofPairs) expect(step).toBeGreaterThanOrEqual(8);
    for (const step of ofPairs) expect(step).toBeLessThanOrEqual(13);
  });
});

describe("intervals", () => {
  it("are those of Hollander and Wolfe's depression scores, 9 pairs", () => {
    const a = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const b = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const found = shiftIntervals({ a, b, paired: true }, 0.95)?.difference;
    expect(found?.low).toBeCloseTo(-0.786, 10);
    expect(found?.high).toBeCloseTo(-0.01, 10);
  });

  it("leave out the two most extreme differences on each side of five against five", () => {
    // All differences are whole numbers from 1 to 25.
    const a = [20, 15, 10, 5, 0];
    const b = [21, 22, 23, 24, 25];
    expect(shiftIntervals({ a, b, paired: false }, 0.95)?.difference).toEqual({ low: 3, high: 23 });
  });

  it("hold ratios in percent, and none of a zero", () => {
    const a = [100, 100, 100, 100];
    const b = [110, 120, 130, 140];
    const found = shiftIntervals({ a, b, paired: false }, 0.95);
    expect(found?.percent?.low).toBeCloseTo(10, 10);
    expect(found?.percent?.high).toBeCloseTo(40, 10);
    expect(shiftIntervals({ a: [0, 1, 1, 1], b, paired: false }, 0.95)?.percent).toBeNull();
    expect(shiftIntervals({ a, b: [0, 0, 0, 0], paired: false }, 0.95)?.percent).toEqual({
      low: -100,
      high: -100,
    });
  });

  it("are narrower in pairs, where what varies is common to both", () => {
    const a = [1, 5, 9, 13, 17, 21];
    const b = a.map((value) => value + 1);
    expect(shiftIntervals({ a, b, paired: true }, 0.95)?.difference).toEqual({ low: 1, high: 1 });
    const apart = shiftIntervals({ a, b, paired: false }, 0.95)?.difference;
    expect(apart?.low).toBeLessThan(0);
    // Five pairs are too few to be taken as pairs, but enough as they are.
    expect(shiftIntervals({ a: a.slice(1), b: b.slice(1), paired: true }, 0.95)?.difference.low).toBeLessThan(
      0,
    );
  });

  it("need four repetitions or six pairs for 95 %, more for more", () => {
    expect([fewestRepetitions(0.95), fewestPairs(0.95)]).toEqual([4, 6]);
    expect([fewestRepetitions(0.99), fewestPairs(0.99)]).toEqual([5, 8]);
    const three = { a: [1, 2, 3], b: [4, 5, 6], paired: false };
    expect(shiftIntervals(three, 0.95)).toBeNull();
    expect(shiftIntervals(three, 0.9)?.difference).toEqual({ low: 1, high: 5 });
    expect(shiftIntervals({ a: [1], b: [2], paired: false }, 0.95)).toBeNull();
    expect(shiftIntervals({ a: [], b: [], paired: true }, 0.95)).toBeNull();
  });

  it("hold the true difference as often as they say, whatever values are like", () => {
    const draw = seedrandom("coverage");
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
    const skewed = (): number => -Math.log(1 - draw());
    const share = (value: () => number, runs: number, paired: boolean): number => {
      let held = 0;
      const trials = 2000;
      for (let trial = 0; trial < trials; trial++) {
        const common = Array.from({ length: runs }, () => (paired ? 10 * draw() : 0));
        const a = common.map((one) => one + value());
        const b = common.map((one) => one + value() + 3);
        const found = shiftIntervals({ a, b, paired }, 0.95)?.difference;
        if (found !== undefined && found.low <= 3 && 3 <= found.high) held++;
      }
      return held / trials;
    };
    // 96.8 % for five against five, 96.9 % for six pairs; 2,000 trials are half a percent off at most.
    for (const [value, runs, paired] of [
      [normal, 5, false],
      [skewed, 5, false],
      [normal, 6, true],
      [skewed, 6, true],
    ] as const) {
      expect(share(value, runs, paired)).toBeGreaterThan(0.955);
      expect(share(value, runs, paired)).toBeLessThan(0.98);
    }
  });
});

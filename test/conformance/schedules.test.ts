/**
 * The rules of the strategy contract under random schedules: CPUs look up, copy, pass on, borrow, replace and retire labels
 * at the same time, one memory operation at a time in an order that the seed decides. The reference engine reports
 * any touch of a freed label and what is left at the end, the kernel's books whatever the strategy miscounted.
 */
import { describe, expect, it } from "vitest";
import { Mark } from "../../src/kernel/core/marks.ts";
import { churn, explain, lookUpRace, verdictsOf } from "./schedules.ts";
import { mixedStrategies, testedStrategies } from "./support.ts";

describe.each(testedStrategies())("under random schedules the strategy $name", (strategy) => {
  const never = strategy.meta.capabilities.releases === "never";

  for (const { cpus, steps, seeds } of [
    { cpus: 2, steps: 60, seeds: 60 },
    { cpus: 3, steps: 40, seeds: 40 },
    { cpus: 4, steps: 30, seeds: 25 },
  ]) {
    const title = `keeps every rule with ${cpus === 1 ? "1 CPU" : `${cpus} CPUs`} in ${seeds} schedules`;
    const skipped = `${title} (skipped: it declares that it never releases)`;
    (never ? it.skip : it)(never ? skipped : title, () => {
      let released = 0;
      for (let seed = 1; seed <= seeds; seed++) {
        const result = churn(strategy, cpus, steps, seed);
        expect(explain(result), `seed ${seed}`).toBe("");
        expect(verdictsOf(result), `seed ${seed}`).toEqual([]);
        expect(result.counters.marks.get(Mark.underflow) ?? 0).toBe(0);
        released += result.counters.marks.get(Mark.released) ?? 0;
      }
      // A test of tests: labels did come and go.
      expect(released).toBeGreaterThan(seeds);
    });
  }

  (never ? it.skip : it)(
    `lets no look-up have a label whose last reference is gone${never ? " (skipped: it declares that it never releases)" : ""}`,
    () => {
      for (let seed = 1; seed <= 80; seed++) {
        const result = lookUpRace(strategy, seed);
        expect(explain(result), `seed ${seed}`).toBe("");
        expect(verdictsOf(result), `seed ${seed}`).toEqual([]);
      }
    },
  );

  it("leads the same seed to the same run, operation for operation", () => {
    const once = churn(strategy, 2, 30, 7);
    const again = churn(strategy, 2, 30, 7);
    expect(again.schedule).toEqual(once.schedule);
    expect(again.counters.byOp).toEqual(once.counters.byOp);
  });
});

// Made of quite different ones than by default: labels of different strategies meet in one slot, one holder, one exchange. In a
// file with other tests, since there may be none: where one strategy is asked for, and it is not made of others.
describe.each(mixedStrategies())("under random schedules the strategy made of others $name", (strategy) => {
  const seeds = 20;

  it(`keeps every rule with 3 CPUs in ${seeds} schedules`, () => {
    let released = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const result = churn(strategy, 3, 40, seed);
      expect(explain(result), `seed ${seed}`).toBe("");
      expect(verdictsOf(result), `seed ${seed}`).toEqual([]);
      released += result.counters.marks.get(Mark.released) ?? 0;
    }
    expect(released).toBeGreaterThan(seeds);
  });
});

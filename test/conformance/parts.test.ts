/**
 * Strategies that are made of others, made of quite different ones than by default, under random schedules: labels of different
 * strategies meet in one slot, in one holder and in one exchange.
 */
import { describe, expect, it } from "vitest";
import { Mark } from "../../src/kernel/core/marks.ts";
import { churn, explain, verdictsOf } from "./schedules.ts";
import { mixedStrategies } from "./support.ts";

const seeds = 20;
const mixed = mixedStrategies();

describe.skipIf(mixed.length === 0).each(mixed)("under random schedules the strategy $name", (strategy) => {
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

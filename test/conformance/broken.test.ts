/** Deliberate bugs must be found: a suite that passes everything proves nothing. */
import { describe, expect, it } from "vitest";
import { churn, verdictsOf } from "./schedules.ts";
import { brokenStrategies } from "./support.ts";

describe("deliberate bugs", () => {
  for (const strategy of brokenStrategies()) {
    const expected = strategy.meta.expect?.verdict ?? "nothing: its default export names no verdict";
    it(`${strategy.name} is found: ${expected}`, () => {
      const found = new Set<string>();
      for (let seed = 1; seed <= 300 && !found.has(expected); seed++) {
        const result = churn(strategy, { cpus: 3, steps: 40, seed });
        for (const verdict of verdictsOf(result)) found.add(verdict);
      }
      expect([...found]).toContain(expected);
    });
  }
});

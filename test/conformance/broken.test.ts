/** Deliberate bugs must be found: a suite that passes everything proves nothing. */
import { describe, expect, it } from "vitest";
import { churn, lookUpRace, verdictsOf } from "./schedules.ts";
import { brokenStrategies } from "./support.ts";

describe("deliberate bugs", () => {
  for (const strategy of brokenStrategies()) {
    const expected = strategy.meta.expect?.verdict ?? "nothing: its default export names no verdict";
    it(`${strategy.name} is found: ${expected}`, () => {
      const found = new Set<string>();
      for (let seed = 1; seed <= 300 && !found.has(expected); seed++) {
        const runs = [churn(strategy, 3, 40, seed), lookUpRace(strategy, seed)];
        for (const verdict of runs.flatMap(verdictsOf)) found.add(verdict);
      }
      expect([...found]).toContain(expected);
    });
  }
});

/**
 * Deliberate bugs must be found: a suite that passes everything proves nothing. Here by chance, on random schedules of the label
 * stage; the checker (test/lifetime/check-broken.test.ts) finds all of them for certain.
 */
import { describe, expect, it } from "vitest";
import { churn, lookUpRace, verdictsOf } from "./schedules.ts";
import { brokenStrategies } from "./support.ts";

/** Those that chance does not find, and why. */
const missed: ReadonlyMap<string, string> = new Map([
  ...["counts-any-label", "forgets-number", "keeps-current", "never-leaves", "users-first"].map(
    (bug) => [`cred-local-${bug}`, "the stage has no tasks"] as const,
  ),
  ["dynamic-bias-first", "a put would have to come between two neighbouring operations"],
  ["dynamic-sample-before-reference", "maintenance would have to run between two neighbouring operations"],
  ["dynamic-sum-without-grace-period", "the sum would have to be taken between two neighbouring operations"],
  ["hazard-one-flip", "a look would have to come between two neighbouring operations, and another behind it"],
  ["hazard-slots-first", "the stage retires a label only when no slot shows it any more"],
  ["hazard-without-fence", "the reference engine has no store buffers"],
  ["hazard-without-recheck", "maintenance would have to run between two neighbouring operations"],
  ["managed-outside-section", "a grace period would have to pass between two neighbouring operations"],
  ["hybrid-follows-flags", "the stage marks no label stale"],
  ["percpu-flag-without-fence", "the reference engine has no store buffers"],
  ["percpu-get-outside-section", "a grace period would have to pass between two neighbouring operations"],
  ["percpu-kill-twice", "percpu_ref survives it with a warning, which is no violation"],
  ["percpu-publish-early", "the stage publishes a label before it shows it"],
  ["rcuref-put-outside-section", "a grace period would have to pass between two neighbouring operations"],
]);

describe("deliberate bugs", () => {
  for (const strategy of brokenStrategies()) {
    const reason = missed.get(strategy.name);
    if (reason !== undefined) {
      it.skip(`${strategy.name}: ${reason}`);
      continue;
    }
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

/**
 * Random histories of policy against the plain model, on one CPU, step by step: answers, the label of every task, file and slot and
 * its newest version, the label sets. REFPLAY_POLICY_RUNS asks for more histories than npm test takes, REFPLAY_POLICY_SEED for others.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import { history } from "./policy-history-arbitrary.ts";
import { differences, policyStage } from "./policy-history-run.ts";

const runs = Number(process.env.REFPLAY_POLICY_RUNS ?? 30);
const seed = Number(process.env.REFPLAY_POLICY_SEED ?? 1_709_240_011);

describe.each([
  ["rwlock", 0, ["kref", "percpu-ref"]],
  ["seqlock", 1, ["kref", "percpu-ref"]],
  ["rcu-list", 2, ["none", "kref", "percpu-ref"]],
] as const)("with the label set %s", (_, labelSet, strategies) => {
  it.each(strategies)("and %s every history is what the model says", { timeout: 600_000 }, (strategy) => {
    const program = policyStage(strategy, labelSet);
    fc.assert(
      fc.property(history, ({ steps }) => {
        const found = differences(program, steps, strategy !== "none");
        if (found !== null) throw new Error(found);
      }),
      { seed: seed + labelSet, numRuns: runs },
    );
  });
});

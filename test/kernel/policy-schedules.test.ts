/**
 * Random histories of policy, split over CPUs that run under random schedules: what does not depend on the schedule is what the model
 * says, and the rules hold. REFPLAY_POLICY_RUNS asks for more than npm test takes, REFPLAY_POLICY_SEED for others.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import { wrongUnder } from "./policy-history-cpus.ts";
import { policyStage } from "./policy-history-run.ts";
import { splitHistory, splitScripts } from "./policy-history-split.ts";

const runs = Number(process.env.REFPLAY_POLICY_RUNS ?? 60);
const seed = Number(process.env.REFPLAY_POLICY_SEED ?? 1_709_240_012);

describe.each([
  ["rwlock", 0],
  ["seqlock", 1],
  ["rcu-list", 2],
] as const)("with the label set %s", (_, labelSet) => {
  it.each(["kref", "percpu-ref", "cred-local"] as const)(
    "and %s a history on three CPUs breaks no rule",
    { timeout: 600_000 },
    (strategy) => {
      const program = policyStage(strategy, labelSet);
      fc.assert(
        fc.property(splitHistory({ maxLength: 40 }), fc.nat({ max: 9999 }), ({ drawn }, schedule) => {
          const found = wrongUnder(program, splitScripts(drawn), `schedule ${schedule}`);
          if (found !== null) throw new Error(found);
        }),
        { seed: seed + labelSet, numRuns: runs },
      );
    },
  );
});

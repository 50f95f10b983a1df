/**
 * What a run says of policy: look-ups and changes of the label set, how long labels wait to be freed, work buffers, and what
 * the events of policy came to.
 */
import type { Repetition } from "../engines/threads/index.ts";
import { Audit, policyErrorLimit } from "../kernel/audit.ts";
import type { Cell } from "../results/schema.ts";
import type { Workload } from "../workloads/index.ts";
import type { CellSpec } from "./cell-spec.ts";
import { errnoName, policyDifferences, policyVerdicts } from "./policy-verdicts.ts";

const errorPrefix = "policy:";
const answerPrefix = "answer:";

/** The counters of refused policy events and of the answers that a script writes down, by name. */
export function policyCounters({ population }: Workload): Record<string, number> {
  const errors = Array.from({ length: policyErrorLimit - 1 }, (_, index): [string, number] => [
    `${errorPrefix}${errnoName(index + 1)}`,
    Audit.policyErrors + index + 1,
  ]);
  const answers = Array.from({ length: population.answers ?? 0 }, (_, index): [string, number] => [
    `${answerPrefix}${index}`,
    Audit.answers + index,
  ]);
  return Object.fromEntries([...errors, ...answers]);
}

type PolicyFigures = Pick<
  Cell,
  "labelSet" | "reclaim" | "buffers" | "policyErrors" | "answers" | "policySteps"
>;

/** The answers that a run wrote down, by index. */
function answersOf({ population }: Workload, run: Repetition): number[] {
  return Array.from(
    { length: population.answers ?? 0 },
    (_, index) => run.atEnd[`${answerPrefix}${index}`] ?? 0,
  );
}

/** Steps of a written history that came to something else than the policy model says: a broken rule. */
export function policyDiffers(run: Repetition, workload: Workload): Record<string, number> {
  if (workload.policySteps === undefined) return {};
  const differences = policyDifferences(policyVerdicts(workload.policySteps, answersOf(workload, run)));
  return differences === 0 ? {} : { "policy-differs": differences };
}

/**
 * Figures of one run; rates are the medians of all.
 * @param rate median of a counter per second over the repetitions
 * @param msPerTick milliseconds of a tick of the engine's `now`
 */
export function policyFigures(
  spec: Pick<CellSpec, "labelSet" | "buffers">,
  workload: Workload,
  run: Repetition,
  rate: (counter: string) => number,
  msPerTick: number,
): PolicyFigures {
  const of = (counter: string): number => run.atEnd[counter] ?? 0;
  const ms = (counter: string): number => Math.max(0, of(counter)) * msPerTick;
  const errors = Object.entries(run.atEnd).flatMap(([name, count]): [string, number][] =>
    name.startsWith(errorPrefix) && count > 0 ? [[name.slice(errorPrefix.length), count]] : [],
  );
  const answers = answersOf(workload, run);
  return {
    labelSet: {
      variant: spec.labelSet,
      lookUps: of("lookUps"),
      lookUpsPerSecond: rate("lookUps"),
      retries: of("lookUpRetries"),
      fallbacks: of("lookUpFallbacks"),
      listed: of("listed"),
      drains: of("drains"),
      longestList: of("longestList"),
      lockWaits: of("setLockWaits"),
      lockWaitMs: ms("setLockWaitTicks"),
      updates: of("policyUpdates"),
      updatesPerSecond: rate("policyUpdates"),
      rebuilt: of("rebuilt"),
      scanned: of("scanned"),
      merges: of("merges"),
      fileMerges: of("fileMerges"),
      fileMergesRefused: of("fileMergesRefused"),
      compoundsMade: of("compoundsMade"),
      members: of("setMembers"),
    },
    reclaim: {
      labels: of("reclaimed"),
      meanMs: of("reclaimed") === 0 ? 0 : ms("reclaimTicks") / of("reclaimed"),
      maxMs: of("reclaimed") === 0 ? 0 : ms("longestReclaimTicks"),
    },
    buffers: {
      variant: spec.buffers,
      bytes: of("bufferBytes"),
      takes: of("bufferTakes"),
      lockWaits: of("bufferLockWaits"),
      lockWaitMs: ms("bufferLockWaitTicks"),
    },
    ...(errors.length === 0 ? {} : { policyErrors: Object.fromEntries(errors) }),
    ...(answers.length === 0 ? {} : { answers: answers.map(errnoName) }),
    ...(workload.policySteps === undefined
      ? {}
      : { policySteps: policyVerdicts(workload.policySteps, answers) }),
  };
}

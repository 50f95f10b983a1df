/**
 * What became of a written history of policy: the answers that the kernel wrote down, step by step, beside what the model of
 * policy says. A step that comes to something else is a broken rule.
 */
import { PolicyError } from "../kernel/audit.ts";
import type { PolicyStep } from "../workloads/index.ts";

/** The kernel's own names of its errors. */
export const errnoNames: Readonly<Record<PolicyError, string>> = {
  [PolicyError.done]: "done",
  [PolicyError.notPermitted]: "EPERM",
  [PolicyError.noEntry]: "ENOENT",
  [PolicyError.noMemory]: "ENOMEM",
  [PolicyError.noAccess]: "EACCES",
  [PolicyError.busy]: "EBUSY",
  [PolicyError.exists]: "EEXIST",
  [PolicyError.invalid]: "EINVAL",
  [PolicyError.nameTooLong]: "ENAMETOOLONG",
  [PolicyError.tooManyParts]: "E2BIG",
};

/** The name of what a policy event came to: `done` or the error's. */
export function errnoName(error: number): string {
  return errnoNames[error as PolicyError] ?? `error ${error}`;
}

/** One step in the result. */
export interface PolicyVerdict {
  readonly step: string;
  /** `done` or the error's name. */
  readonly verdict: string;
  /** Only where the model expects something else. */
  readonly expected?: string;
  readonly why?: string;
  readonly column?: number;
  readonly caret?: string;
}

/** One verdict per step; `answers` by index, as the audit gives them. */
export function policyVerdicts(steps: readonly PolicyStep[], answers: readonly number[]): PolicyVerdict[] {
  return steps.map(({ text, answers: own, expected, ...rest }) => {
    const verdict = own.length === 0 ? expected : verdictOf(own.map((index) => answers[index] ?? 0));
    return { step: text, verdict, ...(verdict === expected ? rest : { expected }) };
  });
}

/** Steps that came to something else than the model says. */
export function policyDifferences(verdicts: readonly PolicyVerdict[]): number {
  return verdicts.filter(({ expected }) => expected !== undefined).length;
}

/** The first error among a step's answers; later events of the step follow from it. */
function verdictOf(answers: readonly number[]): string {
  const first = answers.find((answer) => answer !== PolicyError.done) ?? PolicyError.done;
  return errnoName(first);
}

/** What a step of a policy history becomes: events for the kernel, in names, and the error it must end with, if one. */
import { LabelError, type PolicyErrno } from "../policy/label-error.ts";
import type { LabelPart } from "../policy/label-parts.ts";
import type { ProfileMode } from "../policy/modes.ts";
import type { PolicyResult } from "../policy/policy-objects.ts";

/** Something that the kernel is to do; names, not numbers. */
export type PlannedEvent =
  | { readonly do: "create" | "destroy"; readonly namespace: readonly string[] }
  | { readonly do: "load"; readonly set: readonly PlannedProfile[]; readonly replace: boolean }
  | { readonly do: "remove" | "change" | "stack"; readonly part: LabelPart }
  /** null: leaves the hat. */
  | { readonly do: "hat"; readonly part: LabelPart | null }
  | { readonly do: "keep" | "parse" | "drop"; readonly slot: number }
  | { readonly do: "open" | "close"; readonly fd: number }
  /** The task that makes labels instead of the one that steps are about, or that one again. */
  | { readonly do: "useMaker" | "useTask" };

export interface PlannedProfile {
  readonly part: LabelPart;
  readonly mode: ProfileMode;
}

/** Why a step must fail. */
export interface Refusal {
  readonly errno: PolicyErrno | "EBADF";
  readonly why: string;
  /** From 1, in the label's text. */
  readonly column?: number;
  /** That text and a caret under the column, in two lines. */
  readonly caret?: string;
}

export interface PlannedStep {
  readonly text: string;
  /** None: refused by its names, or nothing to be done. */
  readonly events: readonly PlannedEvent[];
  /** What must come of it; undefined: it works. */
  readonly refusal?: Refusal;
}

/** What a step comes to. */
export type Outcome = Omit<PlannedStep, "text">;

export const works = (...events: PlannedEvent[]): Outcome => ({ events });
export const fails = (refusal: Refusal, ...events: PlannedEvent[]): Outcome => ({ events, refusal });

/** The step's outcome: executed where it works and where the kernel finds the error by itself. */
export function outcomeOf(
  result: PolicyResult<unknown>,
  executed: readonly PolicyErrno[],
  event: PlannedEvent,
): Outcome {
  if (result.ok) return works(event);
  const refusal = { errno: result.errno, why: result.why };
  return executed.includes(result.errno) ? fails(refusal, event) : fails(refusal);
}

/** What a label's text says about its mistake. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof LabelError)) throw error;
  const [why = "", ...caret] = error.message.split("\n");
  return {
    errno: error.errno,
    why: why.replace(/ \(column \d+\)$/, ""),
    column: error.column,
    caret: caret.join("\n"),
  };
}

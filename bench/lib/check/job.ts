/** What a search process is asked and what it answers: plain data, sent between processes. */
import type { Bounds } from "./aims.ts";

export interface SearchJob {
  /** Name in the catalogue. */
  readonly program: string;
  /** Path of the strategy's module; null where the program calls none. */
  readonly strategy: string | null;
  readonly model: "sc" | "tso";
  /** Those of the program that are not named keep their defaults. */
  readonly bounds: Bounds;
  /** Link options of the program, `broken` for one of its planted bugs; none unless given. */
  readonly options?: Readonly<Record<string, number>>;
  readonly explorer: "states" | "dpor";
  /** Seconds after which the search gives up. */
  readonly limitS: number;
  /** Bytes of search state at which it gives up. */
  readonly memoryBytes: number;
}

export interface SearchAnswer {
  /** "pass", what was found, or "limit-exceeded". */
  readonly verdict: string;
  /** The limit that ended it: "memory", "interrupted" (time), ...; null where it saw everything or found something. */
  readonly limit: string | null;
  readonly states: number;
  readonly transitions: number;
  readonly executions: number;
  readonly sleepBlocked: number;
  readonly passes: number;
  /** Longest path in transitions. */
  readonly depth: number;
  /** Search alone: without linking, minimising and replaying. */
  readonly searchMs: number;
  /** Processor time of the process during it, its collector's and compiler's threads included. */
  readonly cpuMs: number;
  /** Largest search state in bytes. */
  readonly bytes: number;
  /** Largest resident set of the whole process so far, in bytes. */
  readonly rssBytes: number;
  /** Transitions of the minimal schedule; null without a finding. */
  readonly scheduleSteps: number | null;
}

/** From the process: an answer, or why there is none. */
export type SearchMessage =
  | { readonly answer: SearchAnswer }
  | { readonly failed: { readonly code: string; readonly message: string } };

/** The reference engine and direct mode. */
export { createDirect, Direct, type DirectOptions } from "./direct.ts";
export { ReferenceEngine, runReference } from "./engine.ts";
export type {
  ActorRole,
  ActorSpec,
  Counters,
  Mark,
  ReferenceOptions,
  ReferenceResult,
  Verdict,
  Violation,
} from "./types.ts";

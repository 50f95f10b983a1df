/** The reference engine and direct mode. */
export { createDirect, Direct } from "./direct.ts";
export { ReferenceEngine, runReference } from "./engine.ts";
export type { ActorSpec, Mark, ReferenceOptions, ReferenceResult, Verdict, Violation } from "./types.ts";

/** The stepped back end. */
export { ActorWord, firstSlot } from "./actor.ts";
export { buildStepped, type SteppedOptions } from "./build.ts";
export { type InlinedPosition, type InlineLimits, inlineProgram } from "./inline.ts";
export type { ChainFrame, ResumeSite, Step, SteppedEntry, SteppedProgram } from "./program.ts";

/** The stepped back end. */
export { ActorWord, firstSlot } from "./actor.ts";
export { buildStepped, type SteppedOptions } from "./build.ts";
export type { ChainFrame, Step, SteppedProgram } from "./program.ts";

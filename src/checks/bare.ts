/** Bare programs: strategy calls and small portable functions (test/programs/check/), as few operations as the idea takes. */
import type { CheckProgram } from "./types.ts";

export const barePrograms: readonly CheckProgram[] = [];

/** The simulators that the same tests run on. */
import { fastEngine, type SimEngine } from "./compare.ts";
import { naiveEngine } from "./naive/simulate.ts";

export const engines: readonly SimEngine[] = [naiveEngine, fastEngine];

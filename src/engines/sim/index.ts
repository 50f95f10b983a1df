/** The many-core simulator: `simulate` a linked program on a described machine. */
export type { LineFacts, Observed, SimProbe } from "./probe.ts";
export { memoryAtStart, SimulationStopped, simulate, simulateObserved } from "./simulate.ts";
export * from "./types.ts";

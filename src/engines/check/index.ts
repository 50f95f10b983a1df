/** The checker: a machine for all interleavings of a small program, searches over it, replays of what they find. */
export { CheckBootError } from "./boot-error.ts";
export { stepsAlone } from "./collector.ts";
export { DporExplorer } from "./dpor.ts";
export { CheckMachine } from "./machine.ts";
export { minimise } from "./minimise.ts";
export { NaiveExplorer } from "./naive.ts";
export { firstRound } from "./repeats.ts";
export { replaySchedule } from "./replay.ts";
export { formatSchedule, parseSchedule } from "./schedule-string.ts";
export { StatefulExplorer } from "./stateful.ts";
export type {
  Breach,
  BufferEntry,
  CheckActor,
  CheckCall,
  CheckProblem,
  ExploreOptions,
  ExploreProgress,
  ExploreResult,
  Explorer,
  Finding,
  MemoryModel,
  Replay,
  ReplayStep,
  Transition,
} from "./types.ts";

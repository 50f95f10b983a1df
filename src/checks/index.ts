/** The checker's catalogue: programs, which strategies they apply to, and how one is checked. */
export { appliesTo } from "./applies.ts";
export { checkPrograms } from "./catalogue.ts";
export { completeBounds, type LinkedPrograms, prepareCheck } from "./link-check.ts";
export { replayCheck, runCheck } from "./run-check.ts";
export type {
  BrokenVariant,
  CheckChoice,
  CheckProgram,
  CheckReport,
  ExplorerName,
  PreparedCheck,
  RunOptions,
  StrategyChoice,
} from "./types.ts";
export { verdictOfMark } from "./verdicts.ts";

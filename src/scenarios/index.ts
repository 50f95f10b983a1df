/** The registry of scenarios that have a program of their own; see `types.ts`. */
import { mapsQuery } from "./maps-query.ts";
import { mapsRead } from "./maps-read.ts";
import { procDedup } from "./proc-dedup.ts";
import { procWalk } from "./proc-walk.ts";
import type { ProgramScenario } from "./types.ts";

export type { ProgramScenario, ScenarioOutcome, ScenarioRun } from "./types.ts";

/** All of them by name, in the order in which lists show them. */
export const programScenarios = {
  "proc-walk": procWalk,
  "proc-dedup": procDedup,
  "maps-read": mapsRead,
  "maps-query": mapsQuery,
} as const;

/** Names in the registry's order. */
export const programScenarioNames = Object.keys(programScenarios) as (keyof typeof programScenarios)[];

/** The scenario of that name, or `undefined`; for callers whose name comes from a user. */
export function findProgramScenario(name: string): ProgramScenario | undefined {
  return Object.hasOwn(programScenarios, name)
    ? (programScenarios[name as keyof typeof programScenarios] as unknown as ProgramScenario)
    : undefined;
}

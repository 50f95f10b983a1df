/** The scenarios that a config may name: the workload registry as a list. */
import type { z } from "zod";
import { findWorkload, workloadNames } from "../workloads/index.ts";

export interface Scenario {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Parameters under `workload`, with defaults. */
  readonly parameters: z.ZodType;
}

/** All workloads of this version, in the registry's order. */
export const builtinScenarios: readonly Scenario[] = workloadNames.flatMap((name) => {
  const workload = findWorkload(name);
  return workload === undefined ? [] : [{ name, summary: workload.summary, parameters: workload.parameters }];
});

/** Names in the registry's order; there is at least one. */
export function scenarioNames(scenarios: readonly Scenario[]): [string, ...string[]] {
  return scenarios.map((scenario) => scenario.name) as [string, ...string[]];
}

/** The scenarios that a config may name: workloads of the kernel of labels, and scenarios with a program of their own. */
import type { z } from "zod";
import { findProgramScenario, programScenarioNames } from "../scenarios/index.ts";
import { findWorkload, workloadNames } from "../workloads/index.ts";

export interface Scenario {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Parameters under `workload`, with defaults. */
  readonly parameters: z.ZodType;
  /** What it compares, where that is not strategies. */
  readonly variants?: readonly { readonly name: string; readonly summary: string }[];
}

/** All scenarios of this version: workloads, then those with a program of their own, in the order of their registries. */
export const builtinScenarios: readonly Scenario[] = [
  ...workloadNames.flatMap((name): Scenario[] => {
    const workload = findWorkload(name);
    return workload === undefined
      ? []
      : [{ name, summary: workload.summary, parameters: workload.parameters }];
  }),
  ...programScenarioNames.flatMap((name): Scenario[] => {
    const scenario = findProgramScenario(name);
    if (scenario === undefined) return [];
    const { parameters, summary, variants } = scenario;
    return [{ name, summary, parameters, variants }];
  }),
];

/** Names in the registry's order; there is at least one. */
export function scenarioNames(scenarios: readonly Scenario[]): [string, ...string[]] {
  return scenarios.map((scenario) => scenario.name) as [string, ...string[]];
}

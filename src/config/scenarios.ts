/** The scenarios a config may name, with the schema of each one's parameters. */
import type { z } from "zod";
import { nginxParameters } from "../workloads/nginx.ts";
import { openCloseParameters } from "../workloads/open-close.ts";
import { refscaleParameters } from "../workloads/refscale.ts";

export interface Scenario {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Parameters under `workload`, with defaults. */
  readonly parameters: z.ZodType;
}

export const builtinScenarios: readonly Scenario[] = [
  { name: "nginx", summary: "x", parameters: nginxParameters },
  { name: "open-close", summary: "x", parameters: openCloseParameters },
  { name: "refscale", summary: "x", parameters: refscaleParameters },
];

/** Names in the registry's order; there is at least one. */
export function scenarioNames(scenarios: readonly Scenario[]): [string, ...string[]] {
  return scenarios.map((scenario) => scenario.name) as [string, ...string[]];
}

/**
 * The registry of workloads: what `workload:` and `scenario:` of a config can name, with parameters, defaults and ranges.
 *
 *     const entry = workloads.nginx;
 *     const parameters = entry.parameters.parse({ requests: 1000 });
 *     const workload = entry.build(parameters, { cpus: 4, seed: "nginx-2024" });
 */
import type { z } from "zod";
import { buildChurn } from "./churn.ts";
import { churnParameters } from "./churn-parameters.ts";
import { buildNginx } from "./nginx.ts";
import { nginxParameters } from "./nginx-parameters.ts";
import { buildOpenClose, openCloseParameters } from "./open-close.ts";
import { buildPolicyHistory } from "./policy-history.ts";
import { policyParameters } from "./policy-steps.ts";
import { buildRefscale, refscaleParameters } from "./refscale.ts";
import { buildStrace, straceParameters } from "./strace/replay.ts";
import type { BuildContext, Workload } from "./workload.ts";

export { disassemble } from "./disassemble.ts";
export type { ImportedTrace } from "./strace/import.ts";
export { importTrace } from "./strace/replay.ts";
export { formatSkip } from "./strace/skips.ts";
export {
  type BuildContext,
  type ExpectedCounts,
  hashScripts,
  type PolicyStep,
  type Population,
  type Workload,
} from "./workload.ts";

/** One kind of workload. */
export interface WorkloadDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly title: string;
  /** One sentence for `refplay list workloads`. */
  readonly summary: string;
  /** Its page, from the project's folder. */
  readonly doc: string;
  /** Strict object; every field but `trace` of strace and `steps` of policy has a default, a unit in its name or description, and a range. */
  readonly parameters: Schema;
  /** Builds the scripts; `parameters` as parsed. RefplayError for a trace that cannot be used. */
  build(parameters: z.infer<Schema>, context: BuildContext): Workload;
}

function define<Schema extends z.ZodType>(
  definition: WorkloadDefinition<Schema>,
): WorkloadDefinition<Schema> {
  return definition;
}

/** All workloads by name. */
export const workloads = {
  churn: define({
    title: "churn",
    summary: "labels are created, merged, replaced and dropped beside the nginx load",
    doc: "docs/workloads/churn.md",
    parameters: churnParameters,
    build: buildChurn,
  }),
  nginx: define({
    title: "nginx",
    summary: "one worker per CPU serves static files to kept-alive connections, as in the recorded trace",
    doc: "docs/workloads/nginx.md",
    parameters: nginxParameters,
    build: buildNginx,
  }),
  "open-close": define({
    title: "open and close",
    summary: "every CPU opens and closes its own file in a loop (will-it-scale open1 and open2)",
    doc: "docs/workloads/open-close.md",
    parameters: openCloseParameters,
    build: buildOpenClose,
  }),
  policy: define({
    title: "policy history",
    summary: "a written history of policy on one CPU, with a verdict for every step",
    doc: "docs/workloads/policy.md",
    parameters: policyParameters,
    build: buildPolicyHistory,
  }),
  refscale: define({
    title: "get and put",
    summary: "get and put pairs in a loop on every CPU, with an optional delay between them",
    doc: "docs/workloads/refscale.md",
    parameters: refscaleParameters,
    build: buildRefscale,
  }),
  strace: define({
    title: "recorded trace",
    summary:
      "every CPU replays a run recorded by strace -f -ttt -T, processes, descriptors and pauses included",
    doc: "docs/workloads/strace.md",
    parameters: straceParameters,
    build: buildStrace,
  }),
} as const;

/** Name of a workload in a config. */
export type WorkloadName = keyof typeof workloads;

/** All names, in the order of the registry. */
export const workloadNames = Object.keys(workloads) as WorkloadName[];

/** The definition by name, or `undefined`; for callers whose name comes from a user. */
export function findWorkload(name: string): WorkloadDefinition | undefined {
  return Object.hasOwn(workloads, name)
    ? (workloads[name as WorkloadName] as unknown as WorkloadDefinition)
    : undefined;
}

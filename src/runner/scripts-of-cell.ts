/** The workloads of a cell: the one that is measured, a small one for verification, one without pauses for latencies. */

import { Event } from "../kernel/events.ts";
import { findWorkload, type Workload } from "../workloads/index.ts";
import { countEvents } from "../workloads/workload.ts";
import type { CellSpec } from "./cell-spec.ts";
import { setupCounts } from "./setup-phase.ts";

/** Requests per CPU of a verified or counted run: enough for every kind of request to come up. */
const smallRequestsPerCpu = 500;

/** Changes of policy in such a run, and most labels that it begins with. */
const smallPolicyEvents = 200;
const smallLabels = 1000;

/** CPUs of a counted run: more would repeat what these show, step by step. */
export const mostCountedCpus = 8;

/** Parameters of a pause, by workload, with the value that leaves pauses out. */
const noPauses: Readonly<Record<string, number>> = {
  thinkUs: 0,
  timeScale: 0,
  delayNs: 0,
  pauseScale: 0,
  stallMs: 0,
};

/** A run for a fixed time ends at the end of a batch. */
const pausesMs = 20;

interface BuildChanges {
  /** Parameters to replace, where the workload has them. */
  readonly parameters?: Readonly<Record<string, number>>;
  readonly cpus?: number;
  /** What errors call the trace; its path unless given. */
  readonly traceName?: string;
}

/** The workload of a cell; same spec, same bytes. RefplayError for a trace that cannot be replayed. */
export function buildWorkload(spec: CellSpec, changes: BuildChanges = {}): Workload {
  const { scenario, parameters, trace } = spec.workload;
  const definition = findWorkload(scenario);
  if (definition === undefined) throw new Error(`no workload is named ${scenario}`);
  const replaced = Object.entries(changes.parameters ?? {}).filter(([name]) => name in parameters);
  const { seed, maxLabelParts } = spec;
  const context = { cpus: changes.cpus ?? spec.cpus, seed, maxLabelParts };
  const all = { ...parameters, ...Object.fromEntries(replaced) };
  if (trace === undefined) return definition.build(all, context);
  const file = changes.traceName ?? trace.path;
  return definition.build(all, { ...context, readTrace: () => ({ text: trace.text, file }) });
}

/** The scripts that are measured. */
export function measuredWorkload(spec: CellSpec): Workload {
  return buildWorkload(spec);
}

/** Few requests without pauses, otherwise the same: for runs that watch every access. */
export function smallWorkload(spec: CellSpec, cpus = spec.cpus): Workload {
  const { labels, requests } = spec.workload.parameters;
  const few = {
    requests: typeof requests === "number" ? Math.min(requests, smallRequestsPerCpu * cpus) : 0,
    rounds: 1,
    policyEvents: smallPolicyEvents,
    // Of other scenarios `labels` is a word.
    ...(typeof labels === "number" ? { labels: Math.min(labels, smallLabels) } : {}),
  };
  return buildWorkload(spec, { parameters: { ...noPauses, ...few }, cpus });
}

/** A request for each CPU: scripts that nobody runs, for the population that the cell's have. */
export function tinyWorkload(spec: CellSpec): Workload {
  return buildWorkload(spec, { parameters: { requests: spec.cpus, rounds: 1 } });
}

/** The measured scripts without pauses, or undefined where they have none. */
export function withoutPauses(spec: CellSpec, measured: Workload): Workload | undefined {
  // A pair's delay is a part of its record, no record of its own.
  const { delayNs } = spec.workload.parameters;
  const { stalls, thinks } = measured.expected;
  const pauses = thinks + stalls > 0 || (typeof delayNs === "number" && delayNs > 0);
  return pauses ? buildWorkload(spec, { parameters: noPauses }) : undefined;
}

/** Most records of a batch by CPU: where a script pauses, about as many as pause for `pausesMs` together. */
export function batchLimits({ scripts }: Workload): number[] {
  return scripts.map((script) => {
    const { byEvent, stallNs, thinkNs } = countEvents(script);
    const records = byEvent.reduce((sum, count) => sum + count, 0);
    return Math.max(1, Math.floor((pausesMs * 1e6 * records) / Math.max(1, stallNs + thinkNs)));
  });
}

/** get+put pairs in one script record, on average: an open and its close is one, and so is a socket's. Without the set-up. */
export function pairsPerRecord(workload: Workload): number {
  const { expected } = workload;
  const setup = setupCounts(workload);
  const inSetup = [Event.open, Event.accept, Event.socket, Event.pair].reduce(
    (sum, event) => sum + (setup.byEvent[event] ?? 0),
    0,
  );
  const pairs = expected.opens + expected.accepts + expected.sockets + expected.pairs - inSetup;
  return pairs / Math.max(1, expected.records - setup.records);
}

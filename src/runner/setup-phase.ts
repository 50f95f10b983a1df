/**
 * The set-up of a workload: the records that CPU 0 executes alone before the run. What they do is no part of the run, so
 * whatever is computed from the run's counts leaves them out.
 */
import { Event } from "../kernel/events.ts";
import { recordCells } from "../workloads/script.ts";
import { countEvents, type Workload } from "../workloads/workload.ts";

/** What the set-up executes, blocks multiplied out. */
export interface SetupCounts {
  /** By event number. */
  readonly byEvent: readonly number[];
  /** All of them: what the entry `run` counts. Not `setupRecords`, which says where in the script the set-up ends. */
  readonly records: number;
}

export function setupCounts({ scripts, setupRecords }: Workload): SetupCounts {
  const { byEvent } = countEvents((scripts[0] ?? new Int32Array(0)).subarray(0, setupRecords * recordCells));
  return { byEvent, records: byEvent.reduce((sum, count) => sum + count, 0) };
}

/** Whether a record may look at every label there is. */
const policyEvents: readonly Event[] = [
  Event.removeProfile,
  Event.createNamespace,
  Event.destroyNamespace,
  Event.loadProfile,
];

/** Operations of one such record for each label: looking at it, and making it anew where a part of it is stale. */
const stepsPerLabel = 100;

/** Operations beyond those of other records that a workload's policy may take on the reference engine. */
export function policySteps({ scripts, population }: Workload): number {
  const labels = population.totalLabels ?? population.profiles + 1;
  let records = 0;
  for (const script of scripts) {
    const { byEvent } = countEvents(script);
    for (const event of policyEvents) records += byEvent[event] ?? 0;
  }
  return records * labels * stepsPerLabel;
}

/**
 * The set-up of a workload: the records that CPU 0 executes alone before the run. What they do is no part of the run, so
 * whatever is computed from the run's counts leaves them out.
 */
import { Event, repeatDepth } from "../kernel/events.ts";
import { recordCells } from "../workloads/script.ts";
import { countEvents, type Workload } from "../workloads/workload.ts";

/** How often each event (by number) is executed in the set-up; a `repeat` counts once, its records in every round. */
export function setupEvents({ scripts, setupRecords }: Workload): number[] {
  const script = scripts[0] ?? new Int32Array(0);
  const counts: number[] = [];
  const loops: { start: number; end: number; left: number }[] = [];
  let record = 0;
  for (let left = setupRecords; left > 0; left--) {
    const at = record * recordCells;
    const [event = Event.end, a = 0, b = 0] = script.subarray(at, at + recordCells);
    if (event === Event.end) break;
    counts[event] = (counts[event] ?? 0) + 1;
    record++;
    if (event === Event.repeat) {
      if (a > 0 && loops.length < repeatDepth) loops.push({ start: record, end: record + b, left: a });
      else record += b;
    }
    for (let loop = loops.at(-1); loop !== undefined && record === loop.end; loop = loops.at(-1)) {
      loop.left--;
      if (loop.left > 0) {
        record = loop.start;
        break;
      }
      loops.pop();
    }
  }
  return counts;
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

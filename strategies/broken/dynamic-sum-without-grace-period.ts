/**
 * percpu-dynamic that sums a label's counters as soon as it has marked it: a CPU that found the mark missing just before adds to its
 * counter after that was read, and what it counts is lost.
 */

import { type StrategyMeta, spinTryLock, spinUnlock } from "refplay/kernel";
import { type i32, load, type ptr } from "refplay/machine";
import { choose, collect, inState, measure } from "../parts/dynamic-manager.ts";
import { globals, Record, RecordState, Shared } from "../parts/dynamic-places.ts";
import { fold, forget, heatUp } from "../parts/dynamic-switch.ts";

export {
  boot,
  cpuBytes,
  get,
  globalBytes,
  init,
  labelBytes,
  maintenanceIntervalMs,
  put,
  retire,
  tryGet,
} from "../percpu-dynamic.ts";

function coolDown(cpu: i32): i32 {
  const labels: i32 = inState(RecordState.cooling);
  // Here a grace period is missing.
  let record: ptr = load(globals + Shared.records);
  while (record !== 0) {
    const state: i32 = load(record + Record.state);
    if (state === RecordState.cooling) fold(cpu, load(record + Record.label));
    record = load(record + Record.next);
  }
  forget(cpu, RecordState.cooling);
  return labels;
}

export function maintain(cpu: i32): i32 {
  if (!spinTryLock(globals + Shared.busy)) return 0;
  const samples: i32 = collect(cpu);
  measure();
  choose();
  const cooled: i32 = coolDown(cpu);
  const heated: i32 = heatUp(cpu);
  forget(cpu, RecordState.met);
  const hot: i32 = inState(RecordState.hot);
  spinUnlock(globals + Shared.busy);
  return samples + cooled + heated + hot;
}

export default {
  title: "percpu_dynamic, summed without a grace period",
  summary: "Counters are read and given back while other CPUs may still be adding to them.",
  sources: ["strategies/percpu-dynamic.ts"],
  options: {
    switchPerSecond: { unit: "gets/s", default: 0, min: 0, max: 100000, doc: "As with percpu-dynamic." },
    coolPerSecond: { unit: "gets/s", default: 1, min: 1, max: 100000, doc: "As with percpu-dynamic." },
    intervalMs: { unit: "ms", default: 1000, min: 1, max: 20000, doc: "As with percpu-dynamic." },
    sampleEvery: { unit: "gets", default: 1, min: 1, max: 4096, doc: "As with percpu-dynamic." },
    samples: { unit: "labels", default: 1, min: 1, max: 63, doc: "As with percpu-dynamic." },
    hottestLabels: { unit: "labels", default: 0, min: 0, max: 100000, doc: "As with percpu-dynamic." },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
  expect: { verdict: "negative-count", program: "replace-vs-look-up" },
} satisfies StrategyMeta;

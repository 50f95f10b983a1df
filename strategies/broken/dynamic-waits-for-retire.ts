/**
 * percpu-dynamic that takes the counters of retired labels only: a label that nobody retires, such as that of several profiles, is never
 * counted together again, and so never released.
 */

import { type StrategyMeta, spinTryLock, spinUnlock } from "refplay/kernel";
import { type i32, load, type ptr, store } from "refplay/machine";
import { choose, collect } from "../parts/dynamic-manager.ts";
import { globals, Own, Record, RecordState, Shared, sharedBit } from "../parts/dynamic-places.ts";
import { coolDown, forget, heatUp } from "../parts/dynamic-switch.ts";

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

function measure(): void {
  let record: ptr = load(globals + Shared.records);
  while (record !== 0) {
    const label: ptr = load(record + Record.label);
    const word: i32 = load(label + Own.word);
    const state: i32 = load(record + Record.state);
    // Few gets are no reason here.
    if (state === RecordState.hot && (word & sharedBit) !== 0)
      store(record + Record.state, RecordState.cooling);
    record = load(record + Record.next);
  }
}

export function maintain(cpu: i32): i32 {
  if (!spinTryLock(globals + Shared.busy)) return 0;
  const samples: i32 = collect(cpu);
  measure();
  choose();
  const cooled: i32 = coolDown(cpu);
  const heated: i32 = heatUp(cpu);
  forget(cpu, RecordState.met);
  spinUnlock(globals + Shared.busy);
  return samples + cooled + heated;
}

export default {
  title: "percpu_dynamic, cold labels forgotten",
  summary: "Only retired labels get their counters summed; one without owner is never released.",
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
  expect: { verdict: "leak", program: "borrow-vs-drop" },
} satisfies StrategyMeta;

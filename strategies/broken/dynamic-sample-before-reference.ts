/**
 * percpu-dynamic whose sample is there before the reference that it is: maintenance that collects it in between drops a reference of
 * somebody else's.
 */

import { percpuCell, type StrategyMeta } from "refplay/kernel";
import { fetchAdd, type i32, load, type ptr, rcuReadLock, rcuReadUnlock, store } from "refplay/machine";
import { Cell, Own, sharedBit } from "../parts/dynamic-places.ts";
import { fillSample, placeForSample } from "../parts/dynamic-samples.ts";

export {
  boot,
  cpuBytes,
  globalBytes,
  init,
  labelBytes,
  maintain,
  maintenanceIntervalMs,
  put,
  retire,
  tryGet,
} from "../percpu-dynamic.ts";

export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  rcuReadLock();
  const word: i32 = load(label + Own.word);
  if ((word & sharedBit) === 0) {
    const cell: ptr = percpuCell(cpu, word) + Cell.gets;
    const gets: i32 = load(cell);
    store(cell, gets + 1);
  } else {
    const sample: ptr = placeForSample(cpu, label, word);
    if (sample !== 0) fillSample(sample, label);
    fetchAdd(label + Own.refs, sample === 0 ? 1 : 2);
  }
  rcuReadUnlock();
}

export default {
  title: "percpu_dynamic, sample before its reference",
  summary: "A sample can be collected before its reference is counted.",
  sources: ["strategies/percpu-dynamic.ts"],
  options: {
    switchPerSecond: { unit: "gets/s", default: 100000, min: 0, max: 100000, doc: "As with percpu-dynamic." },
    coolPerSecond: { unit: "gets/s", default: 1, min: 1, max: 100000, doc: "As with percpu-dynamic." },
    intervalMs: { unit: "ms", default: 1000, min: 1, max: 20000, doc: "As with percpu-dynamic." },
    sampleEvery: { unit: "gets", default: 1, min: 1, max: 4096, doc: "As with percpu-dynamic." },
    samples: { unit: "labels", default: 1, min: 1, max: 63, doc: "As with percpu-dynamic." },
    hottestLabels: { unit: "labels", default: 0, min: 0, max: 100000, doc: "As with percpu-dynamic." },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
  expect: { verdict: "premature-release", program: "switch-vs-users" },
} satisfies StrategyMeta;

/**
 * percpu-dynamic that takes the bias off before it adds the sum: in between, the atomic counter is too low by all that stands in the
 * counters per CPU, and a put that comes then releases a label that others hold.
 */

import { type StrategyMeta, spinTryLock, spinUnlock } from "refplay/kernel";
import { fetchAdd, type i32, load, type ptr, synchronizeRcu } from "refplay/machine";
import { choose, collect, inState, measure, sumOfCells } from "../parts/dynamic-manager.ts";
import { bias, Cell, globals, Own, Record, RecordState, Shared } from "../parts/dynamic-places.ts";
import { endFold, forget, heatUp } from "../parts/dynamic-switch.ts";

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

function fold(cpu: i32, label: ptr): void {
  const word: i32 = load(label + Own.word);
  // Not in one addition with the sum, as it must be.
  fetchAdd(label + Own.refs, -bias);
  const sum: i32 = sumOfCells(word, Cell.gets) - sumOfCells(word, Cell.puts);
  const before: i32 = fetchAdd(label + Own.refs, sum);
  endFold(cpu, label, before + sum);
}

function coolDown(cpu: i32): i32 {
  const labels: i32 = inState(RecordState.cooling);
  if (labels === 0) return 0;
  synchronizeRcu();
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
  title: "percpu_dynamic, bias removed first",
  summary: "Bias and sum are brought in by two additions, between which the counter is too low.",
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
  expect: { verdict: "use-after-free", program: "put-vs-look-up" },
} satisfies StrategyMeta;

/**
 * percpu_ref that sums its counters as soon as it has set the mode bit: a CPU that found the bit clear just before adds to
 * its counter after that was read, and the reference is never counted.
 */

import {
  PercpuRef,
  percpuRefGet,
  percpuRefPut,
  percpuRefSwitched,
  RefData,
  RefEvent,
  RefMode,
  release,
  type StrategyMeta,
} from "refplay/kernel";
import { fetchAdd, type i32, layout, load, type ptr, store } from "refplay/machine";

export {
  callback,
  destroy,
  get,
  init,
  labelBytes,
  labelCpuBytes,
  labelExtraBytes,
  publish,
  put,
  tryGet,
} from "../percpu-ref.ts";

const at: i32 = layout("label");

export function retire(cpu: i32, label: ptr): void {
  const ref: ptr = label + at;
  const data: ptr = load(ref + PercpuRef.data);
  percpuRefGet(cpu, ref);
  const word: i32 = load(ref + PercpuRef.word);
  fetchAdd(data + RefData.count, 1);
  store(ref + PercpuRef.word, word | RefMode.atomic | RefMode.dead);
  // Here a grace period is missing.
  const event: i32 = percpuRefSwitched(cpu, data + RefData.rcu);
  if (percpuRefPut(cpu, ref) || (event & RefEvent.released) !== 0) release(cpu, label);
}

export default {
  title: "percpu_ref, summed without a grace period",
  summary: "Counters are read while other CPUs may still be adding to them.",
  sources: ["strategies/percpu-ref.ts"],
  options: {},
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "switch-vs-users" },
} satisfies StrategyMeta;

/**
 * percpu_ref that lets users count per CPU before its cells are at zero and its bias is in: what they add meanwhile is wiped
 * out, and a put that finds the old mode may be taken for the last.
 */

import { Boot, PercpuRef, percpuBias, percpuCell, RefData, RefMode, type StrategyMeta } from "refplay/kernel";
import { fetchAdd, type i32, layout, load, type ptr, store } from "refplay/machine";

export {
  callback,
  destroy,
  get,
  init,
  labelBytes,
  labelCpuBytes,
  labelExtraBytes,
  put,
  retire,
  tryGet,
} from "../percpu-ref.ts";

const at: i32 = layout("label");

export function publish(_cpu: i32, label: ptr): void {
  const ref: ptr = label + at;
  const data: ptr = load(ref + PercpuRef.data);
  const word: i32 = load(ref + PercpuRef.word) & ~RefMode.mask;
  // Must come last.
  store(ref + PercpuRef.word, word);
  const cpus: i32 = load(Boot.cpus);
  for (let other: i32 = 0; other < cpus; other += 1) store(percpuCell(other, word), 0);
  fetchAdd(data + RefData.count, percpuBias);
}

export default {
  title: "percpu_ref, published before it is complete",
  summary: "The mode bit goes first, so users count in cells that are still to be set to zero.",
  sources: ["strategies/percpu-ref.ts"],
  options: {},
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "switch-vs-users" },
} satisfies StrategyMeta;

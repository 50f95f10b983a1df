/**
 * percpu_ref whose get reads the mode and adds to its cell without a read section around both: the grace period of a switch
 * does not wait for it, so the addition may come after the cell was summed.
 */

import { PercpuRef, percpuCell, percpuRefGet, RefMode, type StrategyMeta } from "refplay/kernel";
import { type i32, layout, load, type ptr, store } from "refplay/machine";

export {
  callback,
  destroy,
  init,
  labelBytes,
  labelCpuBytes,
  labelExtraBytes,
  publish,
  put,
  retire,
  tryGet,
} from "../percpu-ref.ts";

const ref: i32 = layout("label");

export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  const word: i32 = load(label + ref + PercpuRef.word);
  if ((word & RefMode.mask) === 0) {
    const cell: ptr = percpuCell(cpu, word);
    const before: i32 = load(cell);
    store(cell, before + 1);
  } else percpuRefGet(cpu, label + ref);
}

export default {
  title: "percpu_ref, get outside a read section",
  summary: "Between reading the mode and adding to the cell nothing keeps a switch from summing the cells.",
  sources: ["strategies/percpu-ref.ts"],
  options: {},
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "switch-vs-users" },
} satisfies StrategyMeta;

/**
 * percpu_ref whose put after the kill looks at the count before it subtracts: of two last holders each may see the other's
 * reference, and nobody releases the label.
 */

import { PercpuRef, percpuRefPut, RefData, RefMode, release, type StrategyMeta } from "refplay/kernel";
import {
  fetchAdd,
  type i32,
  layout,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";

export {
  callback,
  destroy,
  get,
  init,
  labelBytes,
  labelCpuBytes,
  labelExtraBytes,
  publish,
  retire,
  tryGet,
} from "../percpu-ref.ts";

const ref: i32 = layout("label");

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  rcuReadLock();
  const word: i32 = load(label + ref + PercpuRef.word);
  if ((word & RefMode.dead) === 0) {
    percpuRefPut(cpu, label + ref);
  } else {
    const data: ptr = load(label + ref + PercpuRef.data);
    const count: i32 = load(data + RefData.count);
    fetchAdd(data + RefData.count, -1);
    if (count === 1) release(cpu, label);
  }
  rcuReadUnlock();
}

export default {
  title: "percpu_ref, put after the kill misses zero",
  summary:
    "Puts of a killed ref read and subtract in two steps, so two last ones may both miss that nothing is left.",
  sources: ["strategies/percpu-ref.ts"],
  options: {},
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
  expect: { verdict: "leak", program: "last-put-race" },
} satisfies StrategyMeta;

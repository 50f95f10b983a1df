/**
 * percpu_ref that takes the bias off before it adds the sum: in between, the atomic count is too low by all that stands in
 * the per-CPU counters, and a put that comes then releases a label that others hold.
 */

import {
  Boot,
  Confirm,
  Mark,
  PercpuRef,
  percpuBias,
  percpuCell,
  percpuRefOfHead,
  RefData,
  RefMode,
  release,
  type StrategyMeta,
} from "refplay/kernel";
import { fetchAdd, type i32, layout, load, mark, type ptr, storeRelease } from "refplay/machine";

export {
  destroy,
  get,
  init,
  labelBytes,
  labelCpuBytes,
  labelExtraBytes,
  publish,
  put,
  retire,
  tryGet,
} from "../percpu-ref.ts";

const at: i32 = layout("label");

export function callback(cpu: i32, _id: i32, head: ptr): void {
  const data: ptr = head - RefData.rcu;
  const ref: ptr = percpuRefOfHead(head);
  const word: i32 = load(ref + PercpuRef.word);
  // Not in one addition with the sum, as it must be.
  fetchAdd(data + RefData.count, 0 - percpuBias);
  const cpus: i32 = load(Boot.cpus);
  let sum: i32 = 0;
  for (let other: i32 = 0; other < cpus; other += 1) {
    const cell: i32 = load(percpuCell(other, word & ~RefMode.mask));
    sum += cell;
  }
  fetchAdd(data + RefData.count, sum);
  mark(Mark.switchedToAtomic, ref);
  storeRelease(data + RefData.confirm, Confirm.idle);
  const before: i32 = fetchAdd(data + RefData.count, -1);
  if (before === 1) release(cpu, ref - at);
}

export default {
  title: "percpu_ref, bias removed first",
  summary: "Bias and sum are brought in by two additions, between which the count is too low.",
  sources: ["strategies/percpu-ref.ts"],
  options: {},
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "hand-over" },
} satisfies StrategyMeta;

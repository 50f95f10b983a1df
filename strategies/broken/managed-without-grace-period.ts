/**
 * Managed percpu_ref that tests a label before its switch to atomic mode is complete: a user who found the old mode adds
 * to his cell after it was summed, and the label is released with his reference.
 */

import {
  PercpuRef,
  percpuRefPut,
  percpuRefSwitched,
  percpuRefSwitchToPercpu,
  percpuRefTryGet,
  RefData,
  RefMode,
  release,
  type StrategyMeta,
} from "refplay/kernel";
import {
  type bool,
  fetchAdd,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";
import { beginPass, isMarker, labelOf, nodeBehind, Own, unlink } from "../parts/managed-list.ts";
import { noCallback } from "../parts/managed-scan.ts";

export {
  destroy,
  get,
  globalBytes,
  init,
  labelBytes,
  labelCpuBytes,
  labelExtraBytes,
  publish,
  put,
  tryGet,
} from "../percpu-managed.ts";

export function maintain(cpu: i32): i32 {
  let released: i32 = 0;
  let before: ptr = beginPass();
  let node: ptr = nodeBehind(before);
  while (node !== 0) {
    const next: ptr = nodeBehind(node);
    if (isMarker(node)) unlink(before, next);
    else if (isUsed(cpu, labelOf(node))) before = node;
    else {
      unlink(before, next);
      released += 1;
    }
    node = next;
  }
  return released;
}

function isUsed(cpu: i32, label: ptr): bool {
  const ref: ptr = label + Own.ref;
  const data: ptr = load(ref + PercpuRef.data);
  const word: i32 = load(ref + PercpuRef.word);
  fetchAdd(data + RefData.count, 1);
  store(ref + PercpuRef.word, word | RefMode.atomic);
  // Here a grace period is missing.
  percpuRefSwitched(cpu, data + RefData.rcu);
  rcuReadLock();
  const last: bool = percpuRefPut(cpu, ref);
  const used: bool = !last && percpuRefTryGet(cpu, ref);
  rcuReadUnlock();
  if (last) release(cpu, label);
  if (used) percpuRefSwitchToPercpu(cpu, ref, noCallback);
  return used;
}

export default {
  title: "percpu_ref, managed, tested before the switch is complete",
  summary: "The manager sums the counters and tests the count while users still add to the counters.",
  sources: ["strategies/percpu-managed.ts"],
  options: {
    scanIntervalMs: { unit: "ms", default: 5000, min: 0, max: 600000, doc: "Time between two scans." },
    maxScanCount: {
      unit: "count",
      default: 100,
      min: 1,
      max: 1000000,
      doc: "Labels after which a scan stops.",
    },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
  expect: { verdict: "premature-release", program: "borrow-vs-remove" },
} satisfies StrategyMeta;

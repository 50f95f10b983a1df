/**
 * Managed percpu_ref without markers: the manager takes the first node out as any other, with a store to the list's head. A label
 * that is pushed at that moment is lost to the manager: its reference is never dropped.
 */

import {
  percpuRefPut,
  percpuRefSwitchToAtomicHere,
  percpuRefSwitchToPercpu,
  percpuRefTryGet,
  release,
  type StrategyMeta,
} from "refplay/kernel";
import { type bool, type i32, type ptr, rcuReadLock, rcuReadUnlock } from "refplay/machine";
import { globals, labelOf, newest, nodeBehind, Own, Shared, unlink } from "../parts/managed-list.ts";
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
  // The head as if it were a node that nobody else writes.
  let before: ptr = globals + Shared.list;
  let node: ptr = newest();
  while (node !== 0) {
    const next: ptr = nodeBehind(node);
    if (isUsed(cpu, labelOf(node))) before = node;
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
  percpuRefSwitchToAtomicHere(cpu, ref);
  rcuReadLock();
  const last: bool = percpuRefPut(cpu, ref);
  const used: bool = !last && percpuRefTryGet(cpu, ref);
  rcuReadUnlock();
  if (last) release(cpu, label);
  if (used) percpuRefSwitchToPercpu(cpu, ref, noCallback);
  return used;
}

export default {
  title: "percpu_ref, managed, list without markers",
  summary: "Taking the first label out with a store loses one that is pushed in front of it meanwhile.",
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
  expect: { verdict: "leak", program: "borrow-vs-swap" },
} satisfies StrategyMeta;

/**
 * Managed percpu_ref that reads the count instead of dropping the manager's reference: it finds that reference alone, and
 * releases the label while a look-up is taking another.
 */

import {
  PercpuRef,
  percpuRefSwitchToAtomicHere,
  percpuRefSwitchToPercpu,
  RefData,
  release,
  type StrategyMeta,
} from "refplay/kernel";
import { type bool, type i32, load, type ptr } from "refplay/machine";
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
  percpuRefSwitchToAtomicHere(cpu, ref);
  const data: ptr = load(ref + PercpuRef.data);
  const count: i32 = load(data + RefData.count);
  // True a moment ago.
  if (count === 1) release(cpu, label);
  else percpuRefSwitchToPercpu(cpu, ref, noCallback);
  return count !== 1;
}

export default {
  title: "percpu_ref, managed, count read instead of dropped",
  summary: "Between finding only the manager's reference and the release, a look-up takes another one.",
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
  expect: { verdict: "premature-release", program: "put-vs-look-up" },
} satisfies StrategyMeta;

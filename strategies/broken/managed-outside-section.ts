/**
 * Managed percpu_ref that drops the manager's reference and takes it again outside a read section: in between somebody else
 * drops the last one, and the label is freed before the manager looks.
 */

import {
  percpuRefPut,
  percpuRefSwitchToAtomicHere,
  percpuRefSwitchToPercpu,
  percpuRefTryGet,
  release,
  type StrategyMeta,
} from "refplay/kernel";
import type { bool, i32, ptr } from "refplay/machine";
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
  const last: bool = percpuRefPut(cpu, ref);
  // Here the label may be freed.
  const used: bool = !last && percpuRefTryGet(cpu, ref);
  if (last) release(cpu, label);
  if (used) percpuRefSwitchToPercpu(cpu, ref, noCallback);
  return used;
}

export default {
  title: "percpu_ref, managed, retaken outside a read section",
  summary: "Nothing keeps the label's memory between dropping the manager's reference and taking it again.",
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
  expect: { verdict: "use-after-free", program: "put-vs-look-up" },
} satisfies StrategyMeta;

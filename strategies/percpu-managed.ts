/**
 * A percpu_ref in the label that nobody has to kill: a manager keeps a reference of its own to each published label, and now
 * and then finds out whether that is the only one left.
 *
 * A label starts atomic, because many are made and dropped at once (a merge that finds an equal label). Published, it counts per
 * CPU, compound or not, until it is released; to retire it does nothing. `maintain` scans labels one by one: switches the
 * label to atomic mode, which takes a grace period, drops the manager's reference and tries to take it again. If that fails, the
 * label is released; else it counts per CPU again. Meanwhile all who use the label share one line: that is the price.
 *
 * Dropping the reference and taking it again is what makes the test safe. To read the count and find it 1 would prove nothing a
 * moment later, because look-ups take references without having one. Dropped to 0, it stays 0: `tryGet` refuses from then on. Not
 * to 0, somebody else has a reference, and if that is dropped before the manager is back, the put that did it releases the
 * label, and the manager finds 0. Exactly one of them sees the count become 0.
 *
 * The list. Labels are pushed at the front by whoever publishes them, without a lock; the manager takes them out wherever they
 * are. A node that others may just be pushing in front of cannot be taken out: its predecessor is the list's head, which they
 * write. So a pass first pushes a marker, a node without label. What is behind it nobody but the manager writes any more, and
 * what is pushed in front of it waits for the next pass, which pushes the other marker and takes this one out.
 */

import {
  percpuRefCpuBytes,
  percpuRefExit,
  percpuRefGet,
  percpuRefInit,
  percpuRefPut,
  percpuRefSwitchToPercpu,
  percpuRefTryGet,
  RefInit,
  refDataBytes,
  release,
  type StrategyMeta,
  spinTryLock,
  spinUnlock,
} from "refplay/kernel";
import { type bool, type i32, option, type ptr, store } from "refplay/machine";
import { globals, manage, Own, Shared } from "./parts/managed-list.ts";
import { noCallback, scan } from "./parts/managed-scan.ts";

export { globalBytes, labelBytes } from "./parts/managed-list.ts";
export const labelCpuBytes: i32 = percpuRefCpuBytes;
export const labelExtraBytes: i32 = refDataBytes;
export const maintenanceIntervalMs: i32 = option("scanIntervalMs");

/** Where there is no memory for the ref, `holder` is left 0 and the label is no good. */
export function init(cpu: i32, holder: ptr, label: ptr): void {
  const made: bool = percpuRefInit(cpu, label + Own.ref, RefInit.atomic);
  store(holder, made ? label : 0);
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  percpuRefGet(cpu, label + Own.ref);
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  const taken: bool = percpuRefTryGet(cpu, label + Own.ref);
  if (taken) store(holder, label);
  return taken;
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  // Never while per-CPU, where the manager has a reference.
  if (percpuRefPut(cpu, label + Own.ref)) release(cpu, label);
}

export function publish(cpu: i32, label: ptr): void {
  percpuRefGet(cpu, label + Own.ref);
  percpuRefSwitchToPercpu(cpu, label + Own.ref, noCallback);
  manage(label);
}

export function maintain(cpu: i32): i32 {
  if (!spinTryLock(globals + Shared.scanning)) return 0;
  const done: i32 = scan(cpu);
  spinUnlock(globals + Shared.scanning);
  return done;
}

export function destroy(cpu: i32, label: ptr): void {
  percpuRefExit(cpu, label + Own.ref);
}

export default {
  title: "percpu_ref, managed",
  summary:
    "One counter per CPU from publication to release, compound labels included. Maintenance has a reference to each label and scans them: it makes the label count with one atomic counter for a grace period, and releases it if no other reference is left.",
  sources: [
    "Neeraj Upadhyay, [RFC 0/9] Nginx refcount scalability issue with Apparmor enabled, January 2024",
    "Neeraj Upadhyay, [RFC 0/6] Managed Percpu Refcount, September 2024",
  ],
  options: {
    scanIntervalMs: {
      unit: "ms",
      default: 5000,
      min: 0,
      max: 600000,
      doc: "Time between two scans; on threads only. 0 scans all the time.",
    },
    maxScanCount: {
      unit: "count",
      default: 100,
      min: 1,
      max: 1000000,
      doc: "Labels still in use after which a scan stops; the next one goes on behind them.",
    },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
} satisfies StrategyMeta;

/**
 * A percpu_ref in the label: one counter per CPU while the label is in use, one atomic counter before and after.
 *
 * A label starts atomic, because many are made and dropped at once (a merge that finds an equal label). Published, it counts
 * per CPU. Retired, it is killed: counters are summed after a grace period and the last put releases the label. Until
 * that put, everybody who still has the stale label contends again; that is the price, and it shows.
 *
 * A compound label stays atomic. Nobody retires one, so nobody would ever sum it up.
 */

import {
  Label,
  percpuRefBytes,
  percpuRefCpuBytes,
  percpuRefExit,
  percpuRefGet,
  percpuRefInit,
  percpuRefIsDying,
  percpuRefKill,
  percpuRefOfHead,
  percpuRefPut,
  percpuRefSwitched,
  percpuRefSwitchToPercpu,
  percpuRefTryGet,
  RefEvent,
  RefInit,
  refDataBytes,
  release,
  type StrategyMeta,
  slowBegin,
  slowEnd,
  watched,
} from "refplay/kernel";
import { type bool, type i32, layout, load, type ptr, store } from "refplay/machine";

export const labelBytes: i32 = percpuRefBytes;
export const labelCpuBytes: i32 = percpuRefCpuBytes;
export const labelExtraBytes: i32 = refDataBytes;

/** Where the ref is in the label. */
const ref: i32 = layout("label");
/** The one RCU callback: a switch to atomic mode is over. */
const switched: i32 = layout("callback");

/** Where there is no memory for the ref, `holder` is left 0 and the label is no good. */
export function init(cpu: i32, holder: ptr, label: ptr): void {
  const made: bool = percpuRefInit(cpu, label + ref, RefInit.atomic);
  store(holder, made ? label : 0);
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  percpuRefGet(cpu, label + ref);
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  const taken: bool = percpuRefTryGet(cpu, label + ref);
  if (taken) store(holder, label);
  return taken;
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  if (percpuRefPut(cpu, label + ref)) end(cpu, label);
}

/** The last reference is gone. */
function end(cpu: i32, label: ptr): void {
  // The window that retirement began, where it came before the last put.
  if (!watched && percpuRefIsDying(label + ref) && countsPerCpu(label)) slowEnd();
  release(cpu, label);
}

/** Whether the label counts per CPU between publication and retirement. */
function countsPerCpu(label: ptr): bool {
  const profiles: i32 = load(label + Label.size);
  return profiles <= 1;
}

export function publish(cpu: i32, label: ptr): void {
  if (countsPerCpu(label)) percpuRefSwitchToPercpu(cpu, label + ref, switched);
}

export function retire(cpu: i32, label: ptr): void {
  // The kill drops the reference that the ref was made with. That one belongs to a holder, who will put it as any other, so
  // the kill gets one to drop.
  percpuRefGet(cpu, label + ref);
  // From here on, who still has the stale label contends for it. For a compound everybody did before.
  if (!watched && countsPerCpu(label)) slowBegin();
  const event: i32 = percpuRefKill(cpu, label + ref, switched);
  if ((event & RefEvent.released) !== 0) end(cpu, label);
}

export function callback(cpu: i32, _id: i32, head: ptr): void {
  const label: ptr = percpuRefOfHead(head) - ref;
  const event: i32 = percpuRefSwitched(cpu, head);
  if ((event & RefEvent.released) !== 0) end(cpu, label);
}

export function destroy(cpu: i32, label: ptr): void {
  percpuRefExit(cpu, label + ref);
}

export default {
  title: "percpu_ref",
  summary:
    "One counter per CPU from publication to retirement, an atomic one before and after. Getting and putting are a load of the mode and an unshared addition; the sum is taken once, after a grace period, when the label is retired.",
  sources: [
    "lib/percpu-refcount.c, include/linux/percpu-refcount.h, Linux v6.6",
    "Neeraj Upadhyay, [RFC 0/9] Nginx refcount scalability issue with Apparmor enabled, January 2024",
  ],
  options: {},
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
} satisfies StrategyMeta;

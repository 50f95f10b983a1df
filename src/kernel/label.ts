/**
 * Labels: what a task, file or socket is confined by (struct aa_label, security/apparmor/label.c). This file makes and frees
 * them; how references are counted is the strategy's matter (`reference.ts`).
 *
 * Today every label is a profile's own, with a vector of one. A compound label (`A//&B`) will come from here too, with a
 * longer vector and its place in the label set of its namespace (`label-set.ts`).
 */
import { type bool, type i32, load, loadAcquire, type ptr, store, storeRelease } from "refplay/machine";
import { destroy } from "refplay/strategy";
import { heapAlloc, heapFree, zero } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { Label, LabelFlags, labelBytesFor } from "./core/label-layout.ts";
import { labelSetRemove } from "./label-set.ts";
import { proxyAlloc, proxyNewest, proxyPut } from "./proxy.ts";
import { labelGet, labelInit } from "./reference.ts";

/**
 * A new label with its proxy and its first reference, which comes into `holder`. `flags` are `LabelFlags`, `secid` its
 * number for other security users, `profile` its only component. 0 where memory is exhausted.
 */
export function labelAlloc(cpu: i32, holder: ptr, flags: i32, secid: i32, profile: ptr): ptr {
  const proxy: ptr = proxyAlloc(cpu);
  if (proxy === 0) return 0;
  const label: ptr = heapAlloc(cpu, Kind.label, labelBytesFor(1));
  if (label === 0) {
    proxyPut(cpu, proxy);
    return 0;
  }
  zero(label, labelBytesFor(1));
  store(label + Label.flags, flags);
  store(label + Label.proxy, proxy);
  store(label + Label.secid, secid);
  store(label + Label.size, 1);
  store(label + Label.vec, profile);
  if (labelInit(cpu, holder, label)) return label;
  heapFree(cpu, label);
  proxyPut(cpu, proxy);
  return 0;
}

/**
 * Frees a label whose last reference is gone, a grace period after that (label_free_rcu). A profile's own label is a part of
 * the profile, which goes with it.
 */
export function labelFree(cpu: i32, label: ptr): void {
  const flags: i32 = load(label + Label.flags);
  if ((flags & LabelFlags.inTree) !== 0) labelSetRemove(label);
  destroy(cpu, label);
  const proxy: ptr = load(label + Label.proxy);
  proxyPut(cpu, proxy);
  const profile: ptr = load(label + Label.vec);
  if ((flags & LabelFlags.profile) !== 0) heapFree(cpu, profile);
  heapFree(cpu, label);
}

/** Whether a newer version exists. A plain read: it may be noticed late, and every user must be safe nevertheless. */
export function isStale(label: ptr): bool {
  const flags: i32 = load(label + Label.flags);
  return (flags & LabelFlags.stale) !== 0;
}

/** Whether the label restricts nothing. */
export function isUnconfined(label: ptr): bool {
  const flags: i32 = load(label + Label.flags);
  return (flags & LabelFlags.unconfined) !== 0;
}

/** Says that a newer version exists; the proxy leads to it already. Only under the namespace's lock. */
export function markStale(label: ptr): void {
  const flags: i32 = load(label + Label.flags);
  // Readers that see the flag must find the proxy redirected.
  storeRelease(label + Label.flags, flags | LabelFlags.stale);
}

/** Takes a reference to the newest version of a stale label into `holder` and returns that label. */
export function staleToNewest(cpu: i32, holder: ptr, label: ptr): ptr {
  const proxy: ptr = load(label + Label.proxy);
  return proxyNewest(cpu, holder, proxy);
}

/** Takes a reference to the newest version of `label`, which the caller keeps alive, into `holder` (aa_get_newest_label). */
export function labelGetNewest(cpu: i32, holder: ptr, label: ptr): ptr {
  const flags: i32 = loadAcquire(label + Label.flags);
  if ((flags & LabelFlags.stale) !== 0) return staleToNewest(cpu, holder, label);
  labelGet(cpu, holder, label);
  return label;
}

/** The label's number for other security users, such as audit and IMA. */
export function labelSecid(label: ptr): i32 {
  return load(label + Label.secid);
}

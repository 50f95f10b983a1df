/**
 * Proxies: who holds an old version of a label finds the newest one through them (struct aa_proxy,
 * security/apparmor/label.c). A proxy has a plain count of its own, shared by all versions of a label; each version owns one.
 *
 * Today a profile has one version, so nobody takes a second count; `replaceProfile` will.
 *
 * Until the first redirection the slot is empty: a label that is not stale is its own newest version. From then on the slot
 * is a holder and keeps the newest version alive.
 */
import {
  fetchAdd,
  type i32,
  loadAcquire,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";
import { heapAlloc, heapFree } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { emptyHolder, labelGet, labelPut, labelTryGet, ownLabel } from "./reference.ts";
import { holderBytes } from "./settings.ts";

/** Offsets of a proxy: count and label as in struct aa_proxy (v6.6). */
export enum LabelProxy {
  count = 0,
  /** Holder of the newest version, or empty. Changed under the namespace's lock, read under RCU. */
  label = 8,
}

const proxyObjectBytes: i32 = LabelProxy.label + holderBytes;

/** A proxy that leads nowhere yet, with one count for the caller; 0 where memory is exhausted. */
export function proxyAlloc(cpu: i32): ptr {
  const proxy: ptr = heapAlloc(cpu, Kind.proxy, proxyObjectBytes);
  if (proxy === 0) return 0;
  store(proxy + LabelProxy.count, 1);
  emptyHolder(proxy + LabelProxy.label);
  return proxy;
}

/**
 * Drops one count. The last frees the proxy and with it the reference to the newest version. Called when a version has been
 * freed, so after a grace period: no reader can be in the proxy.
 */
export function proxyPut(cpu: i32, proxy: ptr): void {
  const before: i32 = fetchAdd(proxy + LabelProxy.count, -1);
  if (before !== 1) return;
  const newest: ptr = ownLabel(proxy + LabelProxy.label);
  if (newest !== 0) labelPut(cpu, proxy + LabelProxy.label, newest);
  heapFree(cpu, proxy);
}

/**
 * Leads the proxy to `label`, of which the caller has a reference. Under the namespace's lock, and before the old version is
 * marked stale. Removal does this once in a proxy's life; replacement, when it comes, will do it again and then needs a
 * second holder to switch over to, because readers must never find the slot empty.
 */
export function proxyRedirect(cpu: i32, proxy: ptr, label: ptr): void {
  labelGet(cpu, proxy + LabelProxy.label, label);
}

/**
 * Takes a reference to the newest version into `holder` (aa_get_label_rcu) and returns that label. The caller has seen a
 * version of this proxy to be stale and keeps it alive.
 */
export function proxyNewest(cpu: i32, holder: ptr, proxy: ptr): ptr {
  rcuReadLock();
  // Fails only where the slot was redirected after it was read, so that the next round reads another label.
  let label: ptr = loadAcquire(proxy + LabelProxy.label);
  while (!labelTryGet(cpu, holder, label)) label = loadAcquire(proxy + LabelProxy.label);
  rcuReadUnlock();
  return label;
}

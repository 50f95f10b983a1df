/**
 * Proxies: who holds an old version of a label finds the newest one through them (struct aa_proxy,
 * security/apparmor/label.c). A proxy is shared by all versions of a label; each version owns a count of it.
 *
 * Until the first redirection the slot is empty: a label that is not stale is its own newest version. From then on the slot
 * is a holder and keeps the newest version alive. That version owns the proxy as well, which would keep both for ever; so when
 * it is the only owner left, the slot becomes empty again: nobody has an old version any more who could ask.
 *
 * `lock` is over the count and the slot's changes, and over the stale flags of the owners: whoever supersedes a label does it
 * once. It is held for a few stores. Readers take a look at the slot under RCU only.
 */
import {
  type bool,
  type i32,
  load,
  loadAcquire,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";
import { heapAlloc, heapFree } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { Label } from "./core/label-layout.ts";
import { spinLock, spinUnlock } from "./core/spinlock.ts";
import { emptyHolder, labelGet, labelPut, labelSwap, labelTryGet, ownLabel } from "./reference.ts";
import { holderBytes } from "./settings.ts";

/** Offsets of a proxy: count and label as in struct aa_proxy (v6.6), the lock in what the kernel's alignment leaves free. */
export enum LabelProxy {
  count = 0,
  lock = 4,
  /** Holder of the newest version, or empty. Changed under `lock`, read under RCU. */
  label = 8,
}

export const proxyObjectBytes: i32 = LabelProxy.label + holderBytes;

/** A proxy that leads nowhere yet, with one count for the caller; 0 where memory is exhausted. */
export function proxyAlloc(cpu: i32): ptr {
  const proxy: ptr = heapAlloc(cpu, Kind.proxy, proxyObjectBytes);
  if (proxy === 0) return 0;
  store(proxy + LabelProxy.count, 1);
  store(proxy + LabelProxy.lock, 0);
  emptyHolder(proxy + LabelProxy.label);
  return proxy;
}

/** Begins a change of what the proxy leads to, or of who owns it. */
export function proxyLock(proxy: ptr): void {
  spinLock(proxy + LabelProxy.lock);
}

export function proxyUnlock(proxy: ptr): void {
  spinUnlock(proxy + LabelProxy.lock);
}

/** One owner more; under the lock, or while another owner's label is kept alive and nobody supersedes it. */
export function proxyOwn(proxy: ptr): void {
  const count: i32 = load(proxy + LabelProxy.count);
  store(proxy + LabelProxy.count, count + 1);
}

/** One owner less, under the lock, of a proxy that has others. */
export function proxyDisown(proxy: ptr): void {
  const count: i32 = load(proxy + LabelProxy.count);
  store(proxy + LabelProxy.count, count - 1);
}

/**
 * Drops one count; the last frees the proxy. `spare` is an empty holder. Called when a version has been freed, so after a grace
 * period: no reader can be in the proxy on its behalf. Where the newest version is the only owner left, or none is, the
 * reference to the newest is put.
 */
export function proxyPut(cpu: i32, spare: ptr, proxy: ptr): void {
  proxyLock(proxy);
  const left: i32 = load(proxy + LabelProxy.count) - 1;
  store(proxy + LabelProxy.count, left);
  const newest: ptr = ownLabel(proxy + LabelProxy.label);
  const idle: bool = newest !== 0 && (left === 0 || (left === 1 && owns(newest, proxy)));
  if (idle) labelSwap(cpu, proxy + LabelProxy.label, spare);
  proxyUnlock(proxy);
  if (idle) labelPut(cpu, spare, newest);
  if (left === 0) heapFree(cpu, proxy);
}

function owns(label: ptr, proxy: ptr): bool {
  const its: ptr = load(label + Label.proxy);
  return its === proxy;
}

/**
 * Leads the proxy to `label`, of which the caller has a reference, and before the old version is marked stale. Under the lock.
 * The reference to what it led to before comes into the empty `before`; the caller puts it after he has given the lock back.
 */
export function proxyRedirect(cpu: i32, before: ptr, proxy: ptr, label: ptr): void {
  labelGet(cpu, before, label);
  labelSwap(cpu, proxy + LabelProxy.label, before);
}

/** What the proxy leads to, without a reference; inside a read section that began before its version was freed. */
export function proxyTarget(proxy: ptr): ptr {
  return loadAcquire(proxy + LabelProxy.label);
}

/**
 * Takes a reference to what the proxy leads to into `holder` (aa_get_label_rcu) and returns that label. The caller has seen a
 * version of this proxy to be stale and keeps it alive.
 */
export function proxyNewest(cpu: i32, holder: ptr, proxy: ptr): ptr {
  rcuReadLock();
  // Fails only where the slot was redirected after it was read, so that the next round reads another label.
  let label: ptr = proxyTarget(proxy);
  while (!labelTryGet(cpu, holder, label)) label = proxyTarget(proxy);
  rcuReadUnlock();
  return label;
}

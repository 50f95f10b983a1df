/**
 * Labels: what a task, file or socket is confined by (struct aa_label, security/apparmor/label.c). This file makes and frees
 * them and leads from a stale one to its successor; how references are counted is the strategy's matter (`reference.ts`), of
 * which profiles a label is made, that of `profile.ts` and `compound.ts`.
 *
 * A stale label's successor is found through its proxy. Successors may be stale too: of another proxy, where a profile was
 * removed or a namespace destroyed. `newest` follows them to the end, unlike aa_get_newest_label, which takes one step.
 */
import { type bool, i32, load, loadAcquire, type ptr, store, storeRelease } from "refplay/machine";
import { heapAlloc, heapFree, zero } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { Label, LabelFlags, labelBytesFor } from "./core/label-layout.ts";
import { hopHolder } from "./cpu-block.ts";
import {
  proxyDisown,
  proxyLock,
  proxyNewest,
  proxyOwn,
  proxyPut,
  proxyRedirect,
  proxyTarget,
  proxyUnlock,
} from "./proxy.ts";
import { labelGet, labelInit, labelMove, labelPut, ownLabel } from "./reference.ts";

/**
 * A new label of `size` profiles with its first reference in the empty `holder`, its vector and what lies behind it (`moreBytes`)
 * 0. It owns `proxy` from now on, one count of which was the caller's. 0 where memory is exhausted.
 */
export function labelAlloc(cpu: i32, holder: ptr, flags: i32, size: i32, moreBytes: i32, proxy: ptr): ptr {
  const bytes: i32 = labelBytesFor(size) + moreBytes;
  const label: ptr = heapAlloc(cpu, Kind.label, bytes);
  if (label === 0) return 0;
  zero(label, bytes);
  store(label + Label.flags, flags);
  store(label + Label.proxy, proxy);
  // Any number that differs from label to label and is not 0.
  store(label + Label.secid, i32(label) >> 6);
  store(label + Label.size, size);
  if (labelInit(cpu, holder, label)) return label;
  heapFree(cpu, label);
  return 0;
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

/**
 * Makes `fresh` the successor of `old`: its proxy leads there from now on, then it is marked stale. Whoever comes second finds
 * that done. The caller has references to both; `spare` is an empty holder. Whether it was us.
 */
export function supersede(cpu: i32, spare: ptr, old: ptr, fresh: ptr): bool {
  const proxy: ptr = load(old + Label.proxy);
  proxyLock(proxy);
  const first: bool = !isStale(old);
  if (first) {
    proxyRedirect(cpu, spare, proxy, fresh);
    const flags: i32 = load(old + Label.flags);
    // Readers that see the flag must find the proxy redirected.
    storeRelease(old + Label.flags, flags | LabelFlags.stale);
  }
  proxyUnlock(proxy);
  const before: ptr = load(spare);
  if (before !== 0) labelPut(cpu, spare, before);
  return first;
}

/**
 * Lets `fresh`, a profile's label that is not stale and in no set yet, share the proxy of the version before, `old`, of which the
 * caller has a reference, instead of the one it was made with: so whoever holds any older version comes to the newest in one step.
 * Only the proxies of stale labels are read by others. Under the policy's mutex, so that nobody else supersedes `old`.
 */
export function shareProxy(cpu: i32, spare: ptr, old: ptr, fresh: ptr): void {
  const own: ptr = load(fresh + Label.proxy);
  const shared: ptr = load(old + Label.proxy);
  proxyLock(shared);
  proxyOwn(shared);
  proxyUnlock(shared);
  store(fresh + Label.proxy, shared);
  proxyPut(cpu, spare, own);
}

/**
 * Begins to make `fresh`, which nobody has seen, the successor of `old`, of which the caller has a reference, with the proxy of
 * `old`. The proxy is locked until `succeedEnd`: nobody else gives `old` a successor, nor `fresh`, which others may find from the
 * moment on when it becomes a member. So a proxy has one owner at most that is not stale, and leads there or nowhere: a newer owner
 * that comes to a proxy which leads away would be kept by what it keeps, for ever, or the proxy would lead back to an older one.
 * What `fresh` had for a proxy, for `succeedEnd`; 0, and nothing happened, where `old` has a successor.
 */
export function succeedBegin(old: ptr, fresh: ptr): ptr {
  const shared: ptr = load(old + Label.proxy);
  proxyLock(shared);
  if (isStale(old)) {
    proxyUnlock(shared);
    return 0;
  }
  const own: ptr = load(fresh + Label.proxy);
  proxyOwn(shared);
  store(fresh + Label.proxy, shared);
  return own;
}

/**
 * Ends what `succeedBegin` began and returned `own` for. `done`: `fresh` is the successor; else it goes back to its own proxy, still
 * unseen. `spare` is an empty holder.
 */
export function succeedEnd(cpu: i32, spare: ptr, old: ptr, fresh: ptr, own: ptr, done: bool): void {
  const shared: ptr = load(old + Label.proxy);
  if (done) {
    proxyRedirect(cpu, spare, shared, fresh);
    const flags: i32 = load(old + Label.flags);
    storeRelease(old + Label.flags, flags | LabelFlags.stale);
  } else {
    proxyDisown(shared);
    store(fresh + Label.proxy, own);
  }
  proxyUnlock(shared);
  const before: ptr = ownLabel(spare);
  if (before !== 0) labelPut(cpu, spare, before);
  if (done) proxyPut(cpu, spare, own);
}

/** Takes a reference to the newest version of a stale label into the empty `holder` and returns that label. */
export function staleToNewest(cpu: i32, holder: ptr, label: ptr): ptr {
  let newest: ptr = proxyNewest(cpu, holder, load(label + Label.proxy));
  let flags: i32 = loadAcquire(newest + Label.flags);
  while ((flags & LabelFlags.stale) !== 0) {
    const next: ptr = proxyNewest(cpu, hopHolder(cpu), load(newest + Label.proxy));
    labelPut(cpu, holder, newest);
    labelMove(cpu, hopHolder(cpu), holder, next);
    newest = next;
    flags = loadAcquire(newest + Label.flags);
  }
  return newest;
}

/** Takes a reference to the newest version of `label`, which the caller keeps alive, into `holder` (aa_get_newest_label). */
export function labelGetNewest(cpu: i32, holder: ptr, label: ptr): ptr {
  const flags: i32 = loadAcquire(label + Label.flags);
  if ((flags & LabelFlags.stale) !== 0) return staleToNewest(cpu, holder, label);
  labelGet(cpu, holder, label);
  return label;
}

/**
 * The newest version of `label`, which the caller keeps alive, without a reference: readable to the end of the caller's read
 * section, but maybe dying.
 */
export function newestVisible(label: ptr): ptr {
  let newest: ptr = label;
  let flags: i32 = loadAcquire(newest + Label.flags);
  while ((flags & LabelFlags.stale) !== 0) {
    newest = proxyTarget(load(newest + Label.proxy));
    flags = loadAcquire(newest + Label.flags);
  }
  return newest;
}

/** The label's number for other security users, such as audit and IMA. */
export function labelSecid(label: ptr): i32 {
  return load(label + Label.secid);
}

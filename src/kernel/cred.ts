/**
 * Credentials: who a task acts as (struct cred, kernel/cred.c). Immutable once a task has them, shared by the threads of a
 * process and by every file that they opened, and counted: each open takes and each close drops one count. So how many CPUs
 * fight for that line depends on `threadsPerProcess`, whatever the label's strategy does.
 *
 * `creds` chooses how they are counted: 0 = one atomic counter, as in the kernel. 1 is kept for task-local counts (FreeBSD's
 * cr_users), which will replace `credGet` and `credPut` and nothing else.
 */
import { callRcu, fetchAdd, type i32, type ptr, store } from "refplay/machine";
import { Callback } from "./core/callback-ids.ts";
import { heapAlloc, heapFree } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { emptyHolder, labelPut, ownLabel } from "./reference.ts";
import { holderBytes } from "./settings.ts";

/**
 * Offsets of a cred, after struct cred (v6.6, LP64): the count is alone among fields that nobody writes, the security blob
 * two lines behind it. The blob is a separate allocation in the kernel, here its only field stands in its place.
 */
export enum Cred {
  usage = 0,
  /** struct rcu_head. In the kernel at 168; it must not move with the holder's size. */
  rcu = 64,
  /** Holder of the label. */
  label = 128,
}

const credBytes: i32 = Cred.label + holderBytes;

/** A cred with one count for the caller and an empty label holder, which the caller fills before others see it; or 0. */
export function credAlloc(cpu: i32): ptr {
  const cred: ptr = heapAlloc(cpu, Kind.cred, credBytes);
  if (cred === 0) return 0;
  store(cred + Cred.usage, 1);
  emptyHolder(cred + Cred.label);
  return cred;
}

/** One count more; the caller has one (get_cred). */
export function credGet(cred: ptr): void {
  fetchAdd(cred + Cred.usage, 1);
}

/** Drops one count; after the last the cred goes, a grace period later, because other tasks may be looking at it (put_cred). */
export function credPut(cred: ptr): void {
  const before: i32 = fetchAdd(cred + Cred.usage, -1);
  if (before === 1) callRcu(cred + Cred.rcu, Callback.credFree);
}

/** The grace period after the last put is over (put_cred_rcu). */
export function credFree(cpu: i32, cred: ptr): void {
  const label: ptr = ownLabel(cred + Cred.label);
  if (label !== 0) labelPut(cpu, cred + Cred.label, label);
  heapFree(cpu, cred);
}

/** The label of a cred that the caller keeps alive: a plain read, for it never changes. */
export function credLabel(cred: ptr): ptr {
  return ownLabel(cred + Cred.label);
}

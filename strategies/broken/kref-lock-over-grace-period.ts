/**
 * kref with a lock around look-ups and retirement, the latter of which also waits for a grace period: it waits, with the lock,
 * for a look-up that waits for the lock.
 */

import { type StrategyMeta, spinLock, spinlockBytes, spinUnlock, strategyGlobals } from "refplay/kernel";
import { type bool, type i32, layout, type ptr, synchronizeRcu } from "refplay/machine";
import { tryGet as tryGetAlone } from "../kref.ts";

export { get, init, labelBytes, put } from "../kref.ts";

export const globalBytes: i32 = spinlockBytes;

const lock: ptr = strategyGlobals + layout("global");

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  spinLock(lock);
  const taken: bool = tryGetAlone(cpu, holder, label);
  spinUnlock(lock);
  return taken;
}

export function retire(_cpu: i32, _label: ptr): void {
  spinLock(lock);
  synchronizeRcu();
  spinUnlock(lock);
}

export default {
  title: "kref, grace period under a lock",
  summary: "Retirement waits for readers with a lock held that readers take.",
  sources: ["strategies/kref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "deadlock", program: "put-vs-look-up" },
} satisfies StrategyMeta;

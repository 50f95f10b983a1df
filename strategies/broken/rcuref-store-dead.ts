/**
 * rcuref whose last put marks the count dead with a store, because it knows that it was the last: a look-up that took a
 * reference since then has it no more.
 */

import { release, type StrategyMeta } from "refplay/kernel";
import { fetchAdd, type i32, type ptr, rcuReadLock, rcuReadUnlock, store } from "refplay/machine";
import { dead, latePut, refs } from "../rcuref.ts";

export { get, init, labelBytes, tryGet } from "../rcuref.ts";

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  rcuReadLock();
  const before: i32 = fetchAdd(label + refs, -1);
  if (before === 0) {
    // Must be a compare-exchange from "no reference".
    store(label + refs, dead);
    release(cpu, label);
  } else if (before < 0) latePut(cpu, label, before - 1);
  rcuReadUnlock();
}

export default {
  title: "rcuref, marked dead by a store",
  summary: "The last put does not look whether somebody took a reference since its subtraction.",
  sources: ["strategies/rcuref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "put-vs-look-up" },
} satisfies StrategyMeta;

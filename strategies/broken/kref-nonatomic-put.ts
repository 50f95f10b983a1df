/**
 * kref whose put reads, subtracts and writes: two puts at once count as one, and a get in between is forgotten.
 */

import { release, type StrategyMeta } from "refplay/kernel";
import { type i32, load, type ptr, store } from "refplay/machine";
import { refs } from "../kref.ts";

export { get, init, labelBytes, tryGet } from "../kref.ts";

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  const before: i32 = load(label + refs);
  store(label + refs, before - 1);
  if (before === 1) release(cpu, label);
}

export default {
  title: "kref, put not atomic",
  summary: "The decrement is a load and a store, so concurrent puts and gets get lost.",
  sources: ["strategies/kref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "leak", program: "last-put-race" },
} satisfies StrategyMeta;

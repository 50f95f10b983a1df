/**
 * kref whose put subtracts and then looks whether the count is zero: of two last holders both may find it so, and both release
 * the label.
 */

import { release, type StrategyMeta } from "refplay/kernel";
import { fetchAdd, type i32, load, type ptr, store } from "refplay/machine";
import { refs } from "../kref.ts";

export { get, init, labelBytes, tryGet } from "../kref.ts";

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  fetchAdd(label + refs, -1);
  const left: i32 = load(label + refs);
  if (left === 0) release(cpu, label);
}

export default {
  title: "kref, put looks after it subtracted",
  summary:
    "Puts do not use what their own subtraction returned, so two of them may both think that they were the last.",
  sources: ["strategies/kref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "double-free", program: "last-put-race" },
} satisfies StrategyMeta;

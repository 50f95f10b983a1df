/**
 * kref whose look-up makes sure that the count is not zero and then adds: the last put may come in between, so that the look-up
 * has a label that was released.
 */

import type { StrategyMeta } from "refplay/kernel";
import { type bool, fetchAdd, type i32, load, type ptr, store } from "refplay/machine";
import { refs } from "../kref.ts";

export { get, init, labelBytes, put } from "../kref.ts";

export function tryGet(_cpu: i32, holder: ptr, label: ptr): bool {
  const before: i32 = load(label + refs);
  if (before === 0) return false;
  fetchAdd(label + refs, 1);
  store(holder, label);
  return true;
}

export default {
  title: "kref, look-up checks and then adds",
  summary: "Look-ups test the count and raise it in two steps, between which it may reach zero.",
  sources: ["strategies/kref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "put-vs-look-up" },
} satisfies StrategyMeta;

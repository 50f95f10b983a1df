/**
 * kref whose look-up adds one and then looks: a label that was just released gets a holder, whose
 * own put then releases it again; if the holder keeps it long enough it is freed under it.
 */

import type { StrategyMeta } from "refplay/kernel";
import { type bool, fetchAdd, type i32, type ptr, store } from "refplay/machine";
import { refs } from "../kref.ts";

export { get, init, labelBytes, put } from "../kref.ts";

export function tryGet(_cpu: i32, holder: ptr, label: ptr): bool {
  fetchAdd(label + refs, 1);
  store(holder, label);
  return true;
}

export default {
  title: "kref, look-up gets from zero",
  summary: "Look-ups take a reference whatever the count is, so a released label is used again.",
  sources: ["strategies/kref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "put-vs-look-up" },
} satisfies StrategyMeta;

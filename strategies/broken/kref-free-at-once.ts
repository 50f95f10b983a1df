/**
 * kref whose last put frees the label on the spot: a look-up that found it a moment before, and is still inside its read
 * section, reads the count of what is gone.
 */

import { heapFree, Mark, type StrategyMeta } from "refplay/kernel";
import { fetchAdd, type i32, mark, type ptr, store } from "refplay/machine";
import { refs } from "../kref.ts";

export { get, init, labelBytes, tryGet } from "../kref.ts";

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  const before: i32 = fetchAdd(label + refs, -1);
  if (before !== 1) return;
  mark(Mark.released, label);
  // Here a grace period is missing.
  heapFree(cpu, label);
}

export default {
  title: "kref, freed without a grace period",
  summary: "The last put frees the label although look-ups may still be reading it.",
  sources: ["strategies/kref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "use-after-free", program: "put-vs-look-up" },
} satisfies StrategyMeta;

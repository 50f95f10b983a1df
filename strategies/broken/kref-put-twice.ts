/**
 * kref whose put drops two references: as if a holder's cleanup ran on two paths. Whoever still has the label loses it.
 */

import type { StrategyMeta } from "refplay/kernel";
import type { i32, ptr } from "refplay/machine";
import { put as putOnce } from "../kref.ts";

export { get, init, labelBytes, tryGet } from "../kref.ts";

export function put(cpu: i32, holder: ptr, label: ptr): void {
  putOnce(cpu, holder, label);
  putOnce(cpu, holder, label);
}

export default {
  title: "kref, put twice",
  summary: "Every put drops two references, so the label is released while others hold it.",
  sources: ["strategies/kref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "get-put" },
} satisfies StrategyMeta;

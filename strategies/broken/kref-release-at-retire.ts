/**
 * kref that releases a label as soon as it is retired, as if a removed profile had no users: whoever has a reference finds the
 * label gone, the one that keeps it listed included.
 */

import { release, type StrategyMeta } from "refplay/kernel";
import type { i32, ptr } from "refplay/machine";

export { get, init, labelBytes, put, tryGet } from "../kref.ts";

export function retire(cpu: i32, label: ptr): void {
  release(cpu, label);
}

export default {
  title: "kref, released when retired",
  summary: "Retiring a label releases it whatever its count is.",
  sources: ["strategies/kref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "put-vs-look-up" },
} satisfies StrategyMeta;

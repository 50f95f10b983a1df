/**
 * Hazard pointers whose look through the lists begins one CPU too late.
 */

import { Boot, type StrategyMeta } from "refplay/kernel";
import { type i32, load } from "refplay/machine";
import { listOf } from "../parts/hazard-places.ts";
import {
  condemn,
  releaseCondemned,
  somethingLost,
  takeFresh,
  visitList,
  visitSlots,
} from "../parts/hazard-scan.ts";

export {
  borrow,
  cpuBytes,
  get,
  globalBytes,
  guardBytes,
  holderBytes,
  init,
  labelBytes,
  maintenanceIntervalMs,
  move,
  publish,
  put,
  retire,
  swap,
  switchOut,
  tryGet,
  unborrow,
} from "../hazard-pointer.ts";

export function maintain(cpu: i32): i32 {
  if (!somethingLost()) return 0;
  takeFresh();
  condemn();
  const cpus: i32 = load(Boot.cpus);
  // Must begin at 0.
  for (let other: i32 = 1; other < cpus; other += 1) visitList(listOf(other));
  visitSlots();
  return releaseCondemned(cpu);
}

export default {
  title: "hazard pointers, first CPU not visited",
  summary: "Holders that the first CPU filled are not looked at.",
  sources: ["strategies/hazard-pointer.ts"],
  options: {
    slots: { unit: "count", default: 1, min: 1, max: 64, doc: "Slots of each CPU." },
    scanIntervalMs: { unit: "ms", default: 0, min: 0, max: 20000, doc: "As with hazard-pointer." },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
  expect: { verdict: "premature-release", program: "last-put-race" },
} satisfies StrategyMeta;

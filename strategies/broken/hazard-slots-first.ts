/**
 * Hazard pointers that look at the slots before the lists: who borrows a label after its slot was looked at, from a holder that
 * is emptied before its list is visited, is met in neither.
 */

import type { StrategyMeta } from "refplay/kernel";
import type { i32 } from "refplay/machine";
import {
  condemn,
  releaseCondemned,
  somethingLost,
  takeFresh,
  visitLists,
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
  // The wrong way round.
  visitSlots();
  visitLists();
  return releaseCondemned(cpu);
}

export default {
  title: "hazard pointers, slots before lists",
  summary:
    "Borrowers who read a holder before it is emptied are missed when their slots were looked at before that.",
  sources: ["strategies/hazard-pointer.ts"],
  options: {
    slots: { unit: "count", default: 1, min: 1, max: 64, doc: "Slots of each CPU." },
    scanIntervalMs: { unit: "ms", default: 0, min: 0, max: 20000, doc: "As with hazard-pointer." },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
  expect: { verdict: "use-after-free", program: "borrow-vs-drop" },
} satisfies StrategyMeta;

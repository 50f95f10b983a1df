/**
 * Hazard pointers without a wildcard: the borrower reads the source, stores what he found, and does not read again. Between
 * reading and storing nobody knows of him, and the label may be released.
 */

import type { StrategyMeta } from "refplay/kernel";
import { fence, type i32, load, type ptr, store } from "refplay/machine";
import { freeSlot } from "../hazard-pointer.ts";
import { Guard, Slot } from "../parts/hazard-places.ts";

export {
  cpuBytes,
  get,
  globalBytes,
  guardBytes,
  holderBytes,
  init,
  labelBytes,
  maintain,
  maintenanceIntervalMs,
  move,
  publish,
  put,
  retire,
  swap,
  tryGet,
  unborrow,
} from "../hazard-pointer.ts";

export function borrow(cpu: i32, guard: ptr, source: ptr): ptr {
  const slot: ptr = freeSlot(cpu);
  const label: ptr = load(source);
  store(slot + Slot.guard, guard);
  store(guard + Guard.slot, slot);
  store(slot + Slot.label, label);
  fence();
  // Here the source must be read once more.
  return label;
}

export default {
  title: "hazard pointers, stored without looking again",
  summary: "A borrower takes for granted that what he read is still there when his slot shows it.",
  sources: ["strategies/hazard-pointer.ts"],
  options: {
    slots: { unit: "count", default: 1, min: 1, max: 64, doc: "Slots of each CPU." },
    scanIntervalMs: { unit: "ms", default: 0, min: 0, max: 20000, doc: "As with hazard-pointer." },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
  expect: { verdict: "use-after-free", program: "borrow-vs-remove" },
} satisfies StrategyMeta;

/**
 * Hazard pointers whose borrower reads the source while his wildcard may still be in his store buffer: whoever looks at the slot
 * meanwhile finds it empty, and releases the label that he is about to use.
 */

import type { StrategyMeta } from "refplay/kernel";
import { type i32, load, type ptr, store } from "refplay/machine";
import { freeSlot } from "../hazard-pointer.ts";
import { Guard, Slot, side } from "../parts/hazard-places.ts";

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
  const wildcard: i32 = load(side) + 1;
  store(slot + Slot.label, wildcard);
  // Here a fence is missing.
  const label: ptr = load(source);
  store(slot + Slot.guard, guard);
  store(guard + Guard.slot, slot);
  store(slot + Slot.label, label);
  return label;
}

export default {
  title: "hazard pointers, no fence behind the wildcard",
  summary: "A borrower's wildcard may become visible only after he has read what it is to protect.",
  sources: ["strategies/hazard-pointer.ts"],
  options: {
    slots: { unit: "count", default: 1, min: 1, max: 64, doc: "Slots of each CPU." },
    scanIntervalMs: { unit: "ms", default: 0, min: 0, max: 20000, doc: "As with hazard-pointer." },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
  expect: { verdict: "use-after-free", model: "tso", program: "borrow-vs-remove" },
} satisfies StrategyMeta;

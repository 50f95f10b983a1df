/**
 * Hazard pointers whose look waits for one wildcard only. A borrower who has read which one to use, and dawdles over a look, stores
 * the other one during the next: nobody waits for him then, and the label that he has read by that time is released.
 */

import { Boot, type StrategyMeta } from "refplay/kernel";
import { awaitNotEqual, fence, type i32, load, loadAcquire, type ptr, store, u32 } from "refplay/machine";
import { globals, Shared, Slot, side, slotOf, slots } from "../parts/hazard-places.ts";
import {
  condemn,
  meet,
  releaseCondemned,
  somethingLost,
  takeFresh,
  visitLists,
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
  visitLists();
  visitSlots();
  return releaseCondemned(cpu);
}

function visitSlots(): void {
  const cpus: i32 = load(Boot.cpus);
  // Must be done twice, for the one wildcard and for the other.
  const wildcard: i32 = load(side) + 1;
  store(side, 2 - wildcard);
  fence();
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    for (let index: i32 = 0; index < slots; index += 1) {
      awaitNotEqual(slotOf(cpu, index) + Slot.label, wildcard);
      const label: ptr = loadAcquire(slotOf(cpu, index) + Slot.label);
      if (u32(label) > 2 && meet(label)) store(globals + Shared.borrowed, 1);
    }
  }
}

export default {
  title: "hazard pointers, one wildcard waited for",
  summary: "Borrowers who have read which wildcard to use before the look before are missed.",
  sources: ["strategies/hazard-pointer.ts"],
  options: {
    slots: { unit: "count", default: 1, min: 1, max: 64, doc: "Slots of each CPU." },
    scanIntervalMs: { unit: "ms", default: 0, min: 0, max: 20000, doc: "As with hazard-pointer." },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
  expect: { verdict: "use-after-free", program: "borrow-vs-drop" },
} satisfies StrategyMeta;

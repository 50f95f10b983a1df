/**
 * Hazard pointers whose holders are filled without a look at the label's state: a reference that goes from a list not visited
 * yet to one that has been is met in neither.
 */

import { Mark, type StrategyMeta, spinLock, spinUnlock, warn } from "refplay/kernel";
import { type bool, type i32, load, type ptr } from "refplay/machine";
import { add, List, listOf, Own, State, unlink } from "../parts/hazard-places.ts";

export {
  borrow,
  cpuBytes,
  globalBytes,
  guardBytes,
  holderBytes,
  init,
  labelBytes,
  maintain,
  maintenanceIntervalMs,
  publish,
  put,
  retire,
  swap,
  switchOut,
  unborrow,
} from "../hazard-pointer.ts";

function link(cpu: i32, holder: ptr, label: ptr): bool {
  const list: ptr = listOf(cpu);
  spinLock(list + List.lock);
  const state: i32 = load(label + Own.state);
  // Here a condemned label must be acquitted.
  const good: bool = state !== State.released;
  if (good) add(list, holder, label);
  spinUnlock(list + List.lock);
  return good;
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  if (!link(cpu, holder, label)) warn(cpu, Mark.getFromZero, label);
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  return link(cpu, holder, label);
}

export function move(cpu: i32, from: ptr, to: ptr, label: ptr): void {
  link(cpu, to, label);
  unlink(from, label);
}

export default {
  title: "hazard pointers, fooled by a moved reference",
  summary: "Whoever copies a reference does not tell the look that may have passed its new place already.",
  sources: ["strategies/hazard-pointer.ts"],
  options: {
    slots: { unit: "count", default: 1, min: 1, max: 64, doc: "Slots of each CPU." },
    scanIntervalMs: { unit: "ms", default: 0, min: 0, max: 20000, doc: "As with hazard-pointer." },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
  expect: { verdict: "premature-release", program: "put-vs-look-up" },
} satisfies StrategyMeta;

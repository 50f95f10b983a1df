/**
 * No counting: the upper bound of every table. What the hooks cost when AppArmor counts nothing, with labels that live for
 * ever; the holder is written, because hooks read the label from it.
 */

import type { StrategyMeta } from "refplay/kernel";
import { type bool, type i32, type ptr, store } from "refplay/machine";

/** The kernel keeps 8 bytes for the counter all the same, so that the label's other fields stay where they are. */
export const labelBytes: i32 = 0;

export function init(_cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
}

export function get(_cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
}

export function tryGet(_cpu: i32, holder: ptr, label: ptr): bool {
  store(holder, label);
  return true;
}

export function put(_cpu: i32, holder: ptr, _label: ptr): void {
  store(holder, 0);
}

export default {
  title: "none",
  summary:
    "No reference counting at all, as with AppArmor off: labels are never released. Not a candidate but the upper bound that the others are measured against.",
  sources: ["Yardstick of the AppArmor scalability thread: the same load with apparmor=0"],
  options: {},
  capabilities: { releases: "never", detects: [], needsMaintenance: false },
} satisfies StrategyMeta;

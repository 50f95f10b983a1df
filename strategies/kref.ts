/**
 * One atomic counter in the label, with the checks of refcount_t: what AppArmor has today.
 *
 * 1 .. maximum are counts. 0 means released; nothing counts up from it. Below 0 is saturated: somebody put more than he had
 * or got more than there is room for, so nobody knows the number any more, and the label is kept for ever rather than freed
 * too early. The count is set to the middle of the negative half, so far from either end that no number of CPUs can carry
 * it back before each has seen the sign.
 */

import { Mark, release, type StrategyMeta, warn } from "refplay/kernel";
import {
  type bool,
  compareExchange,
  fetchAdd,
  type i32,
  layout,
  load,
  type ptr,
  store,
  u32,
} from "refplay/machine";

export const labelBytes: i32 = 8;

/** Where the counter is. */
export const refs: i32 = layout("label");
/** REFCOUNT_MAX and REFCOUNT_SATURATED of include/linux/refcount.h. */
const maximum: i32 = 0x7fffffff;
const saturated: i32 = -0x40000000;

export function init(_cpu: i32, holder: ptr, label: ptr): void {
  store(label + refs, 1);
  store(holder, label);
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  const before: i32 = fetchAdd(label + refs, 1);
  // One comparison for all that is wrong: 0 (wraps to the top), below 0, or at the maximum.
  if (u32(before - 1) >= u32(maximum - 1))
    saturate(cpu, label, before === 0 ? Mark.getFromZero : Mark.overflow);
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  let before: i32 = load(label + refs);
  // A loop, because an addition would make a released label look alive to the next one who tries.
  while (before !== 0) {
    const found: i32 = compareExchange(label + refs, before, before + 1);
    if (found === before) {
      store(holder, label);
      if (before < 0 || before === maximum) saturate(cpu, label, Mark.overflow);
      return true;
    }
    before = found;
  }
  return false;
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  // Fully ordered: all that holders did with the label comes before its release.
  const before: i32 = fetchAdd(label + refs, -1);
  if (before === 1) release(cpu, label);
  else if (before <= 0) saturate(cpu, label, Mark.underflow);
}

/** From here on the label is leaked, on purpose. */
function saturate(cpu: i32, label: ptr, event: i32): void {
  store(label + refs, saturated);
  warn(cpu, event, label);
}

export default {
  title: "kref",
  summary:
    "One atomic counter in the label, taken with an unconditional addition and dropped with another; look-ups use compare-exchange so that a released label stays released. Misuse saturates the count: the label is leaked and reported.",
  sources: [
    "include/linux/kref.h, include/linux/refcount.h, lib/refcount.c, Linux v6.6",
    "security/apparmor/include/label.h, Linux v6.6",
  ],
  options: {},
  capabilities: {
    releases: "lastPut",
    detects: ["underflow", "overflow", "getFromZero"],
    needsMaintenance: false,
  },
} satisfies StrategyMeta;

/**
 * One atomic counter in the label that is only ever added to: what the kernel's rcuref_t does. Whether a get came too late
 * is read from the sign of what it added to, so look-ups need no compare-exchange loop, in which CPUs that contend keep
 * spoiling each other's attempts.
 *
 * The number kept is references minus one, and the sign bit says that something is special:
 *
 *     0x00000000 .. 0x7fffffff   that many references and one more
 *     0x80000000 .. 0xbfffffff   saturated: more gets than there is room for; the label is kept for ever
 *     0xc0000000 .. 0xfffffffe   dead: released, nothing is counted any more
 *     0xffffffff                 no reference: the put that came here decides by a compare-exchange
 *
 * An addition to a dead count leaves it dead, and who made it sets it back to the middle of its zone. So does one to a
 * saturated count. Either zone is wide enough that all CPUs together cannot leave it before the first of them has set it back.
 *
 * Between the last subtraction and the compare-exchange a look-up may take a reference: the count is 0 again, the
 * compare-exchange fails, and the label lives on. If that reference is dropped as well, two puts have come to "no reference"
 * and one compare-exchange of the two succeeds. By then the other put may be late by any time: it is inside a read section,
 * which the release's grace period waits for, so the label it looks at is still there.
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
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";

export const labelBytes: i32 = 8;

/** Where the counter is. */
export const refs: i32 = layout("label");
/** RCUREF_NOREF, RCUREF_RELEASED and RCUREF_DEAD, RCUREF_SATURATED of include/linux/rcuref.h. */
const noReference: i32 = -1;
const deadZone: i32 = -0x40000000;
export const dead: i32 = -0x20000000;
const saturated: i32 = -0x60000000;

export function init(_cpu: i32, holder: ptr, label: ptr): void {
  store(label + refs, 0);
  store(holder, label);
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  const before: i32 = fetchAdd(label + refs, 1);
  if (before + 1 < 0) {
    if (!lateGet(cpu, label)) warn(cpu, Mark.getFromZero, label);
  }
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  const before: i32 = fetchAdd(label + refs, 1);
  // From "no reference" to 0 is no late get: the last put has not decided yet and will find out.
  if (before + 1 < 0 && !lateGet(cpu, label)) return false;
  store(holder, label);
  return true;
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  rcuReadLock();
  // Fully ordered: all that holders did with the label comes before its release.
  const before: i32 = fetchAdd(label + refs, -1);
  if (before - 1 < 0) latePut(cpu, label, before - 1);
  rcuReadUnlock();
}

/** A get whose addition left the count below zero; whether it has a reference all the same. */
function lateGet(cpu: i32, label: ptr): bool {
  // Both zones are for ever, so the count may be looked at again, and set back by a plain store.
  const count: i32 = load(label + refs);
  if (count >= deadZone) {
    store(label + refs, dead);
    return false;
  }
  store(label + refs, saturated);
  warn(cpu, Mark.overflow, label);
  return true;
}

/** A put that left the count at `count`, below zero. */
export function latePut(cpu: i32, label: ptr, count: i32): void {
  if (count === noReference) {
    const found: i32 = compareExchange(label + refs, noReference, dead);
    // Else a look-up has it, or another put of the last was faster.
    if (found === noReference) release(cpu, label);
  } else if (count >= deadZone) {
    store(label + refs, dead);
    warn(cpu, Mark.underflow, label);
  } else store(label + refs, saturated);
}

export default {
  title: "rcuref",
  summary:
    "One atomic counter in the label with one unconditional addition for each get, put and look-up: the sign of the sum tells a get that came too late, so no compare-exchange is ever tried again. A put needs an RCU read section. Misuse saturates the count or finds it dead.",
  sources: [
    "lib/rcuref.c, include/linux/rcuref.h, Linux v6.4, commit ee1ee6db07",
    "Thomas Gleixner, [patch 0/3] net, refcount: Address dst_entry reference count scalability issues, 2023",
  ],
  options: {},
  capabilities: {
    releases: "lastPut",
    detects: ["underflow", "overflow", "getFromZero"],
    needsMaintenance: false,
  },
} satisfies StrategyMeta;

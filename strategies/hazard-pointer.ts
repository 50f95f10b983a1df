/**
 * Hazard pointers: whoever uses a label says so in a place of his own, nobody counts, and who wants to free a label looks at all
 * of those places.
 *
 * Two kinds of places. A short use (`borrow`) has one of a few slots of the CPU; it is taken and given back without a locked
 * instruction, at the price of one full barrier. A long use (`get`) is the holder itself: it is linked into a list of the
 * CPU that filled it, under that CPU's lock, which others want only when they empty such a holder or look for a label.
 *
 * `maintain` looks. It condemns all labels that have no owner (`publish` gives a profile's label one, `retire` takes it away),
 * goes through all lists and then through all slots, and acquits every label that it meets. What is condemned at the end is
 * released.
 *
 * A look through many lists takes time, in which references move. Copied from a place not visited yet to one that has been,
 * and then cleared, a reference would never be met. So whoever fills a holder looks at the label's state under the list's
 * lock and acquits a condemned label himself. Before the visit, the visit finds the holder; after it, he finds the label
 * condemned, because that was done before any visit: one of the two always happens. By induction over the holders that
 * a reference came through, a label that is still condemned when all lists have been visited is in no holder.
 *
 * Slots come last. A borrower stores a wildcard in his slot, makes that visible (the fence), reads the holder and replaces the
 * wildcard by what he found. If he found a condemned label, he read before it was in no holder, so his wildcard was
 * visible before the slots were looked at: the look waits until the wildcard is replaced, and finds the label. Later borrowers
 * cannot find it any more, unless somebody who borrows it takes a reference, which acquits it. To wait for new
 * wildcards over and over again would never end, so there are two: the look tells newcomers to use the other one, waits for the
 * one, and then the other way round. Once would not be enough: who read which wildcard to use, and then dawdled, may still
 * store the old one.
 */

import {
  Label,
  listAdd,
  Mark,
  type StrategyMeta,
  spinLock,
  spinTryLock,
  spinUnlock,
  warn,
} from "refplay/kernel";
import {
  type bool,
  fence,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  storeRelease,
} from "refplay/machine";
import {
  Guard,
  globals,
  List,
  link,
  listOf,
  Own,
  Place,
  refill,
  Shared,
  Slot,
  State,
  side,
  slotOf,
  slots,
  spareOf,
  unlink,
} from "./parts/hazard-places.ts";
import {
  condemn,
  releaseCondemned,
  somethingLost,
  stillCondemned,
  takeFresh,
  visitLists,
  visitSlots,
} from "./parts/hazard-scan.ts";

export { cpuBytes, globalBytes, guardBytes, holderBytes, labelBytes } from "./parts/hazard-places.ts";

/** Milliseconds from one look to the next. */
export const maintenanceIntervalMs: i32 = option("scanIntervalMs");

export function init(cpu: i32, holder: ptr, label: ptr): void {
  store(label + Own.state, State.alive);
  store(label + Own.owned, 0);
  link(cpu, holder, label);
  // After the holder: from here on `maintain` may condemn it.
  listAdd(listOf(cpu) + List.fresh, label + Own.node);
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  if (!link(cpu, holder, label)) warn(cpu, Mark.getFromZero, label);
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  return link(cpu, holder, label);
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  const held: ptr = load(holder + Place.label);
  if (held === label) unlink(holder, label);
  else warn(cpu, Mark.underflow, label);
}

export function move(cpu: i32, from: ptr, to: ptr, label: ptr): void {
  link(cpu, to, label);
  unlink(from, label);
}

export function swap(cpu: i32, slot: ptr, other: ptr): void {
  const before: ptr = load(slot + Place.label);
  const after: ptr = load(other + Place.label);
  if (before === 0 || after === 0) {
    if (after !== 0) move(cpu, other, slot, after);
    else if (before !== 0) move(cpu, slot, other, before);
    return;
  }
  // Places stay where they are linked, labels change: at each step both labels are in some holder.
  const spare: ptr = spareOf(cpu);
  link(cpu, spare, before);
  refill(slot, after);
  refill(other, before);
  unlink(spare, before);
}

// ---- short uses ----

export function borrow(cpu: i32, guard: ptr, source: ptr): ptr {
  const slot: ptr = freeSlot(cpu);
  if (slot === 0) return borrowHolding(cpu, guard, source);
  const wildcard: i32 = load(side) + 1;
  store(slot + Slot.label, wildcard);
  // The wildcard before what is read: who emptied the source and then looked at the slot must have seen it.
  fence();
  const label: ptr = load(source);
  store(slot + Slot.guard, guard);
  store(guard + Guard.slot, slot);
  store(slot + Slot.label, label);
  return label;
}

export function unborrow(cpu: i32, guard: ptr, label: ptr): void {
  const slot: ptr = load(guard + Guard.slot);
  // All uses before: the label may be freed from here on.
  if (slot !== 0) storeRelease(slot + Slot.label, 0);
  else put(cpu, guard + Guard.holder, label);
}

/** A slot of this CPU that is not in use, or 0. Only its own CPU takes one, so it stays free until then. */
export function freeSlot(cpu: i32): ptr {
  for (let index: i32 = 0; index < slots; index += 1) {
    const slot: ptr = slotOf(cpu, index);
    const label: ptr = load(slot + Slot.label);
    if (label === 0) return slot;
  }
  return 0;
}

/** All slots are in use: the guard becomes a holder. */
function borrowHolding(cpu: i32, guard: ptr, source: ptr): ptr {
  store(guard + Guard.slot, 0);
  rcuReadLock();
  let label: ptr = load(source);
  // A released label is in no holder any more: the source shows another one by now.
  while (label !== 0 && !link(cpu, guard + Guard.holder, label)) label = load(source);
  rcuReadUnlock();
  return label;
}

/** Who sleeps with a borrowed label leaves the CPU's slots to the next task: the guards become holders. */
export function switchOut(cpu: i32, _task: ptr, _next: ptr): void {
  for (let index: i32 = 0; index < slots; index += 1) {
    const slot: ptr = slotOf(cpu, index);
    const label: ptr = load(slot + Slot.label);
    if (label !== 0) {
      const guard: ptr = load(slot + Slot.guard);
      link(cpu, guard + Guard.holder, label);
      store(guard + Guard.slot, 0);
      storeRelease(slot + Slot.label, 0);
    }
  }
}

// ---- the end of labels ----

export function publish(_cpu: i32, label: ptr): void {
  const profiles: i32 = load(label + Label.size);
  if (profiles <= 1) store(label + Own.owned, 1);
}

export function retire(cpu: i32, label: ptr): void {
  const list: ptr = listOf(cpu);
  spinLock(list + List.lock);
  store(label + Own.owned, 0);
  store(list + List.lost, 1);
  spinUnlock(list + List.lock);
}

export function maintain(cpu: i32): i32 {
  if (!spinTryLock(globals + Shared.looking)) return 0;
  let released: i32 = 0;
  if (somethingLost()) {
    takeFresh();
    condemn();
    visitLists();
    if (stillCondemned()) {
      visitSlots();
      released = releaseCondemned(cpu);
    }
  }
  spinUnlock(globals + Shared.looking);
  return released;
}

export default {
  title: "hazard pointers",
  summary:
    "Nobody counts. A short use has one of a few slots of the CPU, a long one is its holder, in a list of the CPU that filled it. Maintenance looks through all lists and slots and releases labels that it meets nowhere: getting and putting touch no line of the label's, and reclaiming pays for it.",
  sources: [
    "M. Michael, Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects, IEEE TPDS 15(6), 2004",
    "M. Desnoyers, [RFC PATCH v4] hazard pointers, December 2025, and v5, February 2026",
  ],
  options: {
    slots: {
      unit: "count",
      default: 4,
      min: 0,
      max: 64,
      doc: "Slots of each CPU for short uses; one more at the same time is linked as a holder.",
    },
    scanIntervalMs: {
      unit: "ms",
      default: 0,
      min: 0,
      max: 20000,
      doc: "From one look for labels that nobody uses to the next; 0: one after the other while there is something to look for.",
    },
  },
  capabilities: { releases: "scan", detects: [], needsMaintenance: true },
} satisfies StrategyMeta;

/**
 * How hazard pointers find out what nobody uses: labels are condemned, all places are visited, and what was met nowhere is
 * released. Why in this order is told in `../hazard-pointer.ts`. One CPU at a time does all this.
 */

import {
  Boot,
  ListNode,
  listFirst,
  listNext,
  listTakeAll,
  release,
  spinLock,
  spinUnlock,
} from "refplay/kernel";
import {
  awaitNotEqual,
  type bool,
  compareExchange,
  fence,
  type i32,
  load,
  loadAcquire,
  ptr,
  store,
  u32,
} from "refplay/machine";
import {
  globals,
  List,
  listOf,
  Own,
  Place,
  Shared,
  Slot,
  State,
  side,
  slotOf,
  slots,
} from "./hazard-places.ts";

/** Whether a label without owner may have lost its last place since this was asked last. */
export function somethingLost(): bool {
  let signs: i32 = load(globals + Shared.borrowed);
  if (signs !== 0) store(globals + Shared.borrowed, 0);
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const lost: i32 = load(listOf(cpu) + List.lost);
    if (lost !== 0) {
      store(listOf(cpu) + List.lost, 0);
      signs = 1;
    }
  }
  // A sign that was overwritten here came after what it is a sign of, which must be seen below: list of new labels, retirement.
  if (signs !== 0) fence();
  return signs !== 0;
}

/** Labels made since the last look join the list of all, which is only used here. */
export function takeFresh(): void {
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const fresh: ptr = listOf(cpu) + List.fresh;
    let node: ptr = listFirst(fresh);
    if (node !== 0) node = listTakeAll(fresh);
    while (node !== 0) {
      const next: ptr = listNext(node);
      store(node + ListNode.next, load(globals + Shared.labels));
      store(globals + Shared.labels, node);
      node = next;
    }
  }
}

/** Condemns every label that has no owner. The lock of the first list visited is the barrier behind it. */
export function condemn(): void {
  let node: ptr = load(globals + Shared.labels);
  while (node !== 0) {
    const label: ptr = node - Own.node;
    const owned: i32 = load(label + Own.owned);
    if (owned === 0) store(label + Own.state, State.condemned);
    node = load(node + ListNode.next);
  }
}

/** Acquits what is in holders. */
export function visitLists(): void {
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) visitList(listOf(cpu));
}

export function visitList(list: ptr): void {
  spinLock(list + List.lock);
  let holder: ptr = load(list + List.first);
  while (holder !== 0) {
    meet(load(holder + Place.label));
    holder = load(holder + Place.next);
  }
  spinUnlock(list + List.lock);
}

/** Whether it was condemned. Nobody else releases, so a store will do. */
export function meet(label: ptr): bool {
  const state: i32 = load(label + Own.state);
  if (state !== State.condemned) return false;
  store(label + Own.state, State.alive);
  return true;
}

export function stillCondemned(): bool {
  let node: ptr = load(globals + Shared.labels);
  while (node !== 0) {
    const state: i32 = load(node - Own.node + Own.state);
    if (state === State.condemned) return true;
    node = load(node + ListNode.next);
  }
  return false;
}

/** Acquits what is in slots. */
export function visitSlots(): void {
  const cpus: i32 = load(Boot.cpus);
  for (let half: i32 = 0; half < 2; half += 1) {
    const wildcard: i32 = load(side) + 1;
    store(side, 2 - wildcard);
    // What was found in the lists before what is read from slots.
    fence();
    for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
      for (let index: i32 = 0; index < slots; index += 1) visitSlot(slotOf(cpu, index), wildcard, half === 1);
    }
  }
}

/** Waits while the slot shows `wildcard`; with `last` acquits what it then shows. */
function visitSlot(slot: ptr, wildcard: i32, last: bool): void {
  let label: ptr = loadAcquire(slot + Slot.label);
  if (label === ptr(wildcard)) {
    awaitNotEqual(slot + Slot.label, wildcard);
    label = loadAcquire(slot + Slot.label);
  }
  // Up to 2 is nothing, or the wildcard of a borrower who came too late to find a condemned label.
  if (last && u32(label) > 2 && meet(label)) store(globals + Shared.borrowed, 1);
}

/** Releases what is still condemned; how many labels. */
export function releaseCondemned(cpu: i32): i32 {
  let released: i32 = 0;
  let cell: ptr = globals + Shared.labels;
  let node: ptr = load(cell);
  while (node !== 0) {
    const next: ptr = load(node + ListNode.next);
    const label: ptr = node - Own.node;
    const state: i32 = load(label + Own.state);
    if (state === State.condemned && endOf(label)) {
      store(cell, next);
      release(cpu, label);
      released += 1;
    } else cell = node;
    node = next;
  }
  return released;
}

/** Whether nobody acquitted the label, which a look-up or a borrower may do up to here. */
function endOf(label: ptr): bool {
  const before: i32 = compareExchange(label + Own.state, State.condemned, State.released);
  return before === State.condemned;
}

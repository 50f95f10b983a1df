/**
 * Where hazard pointers are kept: holders in lists, one list for each CPU, and slots. What this is for and why it is right is
 * told in `../hazard-pointer.ts`.
 */

import { spinLock, spinUnlock, strategyCpu, strategyGlobals } from "refplay/kernel";
import {
  type bool,
  compareExchange,
  type i32,
  layout,
  load,
  option,
  type ptr,
  store,
  storeRelease,
} from "refplay/machine";

export const slots: i32 = option("slots");

/** Offsets of the strategy's cells in a label. */
export enum Own {
  state = layout("label"),
  /** 1 while somebody is going to retire it, so that nobody need look for it. */
  owned = state + 4,
  /** Node in the list of all labels, or in that of new ones. */
  node = state + 8,
}
export const labelBytes: i32 = 16;

/** `Own.state`. Back to `alive` by whoever meets the label, on to `released` by `maintain` alone. */
export enum State {
  alive = 0,
  condemned = 1,
  released = 2,
}

/** A holder, an element of the list of the CPU that filled it. */
export enum Place {
  label = 0,
  next = 8,
  /** Address of the cell that points here: the list's first or another holder's `next`. */
  back = 16,
  list = 24,
  end = 32,
}
export const holderBytes: i32 = Place.end;

/** A guard: the slot in use, or 0 and a holder. */
export enum Guard {
  holder = 0,
  slot = Place.end,
  end = slot + 8,
}
export const guardBytes: i32 = Guard.end;

/** The list of a CPU's holders, a line. */
export enum List {
  lock = 0,
  first = 8,
  /** 1: a label without owner lost a holder here since the last visit. */
  lost = 12,
  /** Labels made here that `maintain` has not seen. Taken without the lock. */
  fresh = 16,
  end = 64,
}
/** A slot: 0, a wildcard or a label; and the guard that it is lent to, for its own CPU. */
export enum Slot {
  label = 0,
  guard = 8,
  end = 16,
}
/** A holder for `swap` behind the slots. */
export const cpuBytes: i32 = List.end + slots * Slot.end + Place.end;

/** Offsets in the strategy's globals. */
export enum Shared {
  /** Held by who looks through all places. */
  looking = 0,
  labels = 8,
  /** 1: some label without owner was met in a slot, whose giving back nobody tells of. */
  borrowed = 16,
  /** Which wildcard to use, 0 or 1; read by every borrower, written twice in each look. */
  side = 64,
  end = 128,
}
export const globalBytes: i32 = Shared.end;

/** Where the cells of each CPU begin. */
const area: i32 = layout("cpu");
export const globals: ptr = strategyGlobals + layout("global");
/** Whose value plus 1 is the wildcard to use. */
export const side: ptr = globals + Shared.side;

export function listOf(cpu: i32): ptr {
  return strategyCpu(cpu) + area;
}

export function slotOf(cpu: i32, index: i32): ptr {
  return listOf(cpu) + List.end + index * Slot.end;
}

/** The holder that `swap` keeps a label in meanwhile. */
export function spareOf(cpu: i32): ptr {
  return slotOf(cpu, slots);
}

/** Fills an empty holder; false, and the holder stays empty, where the label was released. */
export function link(cpu: i32, holder: ptr, label: ptr): bool {
  const list: ptr = listOf(cpu);
  spinLock(list + List.lock);
  const state: i32 = load(label + Own.state);
  // Under the lock: if the list was visited already, this sees the label condemned.
  const good: bool = state === State.alive || acquit(label);
  if (good) add(list, holder, label);
  spinUnlock(list + List.lock);
  return good;
}

/** Whether the label, condemned a moment ago, is alive again. */
function acquit(label: ptr): bool {
  const before: i32 = compareExchange(label + Own.state, State.condemned, State.alive);
  return before !== State.released;
}

/** Puts a holder in front of a list whose lock is held. */
export function add(list: ptr, holder: ptr, label: ptr): void {
  const first: ptr = load(list + List.first);
  store(holder + Place.next, first);
  store(holder + Place.back, list + List.first);
  store(holder + Place.list, list);
  if (first !== 0) store(first + Place.back, holder + Place.next);
  store(list + List.first, holder);
  // Who borrows from the holder must find the label complete.
  storeRelease(holder + Place.label, label);
}

/** Empties a holder. */
export function unlink(holder: ptr, label: ptr): void {
  const list: ptr = load(holder + Place.list);
  spinLock(list + List.lock);
  const next: ptr = load(holder + Place.next);
  const back: ptr = load(holder + Place.back);
  store(back, next);
  if (next !== 0) store(next + Place.back, back);
  store(holder + Place.label, 0);
  // Under the lock: a look that met this holder came after the label's retirement if it had condemned it.
  const owned: i32 = load(label + Own.owned);
  if (owned === 0) store(list + List.lost, 1);
  spinUnlock(list + List.lock);
}

/** A full holder refers to another label from now on, which is in another holder as well. */
export function refill(holder: ptr, label: ptr): void {
  const list: ptr = load(holder + Place.list);
  spinLock(list + List.lock);
  const state: i32 = load(label + Own.state);
  if (state !== State.alive) acquit(label);
  storeRelease(holder + Place.label, label);
  spinUnlock(list + List.lock);
}

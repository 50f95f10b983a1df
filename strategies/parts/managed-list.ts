/**
 * The list of managed labels: everybody pushes at the front, only the manager walks and takes out. Why it needs markers is
 * told in `../percpu-managed.ts`.
 */

import {
  ListNode,
  listAdd,
  listFirst,
  listNext,
  listNodeBytes,
  percpuRefBytes,
  strategyGlobals,
} from "refplay/kernel";
import { type bool, type i32, layout, load, type ptr, store } from "refplay/machine";

/** Offsets of the strategy's cells in a label. */
export enum Own {
  ref = layout("label"),
  node = ref + percpuRefBytes,
}
export const labelBytes: i32 = percpuRefBytes + listNodeBytes;

/** Offsets in the strategy's globals. */
export enum Shared {
  /** First node; written by everybody who publishes a label. */
  list = 0,
  /** Held by who scans; the rest is the manager's. */
  scanning = 64,
  /** The marker that the pass under way, or the last one, began at. */
  marker = 72,
  /** The node behind which the next scan goes on, or 0 where a new pass begins. */
  position = 80,
  /** Two nodes that belong to no label. */
  markers = 88,
  end = 128,
}
export const globalBytes: i32 = Shared.end;

export const globals: ptr = strategyGlobals + layout("global");
const list: ptr = globals + Shared.list;
const firstMarker: ptr = globals + Shared.markers;
const secondMarker: ptr = firstMarker + listNodeBytes;

/** The label is managed from now on. The caller has a reference that becomes the manager's. */
export function manage(label: ptr): void {
  listAdd(list, label + Own.node);
}

/** The node behind which a pass over all labels that are managed now begins: a marker, with all of them behind it. */
export function beginPass(): ptr {
  const last: ptr = load(globals + Shared.marker);
  // Nothing was pushed since.
  if (last !== 0 && listFirst(list) === last) return last;
  const marker: ptr = last === firstMarker ? secondMarker : firstMarker;
  listAdd(list, marker);
  store(globals + Shared.marker, marker);
  return marker;
}

/** Whether the node is a marker: behind the one that a pass began at, that of an earlier pass. */
export function isMarker(node: ptr): bool {
  return node === firstMarker || node === secondMarker;
}

/** Takes the node behind `before` out. `before` is a marker or behind one, so nobody else writes to it. */
export function unlink(before: ptr, next: ptr): void {
  store(before + ListNode.next, next);
}

/** The first node, for a walk that takes nothing out. */
export function newest(): ptr {
  return listFirst(list);
}

export function nodeBehind(node: ptr): ptr {
  return listNext(node);
}

export function labelOf(node: ptr): ptr {
  return node - Own.node;
}

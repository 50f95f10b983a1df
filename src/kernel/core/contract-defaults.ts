/**
 * What the functions of the contract do where a strategy leaves them out. Linked once per strategy, so `tryGet` and `put`
 * are that strategy's own.
 */

import { put, tryGet } from "refplay/strategy/self";
import {
  type bool,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  storeRelease,
} from "../../machine/index.ts";

export function boot(_cpu: i32): void {}

export function move(_cpu: i32, from: ptr, to: ptr, label: ptr): void {
  store(to, label);
  store(from, 0);
}

export function swap(_cpu: i32, slot: ptr, other: ptr): void {
  const before: ptr = load(slot);
  // Who borrows from the slot must find the label complete.
  storeRelease(slot, load(other));
  store(other, before);
}

export function borrow(cpu: i32, guard: ptr, source: ptr): ptr {
  rcuReadLock();
  let label: ptr = load(source);
  while (label !== 0) {
    const taken: bool = tryGet(cpu, guard, label);
    if (taken) break;
    // The label is dying, so the slot has been, or is being, pointed elsewhere: look again (aa_get_label_rcu).
    label = load(source);
  }
  rcuReadUnlock();
  return label;
}

export function unborrow(cpu: i32, guard: ptr, label: ptr): void {
  put(cpu, guard, label);
}

export function publish(_cpu: i32, _label: ptr): void {}

export function retire(_cpu: i32, _label: ptr): void {}

export function enterTask(_cpu: i32, _task: ptr, _label: ptr): void {}

export function leaveTask(_cpu: i32, _task: ptr, _label: ptr): void {}

export function switchOut(_cpu: i32, _task: ptr, _next: ptr): void {}

export function enterKernel(_cpu: i32, _task: ptr): void {}

export function callback(_cpu: i32, _id: i32, _head: ptr): void {}

export function maintain(_cpu: i32): i32 {
  return 0;
}

export function destroy(_cpu: i32, _label: ptr): void {}

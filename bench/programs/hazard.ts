/**
 * A bare program: hazard pointers over rotating labels, access for access what bench/peers/hazard.c does. No kernel and no
 * strategy: it shows what machine operations cost once they are WebAssembly.
 */
import type { ProgramMeta } from "refplay/kernel";
import {
  exchange,
  fence,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  storeRelease,
} from "refplay/machine";
import { Lane, labelAt, laneOf, maxLabels, sourceAt } from "./lay-out.ts";

/** Points every source at its label. Once, on one thread, before the loops. */
export function lay(): void {
  for (let i: i32 = 0; i < maxLabels; i += 1) store(sourceAt(i), labelAt(i));
}

/** `pairs` times acquire and release; label `i & mask` in turn i. Store, then a barrier on a private line. */
export function hazard(cpu: i32, pairs: i32, mask: i32): void {
  const slot: ptr = laneOf(cpu) + Lane.slot;
  for (let i: i32 = 0; i < pairs; i += 1) {
    const source: ptr = sourceAt(i & mask);
    let label: ptr = load(source);
    while (true) {
      store(slot, label);
      // Without it the re-load could be done before a scan sees the slot.
      fence();
      const again: ptr = load(source);
      if (again === label) break;
      label = again;
    }
    storeRelease(slot, 0);
  }
}

/** The same with one exchange for store and barrier. */
export function hazardExchange(cpu: i32, pairs: i32, mask: i32): void {
  const slot: ptr = laneOf(cpu) + Lane.slot;
  for (let i: i32 = 0; i < pairs; i += 1) {
    const source: ptr = sourceAt(i & mask);
    let label: ptr = load(source);
    while (true) {
      exchange(slot, label);
      const again: ptr = load(source);
      if (again === label) break;
      label = again;
    }
    storeRelease(slot, 0);
  }
}

/** `pairs` read sections, each around one load of a source; what bench/peers/urcu.h does. */
export function readSection(cpu: i32, pairs: i32, mask: i32): void {
  const holder: ptr = laneOf(cpu) + Lane.holder;
  for (let i: i32 = 0; i < pairs; i += 1) {
    rcuReadLock();
    const label: ptr = load(sourceAt(i & mask));
    store(holder, label);
    rcuReadUnlock();
  }
}

/** 1 where no slot is in use, else 0. */
export function check(threads: i32): i32 {
  for (let cpu: i32 = 0; cpu < threads; cpu += 1) {
    const slot: i32 = load(laneOf(cpu) + Lane.slot);
    if (slot !== 0) return 0;
  }
  return 1;
}

export default { options: {} } satisfies ProgramMeta;

/**
 * What a manager of percpu refs needs beside `percpu-ref-switch.ts`: a switch to atomic mode that is over when the call is, with
 * no callback and no memory of its own, and a look at how many references there are.
 */

import { type i32, load, mark, type ptr, store, storeRelease, synchronizeRcu } from "../../machine/index.ts";
import { Boot } from "../../machine/memory-map.ts";
import { Global } from "./areas.ts";
import { Mark } from "./marks.ts";
import { percpuCell } from "./percpu.ts";
import { Confirm, PercpuRef, percpuBias, RefData, RefDataFlags, RefMode } from "./percpu-ref-layout.ts";
import { addCells, lockWhenIdle } from "./percpu-ref-switch.ts";
import { spinUnlock } from "./spinlock.ts";

/**
 * Switches to atomic mode and stays there; the count is exact on return. As percpu_ref_switch_to_atomic_sync, but the grace
 * period is waited for here and not by a callback that wakes the caller, so nothing else has to run meanwhile. The caller has
 * a reference, is in no read section, and has no lock.
 */
export function percpuRefSwitchToAtomicHere(cpu: i32, ref: ptr): void {
  const data: ptr = load(ref + PercpuRef.data);
  lockWhenIdle(data);
  const flags: i32 = load(data + RefData.flags);
  store(data + RefData.flags, flags | RefDataFlags.forceAtomic);
  const word: i32 = load(ref + PercpuRef.word);
  if ((word & RefMode.atomic) !== 0) {
    spinUnlock(Global.switchLock);
    return;
  }
  // Whoever wants to switch this ref meanwhile waits until this is over.
  store(data + RefData.confirm, Confirm.silent);
  store(ref + PercpuRef.word, word | RefMode.atomic);
  spinUnlock(Global.switchLock);
  synchronizeRcu();
  addCells(cpu, ref, data, word);
  mark(Mark.switchedToAtomic, ref);
  storeRelease(data + RefData.confirm, Confirm.idle);
}

/**
 * How many references there are, in either mode. Exact only if nobody gets or puts meanwhile: good enough to tell whether it is
 * worth looking closer, not to release anything.
 */
export function percpuRefCountNow(ref: ptr): i32 {
  const data: ptr = load(ref + PercpuRef.data);
  let sum: i32 = load(data + RefData.count);
  const word: i32 = load(ref + PercpuRef.word);
  if ((word & RefMode.mask) !== 0) return sum;
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const cell: i32 = load(percpuCell(cpu, word));
    sum += cell;
  }
  return sum - percpuBias;
}

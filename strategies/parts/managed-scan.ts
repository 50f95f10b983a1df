/**
 * One scan over managed labels: a part of a pass, at most `maxScanCount` labels that are still in use. Why it is right is told in
 * `../percpu-managed.ts`.
 */

import {
  percpuRefCountNow,
  percpuRefPut,
  percpuRefSwitchToAtomicHere,
  percpuRefSwitchToPercpu,
  percpuRefTryGet,
  release,
  slowBegin,
  slowEnd,
} from "refplay/kernel";
import {
  type bool,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";
import {
  beginPass,
  globals,
  isMarker,
  labelOf,
  newest,
  nodeBehind,
  Own,
  Shared,
  unlink,
} from "./managed-list.ts";

const maxScanCount: i32 = option("maxScanCount");
/** Going per-CPU needs no callback. */
export const noCallback: i32 = 0;

/**
 * Tests labels from where the last scan stopped. How many were released; where none was and the pass takes more than this
 * scan, 1 if some label looks unused.
 */
export function scan(cpu: i32): i32 {
  let before: ptr = load(globals + Shared.position);
  const whole: bool = before === 0;
  if (whole) before = beginPass();
  let released: i32 = 0;
  let used: i32 = 0;
  let node: ptr = nodeBehind(before);
  while (node !== 0 && used < maxScanCount) {
    // Before the test: a released label's memory may go at any time.
    const next: ptr = nodeBehind(node);
    if (isMarker(node)) unlink(before, next);
    else if (isUsed(cpu, labelOf(node))) {
      used += 1;
      before = node;
    } else {
      unlink(before, next);
      released += 1;
    }
    node = next;
  }
  store(globals + Shared.position, node === 0 ? 0 : before);
  if (released > 0 || (whole && node === 0)) return released;
  return someUnused() ? 1 : 0;
}

/**
 * Whether somebody beside the manager has a reference. If not, the label has been released, or is being released by who
 * dropped the last one, and must not be touched again.
 */
function isUsed(cpu: i32, label: ptr): bool {
  const ref: ptr = label + Own.ref;
  slowBegin();
  percpuRefSwitchToAtomicHere(cpu, ref);
  // Between the two somebody else may drop the last reference and release the label: the section keeps its memory.
  rcuReadLock();
  const last: bool = percpuRefPut(cpu, ref);
  const used: bool = !last && percpuRefTryGet(cpu, ref);
  rcuReadUnlock();
  if (last) release(cpu, label);
  if (used) percpuRefSwitchToPercpu(cpu, ref, noCallback);
  slowEnd();
  return used;
}

/** Whether a managed label seems to have no reference but the manager's. Exact while nobody gets or puts. */
function someUnused(): bool {
  let node: ptr = newest();
  while (node !== 0) {
    if (!isMarker(node) && percpuRefCountNow(labelOf(node) + Own.ref) === 1) return true;
    node = nodeBehind(node);
  }
  return false;
}

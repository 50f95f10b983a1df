/**
 * A reservation of huge pages belongs to a control group: it points to the group's state and has a count of it. When the memory
 * area is split in two, each half has a pointer, and each half drops a count when it is unmapped.
 *
 * The count is a percpu_ref. While it counts per CPU nobody sees that one put is too many: that comes out when the group is removed,
 * which kills the ref and sums it up ("percpu ref (css_release) <= 0 (-1) after switching to atomic").
 *
 * `broken` 1: the kernel before 09a26e832705, which copied the pointer and took no count.
 */
import {
  Boot,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelGlobals,
  type ProgramMeta,
  percpuRefBytes,
  percpuRefExit,
  percpuRefGet,
  percpuRefInit,
  percpuRefKill,
  percpuRefOfHead,
  percpuRefPut,
  percpuRefSwitched,
  RcuHead,
  RefEvent,
  rcuHeadBytes,
} from "refplay/kernel";
import { callRcu, type i32, load, option, type ptr, rcuTake, store } from "refplay/machine";

const broken: i32 = option("broken");

/** Callback ids. */
enum Id {
  switched = 1,
  freeState = 2,
}

/** The group's state. */
export enum Scratch {
  ref = 0,
  charged = percpuRefBytes,
  rcu = charged + 8,
  end = rcu + rcuHeadBytes,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  group = 0,
}

const group: ptr = kernelGlobals + Shared.group;

/** A group with one area in it, which is split. */
export function boot(): void {
  coreBoot();
  // On the last CPU, so that all others begin alike.
  const last: i32 = load(Boot.cpus) - 1;
  const state: ptr = heapAlloc(last, Kind.scratch, Scratch.end);
  percpuRefInit(last, state + Scratch.ref, 0);
  store(group, state);
  percpuRefGet(last, state + Scratch.ref);
  split(last, state);
}

/** Copies the pointer to the group for the second half. */
function split(cpu: i32, state: ptr): void {
  if (broken === 0) percpuRefGet(cpu, state + Scratch.ref);
}

/** The last count is gone. */
function last(state: ptr): void {
  callRcu(state + Scratch.rcu, Id.freeState);
}

/** Unmaps a half. */
export function unmapper(cpu: i32): void {
  const state: ptr = load(group);
  load(state + Scratch.charged);
  if (percpuRefPut(cpu, state + Scratch.ref)) last(state);
}

/** Removes the group. */
export function remover(cpu: i32): void {
  const state: ptr = load(group);
  const event: i32 = percpuRefKill(cpu, state + Scratch.ref, Id.switched);
  if ((event & RefEvent.released) !== 0) last(state);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    if (id === Id.freeState) {
      percpuRefExit(cpu, head - Scratch.rcu + Scratch.ref);
      heapFree(cpu, head - Scratch.rcu);
    } else {
      const state: ptr = percpuRefOfHead(head) - Scratch.ref;
      const event: i32 = percpuRefSwitched(cpu, head);
      if ((event & RefEvent.released) !== 0) last(state);
    }
    head = rcuTake();
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 1, doc: "1: before the fix." },
  },
} satisfies ProgramMeta;

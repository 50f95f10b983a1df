/**
 * A task writes policy to AppArmor. It takes a count of its own label, asks whether it may, and drops the count. Meanwhile its
 * profile is removed, so that the label goes with the task.
 *
 * `broken` 1: the kernel before c6b39f070722, which leaves without dropping the count where the answer is no.
 */
import { Boot, coreBoot, heapAlloc, heapFree, Kind, kernelGlobals, type ProgramMeta } from "refplay/kernel";
import { type i32, load, option, type ptr, store } from "refplay/machine";
import { get, put } from "./count.ts";

const broken: i32 = option("broken");

/** A label. */
export enum Scratch {
  count = 0,
  mayManage = 8,
  end = 16,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** The label of the task's cred, which has a count; the profile list has another. */
  label = 0,
}

const slot: ptr = kernelGlobals + Shared.label;

/** A task whose label allows it to manage policy (1) or not (0). */
export function boot(mayManage: i32): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  const label: ptr = heapAlloc(cpus - 1, Kind.scratch, Scratch.end);
  store(label + Scratch.count, 2);
  store(label + Scratch.mayManage, mayManage);
  store(slot, label);
}

function drop(cpu: i32, label: ptr): void {
  if (put(label + Scratch.count)) heapFree(cpu, label);
}

/** Writes policy, and exits. */
export function writer(cpu: i32): void {
  const label: ptr = load(slot);
  updatePolicy(cpu, label);
  drop(cpu, label);
}

function updatePolicy(cpu: i32, label: ptr): void {
  get(label + Scratch.count);
  const may: i32 = load(label + Scratch.mayManage);
  if (may === 0 && broken !== 0) return;
  // The policy would be replaced here, where that is allowed.
  drop(cpu, label);
}

/** Removes the task's profile. */
export function remover(cpu: i32): void {
  drop(cpu, load(slot));
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 1, doc: "1: before the fix." },
  },
} satisfies ProgramMeta;

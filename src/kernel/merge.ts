/**
 * Merging labels (aa_label_merge, security/apparmor/label.c, v6.6): the label of all profiles of two labels, in their newest
 * versions.
 */
import { type i32, load, option, type ptr, store } from "refplay/machine";
import { PolicyError } from "./audit.ts";
import { compoundObtain } from "./compound.ts";
import { Counter } from "./core/counter-names.ts";
import { count } from "./core/counters.ts";
import { Label } from "./core/label-layout.ts";
import { CpuBlock, cpuBlock, leftHolder, rightHolder, scratchVector } from "./cpu-block.ts";
import { labelGetNewest } from "./label.ts";
import { vectorMerge } from "./label-set/index.ts";
import { labelMove, labelPut } from "./reference.ts";

/** Profiles that a label may have. The kernel knows no limit; above 8 its vector leaves the stack (LOCAL_VEC_ENTRIES). */
const maxLabelParts: i32 = option("maxLabelParts");

/**
 * The label of the profiles of `a` and `b`, both of which the caller keeps, with a reference in the empty `holder`. 0 where it would
 * have more than `maxLabelParts` profiles or memory is exhausted: `mergeError` says which. May sleep.
 */
export function labelMerge(cpu: i32, holder: ptr, a: ptr, b: ptr): ptr {
  count(cpu, Counter.merges, 1);
  if (a === b) return labelGetNewest(cpu, holder, a);
  const left: ptr = labelGetNewest(cpu, leftHolder(cpu), a);
  const right: ptr = labelGetNewest(cpu, rightHolder(cpu), b);
  const merged: ptr = mergeNewest(cpu, holder, left, right);
  // Where the merged label is one of the two, its reference has gone to the holder.
  if (load(leftHolder(cpu)) !== 0) labelPut(cpu, leftHolder(cpu), left);
  if (load(rightHolder(cpu)) !== 0) labelPut(cpu, rightHolder(cpu), right);
  return merged;
}

/** The same of two labels that are kept in the CPU's holders for that. */
function mergeNewest(cpu: i32, holder: ptr, left: ptr, right: ptr): ptr {
  const leftSize: i32 = load(left + Label.size);
  const rightSize: i32 = load(right + Label.size);
  const vector: ptr = scratchVector(cpu);
  const size: i32 = vectorMerge(vector, left + Label.vec, leftSize, right + Label.vec, rightSize);
  // As large as one of them: the other one is in it.
  if (size === leftSize) {
    labelMove(cpu, leftHolder(cpu), holder, left);
    return left;
  }
  if (size === rightSize) {
    labelMove(cpu, rightHolder(cpu), holder, right);
    return right;
  }
  if (size > maxLabelParts) {
    store(cpuBlock(cpu) + CpuBlock.mergeError, PolicyError.tooManyParts);
    return 0;
  }
  const label: ptr = compoundObtain(cpu, holder, size);
  if (label === 0) store(cpuBlock(cpu) + CpuBlock.mergeError, PolicyError.noMemory);
  return label;
}

/** The `PolicyError` of this CPU's last merge that returned 0. */
export function mergeError(cpu: i32): i32 {
  return load(cpuBlock(cpu) + CpuBlock.mergeError);
}

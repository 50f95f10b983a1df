/**
 * Compound labels: those of several profiles (`A//&B`), found by their vector or made (aa_vec_find_or_create_label,
 * security/apparmor/label.c, v6.6). Nobody links to a compound but its holders and the set.
 *
 * This is the label alone. Its proxy, and the references by which it keeps its profiles, come with the hooks that use it;
 * until then the caller keeps profiles for as long as their labels.
 */
import { type i32, load, type ptr, store } from "refplay/machine";
import { destroy } from "refplay/strategy";
import { heapAlloc, heapFree, zero } from "../../src/kernel/core/heap.ts";
import { Kind } from "../../src/kernel/core/kinds.ts";
import { Label, labelBytesFor } from "../../src/kernel/core/label-layout.ts";
import { labelSetAdd, labelSetFind } from "../../src/kernel/label-set/index.ts";
import { vectorEntryBytes } from "../../src/kernel/label-set/vector.ts";
import { labelInit, labelMove, labelPut } from "../../src/kernel/reference.ts";

/**
 * A new label of the `size` profiles of a canonical vector, in no set, with its first reference in the empty `holder`. 0 where
 * memory is exhausted.
 */
export function compoundAlloc(cpu: i32, holder: ptr, vector: ptr, size: i32): ptr {
  const label: ptr = heapAlloc(cpu, Kind.label, labelBytesFor(size));
  if (label === 0) return label;
  zero(label, labelBytesFor(size));
  store(label + Label.size, size);
  for (let at: i32 = 0; at < size; at += 1) {
    const profile: ptr = load(vector + at * vectorEntryBytes);
    store(label + Label.vec + at * vectorEntryBytes, profile);
  }
  if (labelInit(cpu, holder, label)) return label;
  heapFree(cpu, label);
  return 0;
}

/** Frees a label that no reader can stand on any more. */
export function compoundFree(cpu: i32, label: ptr): void {
  destroy(cpu, label);
  heapFree(cpu, label);
}

/**
 * The label with that canonical vector, found or made, with a reference in the empty `holder`; `spare` is another empty holder,
 * for a moment. 0 where memory is exhausted. Whoever asks for one vector at the same time gets one label.
 */
export function compoundFindOrCreate(
  cpu: i32,
  set: ptr,
  holder: ptr,
  spare: ptr,
  vector: ptr,
  size: i32,
): ptr {
  const found: ptr = labelSetFind(cpu, set, holder, vector, size);
  if (found !== 0) return found;
  const fresh: ptr = compoundAlloc(cpu, holder, vector, size);
  if (fresh === 0) return fresh;
  const member: ptr = labelSetAdd(cpu, set, spare, fresh);
  if (member !== fresh) {
    // Somebody was faster. Nobody has seen ours.
    labelPut(cpu, holder, fresh);
    labelMove(cpu, spare, holder, member);
  }
  return member;
}

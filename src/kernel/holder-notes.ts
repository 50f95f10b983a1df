/**
 * Verify builds: what the kernel notes in each holder beside the strategy's slot, so that a reference which goes through the
 * wrong holder is found where it happens. The count of holders per label is the core's (`core/accounting.ts`).
 *
 * Two cells behind the strategies' bytes: the label that the holder refers to (0 = empty) and its generation, which tells a
 * label from an older one at the same address. A watched build has no such cells: only its marks are made here.
 */
import { type i32, layoutBytes, load, type ptr, store } from "refplay/machine";
import { holderDropped, holderTaken } from "./core/accounting.ts";
import { verify } from "./core/areas.ts";
import { violation } from "./core/evidence.ts";
import { generationOf } from "./core/heap-verify.ts";
import { Verdict } from "./core/marks.ts";

/** Offsets of the note in a holder of a verify build. */
export enum HolderNote {
  label = layoutBytes("holder"),
  generation = label + 4,
}

/** A holder in new memory refers to nothing. */
export function noteEmpty(holder: ptr): void {
  store(holder + HolderNote.label, 0);
}

/** The strategy put a reference to `label` into `holder`. If the holder had one already, that one is lost. */
export function noteTake(cpu: i32, holder: ptr, label: ptr): void {
  if (!verify) {
    holderTaken(cpu, label);
    return;
  }
  const before: ptr = load(holder + HolderNote.label);
  if (before !== 0) violation(cpu, Verdict.leak, before);
  holderTaken(cpu, label);
  store(holder + HolderNote.label, label);
  store(holder + HolderNote.generation, generationOf(label));
}

/** The reference in `holder` is about to be dropped. It must be there, and to this very label. */
export function noteDrop(cpu: i32, holder: ptr, label: ptr): void {
  if (!verify) {
    holderDropped(cpu, label);
    return;
  }
  const noted: ptr = load(holder + HolderNote.label);
  const generation: i32 = load(holder + HolderNote.generation);
  if (noted !== label) {
    violation(cpu, Verdict.assertion, holder);
  } else if (generation !== generationOf(label)) {
    violation(cpu, Verdict.useAfterFree, label);
  }
  holderDropped(cpu, label);
  store(holder + HolderNote.label, 0);
}

/** The strategy carried the reference to `label` from one holder to another. */
export function noteMove(cpu: i32, from: ptr, to: ptr, label: ptr): void {
  const noted: ptr = load(from + HolderNote.label);
  const before: ptr = load(to + HolderNote.label);
  const generation: i32 = load(from + HolderNote.generation);
  if (noted !== label) violation(cpu, Verdict.assertion, from);
  if (before !== 0) violation(cpu, Verdict.leak, before);
  store(to + HolderNote.label, label);
  store(to + HolderNote.generation, generation);
  store(from + HolderNote.label, 0);
}

/** The strategy exchanged the references of two holders, either of which may be empty. */
export function noteSwap(slot: ptr, other: ptr): void {
  const label: ptr = load(slot + HolderNote.label);
  const generation: i32 = load(slot + HolderNote.generation);
  const otherLabel: ptr = load(other + HolderNote.label);
  const otherGeneration: i32 = load(other + HolderNote.generation);
  store(slot + HolderNote.label, otherLabel);
  store(slot + HolderNote.generation, otherGeneration);
  store(other + HolderNote.label, label);
  store(other + HolderNote.generation, generation);
}

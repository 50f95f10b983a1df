/**
 * Verify builds count a label's holders beside the strategy, with an atomic of their own, so that a strategy that loses a
 * reference is caught whatever it counts. Hooks call these around the strategy's functions; a measured build has none.
 *
 * In a watched build the engine counts: a mark tells it, which is no access and orders nothing.
 *
 * The count may lag behind but never runs ahead of what the strategy knows: a holder is counted after its `get` has
 * returned and taken off before its `put` is called. So a release that finds a holder counted is wrong for certain.
 */
import { fetchAdd, type i32, load, mark, type ptr } from "../../machine/index.ts";
import { verify, watched } from "./areas.ts";
import { violation } from "./evidence.ts";
import { poison } from "./heap-verify.ts";
import { Label } from "./label-layout.ts";
import { Mark, Verdict } from "./marks.ts";

/** A holder has its reference: call it after `init`, `get` or a successful `tryGet`. A released label is a violation. */
export function holderTaken(cpu: i32, label: ptr): void {
  if (watched) mark(Mark.holderTaken, label);
  if (!verify) return;
  checkNotReleased(cpu, label);
  fetchAdd(label + Label.holders, 1);
}

/** A holder is about to drop its reference: call it before `put`. A drop that nobody owns is a `negativeCount`. */
export function holderDropped(cpu: i32, label: ptr): void {
  if (watched) mark(Mark.holderDropped, label);
  if (!verify) return;
  checkNotReleased(cpu, label);
  const before: i32 = fetchAdd(label + Label.holders, -1);
  if (before <= 0) violation(cpu, Verdict.negativeCount, label);
}

/** Whoever holds a reference finds the label neither released nor, which poison tells, freed. */
export function checkNotReleased(cpu: i32, label: ptr): void {
  if (!verify) return;
  const released: i32 = load(label + Label.released);
  if (released === poison) violation(cpu, Verdict.useAfterFree, label);
  else if (released !== 0) violation(cpu, Verdict.prematureRelease, label);
}

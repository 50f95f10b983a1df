/**
 * Slow windows: times in which a strategy's references to some label cost more than they usually do, a managed scan's for
 * example, in which everybody shares one counter. Strategies say when one begins and ends; the threads engine looks at the
 * cell between batches of the script and tells figures inside and outside apart.
 *
 * Both numbers are in one cell, so that one load shows whether anything began or ended since the last.
 */
import { fetchAdd, type i32 } from "../../machine/index.ts";
import { Global, watched } from "./areas.ts";

/** Windows that are open now, in the low bits of the cell; above them how often one began or ended, which may wrap. */
export const slowWindowBits: i32 = 16;
const move: i32 = 1 << slowWindowBits;

/** A label's slow window begins. Watched builds take no notice: there every access is a step. */
export function slowBegin(): void {
  if (watched) return;
  fetchAdd(Global.slowWindows, move + 1);
}

/** It ends. */
export function slowEnd(): void {
  if (watched) return;
  fetchAdd(Global.slowWindows, move - 1);
}

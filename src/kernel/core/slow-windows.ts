/**
 * Slow windows: times in which references to some label cost more than they usually do, those of a managed scan for example, in
 * which everybody shares one counter. Strategies say when one begins and ends; the threads engine looks at the cells
 * between batches of the script and tells what it measures inside and outside apart.
 *
 * What is open now and how often that changed are in one cell, so that one load before a batch and one behind it tell whether
 * anything began or ended in between.
 */
import { fetchAdd, type i32 } from "../../machine/index.ts";
import { Global, watched } from "./areas.ts";

/** Windows that are open now, in the low bits of the cell; above them how often one began or ended, which wraps. */
const openBits: i32 = 16;
const move: i32 = 1 << openBits;

/** A label's slow window begins. Watched builds take no notice: there every access is a step. */
export function slowBegin(): void {
  if (watched) return;
  fetchAdd(Global.slowWindowsBegun, 1);
  fetchAdd(Global.slowWindows, move + 1);
}

/** It ends. */
export function slowEnd(): void {
  if (watched) return;
  fetchAdd(Global.slowWindows, move - 1);
}

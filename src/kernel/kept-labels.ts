/**
 * Labels that something outside tasks and files keeps: audit rules, secmark rules, contexts of other security users. They hold a
 * reference for as long as the rule is there, stale or not. Scripts keep labels in slots; one CPU at a time changes a slot, while
 * others may read it.
 */
import { type bool, type i32, load, type ptr, store, u32 } from "refplay/machine";
import { PolicyError, ScriptError } from "./audit.ts";
import { compoundOfNames, missingProfile } from "./compound.ts";
import { heapReserve } from "./core/heap.ts";
import { Label } from "./core/label-layout.ts";
import { temporary } from "./cpu-block.ts";
import { KernelGlobal, pointerBytes } from "./globals.ts";
import { labelGetNewest } from "./label.ts";
import { labelSetFind } from "./label-set/index.ts";
import { setOfLabel } from "./profile.ts";
import { emptyHolder, labelPut, ownLabel } from "./reference.ts";
import { countBacklog } from "./retirement.ts";
import { scriptError } from "./script-errors.ts";
import { holderBytes } from "./settings.ts";

/** Makes room for `labels` kept labels and `texts` open policy texts. Whether memory was enough. */
export function slotsBoot(cpu: i32, labels: i32, texts: i32): bool {
  const holders: ptr = heapReserve(cpu, (labels + 1) * holderBytes);
  const table: ptr = heapReserve(cpu, (texts + 1) * pointerBytes);
  if (holders === 0 || table === 0) return false;
  store(KernelGlobal.labelSlots, holders);
  store(KernelGlobal.labelSlotCount, labels);
  store(KernelGlobal.rawdataSlots, table);
  store(KernelGlobal.rawdataSlotCount, texts);
  for (let slot: i32 = 0; slot < labels; slot += 1) emptyHolder(holders + slot * holderBytes);
  return true;
}

/** The holder of slot `index`, or 0. */
function slotOf(index: i32): ptr {
  const count: i32 = load(KernelGlobal.labelSlotCount);
  if (u32(index) >= u32(count)) return 0;
  const holders: ptr = load(KernelGlobal.labelSlots);
  return holders + index * holderBytes;
}

/** Keeps the newest version of `label`, which the caller keeps alive, in the empty slot `index`. */
export function keepLabel(cpu: i32, index: i32, label: ptr): void {
  const slot: ptr = slotOf(index);
  if (slot === 0 || ownLabel(slot) !== 0) scriptError(cpu, ScriptError.badSlot);
  else labelGetNewest(cpu, slot, label);
}

/** Drops what slot `index` keeps. */
export function dropLabel(cpu: i32, index: i32): void {
  const label: ptr = keptLabel(cpu, index);
  if (label !== 0) {
    labelPut(cpu, slotOf(index), label);
    countBacklog(cpu);
  }
}

/** What slot `index` keeps; 0, and a script error, where it keeps nothing. */
function keptLabel(cpu: i32, index: i32): ptr {
  const slot: ptr = slotOf(index);
  const label: ptr = slot === 0 ? slot : ownLabel(slot);
  if (label === 0) scriptError(cpu, ScriptError.badSlot);
  return label;
}

/** Looks for a label that is made of the profiles of the kept one, in whatever versions (aa_label_find). */
export function lookUpLabel(cpu: i32, index: i32): void {
  const label: ptr = keptLabel(cpu, index);
  if (label === 0) return;
  const size: i32 = load(label + Label.size);
  const found: ptr = labelSetFind(cpu, setOfLabel(label), temporary(cpu), label + Label.vec, size);
  if (found !== 0) labelPut(cpu, temporary(cpu), found);
}

/**
 * What parsing the kept label's text comes to (aa_label_parse): its profiles are looked up by name, then their label is found or
 * made. A `PolicyError`: noEntry, noMemory.
 */
export function parseLabel(cpu: i32, index: i32): i32 {
  const label: ptr = keptLabel(cpu, index);
  if (label === 0) return PolicyError.noEntry;
  const found: ptr = compoundOfNames(cpu, temporary(cpu), label);
  if (found === missingProfile) return PolicyError.noEntry;
  if (found === 0) return PolicyError.noMemory;
  labelPut(cpu, temporary(cpu), found);
  return PolicyError.done;
}

/** Drops whatever slots keep; nobody else runs. */
export function slotsDismantle(cpu: i32): void {
  const count: i32 = load(KernelGlobal.labelSlotCount);
  for (let index: i32 = 0; index < count; index += 1) {
    const slot: ptr = slotOf(index);
    const label: ptr = ownLabel(slot);
    if (label !== 0) labelPut(cpu, slot, label);
  }
}

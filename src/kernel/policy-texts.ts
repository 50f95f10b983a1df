/**
 * Policy texts that scripts have open: the files under policy/profiles/X/raw_data of apparmorfs, whose inodes keep the text while
 * profiles come and go (rawdata_open, security/apparmor/apparmorfs.c).
 */
import { type i32, load, type ptr, rcuReadLock, rcuReadUnlock, store, u32 } from "refplay/machine";
import { PolicyError, ScriptError } from "./audit.ts";
import { KernelGlobal, pointerBytes } from "./globals.ts";
import { nameOf, nameProfile } from "./names.ts";
import { policyResult } from "./policy-result.ts";
import { Profile } from "./profile.ts";
import { rawdataPut, rawdataTryGet } from "./rawdata.ts";
import { scriptError } from "./script-errors.ts";

/** The cell of slot `index`, or 0. */
function cellOf(index: i32): ptr {
  const count: i32 = load(KernelGlobal.rawdataSlotCount);
  if (u32(index) >= u32(count)) return 0;
  const table: ptr = load(KernelGlobal.rawdataSlots);
  return table + index * pointerBytes;
}

/** Opens the text that profile `index` was loaded from, in the empty slot. noEntry where there is none (any more). */
export function openText(cpu: i32, index: i32, slot: i32): void {
  const cell: ptr = cellOf(slot);
  const name: ptr = nameOf(index);
  const before: ptr = cell === 0 ? cell : load(cell);
  if (cell === 0 || name === 0 || before !== 0) {
    scriptError(cpu, ScriptError.badSlot);
    return;
  }
  let opened: ptr = 0;
  rcuReadLock();
  // The profile, and the text with it, stay readable in this section; whether the text still lives only its count knows.
  const profile: ptr = nameProfile(name);
  if (profile !== 0) {
    const text: ptr = load(profile + Profile.rawdata);
    if (text !== 0 && rawdataTryGet(text)) opened = text;
  }
  rcuReadUnlock();
  if (opened !== 0) store(cell, opened);
  policyResult(cpu, opened === 0 ? PolicyError.noEntry : PolicyError.done);
}

/** Closes the text of a slot. */
export function closeText(cpu: i32, slot: i32): void {
  const cell: ptr = cellOf(slot);
  const text: ptr = cell === 0 ? cell : load(cell);
  if (text === 0) {
    scriptError(cpu, ScriptError.badSlot);
    return;
  }
  store(cell, 0);
  rawdataPut(cpu, text);
}

/** Closes all that are open; nobody else runs. */
export function textsDismantle(cpu: i32): void {
  const count: i32 = load(KernelGlobal.rawdataSlotCount);
  for (let slot: i32 = 0; slot < count; slot += 1) {
    const text: ptr = load(cellOf(slot));
    if (text !== 0) closeText(cpu, slot);
  }
}

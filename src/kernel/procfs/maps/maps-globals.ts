/** What `boot` of the address space's program sets up and all CPUs share. */
import type { i32, ptr } from "refplay/machine";
import { kernelGlobals } from "../../core/areas.ts";

/** Offsets behind the kernel's globals. The address space itself comes first, on lines of its own (`Mm`). */
enum Offset {
  mm = 0,
  /** CPUs that still make changes. */
  changers = 192,
  /** Times in ns that the kernel takes beside what is modelled, and how often readers are held up. */
  lineNs = 256,
  lockedNs = 260,
  unlockedNs = 264,
  heldUpLines = 268,
  heldUpNs = 272,
  /** What is written behind the flags of anonymous areas: a `MappedFile`. */
  anonymous = 280,
  /** Ranges of pages that are always mapped: {first, behind the last}. */
  always = 288,
  alwaysCount = 296,
  /** Pages that are looked up, ascending. */
  addresses = 304,
  addressCount = 312,
  /** Entries that `addresses` has room for. */
  addressRoom = 316,
  end = 320,
}

export const theMm: ptr = kernelGlobals + Offset.mm;

/** Absolute addresses. */
export enum MapsGlobal {
  // The address space, for the names of its parts in reports.
  tree = kernelGlobals + Offset.mm,
  mapCount = kernelGlobals + Offset.mm + 8,
  mmapLock = kernelGlobals + Offset.mm + 64,
  mmapLockTicket = kernelGlobals + Offset.mm + 72,
  mmapLockServing = kernelGlobals + Offset.mm + 76,
  mmSequence = kernelGlobals + Offset.mm + 128,
  changers = kernelGlobals + Offset.changers,
  lineNs = kernelGlobals + Offset.lineNs,
  lockedNs = kernelGlobals + Offset.lockedNs,
  unlockedNs = kernelGlobals + Offset.unlockedNs,
  heldUpLines = kernelGlobals + Offset.heldUpLines,
  heldUpNs = kernelGlobals + Offset.heldUpNs,
  anonymous = kernelGlobals + Offset.anonymous,
  always = kernelGlobals + Offset.always,
  alwaysCount = kernelGlobals + Offset.alwaysCount,
  addresses = kernelGlobals + Offset.addresses,
  addressCount = kernelGlobals + Offset.addressCount,
  addressRoom = kernelGlobals + Offset.addressRoom,
}

/** Bytes of a page of text. */
export const textPageBytes: i32 = 4096;

/**
 * Offsets of `struct aa_label` (security/apparmor/include/label.h, v6.6 and later), for the label set and for what reports
 * call things. With an 8-byte strategy every field stands where the kernel has it on a 64-bit machine (count 0, node 8,
 * rcu 32, proxy 48, hname 56, flags 64, secid 72, size 76, mediates 80, vec 88); a larger strategy pushes the rest along.
 * Pointers and longs take 8 bytes, of which operations use the low 4.
 */
import { type i32, layoutBytes, option } from "../../machine/index.ts";

/** Bytes of the strategies in each label. */
export const labelStrategyBytes: i32 = layoutBytes("label");
/** Where flags stand in the kernel's order. */
const flagsPacked: i32 = labelStrategyBytes + 56;
/** The first line behind the counter's own and the one next to it, which hardware prefetchers fetch along with it. */
const flagsApart: i32 = ((flagsPacked + 127) / 128) * 128;
/** 0 (shared): the kernel's order. 1 (split): flags, which every hook reads, two lines away from the counter. */
const split: i32 = option("labelLayout");

/** Field offsets. */
export enum Label {
  /** The strategies' bytes: a strategy's own are at `label + layout("label")`. */
  strategy = 0,
  /** Node in the label set: parent and colour, right, left. */
  node = labelStrategyBytes,
  rcu = labelStrategyBytes + 24,
  /** When the last reference went, in ticks of `now` (upper half of the callback's pointer). */
  releasedAt = labelStrategyBytes + 24 + 12,
  proxy = labelStrategyBytes + 40,
  /** When it was retired, in ticks of `now` or 1 for 0 (upper half of the proxy's pointer); 0: it was not. */
  retiredAt = labelStrategyBytes + 44,
  hname = labelStrategyBytes + 48,
  /** Verify builds: holders of the label, as the hooks counted them (upper half of the hname pointer). */
  holders = labelStrategyBytes + 52,
  flags = flagsPacked + split * (flagsApart - flagsPacked),
  /** Verify builds: 1 once `release` was called (upper half of the flags). */
  released = flags + 4,
  secid = flags + 8,
  /** Profiles in the vector: 1 for a plain profile, 2 or more for a compound label. */
  size = flags + 12,
  mediates = flags + 16,
  /** First entry of the vector of profiles, 8 bytes each; one entry more than `size`, the last 0. */
  vec = flags + 24,
}

/** Bytes of a label whose vector has `profiles` entries. */
export function labelBytesFor(profiles: i32): i32 {
  return Label.vec + (profiles + 1) * 8;
}

/** Bits of `Label.flags`: enum label_flags of the same file. */
export enum LabelFlags {
  hat = 0x1,
  unconfined = 0x2,
  null = 0x4,
  ixOnNameError = 0x8,
  immutable = 0x10,
  userDefined = 0x20,
  noListReference = 0x40,
  namespaceCount = 0x80,
  inTree = 0x100,
  profile = 0x200,
  explicit = 0x400,
  stale = 0x800,
  renamed = 0x1000,
  revoked = 0x2000,
  /**
   * A namespace's own unconfined, not the root's. The kernel has no such bit: it compares the profile's namespace with root_ns.
   * Only where the strategy asks for it (`namespaceClass`).
   */
  belowRoot = 0x10000,
}

/** Bytes of a holder: the slot in an object that keeps a reference to a label. */
export const holderSlotBytes: i32 = layoutBytes("holder");
/** Bytes of a guard: what a caller of `borrow` lends the strategy. */
export const guardSlotBytes: i32 = layoutBytes("guard");

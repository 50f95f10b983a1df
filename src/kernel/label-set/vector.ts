/**
 * The vector of a label: the profiles that it is made of, each once and in one order, so that two labels with the same parts
 * are found to be equal (vec_cmp, vec_unique and aa_label_next_in_merge, security/apparmor/label.c, v6.6).
 *
 * The kernel orders profiles by namespace and name, character by character. Here every profile has a *rank*: the host knows
 * all names before anything runs and numbers them in the kernel's order, so comparing ranks is comparing names. Versions of
 * one profile have one name and thus one rank: a label of old versions equals the label of the new ones.
 */
import { type bool, type i32, load, loadAcquire, type ptr, store } from "refplay/machine";

/** What of a profile is looked at here, in the upper halves of `Profile.label` and `Profile.index`. */
export enum Ranked {
  /** 1 once the profile's label is stale. */
  stale = 4,
  rank = 20,
}

/** Bytes of an entry: a profile's address. */
export const vectorEntryBytes: i32 = 8;

/**
 * Below 0, 0 or above 0: profile by profile; of two vectors that agree as far as the shorter goes, the shorter is first. Sizes
 * are numbers of profiles, the vectors canonical. Reads nothing that changes while a label lives.
 */
export function vectorCompare(a: ptr, aSize: i32, b: ptr, bSize: i32): i32 {
  const shorter: i32 = aSize < bSize ? aSize : bSize;
  for (let at: i32 = 0; at < shorter; at += 1) {
    const order: i32 = profileCompare(load(a + at * vectorEntryBytes), load(b + at * vectorEntryBytes));
    if (order !== 0) return order;
  }
  return aSize - bSize;
}

/** The same for two profiles. */
function profileCompare(a: ptr, b: ptr): i32 {
  // Mostly it is the same version, and nobody need look into it.
  if (a === b) return 0;
  const left: i32 = load(a + Ranked.rank);
  const right: i32 = load(b + Ranked.rank);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Copies the `size` entries of a vector. */
export function vectorCopy(into: ptr, vector: ptr, size: i32): void {
  for (let at: i32 = 0; at < size; at += 1) {
    const profile: ptr = load(vector + at * vectorEntryBytes);
    store(into + at * vectorEntryBytes, profile);
  }
}

/** Whether one of the profiles of a vector was replaced or removed. */
export function vectorIsStale(vector: ptr, size: i32): bool {
  for (let at: i32 = 0; at < size; at += 1) {
    const profile: ptr = load(vector + at * vectorEntryBytes);
    // The newer version is looked for next.
    const stale: i32 = loadAcquire(profile + Ranked.stale);
    if (stale !== 0) return true;
  }
  return false;
}

/** Whether all of `a` is in `b`, in whatever versions; both canonical. */
export function vectorIsSubset(a: ptr, aSize: i32, b: ptr, bSize: i32): bool {
  let right: i32 = 0;
  for (let left: i32 = 0; left < aSize; left += 1) {
    let order: i32 = 1;
    while (order > 0) {
      if (right === bSize) return false;
      order = profileCompare(load(a + left * vectorEntryBytes), load(b + right * vectorEntryBytes));
      right += 1;
    }
    if (order < 0) return false;
  }
  return true;
}

/**
 * Sorts the `size` entries of a vector and drops repetitions; the new size. Of versions of one profile the one that came
 * first stays. By insertion: labels have few parts (the kernel sorts up to 8 like this).
 */
export function vectorCanonical(vector: ptr, size: i32): i32 {
  let kept: i32 = 0;
  for (let from: i32 = 0; from < size; from += 1) {
    const profile: ptr = load(vector + from * vectorEntryBytes);
    let at: i32 = kept;
    let order: i32 = 1;
    while (at > 0 && order > 0) {
      order = profileCompare(load(vector + (at - 1) * vectorEntryBytes), profile);
      if (order > 0) at -= 1;
    }
    if (at === 0 || order !== 0) {
      for (let to: i32 = kept; to > at; to -= 1) {
        const moved: ptr = load(vector + (to - 1) * vectorEntryBytes);
        store(vector + to * vectorEntryBytes, moved);
      }
      store(vector + at * vectorEntryBytes, profile);
      kept += 1;
    }
  }
  return kept;
}

/**
 * Writes what is in `a` or in `b`, both canonical, to `into`, which has room for `aSize + bSize` entries and overlaps neither.
 * How many there are. Where both have a profile, the version is that of `a`: merge newest labels only.
 */
export function vectorMerge(into: ptr, a: ptr, aSize: i32, b: ptr, bSize: i32): i32 {
  let left: i32 = 0;
  let right: i32 = 0;
  let size: i32 = 0;
  while (left < aSize || right < bSize) {
    let order: i32 = left < aSize ? -1 : 1;
    if (left < aSize && right < bSize) {
      order = profileCompare(load(a + left * vectorEntryBytes), load(b + right * vectorEntryBytes));
    }
    const from: ptr = order > 0 ? b + right * vectorEntryBytes : a + left * vectorEntryBytes;
    const profile: ptr = load(from);
    store(into + size * vectorEntryBytes, profile);
    size += 1;
    if (order <= 0) left += 1;
    if (order >= 0) right += 1;
  }
  return size;
}

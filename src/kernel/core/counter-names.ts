/**
 * What the kernel counts of itself, per CPU; `audit` tells the sums. No imports: engines read this file as it is.
 */
export enum Counter {
  /** Look-ups in label sets by vector, rounds that began again, look-ups that took the lock in the end. */
  lookUps = 0,
  lookUpRetries = 1,
  lookUpFallbacks = 2,
  /** Labels that a drain put from a set's list into its tree, and the most of one drain. */
  listed = 3,
  longestList = 4,
  /** Waits for a set's lock by who wants to change it, and their length in ticks of `now`. */
  setLockWaits = 5,
  setLockWaitTicks = 6,
  /** Profiles replaced or removed, compounds made anew for that, labels looked at to find them. */
  policyUpdates = 7,
  rebuilt = 8,
  scanned = 9,
  /** Labels freed, ticks from their release to then, and the most. */
  reclaimed = 10,
  reclaimTicks = 11,
  longestReclaimTicks = 12,
  /** Labels merged, those merged into a file, compounds made. */
  merges = 13,
  fileMerges = 14,
  compoundsMade = 15,
  /** Files that kept their label because the merged one would have more profiles than labels may have. */
  fileMergesRefused = 16,
  /** Drains that found something in a set's list. */
  drains = 17,
  /** Work buffers asked for; waits for the pool's lock, and their length in ticks. */
  bufferTakes = 18,
  bufferLockWaits = 19,
  bufferLockWaitTicks = 20,
  /** Labels retired, and those of them that were freed; ticks from the one to the other, and the most. */
  retired = 21,
  retiredFreed = 22,
  retiredTicks = 23,
  longestRetiredTicks = 24,
  /** Times of retirement, added up for what was retired and taken off for what was freed, modulo 2^32. */
  retiredAt = 25,
  /** Most labels that were retired and not freed, and most labels, when one was retired or a kept one was dropped. */
  mostRetired = 26,
  mostLabels = 27,
  /** Labels that a strategy gave counters per CPU, took them from, had with such counters at most, and had no memory for. */
  toPercpu = 28,
  toAtomic = 29,
  mostPercpu = 30,
  percpuRefused = 31,
  /** `retiredWaits + b`: of `retiredFreed`, those that waited 0 ticks (b = 0) or 2^(b - 1) up to 2^b - 1; to 45. */
  retiredWaits = 32,
}

/** Counters that a CPU has room for: a multiple of 16, or its area would not end on a line. */
export const counterLimit = 48;

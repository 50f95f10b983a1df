/**
 * What the program of `proc-walk` counts and keeps. No imports: workloads and reports read this file as it is, portable code
 * through the linker.
 */

/** Counters that `audit` reads. */
export enum WalkAudit {
  /** Objects that are there. */
  dentries = 0,
  inodes = 1,
  pids = 2,
  tasks = 3,
  /** Pids visited, all together. */
  requests = 8,
  /** Script records executed, and those that made no sense. */
  events = 9,
  badRecords = 10,
  heapBytes = 11,
  /** Walks of a path, and those that found no such process. */
  walks = 16,
  missing = 17,
  /** Walks that left RCU for counted references because a dentry's owner said so, and that began anew counted because something had changed. */
  refWalks = 18,
  restarts = 19,
  /** Look-ups that made a dentry, and dentries found to be of a process that is gone. */
  slowLookUps = 20,
  invalidated = 21,
  /** Processes begun. */
  spawned = 22,
  /** Walks that left RCU because a name was not in the dcache, or was one of a process that is gone. */
  misses = 23,
  /** `warnings + m` and `violations + v`: see `core/evidence.ts`. */
  warnings = 32,
  violations = 64,
}

/** Counters per CPU, as `procCount` takes them. */
export enum WalkCounter {
  walks = 0,
  missing = 1,
  refWalks = 2,
  restarts = 3,
  slowLookUps = 4,
  invalidated = 5,
  spawned = 6,
  misses = 7,
}

/** Names in directories that are no pid: numbers above all pids. */
export enum WalkName {
  proc = 0x1000000,
  stat = 0x1000001,
  status = 0x1000002,
  cmdline = 0x1000003,
}

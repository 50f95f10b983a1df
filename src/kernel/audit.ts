/**
 * The numbers by which everybody asks a program about itself, `audit(counter)`, and the kinds of mistake that a script can
 * make. No imports: engines and reports read this file as it is, portable code through the linker.
 */

/** Counters that `audit` reads. Counts unless said otherwise; sums over all CPUs. */
export enum Audit {
  /** Objects that are allocated and not freed. Tasks and channels count until `dismantle`, dead tasks too. */
  labels = 0,
  profiles = 1,
  proxies = 2,
  creds = 3,
  files = 4,
  sockets = 5,
  tasks = 6,
  namespaces = 7,
  channels = 8,
  /** What strategies keep apart from labels. */
  labelExtras = 9,
  /** Objects of every kind together. */
  objects = 10,
  /** Tasks that have not exited. */
  aliveTasks = 11,
  /** Descriptors open in all tasks. */
  openDescriptors = 12,
  /** Files in channels, sent and not received. */
  filesInFlight = 13,
  requests = 16,
  /** Script records executed. */
  events = 17,
  /** Bytes of the per-CPU allocator in use, for each CPU. */
  percpuBytesInUse = 20,
  /** Bytes of heap pages ever taken for objects. */
  heapBytes = 21,
  /** Most RCU callbacks that waited on one CPU at a time; compiled build only. */
  peakCallbackBacklog = 22,
  /** Grace periods that CPUs waited for with callbacks; compiled build only. */
  gracePeriods = 23,
  /** Sums over the groups below. */
  allViolations = 24,
  allScriptErrors = 25,
  allWarnings = 26,
  /** `scriptErrors + e`: what scripts did wrong, by `ScriptError`; to 47. */
  scriptErrors = 32,
  /** `warnings + m`: misuse that a strategy noticed and survived, by `Mark` below 16 (the label is leaked); to 63. */
  warnings = 48,
  /** `violations + v`: broken rules by `Verdict`; to 79. Complete only in a verify build. */
  violations = 64,
}

/** Kinds of script error; each has a counter per CPU. */
export enum ScriptError {
  /** A descriptor that is not open, or that is open where a free one is needed, or outside the table, or no socket. */
  badDescriptor = 0,
  /** No task runs, or the task named is unknown, dead, or runs on another CPU. */
  badTask = 1,
  /** No profile of that index, or `unconfined`, which cannot be removed, or one that is removed already. */
  badProfile = 2,
  badChannel = 3,
  /** Unknown event, CPU that does not exist, `repeat` nested too deep. */
  badRecord = 4,
  /** The heap had no room for an object; the event did nothing. */
  noMemory = 5,
}

/** Kinds that there is a counter for. */
export const scriptErrorLimit = 8;

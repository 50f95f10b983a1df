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
  // The label sets of all namespaces.
  /** Look-ups by vector: of `lookUpLabel`, of merging, of parsing. */
  lookUps = 80,
  /** Rounds that look-ups without the lock began again. */
  lookUpRetries = 81,
  /** Look-ups that took the lock in the end. */
  lookUpFallbacks = 82,
  /** Labels that went through the list of `rcu-list`, and the most that a drain found in it. */
  listed = 83,
  longestList = 84,
  /** Times that somebody waited for a set's lock to change the set, and the ticks (`now`) that took. */
  setLockWaits = 85,
  setLockWaitTicks = 86,
  /** Profiles that were replaced or removed. */
  policyUpdates = 87,
  /** Compound labels that were made anew because a part of theirs was stale, and the labels looked at to find them. */
  rebuilt = 88,
  scanned = 89,
  /** Labels freed; ticks from their last put until then, all together and the most. */
  reclaimed = 90,
  reclaimTicks = 91,
  longestReclaimTicks = 92,
  /** Labels merged, and how many of those into a file. */
  merges = 93,
  fileMerges = 94,
  /** Compound labels made. */
  compoundsMade = 95,
  /** Bytes of work buffers that exist, takes of one, and times that somebody waited for their lock. */
  bufferBytes = 96,
  bufferTakes = 97,
  bufferLockWaits = 98,
  /** Ticks that took. */
  bufferLockWaitTicks = 99,
  /** Members of all label sets: walks the trees, so only once the CPUs rest. */
  setMembers = 100,
  /** Policy texts that are allocated. */
  rawdata = 101,
  buffers = 102,
  /** Policy events that were refused, all errors together. */
  allPolicyErrors = 103,
  /** Uses of a file that left its label as it is, because the merged one would have more profiles than `maxLabelParts`. */
  fileMergesRefused = 104,
  /** Times that somebody put a set's list into its tree: `listed` labels together. */
  drains = 105,
  /** Labels retired; those of them that were freed; ticks from the one to the other, all together and the most. */
  retired = 106,
  retiredFreed = 107,
  retiredTicks = 108,
  longestRetiredTicks = 109,
  /** Labels that are retired and not freed, and the ticks since then, all together. */
  waiting = 110,
  waitingTicks = 111,
  /** `policyErrors + e`: policy events that were refused, by `PolicyError`; to 127. */
  policyErrors = 112,
  /** Most labels that were retired and not freed at a time, and most labels: as of retirements and drops of kept labels. */
  mostWaiting = 128,
  mostLabels = 129,
  /** Labels that have counters per CPU, where the strategy gives and takes them; how often it gave them, and took them. */
  percpuLabels = 130,
  toPercpu = 131,
  toAtomic = 132,
  /** Most labels that had some at a time; how often there was no memory for them. */
  mostPercpuLabels = 133,
  percpuRefused = 134,
  /**
   * `retiredWaits + b`: labels that were freed 0 ticks after they were retired (b = 0), or 2^(b - 1) up to 2^b - 1, or longer (13);
   * to 149. 0 in programs with `eventMarks`, whose engines see each.
   */
  retiredWaits = 136,
  /** `answers + a`: answer a, a `PolicyError`; see `Event.answer`. */
  answers = 1024,
}

/** What a policy event came to: the kernel's errors (include/uapi/asm-generic/errno-base.h), each with a counter per CPU. */
export enum PolicyError {
  done = 0,
  /** EPERM: an `unconfined` profile cannot be loaded or replaced. */
  notPermitted = 1,
  /** ENOENT: no such namespace, profile, parent or label. */
  noEntry = 2,
  /** ENOMEM. */
  noMemory = 3,
  /** EACCES: a set with profiles of several namespaces; a hat of another profile. */
  noAccess = 4,
  /** EBUSY: the root namespace cannot be destroyed. */
  busy = 5,
  /** EEXIST: the namespace exists, or the profile does and is not to be replaced. */
  exists = 6,
  /** EINVAL. */
  invalid = 7,
  /** ENAMETOOLONG: only the host, which knows names, finds this one. */
  nameTooLong = 8,
  /** E2BIG: more parts than the configured maximum; the kernel has none. */
  tooManyParts = 9,
}

/** Waits of retired labels that are told apart by length; the last has all that are longer. */
export const retiredWaitLimit = 14;

/** Errors that there is a counter for. */
export const policyErrorLimit = 16;

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
  /** No slot of that index, or one that is empty where something is kept, or the other way round. */
  badSlot = 6,
}

/** Kinds that there is a counter for. */
export const scriptErrorLimit = 8;

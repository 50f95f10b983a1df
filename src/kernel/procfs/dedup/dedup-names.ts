/**
 * What the program of `proc-dedup` counts, names and tells apart. No imports: workloads and reports read this file as it is,
 * portable code through the linker.
 */

/** Counters that `audit` reads. */
export enum DedupAudit {
  /** Objects that are there. */
  dentries = 0,
  inodes = 1,
  pids = 2,
  tasks = 3,
  /** Threads whose end is done. */
  requests = 8,
  /** Script records executed, and those that made no sense. */
  events = 9,
  badRecords = 10,
  heapBytes = 11,
  /** Dentries and inodes made; dentries found to be of what the name no longer leads to. */
  dentriesMade = 16,
  inodesMade = 17,
  invalidated = 18,
  /** Longest time in ticks of `now` that the inode list's lock was held, and that somebody waited for it; all holds together, and how many. */
  longestHold = 24,
  longestWait = 25,
  heldTicks = 26,
  sections = 27,
  /** Dentries on the list of unused ones. */
  unused = 28,
  /** `warnings + m` and `violations + v`: see `core/evidence.ts`. */
  warnings = 32,
  violations = 64,
  /** `paths + slot * pathCells + cell`: see `PathCell`. */
  paths = 128,
}

/** Paths that a run can resolve, and cells of each. */
export const pathSlots = 16;
export const pathCells = 8;

/** What is known of a path that was looked up. */
export enum PathCell {
  /** Components of the path at which the look-up ended; 0: there is no such path. */
  length = 0,
  /** What it ended at: a `What`. */
  what = 1,
  /** The components' names, the last one first. */
  names = 2,
}

/** `c` of a `pathName` record: which component it is. Both bits for a path of one. */
export enum PathStep {
  middle = 0,
  first = 1,
  last = 2,
}

/** Counters per CPU, as `procCount` takes them. */
export enum DedupCounter {
  dentriesMade = 0,
  inodesMade = 1,
  invalidated = 2,
}

/** What an inode stands for. */
export enum What {
  none = 0,
  /** /proc/<tid>: a process's directory, though readdir shows it for the leader only. */
  process = 1,
  /** task in it, and task/<tid>. */
  tasks = 2,
  thread = 3,
  /** fd and fdinfo of either. */
  fd = 4,
  fdinfo = 5,
  /** An entry of one of these. */
  file = 6,
  /** Any other entry of a process's or thread's directory, or of `ns`, `net` and `attr` in it. */
  other = 7,
  /** Symbolic links that stand where `tasks`, `fd` and `fdinfo` would. */
  taskLink = 8,
  fdLink = 9,
  fdinfoLink = 10,
  /** Further directories of a process or thread, and the links that stand where they would. */
  nsDirectory = 11,
  netDirectory = 12,
  attrDirectory = 13,
  nsLink = 14,
  netLink = 15,
  attrLink = 16,
}

/** Names in directories that are no number of a thread or file. */
export enum DedupName {
  task = 0x1000000,
  fd = 0x1000001,
  fdinfo = 0x1000002,
  /** Their entries are numbered from 0. */
  ns = 0x1000003,
  net = 0x1000004,
  attr = 0x1000005,
  /** `others` of them from here on. */
  other = 0x1000010,
}

/**
 * Events of the procfs scenarios' scripts. What ends, repeats, pauses and orders a script has the number it has in `events.ts` of
 * the kernel of labels (`end`, `think`, `request`, `post`, `waitFor`, `repeat`), and the record's form is the same; numbers from
 * 40 on are the scenarios' own. No imports: workloads read this file as it is.
 */

/** Own events of `proc-walk` and `proc-dedup`, 40 to 51. */
export enum ProcEvent {
  /** A process begins on this CPU, with the pid that belongs to the CPU. */
  spawn = 40,
  /** The process of this CPU ends. */
  exit = 41,
  /** a = pid, b = ns: the process reads the pid's directory entry and files, and computes for so long. */
  visit = 42,
  /** proc-dedup, a = thread: looks up /proc/<thread> and what is in it but for `task`. */
  walkProcess = 43,
  /** The same: /proc/<thread>/task with everything below it. */
  walkTasks = 44,
  /** The thread leaves the shared descriptor table (unshare(CLONE_FILES)). */
  unshareFiles = 45,
  /** The thread exits; the leader last. Counts as a request. */
  exitThread = 46,
  /**
   * One component of a path is looked up, links followed: a = slot, b = name, c = `PathStep`. What the look-up of the last one ends
   * at is kept in the slot, for `audit`.
   */
  pathName = 47,
  /** a = thread: what the dcache has of /proc/<thread> goes. */
  forget = 48,
  /** What is known of the inode list's lock on this CPU begins anew. */
  clearTimes = 49,
}

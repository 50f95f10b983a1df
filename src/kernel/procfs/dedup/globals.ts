/** What `boot` of `proc-dedup` sets up; but for the table of threads all CPUs only read it from then on. */
import { DcacheGlobal } from "../dcache-layout.ts";

/** Absolute addresses. */
export enum DedupGlobal {
  /** procfs' root. */
  proc = DcacheGlobal.end,
  /** Table of pids by thread, 8 bytes each; thread 0 is the leader. */
  table = DcacheGlobal.end + 8,
  threads = DcacheGlobal.end + 16,
  /** Open files of each descriptor table, and other entries of each process's and thread's directory. */
  files = DcacheGlobal.end + 24,
  others = DcacheGlobal.end + 28,
  /** Hard links only: the inodes of each thread's descriptors, 8 bytes each; see `shared-inodes.ts`. */
  shared = DcacheGlobal.end + 32,
  /** Entries of each directory `ns`, `net` and `attr`. */
  ns = DcacheGlobal.end + 40,
  net = DcacheGlobal.end + 44,
  attr = DcacheGlobal.end + 48,
  /** What came of paths that were looked up; see `paths.ts`. */
  paths = DcacheGlobal.end + 56,
}

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
  /** Hard links only: the leader's inodes, of fd and then of fdinfo, 8 bytes each. */
  shared = DcacheGlobal.end + 32,
}

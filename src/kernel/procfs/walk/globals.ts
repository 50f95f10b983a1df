/** What `boot` of `proc-walk` sets up and all CPUs only read from then on. */
import type { i32 } from "refplay/machine";
import { DcacheGlobal } from "../dcache-layout.ts";

/** Absolute addresses. */
export enum WalkGlobal {
  /** Dentry of `/`, of the directory that /proc is mounted on, and of procfs' own root. */
  root = DcacheGlobal.end,
  mountPoint = DcacheGlobal.end + 8,
  proc = DcacheGlobal.end + 16,
  /** Table of pids by index, `pidEntryBytes` each: `pids` of them for ever, then one for each CPU. */
  table = DcacheGlobal.end + 24,
  pids = DcacheGlobal.end + 32,
  /** ns that the kernel has of its own to do, beside what is modelled: stat of a directory, and each file of a pid. */
  statNs = DcacheGlobal.end + 40,
  fileNs = DcacheGlobal.end + 44,
  /** The same of a process: fork, exec, exit. */
  processNs = DcacheGlobal.end + 48,
  /** Where workers and their pools are; see `workqueue.ts`. */
  workers = DcacheGlobal.end + 64,
  pools = DcacheGlobal.end + 72,
  /** wq_pool_attach_mutex, on a line of its own. */
  wqPoolAttachMutex = DcacheGlobal.end + 128,
}

/** Bytes of one entry of the pid table. */
export const pidEntryBytes: i32 = 8;

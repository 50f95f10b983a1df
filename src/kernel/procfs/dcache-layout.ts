/**
 * Dentries and inodes of procfs: fields at the kernel's offsets (include/linux/dcache.h, include/linux/fs.h and fs/proc/internal.h,
 * v5.15, x86-64), so that what shares a cache line there shares it here: a walk under RCU reads a dentry's first line, and its
 * count is on the second, with `d_op`.
 */
import type { i32, ptr } from "refplay/machine";
import { kernelGlobals } from "../core/areas.ts";

/** Offsets of `struct dentry`. */
export enum Dentry {
  flags = 0,
  /** d_seq: goes up by 2 when the dentry is unhashed. */
  seq = 4,
  /** d_hash.next. */
  hashNext = 8,
  parent = 24,
  /** d_name: here a number, see `names` of each program. */
  name = 32,
  inode = 48,
  lockref = 88,
  ops = 96,
  /** d_lru: neighbours in the list of unused dentries. */
  lruNext = 128,
  lruPrev = 136,
  /** d_child: neighbours in the parent's list. */
  childNext = 144,
  childPrev = 152,
  /** d_subdirs: first child. */
  children = 160,
  /** d_rcu. */
  rcu = 176,
}

export const dentryBytes: i32 = 192;

/** Bits of `Dentry.flags`. */
export enum DentryFlags {
  hashed = 1,
  /** On the list of unused dentries (DCACHE_LRU_LIST): it was put to 0 and kept. */
  lru = 2,
  /** The inode is a symbolic link. */
  link = 4,
}

/** Offsets of `struct proc_inode`, the inode in it from 88 on. */
export enum Inode {
  /** proc_inode.pid */
  pid = 0,
  /** proc_inode.fd, and what else tells what the inode stands for. */
  what = 8,
  /** i_mode, i_uid, i_gid: written by every revalidation (task_dump_owner). */
  mode = 88,
  uid = 92,
  gid = 96,
  /** i_lock (a queued lock) and i_state. */
  lock = 224,
  state = 240,
  /** i_count. */
  count = 440,
  /** i_sb_list. */
  listNext = 360,
  listPrev = 368,
  /** i_rcu. */
  rcu = 424,
  /** i_data: flags, and the lock of its pages (a queued lock). */
  mappingFlags = 472,
  mappingLock = 480,
}

/** Bits of `Inode.state`. */
export enum InodeState {
  /** I_FREEING, and I_CLEAR once the pages are known to be gone. */
  freeing = 32,
  clear = 64,
}

/** `struct proc_inode` on x86-64 with usual options, rounded up to whole lines. */
export const inodeBytes: i32 = 704;

/** The dcache's globals; behind them a program's own, from `end` on. */
export enum DcacheGlobal {
  /** dentry_hashtable and its mask: read only. */
  table = kernelGlobals,
  mask = kernelGlobals + 8,
  /** Of the superblock, on one line as there: s_inode_list_lock (a queued lock), s_inodes. */
  inodeLock = kernelGlobals + 64,
  inodes = kernelGlobals + 72,
  /** s_dentry_lru of one memory node: its lock (a queued lock), first, last, how many; see `unused-list.ts`. */
  unusedLock = kernelGlobals + 128,
  unusedFirst = kernelGlobals + 136,
  unusedLast = kernelGlobals + 144,
  unusedCount = kernelGlobals + 152,
  end = kernelGlobals + 192,
}

/** A dentry's lockref. */
export function lockrefOf(dentry: ptr): ptr {
  return dentry + Dentry.lockref;
}

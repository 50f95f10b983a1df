/**
 * Hard links: one inode for all names of a descriptor, as long as they show one descriptor table. The inodes are found in a table, by
 * whose they are (the leader's, for all that share its files_struct; otherwise the thread's own), directory and number, as a hash of
 * inodes would find them; the table has a reference to each until that thread exits.
 */
import {
  compareExchange,
  exchange,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
} from "refplay/machine";
import { procCount } from "../cpu-block.ts";
import { inodeGet, inodeNew, inodePut, inodeTryGet } from "../inodes.ts";
import { Pid } from "../tasks.ts";
import { DedupCounter, What } from "./dedup-names.ts";
import { DedupGlobal } from "./globals.ts";

/** Bytes of the table. */
export function sharedBytes(threads: i32, files: i32): i32 {
  return threads * files * 16 + 8;
}

/** The cell of descriptor `name` of a thread, in fd or (1) fdinfo. */
function cellOf(thread: i32, inInfo: i32, name: i32): ptr {
  const table: ptr = load(DedupGlobal.shared);
  const files: i32 = load(DedupGlobal.files);
  return table + ((thread * 2 + inInfo) * files + name) * 8;
}

/** What a cell has, with a reference of the caller's own, or 0. */
function foundIn(cell: ptr): ptr {
  let inode: ptr = 0;
  rcuReadLock();
  const known: ptr = load(cell);
  // The thread may be about to give its inodes up: one that is being freed is none.
  if (known !== 0 && inodeTryGet(known)) inode = known;
  rcuReadUnlock();
  return inode;
}

/** The inode of a descriptor of thread `owner` (its pid, which the caller has), with a reference; 0: no memory. */
export function sharedInode(cpu: i32, owner: ptr, directory: i32, name: i32): ptr {
  const thread: i32 = load(owner + Pid.number);
  const cell: ptr = cellOf(thread, directory === What.fd ? 0 : 1, name);
  while (true) {
    const known: ptr = foundIn(cell);
    if (known !== 0) return known;
    const inode: ptr = inodeNew(cpu, owner, What.file);
    if (inode === 0) return 0;
    // The table's own reference.
    inodeGet(inode);
    const before: ptr = compareExchange(cell, 0, inode);
    if (before === 0) {
      procCount(cpu, DedupCounter.inodesMade, 1);
      const task: ptr = load(owner + Pid.task);
      // Who exits clears its cells after it is gone, so that one of the two sees the other.
      if (task === 0) clear(cpu, cell);
      return inode;
    }
    // Another CPU was faster.
    inodePut(cpu, inode);
    inodePut(cpu, inode);
  }
}

/** A thread is gone: the table's references to its inodes go. */
export function putShared(cpu: i32, thread: i32): void {
  const table: ptr = load(DedupGlobal.shared);
  if (table === 0) return;
  const files: i32 = load(DedupGlobal.files);
  for (let name: i32 = 0; name < files; name += 1) {
    clear(cpu, cellOf(thread, 0, name));
    clear(cpu, cellOf(thread, 1, name));
  }
}

function clear(cpu: i32, cell: ptr): void {
  const inode: ptr = exchange(cell, 0);
  if (inode !== 0) inodePut(cpu, inode);
}

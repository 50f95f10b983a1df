/** An inode whose last reference is gone, looked at before its memory is: stages for the test of `inodes.ts`. */
import { coreBoot, type ProgramMeta } from "refplay/kernel";
import { type i32, load, type ptr, rcuReadLock, rcuReadUnlock } from "refplay/machine";
import { Inode } from "../../src/kernel/procfs/dcache-layout.ts";
import { inodeGet, inodeNew, inodePut, inodeTryGet } from "../../src/kernel/procfs/inodes.ts";

export function boot(): void {
  coreBoot();
}

/** What look-ups get of an inode with `references`, and its count then, as got * 100 + count. */
export function found(references: i32): i32 {
  const inode: ptr = inodeNew(0, 0, 0);
  for (let more: i32 = 1; more < references; more += 1) inodeGet(inode);
  rcuReadLock();
  if (references === 0) inodePut(0, inode);
  const got: i32 = inodeTryGet(inode) ? 1 : 0;
  const count: i32 = load(inode + Inode.count);
  rcuReadUnlock();
  return got * 100 + count;
}

export default {
  options: {
    lockTimes: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
    wholeEviction: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
  },
} satisfies ProgramMeta;

/**
 * The dcache as far as path walks need it: a hash table that is read under RCU, dentries with a lockref, parents that children keep,
 * and unused dentries that stay until they are invalidated. After fs/dcache.c (v5.15): d_alloc, d_add, __d_lookup, __d_lookup_rcu,
 * dput, __dentry_kill.
 *
 * Locks, outermost first: a parent's lockref, a child's lockref, then a hash bucket or the list of unused dentries.
 */
import {
  awaitNotEqual,
  type bool,
  callRcu,
  fetchOr,
  i32,
  load,
  loadFence,
  ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  storeFence,
  storeRelease,
} from "refplay/machine";
import { heapAlloc, heapReserve } from "../core/heap.ts";
import { ProcCallback } from "./callback-ids.ts";
import { ProcCpu, procCpu } from "./cpu-block.ts";
import { DcacheGlobal, Dentry, DentryFlags, dentryBytes, Inode, lockrefOf } from "./dcache-layout.ts";
import { inodePut } from "./inodes.ts";
import { ProcKind } from "./kinds.ts";
import {
  lockrefInit,
  lockrefLock,
  lockrefMarkDead,
  lockrefPutOrLock,
  lockrefUnlock,
  lockrefUnlockAdd,
} from "./lockref.ts";
import { Pid } from "./tasks.ts";
import { unusedAdd, unusedDelete } from "./unused-list.ts";

/** Bytes of a bucket: a pointer, whose bit 0 is the bucket's lock (hlist_bl). */
const bucketBytes: i32 = 8;
const bucketLocked: i32 = 1;

/** Makes the hash table, 2^order buckets. Whether there was memory. Once, on CPU 0. */
export function dcacheBoot(cpu: i32, order: i32): bool {
  const table: ptr = heapReserve(cpu, bucketBytes << order);
  if (table === 0) return false;
  store(DcacheGlobal.table, table);
  store(DcacheGlobal.mask, (1 << order) - 1);
  return true;
}

/** The bucket of a name in a directory. */
function bucketOf(parent: ptr, name: i32): ptr {
  const table: ptr = load(DcacheGlobal.table);
  const mask: i32 = load(DcacheGlobal.mask);
  const mixed: i32 = ((i32(parent) >> 6) * 31 + name) * -1640531527;
  return table + (i32(mixed >>> 7) & mask) * bucketBytes;
}

/** Takes a bucket's lock; its first dentry. */
function lockBucket(bucket: ptr): ptr {
  while (true) {
    const before: i32 = fetchOr(bucket, bucketLocked);
    if ((before & bucketLocked) === 0) return ptr(before);
    awaitNotEqual(bucket, before);
  }
}

/** Gives it back with that first dentry. */
function unlockBucket(bucket: ptr, first: ptr): void {
  storeRelease(bucket, first);
}

/**
 * A new dentry below `parent`, which it keeps, with one reference, nobody finds it yet: d_alloc. `parent` is 0 for the root of a
 * file system. Takes over the caller's reference to the inode. 0 where there is no memory.
 */
export function dentryNew(cpu: i32, parent: ptr, name: i32, inode: ptr, flags: i32): ptr {
  const dentry: ptr = heapAlloc(cpu, ProcKind.dentry, dentryBytes);
  if (dentry === 0) return 0;
  store(dentry + Dentry.flags, flags);
  store(dentry + Dentry.seq, 2);
  store(dentry + Dentry.hashNext, 0);
  store(dentry + Dentry.parent, parent);
  store(dentry + Dentry.name, name);
  store(dentry + Dentry.inode, inode);
  store(dentry + Dentry.ops, 1);
  store(dentry + Dentry.childNext, 0);
  store(dentry + Dentry.childPrev, 0);
  store(dentry + Dentry.children, 0);
  lockrefInit(lockrefOf(dentry), 1);
  if (parent === 0) return dentry;
  lockrefLock(cpu, lockrefOf(parent));
  const first: ptr = load(parent + Dentry.children);
  store(dentry + Dentry.childNext, first);
  if (first !== 0) store(first + Dentry.childPrev, dentry);
  store(parent + Dentry.children, dentry);
  lockrefUnlockAdd(lockrefOf(parent), 1);
  return dentry;
}

/**
 * Makes a new dentry findable: d_add. Where another CPU was faster, its dentry, with a reference; the new one is given up. (The
 * kernel lets the second look-up wait for the first one's: d_alloc_parallel.)
 */
export function dentryAdd(cpu: i32, dentry: ptr): ptr {
  const parent: ptr = load(dentry + Dentry.parent);
  const name: i32 = load(dentry + Dentry.name);
  const bucket: ptr = bucketOf(parent, name);
  rcuReadLock();
  while (true) {
    const first: ptr = lockBucket(bucket);
    let other: ptr = first;
    while (other !== 0 && !isNamed(other, parent, name)) other = load(other + Dentry.hashNext);
    if (other === 0) {
      const flags: i32 = load(dentry + Dentry.flags);
      store(dentry + Dentry.flags, flags | DentryFlags.hashed);
      store(dentry + Dentry.hashNext, first);
      unlockBucket(bucket, dentry);
      break;
    }
    // Its lock comes before the bucket's. Until then it may have gone, and this one's turn comes again.
    unlockBucket(bucket, first);
    if (getHashed(cpu, other)) {
      rcuReadUnlock();
      dput(cpu, dentry);
      return other;
    }
  }
  rcuReadUnlock();
  return dentry;
}

/** A reference to a dentry that was in the hash table; false where it no longer is. In an RCU read section. */
function getHashed(cpu: i32, dentry: ptr): bool {
  lockrefLock(cpu, lockrefOf(dentry));
  const flags: i32 = load(dentry + Dentry.flags);
  const hashed: bool = (flags & DentryFlags.hashed) !== 0;
  lockrefUnlockAdd(lockrefOf(dentry), hashed ? 1 : 0);
  return hashed;
}

/** Whether a hashed dentry has that name in that directory. */
function isNamed(dentry: ptr, parent: ptr, name: i32): bool {
  const its: ptr = load(dentry + Dentry.parent);
  if (its !== parent) return false;
  const called: i32 = load(dentry + Dentry.name);
  if (called !== name) return false;
  const flags: i32 = load(dentry + Dentry.flags);
  return (flags & DentryFlags.hashed) !== 0;
}

/**
 * The dentry of a name without a reference, or 0: __d_lookup_rcu. In an RCU read section; `foundSeq` then has the dentry's
 * sequence number, which `isSame` takes.
 */
export function dcacheFindRcu(cpu: i32, parent: ptr, name: i32): ptr {
  const bucket: ptr = bucketOf(parent, name);
  const head: i32 = load(bucket);
  let dentry: ptr = ptr(head & ~bucketLocked);
  while (dentry !== 0) {
    const seq: i32 = load(dentry + Dentry.seq);
    // What is read of the dentry must be read after its number.
    loadFence();
    if (isNamed(dentry, parent, name)) {
      store(procCpu(cpu) + ProcCpu.own, seq);
      return dentry;
    }
    dentry = load(dentry + Dentry.hashNext);
  }
  return dentry;
}

/** The sequence number of what `dcacheFindRcu` found last on this CPU. */
export function foundSeq(cpu: i32): i32 {
  return load(procCpu(cpu) + ProcCpu.own);
}

/** Whether a dentry is still where it was when it had that number. */
export function isSame(dentry: ptr, seq: i32): bool {
  loadFence();
  const now: i32 = load(dentry + Dentry.seq);
  return now === seq;
}

/** The dentry of a name with a reference, or 0: __d_lookup, which counts a candidate under its lock. */
export function dcacheFind(cpu: i32, parent: ptr, name: i32): ptr {
  const bucket: ptr = bucketOf(parent, name);
  rcuReadLock();
  const head: i32 = load(bucket);
  let dentry: ptr = ptr(head & ~bucketLocked);
  while (dentry !== 0) {
    if (isNamed(dentry, parent, name) && getHashed(cpu, dentry)) break;
    dentry = load(dentry + Dentry.hashNext);
  }
  rcuReadUnlock();
  return dentry;
}

/** Takes a dentry out of the hash table, with its lock held: __d_drop. */
function unhash(dentry: ptr): void {
  const flags: i32 = load(dentry + Dentry.flags);
  if ((flags & DentryFlags.hashed) === 0) return;
  const parent: ptr = load(dentry + Dentry.parent);
  const bucket: ptr = bucketOf(parent, load(dentry + Dentry.name));
  let first: ptr = lockBucket(bucket);
  store(dentry + Dentry.flags, flags & ~DentryFlags.hashed);
  // Whoever reads the new number must see that the dentry is unhashed.
  storeFence();
  const seq: i32 = load(dentry + Dentry.seq);
  store(dentry + Dentry.seq, seq + 2);
  const next: ptr = load(dentry + Dentry.hashNext);
  if (first === dentry) {
    first = next;
  } else {
    let before: ptr = first;
    let behind: ptr = load(before + Dentry.hashNext);
    while (behind !== dentry) {
      before = behind;
      behind = load(before + Dentry.hashNext);
    }
    store(before + Dentry.hashNext, next);
  }
  unlockBucket(bucket, first);
}

/** Nobody finds the dentry any more; whoever has it keeps it: d_drop. */
export function dentryDrop(cpu: i32, dentry: ptr): void {
  lockrefLock(cpu, lockrefOf(dentry));
  unhash(dentry);
  lockrefUnlock(lockrefOf(dentry));
}

/** The pid that a dentry of procfs belongs to, or 0. */
export function pidOfDentry(dentry: ptr): ptr {
  const inode: ptr = load(dentry + Dentry.inode);
  return load(inode + Inode.pid);
}

/** Whether an unused dentry shall go at once: pid_delete_dentry, for processes that have exited. */
function isDead(dentry: ptr): bool {
  const pid: ptr = pidOfDentry(dentry);
  if (pid === 0) return false;
  const task: ptr = load(pid + Pid.task);
  return task === 0;
}

/** One reference less. The last leaves the dentry unused in the cache, or is its end, and then the parent's turn comes: dput. */
export function dput(cpu: i32, dentry: ptr): void {
  let at: ptr = dentry;
  while (at !== 0) {
    if (lockrefPutOrLock(cpu, lockrefOf(at))) return;
    const flags: i32 = load(at + Dentry.flags);
    const kept: bool = (flags & DentryFlags.hashed) !== 0 && !isDead(at);
    if (kept) {
      if ((flags & DentryFlags.lru) === 0) {
        store(at + Dentry.flags, flags | DentryFlags.lru);
        unusedAdd(cpu, at);
      }
      lockrefUnlockAdd(lockrefOf(at), -1);
      return;
    }
    at = kill(cpu, at);
  }
}

/** The end of an unused dentry whose lock is held; its parent, from which a reference is to be put: __dentry_kill. */
function kill(cpu: i32, dentry: ptr): ptr {
  lockrefMarkDead(lockrefOf(dentry));
  unusedDelete(cpu, dentry);
  unhash(dentry);
  lockrefUnlock(lockrefOf(dentry));
  const parent: ptr = load(dentry + Dentry.parent);
  if (parent !== 0) unlist(cpu, parent, dentry);
  const inode: ptr = load(dentry + Dentry.inode);
  inodePut(cpu, inode);
  callRcu(dentry + Dentry.rcu, ProcCallback.dentryFree);
  return parent;
}

/** Takes a dead dentry off its parent's list. */
function unlist(cpu: i32, parent: ptr, dentry: ptr): void {
  lockrefLock(cpu, lockrefOf(parent));
  const next: ptr = load(dentry + Dentry.childNext);
  const previous: ptr = load(dentry + Dentry.childPrev);
  if (next !== 0) store(next + Dentry.childPrev, previous);
  if (previous === 0) store(parent + Dentry.children, next);
  else store(previous + Dentry.childNext, next);
  lockrefUnlock(lockrefOf(parent));
}

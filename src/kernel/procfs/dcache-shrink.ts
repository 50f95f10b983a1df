/** Whole directories leave the dcache: d_invalidate and shrink_dcache_parent (fs/dcache.c, v5.15). */
import { type i32, load, type ptr } from "refplay/machine";
import { dentryDrop, dput } from "./dcache.ts";
import { Dentry, DentryFlags, lockrefOf } from "./dcache-layout.ts";
import { lockrefGetNotDead, lockrefLock, lockrefUnlock } from "./lockref.ts";

/**
 * Nobody finds `top` and what is below it any more; what is not in use goes at once, the rest with its last put. The caller has a
 * reference to `top` and keeps it.
 */
export function dInvalidate(cpu: i32, top: ptr): void {
  dentryDrop(cpu, top);
  let at: ptr = top;
  while (true) {
    const child: ptr = childToDrop(cpu, at);
    if (child !== 0) {
      // Out of the table at once, so that it is not chosen again however long somebody else has it.
      dentryDrop(cpu, child);
      at = child;
    } else {
      if (at === top) return;
      const parent: ptr = load(at + Dentry.parent);
      dput(cpu, at);
      at = parent;
    }
  }
}

/** A child that is still in the hash table, with a reference, or 0. */
function childToDrop(cpu: i32, parent: ptr): ptr {
  lockrefLock(cpu, lockrefOf(parent));
  let child: ptr = load(parent + Dentry.children);
  while (child !== 0) {
    const flags: i32 = load(child + Dentry.flags);
    if ((flags & DentryFlags.hashed) !== 0 && lockrefGetNotDead(cpu, lockrefOf(child))) break;
    child = load(child + Dentry.childNext);
  }
  lockrefUnlock(lockrefOf(parent));
  return child;
}

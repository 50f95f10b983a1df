/**
 * A cache of work buffers for each CPU in front of the pool, used only where the pool's lock was found taken: AppArmor since
 * commit ea9bae12d028 ("apparmor: cache buffers on percpu list if there is lock contention").
 *
 * `hold` says how often this CPU met the taken lock and has not made use of it yet: while it is not 0, buffers are given to
 * the cache and not to the pool, and each take out of the cache lowers it. It never goes below 0 (commit 640cf2f09575) nor
 * above 64 (commit 0b6a6b72b329); without the first, one step below 0 keeps the cache for ever. A give never waits: where the
 * lock is taken it caches.
 *
 * The cache needs no lock and no fence: only its CPU comes to it, and what is in it was given on that CPU.
 */
import { type i32, load, type ptr, store } from "refplay/machine";
import { BufferCpu, bufferCell, bufferNext } from "./layout.ts";
import { freeList, poolAwaitLock, poolGiveLocked, poolTakeLocked, poolTryLock } from "./pool.ts";

/** The most that `hold` can be: MAX_HOLD_COUNT. */
export const holdLimit: i32 = 64;

/** A buffer from the cache, then from the pool, then a new one; 0 where memory is used up. */
export function hybridTake(cpu: i32): ptr {
  const cached: ptr = load(bufferCell(cpu, BufferCpu.cached));
  if (cached !== 0) {
    const rest: ptr = load(cached + bufferNext);
    store(bufferCell(cpu, BufferCpu.cached), rest);
    const hold: i32 = load(bufferCell(cpu, BufferCpu.hold));
    if (hold > 0) store(bufferCell(cpu, BufferCpu.hold), hold - 1);
    return cached;
  }
  if (!poolTryLock()) {
    holdMore(cpu);
    poolAwaitLock(cpu);
  }
  return poolTakeLocked(cpu);
}

/** Gives a buffer back to the pool, or to the cache while there is reason to. */
export function hybridGive(cpu: i32, buffer: ptr): void {
  const hold: i32 = load(bufferCell(cpu, BufferCpu.hold));
  if (hold === 0) {
    if (poolTryLock()) {
      poolGiveLocked(buffer);
      return;
    }
    holdMore(cpu);
  }
  const rest: ptr = load(bufferCell(cpu, BufferCpu.cached));
  store(buffer + bufferNext, rest);
  store(bufferCell(cpu, BufferCpu.cached), buffer);
}

/** The lock was found taken. */
function holdMore(cpu: i32): void {
  const hold: i32 = load(bufferCell(cpu, BufferCpu.hold));
  if (hold < holdLimit) store(bufferCell(cpu, BufferCpu.hold), hold + 1);
}

/** Frees what CPU `owner` has cached, on `cpu`. */
export function hybridDismantle(cpu: i32, owner: i32): void {
  freeList(cpu, bufferCell(owner, BufferCpu.cached));
}

/**
 * The kernel's workers (kworker/...) as far as procfs asks them for their names: `stat` and `status` of a worker tell what it works
 * on. Since v4.18 (commit 6b59808bfe48) that takes wq_pool_attach_mutex, one for the whole machine, and in it the lock of the
 * worker's pool: wq_worker_comm in kernel/workqueue.c, which proc_task_name calls (fs/proc/array.c, v5.15).
 */
import { type i32, load, type ptr, store, work } from "refplay/machine";
import { heapReserve } from "../../core/heap.ts";
import { mutexLock, mutexUnlock } from "../mutex.ts";
import { QueuedLock, queuedLock, queuedUnlock } from "../queued-lock.ts";
import { Task } from "../tasks.ts";
import { WalkGlobal } from "./globals.ts";

/** Offsets of `struct worker` (kernel/workqueue_internal.h). */
enum Worker {
  /** current_work. */
  work = 16,
  pool = 72,
  /** desc: the name of the queue it worked for last. */
  description = 120,
}

/** Offset of `data` in `struct kthread`, which stands behind the worker here and is an object of its own there. */
const kthreadData: i32 = 208;
const workerBytes: i32 = 256;

/**
 * ns to put the description into the reader's buffer, with the locks held. Measured: reading /proc/<pid>/comm of workers that have one
 * against workers that have none, 22 ns on average (Linux 6.18, Xeon, virtual machine, one CPU, best of 60 rounds of 400).
 */
const describeNs: i32 = 22;

/** A pool's lock is the first of its fields (struct worker_pool); the rest is not asked for. */
const poolBytes: i32 = 64;

/** Workers that an idle pool keeps: too_many_workers. */
const workersOfPool: i32 = 2;

/** Room for the workers with numbers below `count`, and their pools. Once, on CPU 0. */
export function workersBoot(cpu: i32, count: i32): void {
  store(WalkGlobal.workers, heapReserve(cpu, count * workerBytes));
  store(WalkGlobal.pools, heapReserve(cpu, (count / workersOfPool + 1) * poolBytes));
}

/** Worker `index`, which belongs to a pool together with its neighbour. */
export function workerNew(index: i32): ptr {
  const workers: ptr = load(WalkGlobal.workers);
  const pools: ptr = load(WalkGlobal.pools);
  const worker: ptr = workers + index * workerBytes;
  const pool: ptr = pools + (index / workersOfPool) * poolBytes;
  store(worker + Worker.pool, pool);
  store(worker + Worker.description, 1);
  store(worker + kthreadData, worker);
  return worker;
}

/** What a worker is called just now: wq_worker_comm. */
export function workerName(cpu: i32, task: ptr): void {
  mutexLock(cpu, WalkGlobal.wqPoolAttachMutex);
  // kthread_data.
  const thread: ptr = load(task + Task.worker);
  const worker: ptr = load(thread + kthreadData);
  const pool: ptr = load(worker + Worker.pool);
  queuedLock(cpu, pool + QueuedLock.word);
  load(worker + Worker.description);
  load(worker + Worker.work);
  work(describeNs);
  queuedUnlock(pool + QueuedLock.word);
  mutexUnlock(WalkGlobal.wqPoolAttachMutex);
}

/**
 * How a cred is counted. Two kinds of user keep it: the tasks that bear it, and the files that were opened with it, one count
 * each. Option `creds` chooses where that is written down.
 *
 * 0, atomic: one counter for both, as in the kernel (`usage` of struct cred). Every open and every close of every task of a
 * process changes the same line.
 *
 * 1, task-local: after FreeBSD's creds (sys/kern/kern_prot.c, cr_users and cr_ref, since 13.0; review D24007), described here
 * and written anew. A task that takes or drops a count of the cred that it bears itself changes a number of its own,
 * `Task.credCounts`, and nothing else. Everybody else changes the cred's `usage`, under the cred's lock. A task that leaves its
 * cred adds its number to `usage` and takes itself off `users`, in one section of the lock. The cred dies in the section that
 * leaves both at 0.
 *
 * Why that is right. Let C be the counts that files have. At every moment outside a section
 *
 *     C = usage + the sum of `credCounts` over the tasks that bear the cred              (modulo 2^32)
 *
 * for each operation changes one term on the right as it changes C, and leaving moves a term from the sum to `usage`. No single
 * term means anything: who closes what another bearer opened has a negative number, which may grow for as long as it
 * likes and even wrap round. But where `users` is 0 the sum is empty, so that `usage` is C, which memory bounds.
 *
 * - Not too early: a section that finds `users` and `usage` 0 knows that no task bears the cred and no file has it.
 * - Not never: the last user, task or file, goes in a section of its own: a task always does, and a file that goes when no task
 *   bears the cred is put by somebody who does not bear it.
 * - Not twice: from then on nobody is left who may take or drop a count, or begin to bear the cred, so no further section
 *   begins; and those before have ended, since this one got the lock. Who looks at a task's cred from outside does so in a
 *   read section, and the cred is freed a grace period later.
 *
 * `credCounts` needs no atomic operation because a task runs on one CPU at a time, and goes from CPU to CPU through
 * `Task.cpu` (release and acquire). The lock has to be there: two counters cannot be changed and found 0 in one atomic operation
 * of 32 bits, and packed into one cell the unbounded `usage` would run into `users`.
 */
import { type bool, callRcu, fetchAdd, type i32, load, option, type ptr, store } from "refplay/machine";
import { Callback } from "./core/callback-ids.ts";
import { spinLock, spinUnlock } from "./core/spinlock.ts";
import { Task } from "./task-layout.ts";

/**
 * Offsets of a cred, after struct cred (v6.6, LP64): the count is alone among fields that nobody writes, the security blob
 * two lines behind it. The blob is a separate allocation in the kernel, here its only field stands in its place.
 */
export enum Cred {
  /** Tasks and files together (atomic), or files as far as tasks do not count them (task-local). */
  usage = 0,
  /** Task-local counts only: the lock over `usage` and `users`, and how many tasks bear the cred. */
  lock = 8,
  users = 16,
  /** struct rcu_head. In the kernel at 168; it must not move with the holder's size. */
  rcu = 64,
  /** Holder of the label. */
  label = 128,
}

/** Whether tasks count what they take of their own creds. */
const credsInTasks: bool = option("creds") !== 0;

/** A new cred, known to nobody else: one task, the caller's or one it will make, bears it, and no file has it. */
export function credInit(cred: ptr): void {
  if (credsInTasks) {
    store(cred + Cred.usage, 0);
    store(cred + Cred.lock, 0);
    store(cred + Cred.users, 1);
  } else {
    store(cred + Cred.usage, 1);
  }
}

/** One task more bears the cred, a thread beside one that does (the caller, or one that cannot leave meanwhile). */
export function credShare(cred: ptr): void {
  if (credsInTasks) change(cred, 0, 1);
  else fetchAdd(cred + Cred.usage, 1);
}

/**
 * One count more, for a file (get_cred). `task` is the one that this CPU runs, 0 where it acts for none; the caller bears the
 * cred or has a count already.
 */
export function credGet(task: ptr, cred: ptr): void {
  if (credsInTasks) changeCounts(task, cred, 1);
  else fetchAdd(cred + Cred.usage, 1);
}

/**
 * Drops a file's count (put_cred). After the last user the cred goes, a grace period later, because other tasks may be
 * looking at it.
 */
export function credPut(task: ptr, cred: ptr): void {
  if (credsInTasks) changeCounts(task, cred, -1);
  else putUsage(cred);
}

/**
 * What `task` counted of the cred that it bears, for `credLeave`; it begins anew with 0. Before anybody else may run the
 * task or make it bear another cred. 0 where counts are not kept in tasks.
 */
export function takeCounts(task: ptr): i32 {
  if (!credsInTasks) return 0;
  const counts: i32 = load(task + Task.credCounts);
  store(task + Task.credCounts, 0);
  return counts;
}

/** A task that bore the cred does so no longer; `counts` is what it counted (`takeCounts`). */
export function credLeave(cred: ptr, counts: i32): void {
  if (credsInTasks) change(cred, counts, -1);
  else putUsage(cred);
}

function putUsage(cred: ptr): void {
  const before: i32 = fetchAdd(cred + Cred.usage, -1);
  if (before === 1) callRcu(cred + Cred.rcu, Callback.credFree);
}

/** Counts of files: in the task where it bears the cred, otherwise in the cred. */
function changeCounts(task: ptr, cred: ptr, counts: i32): void {
  if (task !== 0) {
    const own: ptr = load(task + Task.cred);
    if (own === cred) {
      const before: i32 = load(task + Task.credCounts);
      store(task + Task.credCounts, before + counts);
      return;
    }
  }
  change(cred, counts, 0);
}

/** A section of the cred's lock; the one that leaves neither task nor file lets the cred go. */
function change(cred: ptr, counts: i32, tasks: i32): void {
  spinLock(cred + Cred.lock);
  const usage: i32 = load(cred + Cred.usage);
  const users: i32 = load(cred + Cred.users);
  store(cred + Cred.usage, usage + counts);
  store(cred + Cred.users, users + tasks);
  spinUnlock(cred + Cred.lock);
  // Decided in the section: behind it the numbers could be somebody else's.
  if (users + tasks === 0 && usage + counts === 0) callRcu(cred + Cred.rcu, Callback.credFree);
}

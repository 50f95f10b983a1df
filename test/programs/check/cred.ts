/**
 * A cred counted in tasks. Threads that bear it open and close files, close each other's, and leave it; somebody who does not bear
 * it closes what a thread opened. Tasks are cells of their CPUs; of a file only its count of the cred is there, which somebody has.
 *
 * `broken` chooses a deliberate bug, see `Bug`.
 */
import {
  Callback,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelCpu,
  kernelGlobals,
  type ProgramMeta,
  spinLock,
  spinUnlock,
} from "refplay/kernel";
import {
  type bool,
  callRcu,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
} from "refplay/machine";
import {
  Cred,
  credGet,
  credInit,
  credLeave,
  credPut,
  credShare,
  takeCounts,
} from "../../../src/kernel/cred-count.ts";
import { Task } from "../../../src/kernel/task-layout.ts";

/** Values of the option `broken`. */
enum Bug {
  none = 0,
  /** A task that leaves forgets what it took and others dropped. */
  noFold = 1,
  /** It is off `users` before its counts are in `usage`. */
  usersFirst = 2,
  /** Whether the cred dies is asked behind the section of the lock. */
  lateLook = 3,
  /** There is no lock. */
  noLock = 4,
  /** A task counts in itself what it drops of a cred that it does not bear. */
  alwaysOwn = 5,
}

const broken: i32 = option("broken");

/** Cells behind `kernelGlobals`. */
export enum Shared {
  cred = 0,
}

/** Cells of a CPU: its task. */
export enum Own {
  cred = Task.cred,
  credCounts = Task.credCounts,
}

/** What files and tasks read in their cred. */
const payload: i32 = Cred.label;
const credBytes: i32 = payload + 8;

/**
 * CPU 0 runs the opener, the next `siblings` and one leaver run threads that share its cred. The opener has opened a file for each
 * sibling and each of `closers`, who do not bear the cred.
 */
export function boot(siblings: i32, closers: i32): void {
  coreBoot();
  const cred: ptr = heapAlloc(siblings + closers + 2, Kind.cred, credBytes);
  store(kernelGlobals + Shared.cred, cred);
  store(cred + payload, 1);
  credInit(cred);
  const opener: ptr = kernelCpu(0);
  store(opener + Task.cred, cred);
  for (let cpu: i32 = 1; cpu < siblings + 2; cpu += 1) {
    credShare(cred);
    store(kernelCpu(cpu) + Task.cred, cred);
  }
  for (let file: i32 = 0; file < siblings + closers; file += 1) credGet(opener, cred);
}

/** Opens and closes `rounds` files of its own, then leaves. */
export function opener(cpu: i32, rounds: i32): void {
  const task: ptr = kernelCpu(cpu);
  const cred: ptr = load(task + Task.cred);
  for (let round: i32 = 0; round < rounds; round += 1) {
    credGet(task, cred);
    load(cred + payload);
    close(task, cred);
  }
  leave(task, cred);
}

/** Closes a file that the opener opened, then leaves. */
export function sibling(cpu: i32): void {
  const task: ptr = kernelCpu(cpu);
  const cred: ptr = load(task + Task.cred);
  close(task, cred);
  leave(task, cred);
}

/** Leaves. */
export function leaver(cpu: i32): void {
  const task: ptr = kernelCpu(cpu);
  leave(task, load(task + Task.cred));
}

/** A task with another cred closes a file that the opener opened. */
export function closer(cpu: i32): void {
  const cred: ptr = load(kernelGlobals + Shared.cred);
  load(cred + payload);
  close(kernelCpu(cpu), cred);
}

function close(task: ptr, cred: ptr): void {
  const own: ptr = load(task + Task.cred);
  const bears: bool = own === cred;
  if (broken === Bug.alwaysOwn && !bears) {
    const counts: i32 = load(task + Task.credCounts);
    store(task + Task.credCounts, counts - 1);
  } else if (broken >= Bug.lateLook && !bears) {
    brokenChange(cred, -1, 0);
  } else {
    credPut(task, cred);
  }
}

function leave(task: ptr, cred: ptr): void {
  const counts: i32 = takeCounts(task);
  store(task + Task.cred, 0);
  if (broken === Bug.noFold && counts > 0) {
    credLeave(cred, 0);
  } else if (broken === Bug.usersFirst) {
    // In a read section, as hooks are in the kernel: a cred that dies too early is then still there for those who leave.
    rcuReadLock();
    brokenChange(cred, 0, -1);
    brokenChange(cred, counts, 0);
    rcuReadUnlock();
  } else if (broken === Bug.lateLook || broken === Bug.noLock) {
    brokenChange(cred, counts, -1);
  } else {
    credLeave(cred, counts);
  }
}

/** What `cred-count.ts` does in a section of the lock. */
function brokenChange(cred: ptr, counts: i32, tasks: i32): void {
  if (broken !== Bug.noLock) spinLock(cred + Cred.lock);
  let usage: i32 = load(cred + Cred.usage);
  let users: i32 = load(cred + Cred.users);
  usage += counts;
  users += tasks;
  store(cred + Cred.usage, usage);
  store(cred + Cred.users, users);
  if (broken !== Bug.noLock) spinUnlock(cred + Cred.lock);
  if (broken === Bug.lateLook) {
    usage = load(cred + Cred.usage);
    users = load(cred + Cred.users);
  }
  if (users === 0 && usage === 0) callRcu(cred + Cred.rcu, Callback.credFree);
}

/** Frees the cred, when it has died and a grace period is over. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    heapFree(cpu, head - Cred.rcu);
    head = rcuTake();
  }
}

export default {
  options: {
    creds: { unit: "0/1", default: 1, min: 0, max: 1, doc: "0 = one atomic counter, 1 = counted in tasks." },
    broken: { unit: "number", default: 0, min: 0, max: 5, doc: "Which deliberate bug; 0 = none." },
  },
} satisfies ProgramMeta;

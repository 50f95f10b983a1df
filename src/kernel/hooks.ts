/**
 * The security hooks of file and socket work (security/apparmor/lsm.c) with as many references to labels as the kernel
 * version of option `hooks` takes. With one atomic operation for each get and each put an open and its close cost:
 *
 *     hook                          66 (v6.6)   67 (v6.7)   611 (v6.11)
 *     file alloc / free             get, put    get, put    get, put
 *     current secid (IMA, on open)  get + put   own         own
 *     file open                     get + put   get + put   own
 *     together                      6           4           2
 *
 * v6.7: 2516fde1fa00 took the references out of the secid hook; v6.11: f4fee216df7d out of file_open. `own` is a plain read
 * of the label of the task's own cred. Only where it is stale a reference is taken, to the newest version.
 */
import {
  type bool,
  type i32,
  load,
  loadAcquire,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
} from "refplay/machine";
import { ScriptError } from "./audit.ts";
import { bufferBytes, bufferGive, bufferTake } from "./buffers/index.ts";
import { Counter } from "./core/counter-names.ts";
import { count } from "./core/counters.ts";
import { Label } from "./core/label-layout.ts";
import { spinLock, spinUnlock } from "./core/spinlock.ts";
import { hookGuard, mergedHolder, temporary } from "./cpu-block.ts";
import { credLabel } from "./cred.ts";
import { Cred } from "./cred-count.ts";
import { File, fileAlloc } from "./file.ts";
import { isStale, isUnconfined, labelGetNewest, labelSecid, staleToNewest } from "./label.ts";
import { vectorIsSubset } from "./label-set/index.ts";
import { labelMerge } from "./merge.ts";
import { labelBorrow, labelPut, labelSwap, labelUnborrow, ownLabel } from "./reference.ts";
import { scriptError } from "./script-errors.ts";
import { hooksLevel } from "./settings.ts";
import { Socket, socketAlloc, socketClone, socketFree } from "./socket.ts";
import { taskLabel, taskOf } from "./task.ts";
import { refreshLabel } from "./task-label.ts";
import { Task } from "./task-layout.ts";

/** Access masks, as MAY_ in include/linux/fs.h. */
export enum Access {
  execute = 1,
  write = 2,
  read = 4,
}

/**
 * The newest version of `own`, where the hook must not sleep (__begin_current_label_crit_section): `own` itself without a
 * reference, or with one in the temporary holder. `endNewest` with both is due.
 */
function beginNewest(cpu: i32, own: ptr): ptr {
  return isStale(own) ? staleToNewest(cpu, temporary(cpu), own) : own;
}

function endNewest(cpu: i32, own: ptr, label: ptr): void {
  if (label !== own) labelPut(cpu, temporary(cpu), label);
}

/**
 * The current task's cred, with a label that is not stale, where the hook may sleep (begin_current_label_crit_section): a
 * stale one is replaced in the task first, so that the cred it had may be gone. No reference is taken.
 */
function currentCred(cpu: i32, task: ptr): ptr {
  const cred: ptr = load(task + Task.cred);
  if (!isStale(credLabel(cred))) return cred;
  refreshLabel(cpu, task);
  return load(task + Task.cred);
}

/** The secid of the task whose label is `own`, for audit and IMA (apparmor_current_getsecid_subj). */
function secidHook(cpu: i32, own: ptr): i32 {
  if (hooksLevel < 67) {
    const label: ptr = labelGetNewest(cpu, temporary(cpu), own);
    const secid: i32 = labelSecid(label);
    labelPut(cpu, temporary(cpu), label);
    return secid;
  }
  const label: ptr = beginNewest(cpu, own);
  const secid: i32 = labelSecid(label);
  endNewest(cpu, own, label);
  return secid;
}

/** The current task's secid. */
export function currentSecid(cpu: i32, task: ptr): i32 {
  return secidHook(cpu, taskLabel(task));
}

/** What file_open decides for `label`: an unconfined one may everything, another what its policy says of the path. */
function checkOpen(cpu: i32, file: ptr, label: ptr): void {
  if (isUnconfined(label)) return;
  checkPath(cpu);
  // Everything is allowed; what counts is that it is noted.
  store(file + File.allow, Access.read);
}

/** Puts a path together to match it with the policy (aa_path_perm): in a work buffer, the only part of it that is modelled. */
function checkPath(cpu: i32): void {
  const buffer: ptr = bufferTake(cpu);
  if (buffer === 0) return;
  // d_path writes the name from the buffer's end on.
  store(buffer + bufferBytes - 4, 0);
  bufferGive(cpu, buffer);
}

/** apparmor_file_open. `own` is the label of the cred that the file was opened with. */
function fileOpenHook(cpu: i32, file: ptr, own: ptr): void {
  if (hooksLevel < 611) {
    const label: ptr = labelGetNewest(cpu, temporary(cpu), own);
    checkOpen(cpu, file, label);
    labelPut(cpu, temporary(cpu), label);
  } else {
    const label: ptr = beginNewest(cpu, own);
    checkOpen(cpu, file, label);
    endNewest(cpu, own, label);
  }
}

/** open: the new file, with one count for the caller, or 0 where memory is exhausted. */
export function openFile(cpu: i32, task: ptr): ptr {
  const cred: ptr = currentCred(cpu, task);
  const own: ptr = credLabel(cred);
  const file: ptr = fileAlloc(cpu, task, cred, own, 0);
  if (file === 0) return 0;
  fileOpenHook(cpu, file, own);
  secidHook(cpu, own);
  return file;
}

/**
 * apparmor_file_permission, on every read and write. No reference as long as the task is unconfined, or has the very label
 * that the file was opened with and asks for nothing new. Otherwise the file's label is borrowed: another task that uses the
 * file may be replacing it right now.
 */
export function filePermission(cpu: i32, task: ptr, file: ptr, mask: i32): void {
  const own: ptr = taskLabel(task);
  const label: ptr = beginNewest(cpu, own);
  if (!isUnconfined(label)) {
    const known: ptr = ownLabel(file + File.label);
    const allowed: i32 = load(file + File.allow);
    // Comparing addresses touches nothing that could have been freed.
    if (known !== label || (mask & ~allowed) !== 0) checkFileLabel(cpu, file, label, mask);
  }
  endNewest(cpu, own, label);
}

/**
 * The part of file_permission that has to look at the file's label. Where the task's profiles are in that label and nothing new is
 * asked for, that is all; else the path is checked, and the file's context gets the task's label as well (update_file_ctx).
 */
function checkFileLabel(cpu: i32, file: ptr, label: ptr, mask: i32): void {
  const guard: ptr = hookGuard(cpu);
  let done: bool = false;
  while (!done) {
    const fileLabel: ptr = labelBorrow(cpu, guard, file + File.label);
    done = isUnconfined(fileLabel) || (isSubset(label, fileLabel) && isAllowed(file, mask));
    if (!done) {
      checkPath(cpu);
      done = updateFileLabel(cpu, file, fileLabel, label, mask);
    }
    labelUnborrow(cpu, guard, fileLabel);
  }
}

function isAllowed(file: ptr, mask: i32): bool {
  const allowed: i32 = load(file + File.allow);
  return (mask & ~allowed) === 0;
}

/** Whether all profiles of `label` are among those of `other`. */
function isSubset(label: ptr, other: ptr): bool {
  if (label === other) return true;
  const size: i32 = load(label + Label.size);
  return vectorIsSubset(label + Label.vec, size, other + Label.vec, load(other + Label.size));
}

/**
 * Notes in the file's context what was allowed, and replaces its label, `before`, by the one merged with `label`. False where
 * somebody else replaced it first. The kernel merges with the context's lock held; here that comes first, because making a
 * label may sleep.
 */
function updateFileLabel(cpu: i32, file: ptr, before: ptr, label: ptr, mask: i32): bool {
  const merged: ptr = isSubset(label, before) ? before : labelMerge(cpu, mergedHolder(cpu), before, label);
  spinLock(file + File.contextLock);
  const current: bool = ownLabel(file + File.label) === before;
  if (current) {
    // Without a merged label, which had too many profiles or no memory, the file keeps the one it has.
    if (merged !== 0 && merged !== before) labelSwap(cpu, file + File.label, mergedHolder(cpu));
    const allowed: i32 = load(file + File.allow);
    store(file + File.allow, allowed | mask);
  }
  spinUnlock(file + File.contextLock);
  // What is left over: the label before, or a merged one that came too late or is the same.
  const left: ptr = ownLabel(mergedHolder(cpu));
  if (left !== 0) labelPut(cpu, mergedHolder(cpu), left);
  if (current && merged !== before) {
    count(cpu, merged === 0 ? Counter.fileMergesRefused : Counter.fileMerges, 1);
  }
  return current;
}

/**
 * apparmor_task_kill: the newest version of the target's label. Its cred is another task's, which may change or drop it meanwhile: found
 * under RCU, it keeps its label to the end of the section, long enough to borrow it.
 */
export function signalHook(cpu: i32, index: i32): void {
  const target: ptr = taskOf(index);
  if (target === 0) {
    scriptError(cpu, ScriptError.badTask);
    return;
  }
  const guard: ptr = hookGuard(cpu);
  rcuReadLock();
  const cred: ptr = loadAcquire(target + Task.cred);
  const label: ptr = cred === 0 ? cred : labelBorrow(cpu, guard, cred + Cred.label);
  rcuReadUnlock();
  // A task that has exited has nothing to be looked at.
  if (label === 0) return;
  const newest: ptr = beginNewest(cpu, label);
  isUnconfined(newest);
  endNewest(cpu, label, newest);
  labelUnborrow(cpu, guard, label);
}

/** socket: a file that stands for a new socket with the task's label (apparmor_socket_post_create: 2 gets, 1 put). */
export function makeSocket(cpu: i32, task: ptr): ptr {
  const label: ptr = labelGetNewest(cpu, temporary(cpu), taskLabel(task));
  const socket: ptr = socketAlloc(cpu, label);
  labelPut(cpu, temporary(cpu), label);
  return socketFile(cpu, task, socket);
}

/** accept: a file that stands for a clone of the listening socket (apparmor_sk_clone_security, then file alloc: 2 gets). */
export function acceptSocket(cpu: i32, task: ptr, listener: ptr): ptr {
  return socketFile(cpu, task, socketClone(cpu, listener));
}

/** The file for a socket (sock_alloc_file); 0 where memory is exhausted, the socket is then gone. */
function socketFile(cpu: i32, task: ptr, socket: ptr): ptr {
  if (socket === 0) return 0;
  const cred: ptr = currentCred(cpu, task);
  const file: ptr = fileAlloc(cpu, task, cred, credLabel(cred), socket);
  if (file === 0) socketFree(cpu, socket);
  return file;
}

/** The socket behind a file, or 0. */
export function socketOf(file: ptr): ptr {
  return load(file + File.socket);
}

/**
 * send: write permission on the file, and where it is a socket the message hook (apparmor_socket_sendmsg), which compares the
 * task's label with the socket's and takes no reference.
 */
export function sendFile(cpu: i32, task: ptr, file: ptr): void {
  filePermission(cpu, task, file, Access.write);
  const socket: ptr = socketOf(file);
  if (socket === 0) return;
  const own: ptr = taskLabel(task);
  const label: ptr = beginNewest(cpu, own);
  // Where both are confined, the socket rules of the policy would be looked at here.
  if (!isUnconfined(label)) isUnconfined(ownLabel(socket + Socket.label));
  endNewest(cpu, own, label);
}

/** The checks on a file that arrives in a message (apparmor_file_receive): as for reading it. */
export function receiveHook(cpu: i32, task: ptr, file: ptr): void {
  filePermission(cpu, task, file, Access.read);
}

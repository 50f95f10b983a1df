/**
 * The system calls of a script: each looks after its descriptors, then calls the hooks. `table` is the current task's
 * descriptor table with `count` slots; where no task runs, `task` and `count` are 0. What a script gets wrong is counted, and the call does nothing else.
 */
import type { i32, ptr } from "refplay/machine";
import { ScriptError } from "./audit.ts";
import { channelOf, channelReceive, channelSend } from "./channel.ts";
import { fileAt, install, isFree } from "./descriptors.ts";
import { fileGet, filePut } from "./file.ts";
import {
  acceptSocket,
  filePermission,
  makeSocket,
  openFile,
  receiveHook,
  sendFile,
  socketOf,
} from "./hooks.ts";
import { scriptError } from "./script-errors.ts";
import { isIdle, taskFork, taskOf } from "./task.ts";

/** Counts what made a call on descriptors impossible: without a task, the table counts as empty. */
function badDescriptor(cpu: i32, task: ptr): void {
  scriptError(cpu, task === 0 ? ScriptError.badTask : ScriptError.badDescriptor);
}

/** Puts a new file at `fd`; 0 is one that there was no memory for. */
function installNew(cpu: i32, table: ptr, fd: i32, file: ptr): void {
  if (file === 0) {
    scriptError(cpu, ScriptError.noMemory);
  } else {
    install(table, fd, file);
  }
}

/** open(2) at `fd`. */
export function callOpen(cpu: i32, task: ptr, table: ptr, count: i32, fd: i32): void {
  if (!isFree(table, count, fd)) {
    badDescriptor(cpu, task);
    return;
  }
  installNew(cpu, table, fd, openFile(cpu, task));
}

/** close(2). */
export function callClose(cpu: i32, task: ptr, table: ptr, count: i32, fd: i32): void {
  const file: ptr = fileAt(table, count, fd);
  if (file === 0) {
    badDescriptor(cpu, task);
    return;
  }
  install(table, fd, 0);
  filePut(cpu, task, file);
}

/** read(2) or write(2), as far as the permission hook goes. `mask` are `Access` bits. */
export function callPermission(cpu: i32, task: ptr, table: ptr, count: i32, fd: i32, mask: i32): void {
  const file: ptr = fileAt(table, count, fd);
  if (file === 0) {
    badDescriptor(cpu, task);
  } else {
    filePermission(cpu, task, file, mask);
  }
}

/** sendmsg(2), sendfile(2), writev(2) of a response. */
export function callSend(cpu: i32, task: ptr, table: ptr, count: i32, fd: i32): void {
  const file: ptr = fileAt(table, count, fd);
  if (file === 0) {
    badDescriptor(cpu, task);
  } else {
    sendFile(cpu, task, file);
  }
}

/** accept4(2): a new connection of `listener` at `fd`. */
export function callAccept(cpu: i32, task: ptr, table: ptr, count: i32, listener: i32, fd: i32): void {
  const listening: ptr = fileAt(table, count, listener);
  const socket: ptr = listening === 0 ? 0 : socketOf(listening);
  if (socket === 0 || !isFree(table, count, fd)) {
    badDescriptor(cpu, task);
    return;
  }
  installNew(cpu, table, fd, acceptSocket(cpu, task, socket));
}

/** socket(2) at `fd`. */
export function callSocket(cpu: i32, task: ptr, table: ptr, count: i32, fd: i32): void {
  if (!isFree(table, count, fd)) {
    badDescriptor(cpu, task);
    return;
  }
  installNew(cpu, table, fd, makeSocket(cpu, task));
}

/** dup2(2): `to` is the file of `fd` as well; what was open there is closed. The same descriptor twice changes nothing. */
export function callDup(cpu: i32, task: ptr, table: ptr, count: i32, fd: i32, to: i32): void {
  const file: ptr = fileAt(table, count, fd);
  const before: ptr = fileAt(table, count, to);
  if (file === 0 || (before === 0 && !isFree(table, count, to))) {
    badDescriptor(cpu, task);
    return;
  }
  if (fd === to) return;
  fileGet(file);
  install(table, to, file);
  if (before !== 0) filePut(cpu, task, before);
}

/** sendmsg(2) with a descriptor in it: the message owns a count of the file. */
export function callPassFile(cpu: i32, task: ptr, table: ptr, count: i32, fd: i32, index: i32): void {
  const channel: ptr = channelOf(index);
  if (channel === 0) {
    scriptError(cpu, ScriptError.badChannel);
    return;
  }
  const file: ptr = fileAt(table, count, fd);
  if (file === 0) {
    badDescriptor(cpu, task);
    return;
  }
  fileGet(file);
  channelSend(channel, file);
}

/** recvmsg(2) of such a message: the message's count becomes the descriptor's. */
export function callReceiveFile(cpu: i32, task: ptr, table: ptr, count: i32, fd: i32, index: i32): void {
  const channel: ptr = channelOf(index);
  if (channel === 0) {
    scriptError(cpu, ScriptError.badChannel);
    return;
  }
  if (!isFree(table, count, fd)) {
    badDescriptor(cpu, task);
    return;
  }
  const file: ptr = channelReceive(channel);
  receiveHook(cpu, task, file);
  install(table, fd, file);
}

/** fork(2), or clone(2) of a thread: the task of index `child`, which runs nowhere, becomes a copy of `task`. */
export function callFork(cpu: i32, task: ptr, child: i32, sharesCred: i32): void {
  const target: ptr = taskOf(child);
  if (target === 0 || target === task || !isIdle(target)) {
    scriptError(cpu, ScriptError.badTask);
    return;
  }
  taskFork(cpu, task, target, sharesCred !== 0);
}

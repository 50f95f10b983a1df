/**
 * The beginning and the end of a program: what `boot` makes, `teardown` and `dismantle` take down again, so that whatever is
 * left at the very end was leaked.
 */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { channelAlloc, channelFree, channelOf } from "./channel.ts";
import { heapFree, heapReserve } from "./core/heap.ts";
import { credAlloc } from "./cred.ts";
import { Cred, credShare } from "./cred-count.ts";
import { tableBytes } from "./descriptors.ts";
import { KernelGlobal, pointerBytes } from "./globals.ts";
import { labelOfProfile, namespaceBoot, namespaceDismantle } from "./namespace.ts";
import { isAlive, taskAlloc, taskExit, taskOf, taskStart } from "./task.ts";

/** Makes policy, tasks and channels; see `boot` of the program. Whether memory was enough. */
export function makeWorld(
  cpu: i32,
  profiles: i32,
  tasks: i32,
  descriptorsPerTask: i32,
  threadsPerProcess: i32,
  channels: i32,
): bool {
  if (!namespaceBoot(cpu, profiles)) return false;
  store(KernelGlobal.descriptorsPerTask, descriptorsPerTask);
  return (
    makeTasks(cpu, tasks, tableBytes(descriptorsPerTask), threadsPerProcess) && makeChannels(cpu, channels)
  );
}

/** `count` live tasks, all unconfined; each `threadsPerProcess` (1 or more) in a row share a cred. */
function makeTasks(cpu: i32, count: i32, bytesPerTable: i32, threadsPerProcess: i32): bool {
  const list: ptr = heapReserve(cpu, (count + 1) * pointerBytes);
  const tables: ptr = heapReserve(cpu, count * bytesPerTable + pointerBytes);
  if (list === 0 || tables === 0) return false;
  store(KernelGlobal.tasks, list);
  let cred: ptr = 0;
  let left: i32 = 0;
  for (let index: i32 = 0; index < count; index += 1) {
    const task: ptr = taskAlloc(cpu, tables + index * bytesPerTable);
    if (task === 0) return false;
    if (left > 0) {
      credShare(cred);
    } else {
      cred = credAlloc(cpu);
      if (cred === 0) return false;
      labelOfProfile(cpu, cred + Cred.label, 0);
      left = threadsPerProcess;
    }
    left -= 1;
    taskStart(cpu, task, cred);
    store(list + index * pointerBytes, task);
    // Counted one by one, so that a boot that ran out of memory can be dismantled.
    store(KernelGlobal.taskCount, index + 1);
  }
  return true;
}

function makeChannels(cpu: i32, count: i32): bool {
  const list: ptr = heapReserve(cpu, (count + 1) * pointerBytes);
  if (list === 0) return false;
  store(KernelGlobal.channels, list);
  for (let index: i32 = 0; index < count; index += 1) {
    const channel: ptr = channelAlloc(cpu);
    if (channel === 0) return false;
    store(list + index * pointerBytes, channel);
    store(KernelGlobal.channelCount, index + 1);
  }
  return true;
}

/** Lets every live task whose index modulo `cpus` is `cpu` exit. No script runs any more. */
export function exitTasks(cpu: i32, cpus: i32): void {
  const count: i32 = load(KernelGlobal.taskCount);
  for (let index: i32 = cpu; index < count; index += cpus) {
    const task: ptr = taskOf(index);
    if (isAlive(task)) taskExit(cpu, task);
  }
}

/** Takes everything down that is left: tasks, channels with the files in them, policy. Nobody else runs. */
export function takeDown(cpu: i32): void {
  exitTasks(cpu, 1);
  const tasks: i32 = load(KernelGlobal.taskCount);
  for (let index: i32 = 0; index < tasks; index += 1) heapFree(cpu, taskOf(index));
  store(KernelGlobal.taskCount, 0);
  const channels: i32 = load(KernelGlobal.channelCount);
  for (let index: i32 = 0; index < channels; index += 1) channelFree(cpu, channelOf(index));
  store(KernelGlobal.channelCount, 0);
  namespaceDismantle(cpu);
}

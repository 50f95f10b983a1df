/**
 * The beginning and the end of a program: what `boot` makes, `teardown` and `dismantle` take down again, so that whatever is
 * left at the very end was leaked.
 */
import { type bool, type i32, load, loadAcquire, type ptr, store } from "refplay/machine";
import { switchOut } from "refplay/strategy";
import { Boot } from "../machine/memory-map.ts";
import { buffersDismantle } from "./buffers/index.ts";
import { channelAlloc, channelFree, channelOf } from "./channel.ts";
import { heapFree, heapReserve } from "./core/heap.ts";
import { cpuBlock } from "./cpu-block.ts";
import { credAlloc } from "./cred.ts";
import { Cred, credShare } from "./cred-count.ts";
import { tableBytes } from "./descriptors.ts";
import { KernelGlobal, pointerBytes } from "./globals.ts";
import { slotsBoot, slotsDismantle } from "./kept-labels.ts";
import { abandonSet } from "./load-set.ts";
import { nameGive, nameOf, namesBoot } from "./names.ts";
import { namespaceOf } from "./namespace.ts";
import { addNamespace, installProfile, policyDismantle } from "./policy.ts";
import { answersBytes } from "./policy-result.ts";
import { textsDismantle } from "./policy-texts.ts";
import { profileAlloc } from "./profile.ts";
import { labelOfProfile } from "./profile-list.ts";
import { isAlive, taskAlloc, taskExit, taskOf, taskStart } from "./task.ts";
import { Task } from "./task-layout.ts";

/** Makes tasks and channels; see `boot` of the program. After `makePolicy`. Whether memory was enough. */
export function makeWorld(
  cpu: i32,
  tasks: i32,
  descriptorsPerTask: i32,
  threadsPerProcess: i32,
  channels: i32,
): bool {
  store(KernelGlobal.descriptorsPerTask, descriptorsPerTask);
  return (
    makeTasks(cpu, tasks, tableBytes(descriptorsPerTask), threadsPerProcess) && makeChannels(cpu, channels)
  );
}

/**
 * Makes the root namespace with its unconfined profile (0) and `profiles` others (1, 2, ...), names for `named` more, and room for
 * `namespaces` beside the root. Whether memory was enough.
 */
export function makePolicy(cpu: i32, profiles: i32, named: i32, namespaces: i32): bool {
  const table: ptr = heapReserve(cpu, (namespaces + 1) * pointerBytes);
  if (table === 0 || !namesBoot(cpu, profiles + named + 1)) return false;
  store(KernelGlobal.namespaces, table);
  store(KernelGlobal.namespaceCount, namespaces + 1);
  nameGive(nameOf(0), 0, 0);
  if (!addNamespace(cpu, 0, -1, 0)) return false;
  for (let index: i32 = 1; index <= profiles; index += 1) {
    nameGive(nameOf(index), 0, index);
    const profile: ptr = profileAlloc(cpu, namespaceOf(0), index, index, 0, 0);
    if (profile === 0) return false;
    installProfile(cpu, index, profile, 0);
  }
  return true;
}

/** Makes room for what scripts keep and for `answers` answers. Whether memory was enough. */
export function makeSlots(cpu: i32, labels: i32, texts: i32, answers: i32): bool {
  const table: ptr = heapReserve(cpu, answersBytes(answers + 1));
  if (table === 0) return false;
  store(KernelGlobal.answers, table);
  store(KernelGlobal.answerCount, answers);
  return slotsBoot(cpu, labels, texts);
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
      if (cred === 0) {
        heapFree(cpu, task);
        return false;
      }
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

/**
 * This CPU's share of the live tasks exits, while other CPUs do the same: the task that it still runs, and of those that nobody
 * runs the ones whose index modulo `cpus` is `cpu`. No script runs any more.
 */
export function exitTasks(cpu: i32, cpus: i32): void {
  const count: i32 = load(KernelGlobal.taskCount);
  for (let index: i32 = 0; index < count; index += 1) {
    const task: ptr = taskOf(index);
    // The strategy may have something of a task's on the CPU that runs it. Before the look whether it is alive: see `task.ts`.
    const runner: i32 = loadAcquire(task + Task.cpu);
    const share: i32 = runner === 0 ? index % cpus : runner - 1;
    if (share === cpu && isAlive(task)) taskExit(cpu, task);
  }
}

/** Lets all tasks exit that are left. Nobody else runs, so that this CPU may act for the others. */
function exitAll(cpu: i32): void {
  const count: i32 = load(KernelGlobal.taskCount);
  for (let index: i32 = 0; index < count; index += 1) {
    const task: ptr = taskOf(index);
    const runner: i32 = load(task + Task.cpu);
    // The task's memory goes: the strategy must not think that it still runs there.
    if (runner > 0) switchOut(runner - 1, task, 0);
    if (isAlive(task)) taskExit(cpu, task);
  }
}

/** Takes everything down that is left: tasks, channels with the files in them, policy. Nobody else runs. */
export function takeDown(cpu: i32): void {
  exitAll(cpu);
  const tasks: i32 = load(KernelGlobal.taskCount);
  for (let index: i32 = 0; index < tasks; index += 1) heapFree(cpu, taskOf(index));
  store(KernelGlobal.taskCount, 0);
  const channels: i32 = load(KernelGlobal.channelCount);
  for (let index: i32 = 0; index < channels; index += 1) channelFree(cpu, channelOf(index));
  store(KernelGlobal.channelCount, 0);
  const cpus: i32 = load(Boot.cpus);
  for (let other: i32 = 0; other < cpus; other += 1) abandonSet(cpu, cpuBlock(other));
  slotsDismantle(cpu);
  textsDismantle(cpu);
  policyDismantle(cpu);
  buffersDismantle(cpu);
}

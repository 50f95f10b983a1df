/**
 * A bare program: a strategy's calls over rotating labels, with nothing of the kernel between them. What the C peers of the same
 * names do (bench/peers), for whatever strategy the program is linked with.
 *
 * Every turn is that of a task which bears the label, and which enters the kernel for what it does: strategies that know tasks
 * count as they would for a task that opens and closes files of its own; for the others both calls come to nothing.
 */

import { type ProgramMeta, rcuOffline, rcuOnline } from "refplay/kernel";
import { type bool, type i32, load, type ptr, quiescent } from "refplay/machine";
import {
  boot,
  borrow,
  enterKernel,
  enterTask,
  get,
  init,
  publish,
  put,
  maintain as strategyMaintain,
  tryGet,
  unborrow,
} from "refplay/strategy";
import { heapBoot } from "../../src/kernel/core/heap.ts";
import { rcuBoot } from "../../src/kernel/core/rcu-qsbr.ts";
import { Boot } from "../../src/machine/memory-map.ts";
import {
  Lane,
  labelAt,
  laneOf,
  maxLabels,
  maxTasks,
  sourceAt,
  taskAt,
  taskStride,
  testHolder,
} from "./lay-out.ts";

/**
 * Boots the kernel's core and lays out the labels, each with one reference and published, and the tasks that bear them. On CPU
 * 0, before everything else.
 */
export function lay(): void {
  heapBoot();
  rcuBoot();
  rcuOnline();
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) boot(cpu);
  for (let i: i32 = 0; i < maxLabels; i += 1) {
    init(0, sourceAt(i), labelAt(i));
    publish(0, labelAt(i));
  }
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    for (let i: i32 = 0; i < maxTasks; i += 1) enterTask(cpu, taskAt(cpu, i), labelAt(i));
  }
  rcuOffline();
}

/** `pairs` times get and put, of label `i & mask` in turn i: an open and a close under the task's own label. */
export function getPut(cpu: i32, pairs: i32, mask: i32): void {
  const holder: ptr = laneOf(cpu) + Lane.holder;
  const tasks: ptr = taskAt(cpu, 0);
  rcuOnline();
  for (let i: i32 = 0; i < pairs; i += 1) {
    const label: ptr = labelAt(i & mask);
    const task: ptr = tasks + (i & mask & (maxTasks - 1)) * taskStride;
    enterKernel(cpu, task);
    get(cpu, holder, label);
    enterKernel(cpu, task);
    put(cpu, holder, label);
  }
  rcuOffline();
}

/** The same by a task that bears another label: what it opens, or closes, is not its own. */
export function foreignGetPut(cpu: i32, pairs: i32, mask: i32): void {
  const holder: ptr = laneOf(cpu) + Lane.holder;
  const tasks: ptr = taskAt(cpu, 0);
  rcuOnline();
  for (let i: i32 = 0; i < pairs; i += 1) {
    const label: ptr = labelAt(i & mask);
    const task: ptr = tasks + (((i & mask) + 1) & (maxTasks - 1)) * taskStride;
    enterKernel(cpu, task);
    get(cpu, holder, label);
    enterKernel(cpu, task);
    put(cpu, holder, label);
  }
  rcuOffline();
}

/** `pairs` times tryGet and put. */
export function tryGetPut(cpu: i32, pairs: i32, mask: i32): void {
  const holder: ptr = laneOf(cpu) + Lane.holder;
  const tasks: ptr = taskAt(cpu, 0);
  rcuOnline();
  for (let i: i32 = 0; i < pairs; i += 1) {
    const label: ptr = labelAt(i & mask);
    const task: ptr = tasks + (i & mask & (maxTasks - 1)) * taskStride;
    enterKernel(cpu, task);
    const taken: bool = tryGet(cpu, holder, label);
    enterKernel(cpu, task);
    if (taken) put(cpu, holder, label);
  }
  rcuOffline();
}

/** `pairs` times a short use: the label that a shared slot points to is borrowed and given back within one hook. */
export function borrowUnborrow(cpu: i32, pairs: i32, mask: i32): void {
  const guard: ptr = laneOf(cpu) + Lane.guard;
  const tasks: ptr = taskAt(cpu, 0);
  rcuOnline();
  for (let i: i32 = 0; i < pairs; i += 1) {
    enterKernel(cpu, tasks + (i & mask & (maxTasks - 1)) * taskStride);
    const label: ptr = borrow(cpu, guard, sourceAt(i & mask));
    unborrow(cpu, guard, label);
  }
  rcuOffline();
}

/**
 * `pairs` times the references of one open and one close at level v6.6, without anything else of the hooks: file alloc
 * keeps one, the secid hook and the open hook take and drop one each, the close drops the file's.
 */
export function openClose(cpu: i32, pairs: i32, mask: i32): void {
  const lane: ptr = laneOf(cpu);
  const tasks: ptr = taskAt(cpu, 0);
  rcuOnline();
  for (let i: i32 = 0; i < pairs; i += 1) {
    const label: ptr = labelAt(i & mask);
    const task: ptr = tasks + (i & mask & (maxTasks - 1)) * taskStride;
    enterKernel(cpu, task);
    get(cpu, lane + Lane.holder, label);
    get(cpu, lane + Lane.secondHolder, label);
    put(cpu, lane + Lane.secondHolder, label);
    get(cpu, lane + Lane.thirdHolder, label);
    put(cpu, lane + Lane.thirdHolder, label);
    enterKernel(cpu, task);
    put(cpu, lane + Lane.holder, label);
  }
  rcuOffline();
}

/** One call of the strategy's background work, on a CPU number of its own, while no loop runs. */
export function maintain(cpu: i32): i32 {
  rcuOnline();
  const done: i32 = strategyMaintain(cpu);
  quiescent();
  rcuOffline();
  return done;
}

/** One reference more on `labels` labels: what a test looks for in memory. */
export function getOnly(cpu: i32, labels: i32): void {
  rcuOnline();
  for (let i: i32 = 0; i < labels; i += 1) {
    enterKernel(cpu, taskAt(cpu, i & (maxTasks - 1)));
    get(cpu, testHolder(i), labelAt(i));
  }
  rcuOffline();
}

/** Drops what `getOnly` took. */
export function putOnly(cpu: i32, labels: i32): void {
  rcuOnline();
  for (let i: i32 = 0; i < labels; i += 1) {
    enterKernel(cpu, taskAt(cpu, i & (maxTasks - 1)));
    put(cpu, testHolder(i), labelAt(i));
  }
  rcuOffline();
}

/** As in src/kernel/program.ts, at what a measured run uses. */
export default {
  options: {
    verify: { unit: "0/1", default: 0, min: 0, max: 0, doc: "Benchmarks measure, they do not verify." },
    percpuBytes: {
      unit: "bytes",
      default: 65536,
      min: 8192,
      max: 1048576,
      doc: "Per-CPU memory: 8 bytes a label.",
    },
    quarantine: { unit: "count", default: 0, min: 0, max: 0, doc: "Only in verify builds." },
    labelLayout: { unit: "0/1", default: 0, min: 0, max: 1, doc: "1: flags apart from the counter." },
    rcuBacklog: {
      unit: "count",
      default: 10000,
      min: 1,
      max: 1000000,
      doc: "Callbacks that may wait on a CPU.",
    },
    hooks: { unit: "version", default: 66, min: 66, max: 611, doc: "Kernel version of the hooks." },
  },
} satisfies ProgramMeta;

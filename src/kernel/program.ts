/**
 * The kernel's program: the entries that engines call, and the options it is linked with.
 *
 * An engine calls `boot` on CPU 0, `bootCpu` on every CPU, `run` on every CPU as often as it likes, then `teardown` and
 * `drain` on every CPU, and at the very end `dismantle` on CPU 0 while no other CPU runs, and `drain` once more; where the
 * strategy needs maintenance, `maintain` and `drain` by turns until `maintain` has nothing to do. What `audit` then still
 * finds was leaked. `boot`, `teardown` and `dismantle` may be left out by who does not care.
 */
import { type bool, type i32, layoutBytes, load, type ptr, quiescent, rcuTake } from "refplay/machine";
import { boot as strategyBoot, maintain as strategyMaintain } from "refplay/strategy";
import { Boot, RcuHead } from "../machine/memory-map.ts";
import { ScriptError } from "./audit.ts";
import { buffersBoot } from "./buffers/index.ts";
import { runCallback } from "./callbacks.ts";
import { Cpu, Global } from "./core/areas.ts";
import type { ProgramMeta } from "./core/contract.ts";
import { coreBoot } from "./core/core-boot.ts";
import { Counter } from "./core/counter-names.ts";
import { Label } from "./core/label-layout.ts";
import { rcuOffline, rcuOnline } from "./core/rcu-periods.ts";
import { rcuDrain } from "./core/rcu-qsbr.ts";
import { CpuBlock } from "./cpu-block.ts";
import { exitTasks, makePolicy, makeSlots, makeWorld, takeDown } from "./lifecycle.ts";
import { scriptError } from "./script-errors.ts";

export { audit } from "./auditor.ts";
export { cpuAreaBase, cpuAreaBytes } from "./core/areas.ts";
export { run } from "./interpreter.ts";

/** Bytes of a plain profile's label, the strategy's bytes in it included. */
export const labelObjectBytes: i32 = Label.vec + 16;

/** What all strategies together take of a task, of a CPU's area and of the globals: for reports of memory. */
export const strategyTaskBytes: i32 = layoutBytes("task");
export const strategyCpuBytes: i32 = layoutBytes("cpu");
export const strategyGlobalBytes: i32 = layoutBytes("global");

/** Offset in a CPU's area of the cell that says where its script stands, as of the last `run`: for error messages. */
export const scriptCursor: i32 = Cpu.kernel + CpuBlock.next;

/** Offset in a CPU's area of the cell that counts its requests. */
export const requestCounter: i32 = Cpu.kernel + CpuBlock.requests;

/** Offset in a CPU's area of the cell that counts labels retired; the next counts those of them that were freed. */
export const retirementCounters: i32 = Cpu.counters + Counter.retired * 4;

/** Address of the cell that says whether labels are in slow windows, and behind it how many such windows began. */
export const slowWindows: i32 = Global.slowWindows;

/**
 * Once, on CPU 0, in memory that is 0 but for the boot block. Makes the root namespace with its profile 0, `unconfined`, and
 * `profiles` others (1, 2, ...); `tasks` live tasks, all unconfined, each `threadsPerProcess` (1 or more) in a row with one
 * cred; a table of `descriptorsPerTask` (0 or more) for each; `channels` for passing files. Room for scripts: names of
 * `namedProfiles` further profiles, `namespaces` beside the root, slots that keep labels and policy texts, `answers`. Where
 * memory does not suffice, script error `noMemory` is counted and the rest is missing.
 */
export function boot(
  profiles: i32,
  tasks: i32,
  descriptorsPerTask: i32,
  threadsPerProcess: i32,
  channels: i32,
  namedProfiles: i32,
  namespaces: i32,
  labelSlots: i32,
  rawdataSlots: i32,
  answers: i32,
): void {
  coreBoot();
  rcuOnline();
  strategyBoot(0);
  buffersBoot(0);
  const made: bool =
    makePolicy(0, profiles, namedProfiles, namespaces) &&
    makeSlots(0, labelSlots, rawdataSlots, answers) &&
    makeWorld(0, tasks, descriptorsPerTask, threadsPerProcess, channels);
  if (!made) scriptError(0, ScriptError.noMemory);
  rcuOffline();
}

/** Once on every CPU, after `boot`. */
export function bootCpu(cpu: i32): void {
  // CPU 0's strategy had to be ready for the labels that `boot` made.
  if (cpu === 0) return;
  strategyBoot(cpu);
  buffersBoot(cpu);
}

/** On every CPU, when no script runs any more: its share of the tasks exits, and all their descriptors are closed. */
export function teardown(cpu: i32): void {
  const cpus: i32 = load(Boot.cpus);
  rcuOnline();
  exitTasks(cpu, cpus);
  rcuOffline();
}

/** Waits until this CPU has no RCU callbacks left. Nothing to do on stepped engines, which run them through `softirq`. */
export function drain(cpu: i32): void {
  rcuOnline();
  rcuDrain(cpu);
  rcuOffline();
}

/** On CPU 0 at the very end, while no other CPU runs: tasks that are left, channels, all profiles and the namespace go. */
export function dismantle(): void {
  rcuOnline();
  takeDown(0);
  rcuOffline();
}

/**
 * Stepped engines only: an actor that runs RCU callbacks, one after the other, until none can come any more. Callbacks free
 * memory and put references with the CPU's own cells, so while scripts run the actor needs a CPU number (and area) that no
 * script has; when they rest, any will do.
 */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    runCallback(cpu, id, head);
    head = rcuTake();
  }
}

/**
 * Background work of the strategy, on a maintenance actor with a CPU number of its own. How much was done, 0 = nothing. May
 * wait.
 */
export function maintain(cpu: i32): i32 {
  rcuOnline();
  const done: i32 = strategyMaintain(cpu);
  // Labels that it released wait on this CPU for their grace period; nothing else runs their callbacks here.
  quiescent();
  rcuOffline();
  return done;
}

export default {
  options: {
    maxLabelParts: {
      unit: "count",
      default: 16,
      min: 2,
      max: 32,
      doc: "Most profiles of a label; a merge to more is refused. The kernel has no limit; above 8 its vector leaves the stack.",
    },
    buffers: {
      unit: "number",
      default: 3,
      min: 0,
      max: 3,
      doc: "Work buffers of path hooks: 0 kmalloc, 1 percpu, 2 pool, 3 hybrid, as in the kernel today.",
    },
    bufferBytes: {
      unit: "bytes",
      default: 8192,
      min: 64,
      max: 65536,
      doc: "Bytes of a work buffer: twice PATH_MAX in the kernel.",
    },
    hooks: {
      unit: "version",
      default: 611,
      min: 66,
      max: 611,
      doc: "Kernel whose hooks are modelled: 66 = v6.6 (6 label operations per open and close), 67 = v6.7 (4), 611 = v6.11 (2).",
    },
    creds: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "How creds are counted: 0 = one atomic counter, as in the kernel; 1 = each task counts what it takes of its own cred, as FreeBSD does.",
    },
  },
} satisfies ProgramMeta;

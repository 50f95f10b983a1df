/**
 * The program of `proc-walk`: a few processes that are always there, one process for each CPU that comes and goes, and procfs'
 * dentries and inodes of all of them. Entries as `src/kernel/program.ts` has them.
 */

import { runCallback } from "refplay/callbacks";
import { type i32, load, mark, option, type ptr, quiescent, rcuTake, script, store } from "refplay/machine";
import { Boot, RcuHead } from "../../../machine/memory-map.ts";
import { Cpu } from "../../core/areas.ts";
import type { ProgramMeta } from "../../core/contract.ts";
import { coreBoot } from "../../core/core-boot.ts";
import { heapReserve } from "../../core/heap.ts";
import { Mark } from "../../core/marks.ts";
import { rcuOffline, rcuOnline } from "../../core/rcu-periods.ts";
import { rcuDrain } from "../../core/rcu-qsbr.ts";
import { Event, RecordField } from "../../events.ts";
import { ProcCpu } from "../cpu-block.ts";
import { dcacheBoot, dentryAdd, dentryDrop, dentryNew, dput } from "../dcache.ts";
import { dInvalidate } from "../dcache-shrink.ts";
import { ProcEvent } from "../events.ts";
import { inodeNew } from "../inodes.ts";
import { badRecord, commonEvent, countRequest, recordAt, recordDone, scriptEnded } from "../script-run.ts";
import { kernelThreadNew } from "../tasks.ts";
import { pidEntryBytes, WalkGlobal } from "./globals.ts";
import { exitProcess, goneFromProc, spawn, startProcess, visit } from "./processes.ts";
import { WalkName } from "./walk-names.ts";
import { workerNew, workersBoot } from "./workqueue.ts";

export { cpuAreaBase, cpuAreaBytes } from "../../core/areas.ts";
export { audit } from "./auditor.ts";

/** Offsets in a CPU's area of the cells that say where its script stands, and how many requests it has done. */
export const scriptCursor: i32 = Cpu.kernel + ProcCpu.next;
export const requestCounter: i32 = Cpu.kernel + ProcCpu.requests;

/** Records between two quiescent states. */
const quiescentEvery: i32 = 16;

/**
 * Once, on CPU 0: `pids` kernel threads that are there for ever, with pids 0 to `pids` - 1, `workers` of them workers and evenly
 * between the others; a hash table of 2^`hashOrder` buckets. The rest are times in ns that the kernel takes beside what is
 * modelled: for a stat of a pid's directory, for one of its files (open, read and close), for a process (fork, exec, exit).
 */
export function boot(
  pids: i32,
  workers: i32,
  hashOrder: i32,
  statNs: i32,
  fileNs: i32,
  processNs: i32,
): void {
  coreBoot();
  rcuOnline();
  store(WalkGlobal.statNs, statNs);
  store(WalkGlobal.fileNs, fileNs);
  store(WalkGlobal.processNs, processNs);
  const cpus: i32 = load(Boot.cpus);
  const table: ptr = heapReserve(0, (pids + cpus) * pidEntryBytes);
  if (table !== 0 && dcacheBoot(0, hashOrder)) {
    store(WalkGlobal.table, table);
    // Not the CPUs' own: what is not there yet is not looked for.
    store(WalkGlobal.pids, pids);
    makeDirectories();
    makeThreads(table, pids, workers);
  }
  rcuOffline();
}

/** `/`, the directory `proc` in it, and procfs' root that is mounted there. */
function makeDirectories(): void {
  const root: ptr = dentryNew(0, 0, 0, inodeNew(0, 0, 0), 0);
  const mountPoint: ptr = dentryAdd(0, dentryNew(0, root, WalkName.proc, inodeNew(0, 0, 0), 0));
  const proc: ptr = dentryNew(0, 0, 0, inodeNew(0, 0, 0), 0);
  store(WalkGlobal.root, root);
  store(WalkGlobal.mountPoint, mountPoint);
  store(WalkGlobal.proc, proc);
}

function makeThreads(table: ptr, pids: i32, workers: i32): void {
  workersBoot(0, workers);
  for (let index: i32 = 0; index < pids; index += 1) {
    const before: i32 = (index * workers) / pids;
    const after: i32 = ((index + 1) * workers) / pids;
    const worker: ptr = after > before ? workerNew(before) : 0;
    kernelThreadNew(0, table + index * pidEntryBytes, index, worker);
  }
}

/** Once on every CPU, after `boot`: its first process is there before the run. */
export function bootCpu(cpu: i32): void {
  startProcess(cpu);
}

/** Executes up to `records` records of this CPU's script; 0 or less: all that are left. 1 = there is more to do. */
export function run(cpu: i32, records: i32): i32 {
  let left: i32 = records;
  let untilQuiescent: i32 = quiescentEvery;
  rcuOnline();
  while (true) {
    const at: i32 = recordAt(cpu);
    const event: i32 = script(at + RecordField.event);
    if (event === Event.end) break;
    if (eventMarks !== 0) mark(Mark.scriptEvent, event);
    const a: i32 = script(at + RecordField.a);
    switch (event) {
      case ProcEvent.spawn:
        spawn(cpu);
        break;
      case ProcEvent.exit:
        exitProcess(cpu);
        break;
      case ProcEvent.visit:
        visit(cpu, a, script(at + RecordField.b));
        countRequest(cpu);
        break;
      default:
        if (!commonEvent(cpu, at, event)) badRecord(cpu);
        break;
    }
    recordDone(cpu, at, event);
    left -= 1;
    if (left === 0) break;
    untilQuiescent -= 1;
    if (untilQuiescent === 0) {
      untilQuiescent = quiescentEvery;
      quiescent();
    }
  }
  quiescent();
  rcuOffline();
  return scriptEnded(cpu) ? 0 : 1;
}

const eventMarks: i32 = option("eventMarks");

/** On every CPU, when no script runs any more: its process ends, if it is still there. */
export function teardown(cpu: i32): void {
  rcuOnline();
  exitProcess(cpu);
  rcuOffline();
}

/** Waits until this CPU has no RCU callbacks left; stepped engines run them through `softirq`. */
export function drain(cpu: i32): void {
  rcuOnline();
  rcuDrain(cpu);
  rcuOffline();
}

/** On CPU 0 at the very end: all processes and directories go. */
export function dismantle(): void {
  rcuOnline();
  const pids: i32 = load(WalkGlobal.pids);
  const cpus: i32 = load(Boot.cpus);
  for (let index: i32 = 0; index < pids + cpus; index += 1) goneFromProc(0, index);
  const proc: ptr = load(WalkGlobal.proc);
  if (proc !== 0) {
    dInvalidate(0, proc);
    dput(0, proc);
    const mountPoint: ptr = load(WalkGlobal.mountPoint);
    dentryDrop(0, mountPoint);
    dput(0, mountPoint);
    dput(0, load(WalkGlobal.root));
  }
  rcuOffline();
}

/** Stepped engines only: runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    runCallback(cpu, load(head + RcuHead.callback), head);
    head = rcuTake();
  }
}

export default {
  options: {
    rcuRevalidate: {
      unit: "0/1",
      default: 1,
      min: 0,
      max: 1,
      doc: "Whether procfs answers for its dentries while a walk is under RCU: 0 = until v5.15, 1 = since v5.16.",
    },
    lockTimes: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether the clock is read around the inode list's lock, for its longest times.",
    },
    wholeEviction: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether the end of a dentry and its inode takes every lock that it takes in the kernel, or the inode list's alone.",
    },
    eventMarks: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether the beginning of each script record is marked, for engines that measure latencies by event.",
    },
  },
} satisfies ProgramMeta;

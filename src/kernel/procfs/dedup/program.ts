/**
 * The program of `proc-dedup`: one process with many threads and open files, everything of it in the dcache, and its end.
 * Entries as `src/kernel/program.ts` has them.
 */
import { runCallback } from "refplay/callbacks";
import { type i32, load, mark, option, type ptr, quiescent, rcuTake, script, store } from "refplay/machine";
import { RcuHead } from "../../../machine/memory-map.ts";
import { Cpu } from "../../core/areas.ts";
import type { ProgramMeta } from "../../core/contract.ts";
import { coreBoot } from "../../core/core-boot.ts";
import { heapReserve } from "../../core/heap.ts";
import { Mark } from "../../core/marks.ts";
import { rcuOffline, rcuOnline } from "../../core/rcu-periods.ts";
import { rcuDrain } from "../../core/rcu-qsbr.ts";
import { Event, RecordField } from "../../events.ts";
import { ProcCpu } from "../cpu-block.ts";
import { dcacheBoot, dentryNew, dput } from "../dcache.ts";
import { dInvalidate } from "../dcache-shrink.ts";
import { ProcEvent } from "../events.ts";
import { clearLockTimes, inodeNew } from "../inodes.ts";
import { badRecord, commonEvent, countRequest, recordAt, recordDone, scriptEnded } from "../script-run.ts";
import { Pid, processNew, Task } from "../tasks.ts";
import { What } from "./dedup-names.ts";
import { exitThread, forget, unshareFiles } from "./exit.ts";
import { DedupGlobal } from "./globals.ts";
import { bootPaths, pathName } from "./paths.ts";
import { sharedBytes } from "./shared-inodes.ts";
import { hardLinks } from "./structure.ts";
import { walkProcess, walkTasks } from "./walk.ts";

export { cpuAreaBase, cpuAreaBytes } from "../../core/areas.ts";
export { audit } from "./auditor.ts";

/** Offsets in a CPU's area of the cells that say where its script stands, and how many requests it has done. */
export const scriptCursor: i32 = Cpu.kernel + ProcCpu.next;
export const requestCounter: i32 = Cpu.kernel + ProcCpu.requests;

/** Records between two quiescent states. */
const quiescentEvery: i32 = 16;

/** Descriptor table of all threads that have not left it. */
const sharedFiles: i32 = 1;

/**
 * Once, on CPU 0: one process with `threads` threads, numbered from 0, which is the leader; `files` open files; `others` further
 * entries in each process's and thread's directory; a hash table of 2^`hashOrder` buckets; `ns`, `net` and `attr` entries in the
 * directories of these names.
 */
export function boot(
  threads: i32,
  files: i32,
  others: i32,
  hashOrder: i32,
  ns: i32,
  net: i32,
  attr: i32,
): void {
  coreBoot();
  rcuOnline();
  store(DedupGlobal.files, files);
  store(DedupGlobal.others, others);
  store(DedupGlobal.ns, ns);
  store(DedupGlobal.net, net);
  store(DedupGlobal.attr, attr);
  bootPaths();
  const table: ptr = heapReserve(0, threads * 8);
  const shared: ptr = hardLinks ? heapReserve(0, sharedBytes(threads, files)) : 0;
  store(DedupGlobal.shared, shared);
  if (table !== 0 && dcacheBoot(0, hashOrder)) {
    store(DedupGlobal.table, table);
    store(DedupGlobal.threads, threads);
    store(DedupGlobal.proc, dentryNew(0, 0, 0, inodeNew(0, 0, What.none), 0));
    for (let thread: i32 = 0; thread < threads; thread += 1) {
      const pid: ptr = processNew(0, table + thread * 8, thread);
      if (pid !== 0) {
        const task: ptr = load(pid + Pid.task);
        store(task + Task.files, sharedFiles);
      }
    }
  }
  rcuOffline();
}

/** Once on every CPU, after `boot`. */
export function bootCpu(_cpu: i32): void {}

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
      case ProcEvent.walkProcess:
        walkProcess(cpu, a);
        break;
      case ProcEvent.walkTasks:
        walkTasks(cpu, a);
        break;
      case ProcEvent.unshareFiles:
        unshareFiles(cpu, a);
        break;
      case ProcEvent.pathName:
        pathName(cpu, a, script(at + RecordField.b), script(at + RecordField.c));
        break;
      case ProcEvent.forget:
        forget(cpu, a);
        break;
      case ProcEvent.clearTimes:
        clearLockTimes(cpu);
        break;
      case ProcEvent.exitThread:
        exitThread(cpu, a);
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

/** On every CPU, when no script runs any more. Threads that are left exit in `dismantle`. */
export function teardown(_cpu: i32): void {}

/** Waits until this CPU has no RCU callbacks left; stepped engines run them through `softirq`. */
export function drain(cpu: i32): void {
  rcuOnline();
  rcuDrain(cpu);
  rcuOffline();
}

/** On CPU 0 at the very end: threads that are left and procfs' root go. */
export function dismantle(): void {
  rcuOnline();
  const threads: i32 = load(DedupGlobal.threads);
  for (let thread: i32 = threads - 1; thread >= 0; thread -= 1) exitThread(0, thread);
  const proc: ptr = load(DedupGlobal.proc);
  if (proc !== 0) {
    dInvalidate(0, proc);
    dput(0, proc);
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
    links: {
      unit: "number",
      default: 0,
      min: 0,
      max: 3,
      doc: "Symbolic links: 0 none, 1 task of threads, 2 also their fd and fdinfo, 3 also fd, fdinfo, ns, net and attr of a process, to its thread directory.",
    },
    hardLinks: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether all names of one descriptor of one table share an inode.",
    },
    lockTimes: {
      unit: "0/1",
      default: 1,
      min: 0,
      max: 1,
      doc: "Whether the clock is read around the inode list's lock, for its longest times.",
    },
    wholeEviction: {
      unit: "0/1",
      default: 1,
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

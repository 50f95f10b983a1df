/**
 * The program of `maps-read` and `maps-query`: one address space, CPUs that change it, and CPUs that read its text or look addresses
 * up in it. Entries as `src/kernel/program.ts` has them.
 */
import { runCallback } from "refplay/callbacks";
import {
  type bool,
  fetchAdd,
  type i32,
  load,
  mark,
  option,
  type ptr,
  quiescent,
  rcuTake,
  script,
  store,
  work,
} from "refplay/machine";
import { RcuHead } from "../../../machine/memory-map.ts";
import { Cpu } from "../../core/areas.ts";
import type { ProgramMeta } from "../../core/contract.ts";
import { coreBoot } from "../../core/core-boot.ts";
import { Mark } from "../../core/marks.ts";
import { rcuOffline, rcuOnline } from "../../core/rcu-periods.ts";
import { rcuDrain } from "../../core/rcu-qsbr.ts";
import { Event, RecordField } from "../../events.ts";
import { ProcCpu, procCount } from "../cpu-block.ts";
import { badRecord, commonEvent, recordAt, recordDone, scriptEnded } from "../script-run.ts";
import { addAddress, buildAreas, buildReaders, destroyAreas } from "./build.ts";
import { seedChance } from "./chance.ts";
import { mapOne, protectSome, unmapOne } from "./changer.ts";
import { judgeAll, judgeAtEnd } from "./judge-answers.ts";
import { lookUpAll } from "./look-up.ts";
import { MapsGlobal } from "./maps-globals.ts";
import { MapsCounter, MapsEvent, Monitor, Reader } from "./maps-names.ts";
import { ReadMode } from "./reader.ts";
import { readPage, rewind } from "./text-reader.ts";

export { cpuAreaBase, cpuAreaBytes } from "../../core/areas.ts";
export { audit } from "./auditor.ts";

/** Offsets in a CPU's area of the cells that say where its script stands, and how many requests it has done. */
export const scriptCursor: i32 = Cpu.kernel + ProcCpu.next;
export const requestCounter: i32 = Cpu.kernel + ProcCpu.requests;

const reader: i32 = option("reader");
const eventMarks: i32 = option("eventMarks");

/** Records between two quiescent states. */
const quiescentEvery: i32 = 16;

/**
 * Once, on CPU 0: `areas` areas of libraries; `changers` zones of `zonePages` and, unless 0, `protectedPages`; room for `addresses`.
 * Times in ns that the kernel takes beside what is modelled: for a line of text, and for a change with and without the lock. One line
 * of `heldUpLines` (0: none) takes `heldUpNs` longer on average.
 */
export function boot(
  areas: i32,
  changers: i32,
  zonePages: i32,
  protectedPages: i32,
  addresses: i32,
  lineNs: i32,
  lockedNs: i32,
  unlockedNs: i32,
  heldUpLines: i32,
  heldUpNs: i32,
): void {
  coreBoot();
  rcuOnline();
  store(MapsGlobal.changers, changers);
  store(MapsGlobal.lineNs, lineNs);
  store(MapsGlobal.lockedNs, lockedNs);
  store(MapsGlobal.unlockedNs, unlockedNs);
  store(MapsGlobal.heldUpLines, heldUpLines);
  store(MapsGlobal.heldUpNs, heldUpNs);
  // A text has an area more for every page that is unmapped or protected apart.
  const most: i32 = areas + changers * (4 + 2 * protectedPages);
  if (buildReaders(most, addresses)) buildAreas(areas, changers, zonePages, protectedPages);
  rcuOffline();
}

/** Once on every CPU, after `boot`. */
export function bootCpu(cpu: i32): void {
  seedChance(cpu, cpu + 1);
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
    if (eventMarks !== 0) mark(Mark.scriptEvent, kindOf(event));
    if (execute(cpu, at, event)) recordDone(cpu, at, event);
    // One read of a monitor counts as a record: a run can end, and shows a sign of life, between any two.
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

/** All changes are one kind for latencies; what a monitor begins with is a read. */
function kindOf(event: i32): i32 {
  if (event === MapsEvent.monitor) return MapsEvent.readPage;
  return event === MapsEvent.mapOne || event === MapsEvent.protectSome ? MapsEvent.unmapOne : event;
}

/** Whether the record is done; one that is not is executed again. */
function execute(cpu: i32, at: i32, event: i32): bool {
  const a: i32 = script(at + RecordField.a);
  const b: i32 = script(at + RecordField.b);
  switch (event) {
    case MapsEvent.seed:
      seedChance(cpu, a);
      break;
    case MapsEvent.unmapOne:
      unmapOne(cpu, a, b);
      break;
    case MapsEvent.mapOne:
      mapOne(cpu);
      break;
    case MapsEvent.protectSome:
      protectSome(cpu, a, b);
      break;
    case MapsEvent.changesDone:
      fetchAdd(MapsGlobal.changers, -1);
      break;
    case MapsEvent.monitor:
      return monitorRead(cpu, modeOf(a), b);
    case MapsEvent.address:
      if (!addAddress(a)) badRecord(cpu);
      break;
    case MapsEvent.lookUp:
      lookUpAll(cpu);
      break;
    case MapsEvent.judge:
      judgeAll(cpu);
      break;
    default:
      if (!commonEvent(cpu, at, event)) badRecord(cpu);
      break;
  }
  return true;
}

/** How a reader with these properties gets at areas. */
function modeOf(who: i32): i32 {
  switch (reader) {
    case Reader.rcuValidate:
      return ReadMode.validated;
    case Reader.rcuTearing:
      return ReadMode.torn;
    case Reader.rcuLowPriority:
      return (who & Monitor.lowPriority) !== 0 ? ReadMode.validated : ReadMode.locked;
    case Reader.separateFile:
      return (who & Monitor.otherFile) !== 0 ? ReadMode.torn : ReadMode.locked;
    case Reader.vmaLock:
      return ReadMode.perArea;
    default:
      return ReadMode.locked;
  }
}

/**
 * One read of the text, from where the last one ended. Monitors go on as long as somebody makes changes, to the end of the text, which
 * they read once at least: whether that is where they are.
 */
function monitorRead(cpu: i32, mode: i32, pauseNs: i32): bool {
  const bytes: i32 = readPage(cpu, mode, true);
  if (eventMarks !== 0) mark(Mark.scriptEvent, MapsEvent.pause);
  // Copying the text out, and what the reader does with it.
  work(pauseNs);
  if (bytes > 0) return false;
  procCount(cpu, MapsCounter.passes, 1);
  rewind(cpu);
  const changers: i32 = load(MapsGlobal.changers);
  return changers <= 0;
}

/** On every CPU, when no script runs any more: what is judged here is no part of what is timed. */
export function teardown(cpu: i32): void {
  judgeAtEnd(cpu);
}

/** Waits until this CPU has no RCU callbacks left; stepped engines run them through `softirq`. */
export function drain(cpu: i32): void {
  rcuOnline();
  rcuDrain(cpu);
  rcuOffline();
}

/** On CPU 0 at the very end: the address space goes. */
export function dismantle(): void {
  destroyAreas(0);
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
    reader: {
      unit: "number",
      default: 5,
      min: 0,
      max: 5,
      doc: "How readers get at areas: 0 mmap_lock, 1 rcu-validate, 2 rcu-tearing, 3 rcu-low-priority, 4 separate-file, 5 vma-lock.",
    },
    lookUp: {
      unit: "number",
      default: 2,
      min: 0,
      max: 2,
      doc: "How addresses are looked up: 0 by the text, 1 by text that was parsed before, 2 by query.",
    },
    readerRetries: {
      unit: "count",
      default: 3,
      min: 0,
      max: 1000,
      doc: "Looks without a lock that a reader begins again before it waits for the lock once.",
    },
    refreshEvery: {
      unit: "count",
      default: 100,
      min: 1,
      max: 1_000_000,
      doc: "Batches that are looked up in text that was parsed once; only with lookUp 1.",
    },
    mapleSlots: {
      unit: "count",
      default: 16,
      min: 4,
      max: 16,
      doc: "Slots of a leaf of the tree of areas; inner nodes have 10 at most.",
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

/**
 * Executes a CPU's script. Everything that a run is made of goes through here, so a record must cost little. What every
 * record needs is in locals while a call runs, and as little else as possible: the loop is long, so each further local is
 * spilled and costs every record more than the rare one that uses it (measured: 3.1 -> 2.2 ns for an empty record when
 * counters and the state of `repeat` went to the CPU's block).
 */
import {
  awaitAtLeast,
  type i32,
  load,
  loadAcquire,
  mark,
  type ptr,
  quiescent,
  script,
  store,
  storeRelease,
  u32,
  work,
} from "refplay/machine";
import { enterKernel, switchOut } from "refplay/strategy";
import { Boot } from "../machine/memory-map.ts";
import { ScriptError } from "./audit.ts";
import { Mark } from "./core/marks.ts";
import { rcuOffline, rcuOnline } from "./core/rcu-periods.ts";
import { CpuBlock, cpuBlock, LoopFrame, loopFrameBytes, temporary } from "./cpu-block.ts";
import { Event, RecordField, recordBytes, repeatDepth } from "./events.ts";
import { KernelGlobal } from "./globals.ts";
import { currentSecid } from "./hooks.ts";
import { removeProfile } from "./policy.ts";
import { policyEvent } from "./policy-events.ts";
import { policyResult } from "./policy-result.ts";
import { listedLabel } from "./profile-list.ts";
import { labelGet, labelPut } from "./reference.ts";
import { scriptError } from "./script-errors.ts";
import { eventMarks } from "./settings.ts";
import {
  callAccept,
  callClose,
  callDup,
  callFork,
  callOpen,
  callPassFile,
  callPermission,
  callReceiveFile,
  callSend,
  callSocket,
} from "./system-calls.ts";
import { descriptorsOf, switchTask, taskExit } from "./task.ts";
import { changeProfile } from "./task-label.ts";

/** Records between two quiescent states, so that grace periods go on while a script never thinks. */
const quiescentEvery: i32 = 16;

/** Events up to this one are system calls. */
const lastCall: i32 = Event.removeProfile;

/**
 * Executes up to `records` records of this CPU's script from where it stood; 0 or less: all that are left. 1 = there is more
 * to do, 0 = the script is finished. The CPU is offline for RCU before and after.
 */
export function run(cpu: i32, records: i32): i32 {
  const block: ptr = cpuBlock(cpu);
  const slots: i32 = load(KernelGlobal.descriptorsPerTask);
  let at: i32 = load(block + CpuBlock.next);
  let task: ptr = load(block + CpuBlock.task);
  let table: ptr = 0;
  // Without a task every descriptor is outside the table, which saves each call from asking.
  let count: i32 = 0;
  if (task !== 0) {
    table = descriptorsOf(task);
    count = slots;
  }
  // No block ends at 0, so 0 is the end of none.
  let loopEnd: i32 = load(block + CpuBlock.loopEnd);
  // Records come in batches with a quiescent state between, so that one countdown serves for that and for `records`.
  store(block + CpuBlock.unbegun, records <= 0 ? quiescentEvery : records);
  let left: i32 = nextBatch(block);
  rcuOnline();
  walk: while (true) {
    const record: i32 = at;
    const event: i32 = script(record + RecordField.event);
    const a: i32 = script(record + RecordField.a);
    at += recordBytes;
    if (eventMarks) mark(Mark.scriptEvent, event);
    if (u32(event) <= u32(lastCall) && task !== 0) enterKernel(cpu, task);
    switch (event) {
      case Event.end:
        at = record;
        break walk;
      case Event.open:
        callOpen(cpu, task, table, count, a);
        break;
      case Event.close:
        callClose(cpu, task, table, count, a);
        break;
      case Event.permission:
        callPermission(cpu, task, table, count, a, script(record + RecordField.b));
        break;
      case Event.send:
        callSend(cpu, task, table, count, a);
        break;
      case Event.accept:
        callAccept(cpu, task, table, count, a, script(record + RecordField.b));
        break;
      case Event.socket:
        callSocket(cpu, task, table, count, a);
        break;
      case Event.dup:
        callDup(cpu, task, table, count, a, script(record + RecordField.b));
        break;
      case Event.passFile:
        callPassFile(cpu, task, table, count, a, script(record + RecordField.b));
        break;
      case Event.receiveFile:
        callReceiveFile(cpu, task, table, count, a, script(record + RecordField.b));
        break;
      case Event.secid:
      case Event.fork:
      case Event.exec:
      case Event.exit:
      case Event.changeProfile:
      case Event.removeProfile:
        if (task === 0) {
          scriptError(cpu, ScriptError.badTask);
        } else {
          callOfTask(cpu, task, event, a, script(record + RecordField.b));
          if (event === Event.exit) {
            task = 0;
            count = 0;
          }
        }
        break;
      case Event.think:
        if (a > 0) work(a);
        break;
      case Event.request:
        add(block + CpuBlock.requests, 1);
        break;
      case Event.post:
        post(block);
        break;
      case Event.waitFor:
        waitFor(cpu, task, a, script(record + RecordField.b));
        break;
      case Event.repeat: {
        const depth: i32 = load(block + CpuBlock.depth);
        const body: i32 = script(record + RecordField.b) * recordBytes;
        if (body < 0 || (a > 0 && depth === repeatDepth)) {
          // A block that is nested too deep is executed once.
          scriptError(cpu, ScriptError.badRecord);
        } else if (a <= 0) {
          at += body;
        } else if (body > 0) {
          const frame: ptr = block + CpuBlock.loops + depth * loopFrameBytes;
          const oldStart: i32 = load(block + CpuBlock.loopStart);
          const oldLeft: i32 = load(block + CpuBlock.loopLeft);
          store(frame + LoopFrame.start, oldStart);
          store(frame + LoopFrame.end, loopEnd);
          store(frame + LoopFrame.left, oldLeft);
          store(block + CpuBlock.depth, depth + 1);
          store(block + CpuBlock.loopStart, at);
          loopEnd = at + body;
          store(block + CpuBlock.loopLeft, a);
        }
        break;
      }
      case Event.switchTask:
        task = switchTask(cpu, task, a);
        count = 0;
        if (task !== 0) {
          table = descriptorsOf(task);
          count = slots;
        }
        break;
      case Event.pair:
        pair(cpu, a, script(record + RecordField.b));
        break;
      default:
        policyEvent(cpu, task, event, a, script(record + RecordField.b), script(record + RecordField.c));
        break;
    }
    while (at === loopEnd) {
      const rounds: i32 = load(block + CpuBlock.loopLeft);
      store(block + CpuBlock.loopLeft, rounds - 1);
      if (rounds > 1) {
        at = load(block + CpuBlock.loopStart);
      } else {
        const depth: i32 = load(block + CpuBlock.depth);
        store(block + CpuBlock.depth, depth - 1);
        const frame: ptr = block + CpuBlock.loops + (depth - 1) * loopFrameBytes;
        const oldStart: i32 = load(frame + LoopFrame.start);
        store(block + CpuBlock.loopStart, oldStart);
        loopEnd = load(frame + LoopFrame.end);
        const oldLeft: i32 = load(frame + LoopFrame.left);
        store(block + CpuBlock.loopLeft, oldLeft);
      }
    }
    left -= 1;
    if (left === 0) {
      countBatch(block, 0);
      if (records <= 0) store(block + CpuBlock.unbegun, quiescentEvery);
      left = nextBatch(block);
      if (left === 0) break;
      quiescent();
    }
  }
  quiescent();
  rcuOffline();
  store(block + CpuBlock.next, at);
  store(block + CpuBlock.task, task);
  store(block + CpuBlock.loopEnd, loopEnd);
  countBatch(block, left);
  return script(at + RecordField.event) === Event.end ? 0 : 1;
}

/** Begins a batch: how many of the call's records come before the next quiescent state; 0 where the call is over. */
function nextBatch(block: ptr): i32 {
  const unbegun: i32 = load(block + CpuBlock.unbegun);
  const batch: i32 = unbegun < quiescentEvery ? unbegun : quiescentEvery;
  store(block + CpuBlock.unbegun, unbegun - batch);
  store(block + CpuBlock.batch, batch);
  return batch;
}

/** Counts the records of the batch that is over, but for the `left` ones that were not executed. */
function countBatch(block: ptr, left: i32): void {
  const batch: i32 = load(block + CpuBlock.batch);
  add(block + CpuBlock.events, batch - left);
}

/** Adds to a counter of this CPU. */
function add(counter: ptr, amount: i32): void {
  const before: i32 = load(counter);
  store(counter, before + amount);
}

/** System calls that concern the task and not its descriptors. */
function callOfTask(cpu: i32, task: ptr, event: i32, a: i32, b: i32): void {
  switch (event) {
    case Event.secid:
      currentSecid(cpu, task);
      break;
    case Event.fork:
      callFork(cpu, task, a, b);
      break;
    case Event.exit:
      taskExit(cpu, task);
      break;
    case Event.removeProfile:
      policyResult(cpu, removeProfile(cpu, a));
      break;
    default:
      changeProfile(cpu, task, a);
      break;
  }
}

/** This CPU's progress goes up: what it did before is visible to a CPU that has seen the number. */
function post(block: ptr): void {
  const before: i32 = load(block + CpuBlock.progress);
  storeRelease(block + CpuBlock.progress, before + 1);
}

/** Waits until the progress of CPU `other` is at least `count`; the CPU is idle and offline meanwhile. */
function waitFor(cpu: i32, task: ptr, other: i32, count: i32): void {
  const cpus: i32 = load(Boot.cpus);
  if (u32(other) >= u32(cpus)) {
    scriptError(cpu, ScriptError.badRecord);
    return;
  }
  const progress: ptr = cpuBlock(other) + CpuBlock.progress;
  const reached: i32 = loadAcquire(progress);
  if (reached - count >= 0) return;
  if (task !== 0) switchOut(cpu, task, 0);
  rcuOffline();
  awaitAtLeast(progress, count);
  rcuOnline();
}

/** One get and one put on the label of profile `index`, `delayNs` apart: the micro benchmark of published tables. */
function pair(cpu: i32, index: i32, delayNs: i32): void {
  const label: ptr = listedLabel(index);
  if (label === 0) {
    scriptError(cpu, ScriptError.badProfile);
    return;
  }
  labelGet(cpu, temporary(cpu), label);
  if (delayNs > 0) work(delayNs);
  labelPut(cpu, temporary(cpu), label);
}

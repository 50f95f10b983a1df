/**
 * Executes a CPU's script. Everything that a run is made of goes through here, so a record must cost little: the state is in
 * locals while a call runs and in the CPU's block between calls, `repeat` costs one comparison per record, and counters are
 * brought up to date at the end of the call.
 */
import {
  awaitAtLeast,
  type i32,
  load,
  loadAcquire,
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
import { rcuOffline, rcuOnline } from "./core/rcu-periods.ts";
import { CpuBlock, cpuBlock, LoopFrame, loopFrameBytes, temporary } from "./cpu-block.ts";
import { Event, RecordField, recordBytes, repeatDepth } from "./events.ts";
import { KernelGlobal } from "./globals.ts";
import { currentSecid } from "./hooks.ts";
import { listedLabel, removeProfile } from "./namespace.ts";
import { labelGet, labelPut } from "./reference.ts";
import { scriptError } from "./script-errors.ts";
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
import { descriptorsOf, switchTask, taskChangeProfile, taskExit } from "./task.ts";

/** Records between two quiescent states, so that grace periods go on while a script never thinks; a power of two. */
const quiescentEvery: i32 = 16;

/** Events up to this one are system calls, which only a task can make. */
const lastCall: i32 = Event.removeProfile;

/**
 * Executes up to `records` records of this CPU's script from where it stood; 0 or less: all that are left. 1 = there is more
 * to do, 0 = the script is finished. The CPU is offline for RCU before and after.
 */
export function run(cpu: i32, records: i32): i32 {
  const block: ptr = cpuBlock(cpu);
  const count: i32 = load(KernelGlobal.descriptorsPerTask);
  let at: i32 = load(block + CpuBlock.next);
  let task: ptr = load(block + CpuBlock.task);
  let table: ptr = 0;
  if (task !== 0) table = descriptorsOf(task);
  let depth: i32 = load(block + CpuBlock.depth);
  // No block ends at 0, so 0 is the end of none.
  let loopStart: i32 = load(block + CpuBlock.loopStart);
  let loopEnd: i32 = load(block + CpuBlock.loopEnd);
  let loopLeft: i32 = load(block + CpuBlock.loopLeft);
  let executed: i32 = 0;
  let requests: i32 = 0;
  let event: i32 = script(at + RecordField.event);
  rcuOnline();
  while (event !== Event.end) {
    const a: i32 = script(at + RecordField.a);
    const b: i32 = script(at + RecordField.b);
    at += recordBytes;
    executed += 1;
    if (u32(event) <= u32(lastCall)) {
      if (task === 0) {
        scriptError(cpu, ScriptError.badTask);
        event = Event.end;
      } else {
        enterKernel(cpu, task);
      }
    }
    switch (event) {
      case Event.end:
        break;
      case Event.open:
        callOpen(cpu, task, table, count, a);
        break;
      case Event.close:
        callClose(cpu, table, count, a);
        break;
      case Event.permission:
        callPermission(cpu, task, table, count, a, b);
        break;
      case Event.send:
        callSend(cpu, task, table, count, a);
        break;
      case Event.accept:
        callAccept(cpu, task, table, count, a, b);
        break;
      case Event.socket:
        callSocket(cpu, task, table, count, a);
        break;
      case Event.secid:
        currentSecid(cpu, task);
        break;
      case Event.fork:
        callFork(cpu, task, a, b);
        break;
      case Event.exec:
        taskChangeProfile(cpu, task, a);
        break;
      case Event.exit:
        taskExit(cpu, task);
        task = 0;
        break;
      case Event.dup:
        callDup(cpu, table, count, a, b);
        break;
      case Event.passFile:
        callPassFile(cpu, table, count, a, b);
        break;
      case Event.receiveFile:
        callReceiveFile(cpu, task, table, count, a, b);
        break;
      case Event.changeProfile:
        taskChangeProfile(cpu, task, a);
        break;
      case Event.removeProfile:
        removeProfile(cpu, a);
        break;
      case Event.think:
        if (a > 0) work(a);
        break;
      case Event.request:
        requests += 1;
        break;
      case Event.post:
        post(block);
        break;
      case Event.waitFor:
        waitFor(cpu, task, a, b);
        break;
      case Event.repeat:
        if (b < 0 || (a > 0 && depth === repeatDepth)) {
          // A block that is nested too deep is executed once.
          scriptError(cpu, ScriptError.badRecord);
        } else if (a <= 0) {
          at += b * recordBytes;
        } else if (b > 0) {
          const frame: ptr = block + CpuBlock.loops + depth * loopFrameBytes;
          store(frame + LoopFrame.start, loopStart);
          store(frame + LoopFrame.end, loopEnd);
          store(frame + LoopFrame.left, loopLeft);
          depth += 1;
          loopStart = at;
          loopEnd = at + b * recordBytes;
          loopLeft = a;
        }
        break;
      case Event.switchTask:
        task = switchTask(cpu, task, a);
        if (task !== 0) table = descriptorsOf(task);
        break;
      case Event.pair:
        pair(cpu, a, b);
        break;
      default:
        scriptError(cpu, ScriptError.badRecord);
        break;
    }
    while (at === loopEnd) {
      loopLeft -= 1;
      if (loopLeft > 0) {
        at = loopStart;
      } else {
        depth -= 1;
        const frame: ptr = block + CpuBlock.loops + depth * loopFrameBytes;
        loopStart = load(frame + LoopFrame.start);
        loopEnd = load(frame + LoopFrame.end);
        loopLeft = load(frame + LoopFrame.left);
      }
    }
    event = script(at + RecordField.event);
    if (executed === records) break;
    if ((executed & (quiescentEvery - 1)) === 0) quiescent();
  }
  quiescent();
  rcuOffline();
  store(block + CpuBlock.next, at);
  store(block + CpuBlock.task, task);
  store(block + CpuBlock.depth, depth);
  store(block + CpuBlock.loopStart, loopStart);
  store(block + CpuBlock.loopEnd, loopEnd);
  store(block + CpuBlock.loopLeft, loopLeft);
  const eventsBefore: i32 = load(block + CpuBlock.events);
  store(block + CpuBlock.events, eventsBefore + executed);
  const requestsBefore: i32 = load(block + CpuBlock.requests);
  store(block + CpuBlock.requests, requestsBefore + requests);
  return event === Event.end ? 0 : 1;
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

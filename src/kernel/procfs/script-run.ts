/**
 * What every procfs program does with a script, whatever its own events are: where it stands, blocks, pauses, order between
 * CPUs. A program's `run` is a loop over `nextEvent`, its own events or `commonEvent`, and `recordDone`.
 */
import {
  awaitAtLeast,
  type bool,
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
import { Boot } from "../../machine/memory-map.ts";
import { rcuOffline, rcuOnline } from "../core/rcu-periods.ts";
import { Event, RecordField, recordBytes, repeatDepth } from "../events.ts";
import { ProcCpu, procCpu } from "./cpu-block.ts";

/** Offsets in one entry of `ProcCpu.loops`. */
enum Frame {
  start = 0,
  end = 4,
  left = 8,
  bytes = 12,
}

/** Where this CPU's next record is, for `script`. */
export function recordAt(cpu: i32): i32 {
  return load(procCpu(cpu) + ProcCpu.next);
}

/** Executes an event that every program has; false for one that it does not know. */
export function commonEvent(cpu: i32, at: i32, event: i32): bool {
  const block: ptr = procCpu(cpu);
  const a: i32 = script(at + RecordField.a);
  switch (event) {
    case Event.think:
      if (a > 0) work(a);
      return true;
    case Event.request:
      countRequest(cpu);
      return true;
    case Event.post: {
      const before: i32 = load(block + ProcCpu.progress);
      storeRelease(block + ProcCpu.progress, before + 1);
      return true;
    }
    case Event.waitFor:
      return waitFor(a, script(at + RecordField.b));
    case Event.repeat:
      return openBlock(block, at, a, script(at + RecordField.b));
    default:
      return false;
  }
}

/** One request of this CPU is finished. */
export function countRequest(cpu: i32): void {
  add(procCpu(cpu) + ProcCpu.requests, 1);
}

/** A record made no sense: unknown event, index outside its table. */
export function badRecord(cpu: i32): void {
  add(procCpu(cpu) + ProcCpu.badRecords, 1);
}

/** The record at `at` is executed: counts it and goes on to the next, which may be the first of a block. */
export function recordDone(cpu: i32, at: i32, event: i32): void {
  const block: ptr = procCpu(cpu);
  add(block + ProcCpu.events, 1);
  // `repeat` has moved on itself.
  let next: i32 = event === Event.repeat ? load(block + ProcCpu.next) : at + recordBytes;
  let loopEnd: i32 = load(block + ProcCpu.loopEnd);
  while (next === loopEnd) {
    const left: i32 = load(block + ProcCpu.loopLeft);
    store(block + ProcCpu.loopLeft, left - 1);
    if (left > 1) {
      next = load(block + ProcCpu.loopStart);
    } else {
      const depth: i32 = load(block + ProcCpu.depth);
      const frame: ptr = block + ProcCpu.loops + (depth - 1) * Frame.bytes;
      store(block + ProcCpu.depth, depth - 1);
      store(block + ProcCpu.loopStart, load(frame + Frame.start));
      loopEnd = load(frame + Frame.end);
      store(block + ProcCpu.loopEnd, loopEnd);
      store(block + ProcCpu.loopLeft, load(frame + Frame.left));
    }
  }
  store(block + ProcCpu.next, next);
}

/** Whether the script is finished; for `run`'s result. */
export function scriptEnded(cpu: i32): bool {
  return script(recordAt(cpu) + RecordField.event) === Event.end;
}

function add(cell: ptr, amount: i32): void {
  const before: i32 = load(cell);
  store(cell, before + amount);
}

/** A block of `records` records behind this one, `count` times. Puts the cursor on what comes next. */
function openBlock(block: ptr, at: i32, count: i32, records: i32): bool {
  const body: i32 = records * recordBytes;
  const first: i32 = at + recordBytes;
  const depth: i32 = load(block + ProcCpu.depth);
  if (body < 0 || (count > 0 && depth === repeatDepth)) {
    // A block that is nested too deep is executed once.
    store(block + ProcCpu.next, first);
    return false;
  }
  if (count <= 0 || body === 0) {
    store(block + ProcCpu.next, first + body);
    return true;
  }
  const frame: ptr = block + ProcCpu.loops + depth * Frame.bytes;
  store(frame + Frame.start, load(block + ProcCpu.loopStart));
  store(frame + Frame.end, load(block + ProcCpu.loopEnd));
  store(frame + Frame.left, load(block + ProcCpu.loopLeft));
  store(block + ProcCpu.depth, depth + 1);
  store(block + ProcCpu.loopStart, first);
  store(block + ProcCpu.loopEnd, first + body);
  store(block + ProcCpu.loopLeft, count);
  store(block + ProcCpu.next, first);
  return true;
}

/** Waits until CPU `other` has passed `post` so often; this CPU is idle and offline meanwhile. */
function waitFor(other: i32, count: i32): bool {
  const cpus: i32 = load(Boot.cpus);
  if (u32(other) >= u32(cpus)) return false;
  const progress: ptr = procCpu(other) + ProcCpu.progress;
  const reached: i32 = loadAcquire(progress);
  if (reached - count >= 0) return true;
  quiescent();
  rcuOffline();
  awaitAtLeast(progress, count);
  rcuOnline();
  return true;
}

/**
 * A queue of an NVMe target counts its commands with a percpu_ref; who destroys it kills the ref and waits until the last command
 * is gone. One kind of command waits for an event that may never come: it has to be ended first.
 *
 * `broken` 1: the kernel before 819f7b88b48f, which ended such commands only where there was an event to end them with.
 */
import {
  Boot,
  Confirm,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelGlobals,
  type ProgramMeta,
  percpuRefBytes,
  percpuRefExit,
  percpuRefGet,
  percpuRefInit,
  percpuRefKillAndConfirm,
  percpuRefPut,
  percpuRefSwitched,
  RefEvent,
} from "refplay/kernel";
import {
  awaitEqual,
  exchange,
  type i32,
  load,
  option,
  type ptr,
  rcuTake,
  store,
  storeRelease,
} from "refplay/machine";

const broken: i32 = option("broken");
const switched: i32 = 1;

/** The queue. */
export enum Scratch {
  ref = 0,
  entries = percpuRefBytes,
  end = entries + 8,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  queue = 0,
  /** 1 while a command waits for an event; it has a count of the queue. */
  waiting = 64,
  /** Events that nobody has been told of. */
  events = 72,
  /** 1 once the kill is known on all CPUs. */
  confirmed = 128,
  /** 1 once the last count is gone. */
  idle = 192,
}

const queue: ptr = kernelGlobals + Shared.queue;
const waiting: ptr = kernelGlobals + Shared.waiting;
const events: ptr = kernelGlobals + Shared.events;
const confirmed: ptr = kernelGlobals + Shared.confirmed;
const idle: ptr = kernelGlobals + Shared.idle;

/** A queue with two commands: one that is worked on, and one that waits for an event. */
export function boot(): void {
  coreBoot();
  // On the last CPU, so that all others begin alike.
  const last: i32 = load(Boot.cpus) - 1;
  const object: ptr = heapAlloc(last, Kind.scratch, Scratch.end);
  percpuRefInit(last, object + Scratch.ref, 0);
  store(queue, object);
  percpuRefGet(last, object + Scratch.ref);
  percpuRefGet(last, object + Scratch.ref);
  store(waiting, 1);
}

/** Ends a command. */
function complete(cpu: i32, object: ptr): void {
  load(object + Scratch.entries);
  if (percpuRefPut(cpu, object + Scratch.ref)) storeRelease(idle, 1);
}

/** Works on a command. */
export function worker(cpu: i32): void {
  complete(cpu, load(queue));
}

/** Destroys the queue, to which no command comes any more. */
export function destroyer(cpu: i32): void {
  const object: ptr = load(queue);
  const left: i32 = load(events);
  if (broken === 0 || left !== 0) {
    const command: i32 = exchange(waiting, 0);
    if (command !== 0) complete(cpu, object);
  }
  const event: i32 = percpuRefKillAndConfirm(cpu, object + Scratch.ref, switched, Confirm.wanted);
  if ((event & RefEvent.released) !== 0) storeRelease(idle, 1);
  awaitEqual(confirmed, 1);
  awaitEqual(idle, 1);
  percpuRefExit(cpu, object + Scratch.ref);
  heapFree(cpu, object);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const event: i32 = percpuRefSwitched(cpu, head);
    if ((event & RefEvent.confirmed) !== 0) storeRelease(confirmed, 1);
    if ((event & RefEvent.released) !== 0) storeRelease(idle, 1);
    head = rcuTake();
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 1, doc: "1: before the fix." },
  },
} satisfies ProgramMeta;

/** Store buffers: what makes the simulator's memory x86-TSO, and plain stores cheap. */
import { Op } from "../../machine/ops.ts";
import { EventKind } from "./event-heap.ts";
import { LineState, Rec, recordOf } from "./lines.ts";
import { end, issue, touch, wake, wakeWatchers } from "./requests.ts";
import { Mode, type SimState } from "./sim-state.ts";

/** Whether the actor has the line alone. */
export function owns(s: SimState, line: number, actor: number): boolean {
  const word = s.lines.words[line] as number;
  if (word >= 0) return word === actor + 1;
  const at = recordOf(word);
  return s.lines.rec[at + Rec.state] === LineState.exclusive && s.lines.rec[at + Rec.owner] === actor;
}

/** Index of the newest store to that cell in the actor's buffer, or -1. */
export function newestStore(s: SimState, actor: number, address: number): number {
  const size = s.costs.storeBufferEntries;
  const base = actor * size;
  const first = s.bufferFirst[actor] as number;
  for (let i = (s.buffered[actor] as number) - 1; i >= 0; i--) {
    const at = base + ((first + i) % size);
    if (s.bufferAddress[at] === address) return at;
  }
  return -1;
}

/** Puts a store into the actor's buffer, which has room. */
export function bufferStore(s: SimState, actor: number, address: number, value: number, pc: number): void {
  const size = s.costs.storeBufferEntries;
  const count = s.buffered[actor] as number;
  const at = actor * size + (((s.bufferFirst[actor] as number) + count) % size);
  s.bufferAddress[at] = address;
  s.bufferValue[at] = value;
  s.bufferPc[at] = pc;
  s.buffered[actor] = count + 1;
  if (count === 0) writeOldest(s, actor);
}

/** Writes the oldest stores as far as the actor has their lines alone; asks for the line of the next one. */
function writeOldest(s: SimState, actor: number): void {
  while ((s.buffered[actor] as number) > 0) {
    const at = actor * s.costs.storeBufferEntries + (s.bufferFirst[actor] as number);
    const line = (s.bufferAddress[at] as number) >>> s.lines.shift;
    if (!owns(s, line, actor)) {
      issue(s, s.actors + actor, line, true);
      s.heap.time[0] = (s.clock[0] as number) + s.costs.reach;
      s.heap.push(EventKind.storeArrival, actor);
      return;
    }
    write(s, actor, at, line);
  }
}

/** Writes the oldest store and takes it out. */
function write(s: SimState, actor: number, at: number, line: number): void {
  s.memory[(s.bufferAddress[at] as number) >> 2] = s.bufferValue[at] as number;
  s.probe?.onWritten?.(
    s.clock[0] as number,
    actor,
    s.bufferAddress[at] as number,
    s.bufferValue[at] as number,
  );
  const first = (s.bufferFirst[actor] as number) + 1;
  s.bufferFirst[actor] = first === s.costs.storeBufferEntries ? 0 : first;
  s.buffered[actor] = (s.buffered[actor] as number) - 1;
  s.onWritten(actor);
  const word = s.lines.words[line] as number;
  if (word >= 0) return;
  const record = recordOf(word);
  touch(s, record, actor, 0);
  if ((s.lines.rec[record + Rec.watchers] as number) >= 0) {
    wakeWatchers(s, record);
    s.lines.dropIfQuiet(record);
  }
}

/** The transfer for the oldest store ends: it is written, and those behind it as far as they can be. */
export function storeDone(s: SimState, actor: number): void {
  const at = actor * s.costs.storeBufferEntries + (s.bufferFirst[actor] as number);
  const line = (s.bufferAddress[at] as number) >>> s.lines.shift;
  end(s, s.actors + actor, line, 0);
  write(s, actor, at, line);
  writeOldest(s, actor);
  const waits = s.mode[actor] as Mode;
  if (waits === Mode.room || (waits === Mode.drain && s.buffered[actor] === 0)) {
    const waited = (s.clock[0] as number) - (s.since[actor] as number);
    if (s.pending[actor] === Op.synchronizeRcu) s.evidence.waitedForGracePeriod(actor, waited);
    else s.evidence.waitedForLine(actor, waited);
    wake(s, actor);
  }
}

/** Requests for lines: their arrival, their queue, transfers and hand-offs, as docs/simulator-model.md has it. */
import { ActorWord } from "../../link/stepped/index.ts";
import { RcuHead } from "../../machine/memory-map.ts";
import { Op } from "../../machine/ops.ts";
import { EventKind } from "./event-heap.ts";
import { LineState, Rec, recordOf } from "./lines.ts";
import { Mode, type SimState } from "./sim-state.ts";
import { Distance } from "./types.ts";

/** Whether a request wants the line alone: one of a store buffer, of an RMW, or of `callRcu`. */
function wantsAlone(s: SimState, request: number): boolean {
  if (request >= s.actors) return true;
  const op = s.pending[request] as number;
  return (op > Op.loadAcquire && op <= Op.compareExchange) || op === Op.callRcu;
}

/** Byte address that a request is for. */
function addressOf(s: SimState, request: number): number {
  if (request < s.actors) {
    const operand = s.state[request * s.stride + ActorWord.operand0] as number;
    return s.pending[request] === Op.callRcu ? operand + RcuHead.callback : operand;
  }
  const actor = request - s.actors;
  return s.bufferAddress[actor * s.costs.storeBufferEntries + (s.bufferFirst[actor] as number)] as number;
}

function pcOf(s: SimState, request: number): number {
  if (request < s.actors) return s.state[request * s.stride + ActorWord.pc] as number;
  const actor = request - s.actors;
  return s.bufferPc[actor * s.costs.storeBufferEntries + (s.bufferFirst[actor] as number)] as number;
}

/** Makes a request; its arrival, `reach` later, is for the caller to put into the queue of events. */
export function issue(s: SimState, request: number, line: number, alone: boolean): void {
  const { lines } = s;
  const at = lines.record(line);
  const { rec } = lines;
  rec[at + Rec.coming] = (rec[at + Rec.coming] as number) + 1;
  if (alone) {
    rec[at + Rec.comingAlone] = (rec[at + Rec.comingAlone] as number) + 1;
    rec[at + Rec.calm] = 0;
  }
  s.requestedAt[request] = s.clock[0] as number;
}

/** A request comes to its line. */
export function arrive(s: SimState, request: number): void {
  const { lines, heap } = s;
  const time = s.clock[0] as number;
  const { rec } = lines;
  const alone = wantsAlone(s, request);
  const actor = request < s.actors ? request : request - s.actors;
  const at = lines.record(addressOf(s, request) >>> lines.shift);
  rec[at + Rec.coming] = (rec[at + Rec.coming] as number) - 1;
  if (alone) rec[at + Rec.comingAlone] = (rec[at + Rec.comingAlone] as number) - 1;
  const state = rec[at + Rec.state] as LineState;
  const owns = state === LineState.exclusive && rec[at + Rec.owner] === actor;
  if (owns || (!alone && lines.has(at, actor))) {
    if (request < s.actors) s.mode[actor] = Mode.granted;
    heap.time[0] = time;
    heap.push(request < s.actors ? EventKind.goOn : EventKind.storeDone, actor);
    lines.settle(at);
    return;
  }
  if ((rec[at + Rec.waiting] as number) > 0 || state === LineState.moving) {
    enqueue(s, at, request);
  } else if (state === LineState.exclusive) {
    const owner = rec[at + Rec.owner] as number;
    const held = s.heldLine[owner] === rec[at + Rec.line] ? (s.holdEnd[owner] as number) : 0;
    if (held > time) {
      enqueue(s, at, request);
      heap.time[0] = held;
      dueAt(s, at);
    } else begin(s, at, request, false);
  } else if (alone && (rec[at + Rec.fetches] as number) > 0) enqueue(s, at, request);
  else begin(s, at, request, false);
}

function enqueue(s: SimState, at: number, request: number): void {
  const { rec } = s.lines;
  const tail = rec[at + Rec.tail] as number;
  if (tail < 0) rec[at + Rec.head] = request;
  else s.nextWaiter[tail] = request;
  rec[at + Rec.tail] = request;
  s.nextWaiter[request] = -1;
  rec[at + Rec.waiting] = (rec[at + Rec.waiting] as number) + 1;
  s.evidence.queued(rec[at + Rec.line] as number, rec[at + Rec.waiting] as number);
  s.lines.settle(at);
}

/** Takes a waiter out of the queue; `before` is the one in front of it, -1 for the first. */
function dequeue(s: SimState, at: number, before: number, request: number): void {
  const { rec } = s.lines;
  const next = s.nextWaiter[request] as number;
  if (before < 0) rec[at + Rec.head] = next;
  else s.nextWaiter[before] = next;
  if (next < 0) rec[at + Rec.tail] = before;
  rec[at + Rec.waiting] = (rec[at + Rec.waiting] as number) - 1;
}

function distanceOf(s: SimState, a: number, b: number): Distance {
  const { core, l3, socket } = s.places;
  if (a === b) return Distance.self;
  if (core[a] === core[b]) return Distance.smt;
  if (l3[a] === l3[b]) return Distance.l3;
  return socket[a] === socket[b] ? Distance.socket : Distance.cross;
}

/** Distance to the nearest sharer, or to the farthest but for the actor itself; `self` where there is no other. */
function sharerDistance(s: SimState, at: number, actor: number, farthest: boolean): Distance {
  const { lines, actors } = s;
  if (!farthest && lines.isSharer(at, actor)) return Distance.self;
  let best: Distance = farthest ? Distance.self : Distance.memory;
  for (let other = 0; other < actors; other++) {
    if ((other & 31) === 0) {
      // Most words of a line that few share are empty.
      while (other < actors && lines.sharerWord(at, other >>> 5) === 0) other += 32;
      if (other >= actors) break;
    }
    if (other === actor || !lines.isSharer(at, other)) continue;
    const distance = distanceOf(s, actor, other);
    if (farthest ? distance > best : distance < best) best = distance;
    if (best === (farthest ? s.farthest : Distance.smt)) break;
  }
  return best;
}

/** A transfer begins. */
function begin(s: SimState, at: number, request: number, queued: boolean): void {
  const { lines, costs, heap } = s;
  const { rec } = lines;
  const own = request < s.actors;
  const actor = own ? request : request - s.actors;
  const alone = wantsAlone(s, request);
  const state = rec[at + Rec.state] as LineState;
  let distance = Distance.memory;
  if (state === LineState.exclusive) distance = distanceOf(s, actor, rec[at + Rec.owner] as number);
  else if (state === LineState.shared) distance = sharerDistance(s, at, actor, alone);
  if (alone) {
    if ((rec[at + Rec.watchers] as number) >= 0) wakeOthers(s, at, actor);
    if (state === LineState.shared) lines.clearSharers(at);
    rec[at + Rec.state] = LineState.moving;
  } else if (state === LineState.nobody) rec[at + Rec.state] = LineState.moving;
  else {
    if (state === LineState.exclusive) {
      lines.addSharer(at, rec[at + Rec.owner] as number);
      rec[at + Rec.state] = LineState.shared;
    }
    rec[at + Rec.fetches] = (rec[at + Rec.fetches] as number) + 1;
  }
  const end = (s.clock[0] as number) + ((queued ? costs.handOff : costs.idle)[distance] as number);
  lines.settle(at);
  heap.time[0] = end;
  s.evidence.transfer(s, request, addressOf(s, request), pcOf(s, request), distance, alone);
  s.probe?.onTransfer?.(end, actor, (rec[at + Rec.line] as number) * 2 ** lines.shift, distance, alone);
  s.underWay[request] = 1;
  if (own) s.mode[actor] = Mode.granted;
  heap.push(own ? EventKind.goOn : EventKind.storeDone, actor);
}

/** The line is taken from those who await a cell of it: they look again. The one who takes it stays: its own store wakes it. */
function wakeOthers(s: SimState, at: number, taker: number): void {
  const { rec } = s.lines;
  let actor = rec[at + Rec.watchers] as number;
  rec[at + Rec.watchers] = -1;
  while (actor >= 0) {
    const next = s.nextWatcher[actor] as number;
    if (actor === taker) watch(s, at, actor);
    else wake(s, actor);
    actor = next;
  }
}

export function wakeWatchers(s: SimState, at: number): void {
  wakeOthers(s, at, -1);
}

/** An actor that slept does its operation again, now. */
export function wake(s: SimState, actor: number): void {
  s.mode[actor] = Mode.ready;
  s.heap.time[0] = s.clock[0] as number;
  s.heap.push(EventKind.goOn, actor);
}

/** The actor sleeps until the line of that record is taken from it, or its own buffer writes it. */
export function watch(s: SimState, at: number, actor: number): void {
  const { rec } = s.lines;
  s.nextWatcher[actor] = rec[at + Rec.watchers] as number;
  rec[at + Rec.watchers] = actor;
  s.mode[actor] = Mode.watch;
}

/**
 * The transfer for a request ends, where one was under way; nothing to do for a requester that had the line when it arrived.
 * @param cost of the operation that is performed now
 */
export function end(s: SimState, request: number, line: number, cost: number): void {
  const { lines, heap } = s;
  const time = s.clock[0] as number;
  const { rec } = lines;
  const actor = request < s.actors ? request : request - s.actors;
  if (s.underWay[request] === 0) {
    const word = lines.words[line] as number;
    if (word < 0) lines.dropIfQuiet(recordOf(word));
    return;
  }
  s.underWay[request] = 0;
  const at = lines.record(line);
  const state = rec[at + Rec.state] as LineState;
  if (state === LineState.shared) {
    lines.addSharer(at, actor);
    const left = (rec[at + Rec.fetches] as number) - 1;
    rec[at + Rec.fetches] = left;
    heap.time[0] = time;
    if (left === 0 && (rec[at + Rec.waiting] as number) > 0) dueAt(s, at);
    return;
  }
  rec[at + Rec.state] = LineState.exclusive;
  rec[at + Rec.owner] = actor;
  let free = time;
  if (wantsAlone(s, request)) {
    free = time + cost + s.costs.hold;
    s.heldLine[actor] = line;
    s.holdEnd[actor] = free;
    s.holdLimit[actor] = time + s.costs.mostHold;
  }
  heap.time[0] = free;
  if ((rec[at + Rec.waiting] as number) > 0) dueAt(s, at);
  else lines.dropIfQuiet(at);
}

/** An owner writes a line that others wait for: it keeps it a little longer. */
export function touch(s: SimState, at: number, actor: number, cost: number): void {
  const { rec } = s.lines;
  if (rec[at + Rec.waiting] === 0 || s.heldLine[actor] !== rec[at + Rec.line]) return;
  const free = Math.min((s.clock[0] as number) + cost + s.costs.hold, s.holdLimit[actor] as number);
  if (free > (s.holdEnd[actor] as number)) s.holdEnd[actor] = free;
}

/** A hand-off is due at `heap.time`, unless one is already. */
function dueAt(s: SimState, at: number): void {
  const { rec } = s.lines;
  if ((rec[at + Rec.slot] as number) > 0) return;
  const slot = s.freeSlots[--s.freeSlotCount] as number;
  s.slotRecord[slot] = at;
  rec[at + Rec.slot] = slot + 1;
  s.heap.push(EventKind.handOff, slot);
}

/** A line with waiters may be given on. */
export function handOff(s: SimState, slot: number): void {
  const { lines } = s;
  const { rec } = lines;
  const at = s.slotRecord[slot] as number;
  rec[at + Rec.slot] = 0;
  s.freeSlots[s.freeSlotCount++] = slot;
  const state = rec[at + Rec.state] as LineState;
  const owner = rec[at + Rec.owner] as number;
  if (state === LineState.exclusive) {
    const held = s.heldLine[owner] === rec[at + Rec.line] ? (s.holdEnd[owner] as number) : 0;
    if (held > (s.clock[0] as number)) {
      s.heap.time[0] = held;
      dueAt(s, at);
      return;
    }
  }
  choose(s, at, owner);
}

function actorOf(s: SimState, request: number): number {
  return request < s.actors ? request : request - s.actors;
}

/** First come, first served, but that one waiter of the owner's L3 domain may overtake those of others, not twice in a row. */
function choose(s: SimState, at: number, source: number): void {
  const { rec } = s.lines;
  const { l3 } = s.places;
  const home = l3[source];
  let before = -1;
  let chosen = rec[at + Rec.head] as number;
  if (l3[actorOf(s, chosen)] !== home && rec[at + Rec.bypassed] === 0) {
    let previous = chosen;
    let request = s.nextWaiter[chosen] as number;
    while (request >= 0 && l3[actorOf(s, request)] !== home) {
      previous = request;
      request = s.nextWaiter[request] as number;
    }
    if (request >= 0) {
      chosen = request;
      before = previous;
    }
  }
  rec[at + Rec.bypassed] = before >= 0 ? 1 : 0;
  if (wantsAlone(s, chosen)) {
    dequeue(s, at, before, chosen);
    begin(s, at, chosen, true);
    return;
  }
  before = -1;
  for (let request = rec[at + Rec.head] as number; request >= 0; ) {
    const next = s.nextWaiter[request] as number;
    if (wantsAlone(s, request)) before = request;
    else {
      dequeue(s, at, before, request);
      begin(s, at, request, true);
    }
    request = next;
  }
  if (rec[at + Rec.waiting] === 0) rec[at + Rec.bypassed] = 0;
}

/** The lines of the machine: requests, transfers, holds and hand-offs, section "Requests" of docs/simulator-model.md. */
import { Distance } from "../../../../src/engines/sim/types.ts";
import type { Actor, Request } from "./actor.ts";
import { type Agenda, EventKind } from "./agenda.ts";
import { Line } from "./line.ts";
import type { TickMachine } from "./ticks.ts";

/** Hears of every transfer's end. */
export type TransferEnds = (time: number, request: Request, distance: Distance) => void;

export class Lines {
  readonly all = new Map<number, Line>();
  private readonly agenda: Agenda;
  private readonly machine: TickMachine;
  private readonly onTransfer: TransferEnds;
  /** Whether transfers that begin now are counted. */
  private readonly counts: () => boolean;

  constructor(agenda: Agenda, machine: TickMachine, counts: () => boolean, onTransfer: TransferEnds) {
    this.counts = counts;
    this.agenda = agenda;
    this.machine = machine;
    this.onTransfer = onTransfer;
  }

  at(address: number): Line {
    const number = Math.floor(address / this.machine.lineBytes);
    let line = this.all.get(number);
    if (line === undefined) {
      line = new Line(number);
      this.all.set(number, line);
    }
    return line;
  }

  owns(actor: Actor, address: number): boolean {
    return this.at(address).owner === actor;
  }

  has(actor: Actor, address: number): boolean {
    return this.at(address).havers().includes(actor);
  }

  /** A request; it comes to its line `reach` later. */
  request(actor: Actor, buffered: boolean, address: number, exclusive: boolean): Request {
    const { now } = this.agenda;
    const kind = buffered ? EventKind.bufferedArrival : EventKind.arrival;
    this.agenda.add(now + this.machine.reach, kind, actor.number);
    const line = this.at(address);
    const more = { queued: false, distance: null, counted: false, alone: exclusive };
    return { actor, buffered, line, address, exclusive, madeAt: now, ...more };
  }

  arrive(request: Request): void {
    const { line, actor, exclusive } = request;
    const { now } = this.agenda;
    const isThere = exclusive ? line.owner === actor : line.havers().includes(actor);
    if (isThere) {
      this.endsAt(request, now);
      return;
    }
    if (line.queue.length > 0 || line.state === "moving" || (exclusive && line.fetches > 0)) {
      this.enqueue(request);
      return;
    }
    const holdEnd = this.holdEnd(line);
    if (holdEnd > now) {
      this.enqueue(request);
      this.handOffAt(line, holdEnd);
    } else this.begin(request);
  }

  private enqueue(request: Request): void {
    const { line } = request;
    request.queued = true;
    line.queue.push(request);
    if (this.counts()) line.mostWaiting = Math.max(line.mostWaiting, line.queue.length);
  }

  private handOffAt(line: Line, time: number): void {
    this.agenda.add(time, EventKind.handOff, line.number);
  }

  /** Until when the owner keeps the line; 0 where nothing holds it. */
  private holdEnd(line: Line): number {
    const hold = line.owner?.hold;
    return hold?.line === line ? hold.end : 0;
  }

  private endsAt(request: Request, time: number): void {
    const kind = request.buffered ? EventKind.bufferedDone : EventKind.continue;
    this.agenda.add(time, kind, request.actor.number);
  }

  /** Distance of a transfer that begins now. */
  private distanceOf(request: Request): Distance {
    const { line, actor, exclusive } = request;
    const havers = line.havers();
    if (havers.length === 0) return Distance.memory;
    const away = havers.map((other) => this.machine.distance(actor.number, other.number));
    return exclusive ? Math.max(...away) : Math.min(...away);
  }

  /** The transfer begins now. */
  private begin(request: Request): void {
    const { line, actor, exclusive } = request;
    const { now } = this.agenda;
    request.distance = this.distanceOf(request);
    request.counted = this.counts();
    const latency = this.machine.latency(request.distance, request.queued);
    this.endsAt(request, now + Math.max(1, latency - this.machine.reach));
    if (exclusive) {
      line.state = "moving";
      line.owner = null;
      line.source = null;
      line.sharers.clear();
      this.wakeWatchers(line, actor);
    } else if (line.state === "nobody") {
      line.state = "moving";
      request.alone = true;
    } else {
      if (line.state === "exclusive") {
        line.source = line.owner as Actor;
        line.sharers.add(line.source);
        line.owner = null;
        line.state = "shared";
      }
      line.fetches++;
    }
  }

  /** Those who await a cell of the line look again, now; not the one who gets the line. */
  private wakeWatchers(line: Line, except: Actor): void {
    for (const watcher of [...line.watchers]) if (watcher !== except) this.wake(line, watcher);
  }

  private wake(line: Line, watcher: Actor): void {
    line.watchers.delete(watcher);
    watcher.waiting = "nothing";
    this.agenda.add(this.agenda.now, EventKind.continue, watcher.number);
  }

  /** A store of the actor's buffer was written: it looks again if it awaits a cell of that line. */
  written(actor: Actor, address: number): void {
    const line = this.at(address);
    if (line.watchers.has(actor)) this.wake(line, actor);
  }

  /** The transfer ends now. @param cost of the operation that it was for */
  end(request: Request, cost: number): void {
    const { line, actor, distance } = request;
    const { now } = this.agenda;
    if (distance === null) return;
    if (request.counted) this.count(request, distance);
    this.onTransfer(now, request, distance);
    if (request.alone) {
      line.state = "exclusive";
      line.owner = actor;
      // What a load has found in memory is not held.
      if (request.exclusive) actor.hold = { line, since: now, end: now + cost + this.machine.hold };
      if (line.queue.length > 0) this.handOffAt(line, Math.max(now, this.holdEnd(line)));
      return;
    }
    line.sharers.add(actor);
    line.fetches--;
    if (line.fetches === 0 && line.queue.length > 0) this.handOffAt(line, now);
  }

  /** A line's own statistics are of its way from CPU to CPU. */
  private count({ line, exclusive, madeAt }: Request, distance: Distance): void {
    if (distance === Distance.memory || distance === Distance.self) return;
    line.waitTicks += this.agenda.now - madeAt;
    line.transfersByDistance[distance] = (line.transfersByDistance[distance] as number) + 1;
    if (!exclusive) line.loads++;
  }

  /** An operation by which an actor wrote a line that it has, which is over at `operationEnd`: an owner may keep the line longer. */
  writes(actor: Actor, address: number, operationEnd: number): void {
    const line = this.at(address);
    const { hold } = actor;
    if (line.owner !== actor || hold === null || hold.line !== line || line.queue.length === 0) return;
    const wanted = Math.min(operationEnd + this.machine.hold, hold.since + this.machine.mostHold);
    hold.end = Math.max(hold.end, wanted);
  }

  handOff(number: number): void {
    const line = this.all.get(number) as Line;
    const { now } = this.agenda;
    if (line.queue.length === 0 || line.fetches > 0) return;
    if (line.state !== "exclusive" && line.state !== "shared") return;
    const holdEnd = this.holdEnd(line);
    if (holdEnd > now) {
      this.handOffAt(line, holdEnd);
      return;
    }
    const chosen = this.choose(line);
    if (chosen.exclusive) {
      line.queue.splice(line.queue.indexOf(chosen), 1);
      this.begin(chosen);
      return;
    }
    const loads = line.queue.filter((request) => !request.exclusive);
    const rest = line.queue.filter((request) => request.exclusive);
    line.queue.splice(0, line.queue.length, ...rest);
    if (rest.length === 0) line.bypassed = false;
    for (const load of loads) this.begin(load);
  }

  /** The waiter that is next: the first, or the first of the source's own L3 domain, but never twice in a row. */
  private choose(line: Line): Request {
    const source = (line.owner ?? line.source) as Actor;
    const isNear = (request: Request): boolean => this.machine.sameL3(source.number, request.actor.number);
    const first = line.queue[0] as Request;
    const near = line.queue.find(isNear);
    const bypass = !isNear(first) && !line.bypassed && near !== undefined;
    line.bypassed = bypass;
    return bypass ? near : first;
  }
}

/** The run in virtual time: takes the first event, does what docs/simulator-model.md says, takes the next. */

import type { SimJob, SimProbe } from "../../../../src/engines/sim/index.ts";
import { ActorWord, type Step, type SteppedProgram } from "../../../../src/link/stepped/index.ts";
import { Boot, RcuHead } from "../../../../src/machine/memory-map.ts";
import { Op } from "../../../../src/machine/ops.ts";
import { Actor, type Request, type Role, type Waiting } from "./actor.ts";
import { Agenda, EventKind } from "./agenda.ts";
import { NaiveGracePeriods } from "./grace-periods.ts";
import { Lines } from "./lines.ts";
import { clock, clockShows, isAwaited, modified } from "./operations.ts";
import { isAwait, isRmw, Tally } from "./tally.ts";
import { TickMachine, toTicks } from "./ticks.ts";

const idleMaintenanceTicks = toTicks(1e6);

/** The run cannot go on: a fault, an address that is none, a deadlock, too many operations. */
export class NaiveStop extends Error {}

export class NaiveRun {
  readonly agenda = new Agenda();
  readonly tally = new Tally();
  readonly lines: Lines;
  readonly grace: NaiveGracePeriods;
  readonly actors: readonly Actor[];
  readonly memory: Int32Array;
  /** Hears of every write to memory, at its time. */
  onWrite: (time: number, address: number) => void = () => {};
  private readonly machine: TickMachine;
  private readonly program: SteppedProgram;
  private readonly state: Int32Array;
  private readonly step: Step;
  private readonly scriptBases: readonly number[];
  private readonly job: SimJob;
  private readonly probe: SimProbe;
  /** When `maintain` was to be called, the times that are left of a plan. */
  private readonly plan: number[] | null;
  private maintaining = false;

  constructor(job: SimJob, memory: Int32Array, probe: SimProbe) {
    const { program } = job;
    this.job = job;
    this.program = program;
    this.memory = memory;
    this.probe = probe;
    this.machine = new TickMachine(job.machine, job.cpus);
    const counts = (): boolean => !this.scriptsAreDone();
    this.lines = new Lines(this.agenda, this.machine, counts, (time, request, distance) => {
      if (request.counted) this.tally.transfer(distance);
      const { actor, line, exclusive } = request;
      probe.onTransfer?.(time, actor.number, line.number * this.machine.lineBytes, distance, exclusive);
    });
    const roles: Role[] = new Array(job.cpus).fill("script");
    if (program.entries.has("softirq")) roles.push("softirq");
    const maintained = job.maintenance === true && program.entries.has("maintain");
    if (maintained) roles.push("maintenance");
    const stride = program.wordsPerActor;
    this.actors = roles.map((role, number) => new Actor(number, role, number * stride));
    this.state = new Int32Array(roles.length * stride);
    this.grace = new NaiveGracePeriods(this.agenda, this.machine.gracePeriod, this.actors);
    this.plan = job.maintenanceAtNs === undefined ? null : job.maintenanceAtNs.map(toTicks);
    const cells = job.scripts.flatMap((script) => [...script]);
    this.step = program.instantiate(Int32Array.from([...cells, 0, 0, 0, 0]));
    let base = 0;
    this.scriptBases = job.scripts.map((script) => {
      base += script.length * 4;
      return base - script.length * 4;
    });
  }

  run(): void {
    for (const actor of this.actors) {
      if (actor.role === "maintenance") this.planCall(actor, 0, 0);
      else this.begin(actor, actor.role === "script" ? "run" : "softirq");
    }
    for (let event = this.agenda.next(); event !== undefined; event = this.agenda.next()) {
      const { kind, number } = event;
      const actor = this.actors.find((one) => one.number === number) as Actor;
      if (kind === EventKind.continue) this.continue(actor);
      else if (kind === EventKind.bufferedDone) this.bufferedDone(actor);
      else if (kind === EventKind.arrival) this.lines.arrive(actor.own as Request);
      else if (kind === EventKind.bufferedArrival) this.lines.arrive(actor.buffered as Request);
      else if (kind === EventKind.handOff) this.lines.handOff(number);
      else this.endGracePeriod();
    }
    const stuck = this.actors.filter((actor) => actor.endedAt === null);
    if (stuck.length > 0) {
      const what = stuck.map((actor) => `${actor.number} in ${Op[actor.op]}`).join(", ");
      throw new NaiveStop(`deadlock: nobody can go on, ${what}`);
    }
  }

  /** Starts an entry; its first operation is due now. */
  private begin(actor: Actor, entry: string): void {
    const { number, base } = actor;
    const args = entry === "run" ? [number, 0] : [number];
    const scriptBase = this.scriptBases[number] ?? 0;
    this.program.start(this.state, base, entry, args, { cpu: number, scriptBase });
    actor.op = this.step(this.state, base, 0);
    actor.since = this.agenda.now;
    actor.waiting = "nothing";
    this.agenda.add(this.agenda.now, EventKind.continue, number);
  }

  private operand(actor: Actor, index: number): number {
    return this.state[actor.base + ActorWord.operand0 + index] as number;
  }

  private continue(actor: Actor): void {
    if (actor.waiting === "nextCall") {
      if (this.scriptsAreDone()) this.ended(actor);
      else {
        this.maintaining = true;
        this.begin(actor, "maintain");
      }
      return;
    }
    actor.waiting = "nothing";
    const request = actor.own;
    actor.own = null;
    if (request !== null) this.lines.end(request, this.costOf(actor.op));
    this.perform(actor, request !== null);
  }

  /** What an operation costs once the line has come for it. */
  private costOf(op: Op): number {
    if (op === Op.callRcu) return this.machine.store;
    return isRmw(op) ? this.machine.atomic : 0;
  }

  private wait(actor: Actor, waiting: Waiting): void {
    actor.waiting = waiting;
  }

  /** The operation is done, and costs `cost` from now on; then comes the next. */
  private finish(actor: Actor, result: number, cost: number): void {
    const { now } = this.agenda;
    const { op, base } = actor;
    const operand = this.operand(actor, 0);
    const inStrategy = isRmw(op) && this.program.inStrategy(this.state, base);
    this.tally.operation(actor, now, cost, operand, inStrategy);
    this.probe.onOp?.(now, actor.number, op, operand, result);
    if (this.tally.operations > (this.job.opLimit ?? 2e9)) throw new NaiveStop("limit-exceeded");
    actor.op = this.step(this.state, base, result);
    actor.since = now + cost;
    this.agenda.add(actor.since, EventKind.continue, actor.number);
  }

  private address(actor: Actor, offset = 0): number {
    const address = this.operand(actor, 0) + offset;
    if ((address & 3) !== 0 || address < 64 || address >= this.memory.length * 4) {
      throw new NaiveStop(`actor ${actor.number}: ${Op[actor.op]} at ${address}`);
    }
    return address;
  }

  private write(address: number, value: number): void {
    this.memory[address >> 2] = value;
    this.onWrite(this.agenda.now, address);
  }

  /** Performs the operation that the actor has come to. @param fetched whether it has just got the line for it */
  private perform(actor: Actor, fetched: boolean): void {
    const { op } = actor;
    const { now } = this.agenda;
    const { machine } = this;
    if (op === Op.load || op === Op.loadAcquire) {
      const loaded = this.load(actor, fetched);
      if (loaded !== null) this.finish(actor, loaded.value, loaded.cost);
    } else if (op === Op.store || op === Op.storeRelease) this.store(actor);
    else if (isRmw(op)) this.readModifyWrite(actor, fetched);
    else if (isAwait(op)) this.await(actor, fetched);
    else if (op === Op.fence) {
      if (actor.buffer.length > 0) this.wait(actor, "emptyBuffer");
      else this.finish(actor, 0, machine.fence);
    } else if (op === Op.work) this.finish(actor, 0, machine.work(this.operand(actor, 0)));
    else if (op === Op.spin) this.finish(actor, 0, toTicks(Math.max(0, this.operand(actor, 0))));
    else if (op === Op.now) this.finish(actor, clock(now), 0);
    else if (op === Op.mark) {
      const event = this.operand(actor, 0);
      if (event !== this.job.eventMark) this.tally.mark(event);
      else if (actor.role === "script") this.tally.openEvent(actor, now, this.operand(actor, 1));
      this.finish(actor, 0, 0);
    } else if (op === Op.done) this.ended(actor);
    else if (op === Op.fault) throw new NaiveStop(`actor ${actor.number}: fault ${this.operand(actor, 0)}`);
    else this.performRcu(actor, fetched);
  }

  private performRcu(actor: Actor, fetched: boolean): void {
    const { grace } = this;
    switch (actor.op) {
      case Op.rcuReadLock:
        grace.lock(actor);
        break;
      case Op.rcuReadUnlock:
        if (actor.nesting === 0) throw new NaiveStop(`actor ${actor.number} is in no section`);
        grace.unlock(actor);
        break;
      case Op.callRcu: {
        const cell = this.address(actor, RcuHead.callback);
        if (actor.buffer.length > 0) {
          this.wait(actor, "emptyBuffer");
          return;
        }
        if (!fetched && !this.lines.owns(actor, cell)) {
          this.ask(actor, cell, true);
          return;
        }
        const { store } = this.machine;
        this.write(cell, this.operand(actor, 1));
        if (!fetched) this.lines.writes(actor, cell, this.agenda.now + store);
        grace.callRcu(this.operand(actor, 0));
        this.finish(actor, 0, store);
        return;
      }
      case Op.synchronizeRcu:
        if (!actor.synchronized) {
          if (actor.nesting > 0) throw new NaiveStop(`actor ${actor.number} waits for itself`);
          if (actor.buffer.length > 0) {
            this.wait(actor, "emptyBuffer");
            return;
          }
          grace.synchronize(actor);
          this.wait(actor, "gracePeriod");
          return;
        }
        actor.synchronized = false;
        break;
      case Op.rcuTake:
        if (grace.hasReady) this.finish(actor, grace.take(), 0);
        else if (this.isOver()) this.finish(actor, 0, 0);
        else this.wait(actor, "callback");
        return;
      case Op.loadFence:
      case Op.storeFence:
      case Op.allocated:
      case Op.freed:
      case Op.quiescent:
        break;
      default:
        throw new Error(`operation ${actor.op} is unknown to the naive engine`);
    }
    this.finish(actor, 0, 0);
  }

  /** The value of the actor's cell, and what it costs from now on; null where the line was asked for. */
  private load(actor: Actor, fetched: boolean): { readonly value: number; readonly cost: number } | null {
    const address = this.address(actor);
    const value = this.memory[address >> 2] as number;
    const { hit } = this.machine;
    if (fetched) return { value, cost: 0 };
    const forwarded = actor.forwarded(address);
    if (forwarded !== undefined) return { value: forwarded, cost: hit };
    if (!this.lines.has(actor, address)) {
      this.ask(actor, address, false);
      return null;
    }
    return { value, cost: hit };
  }

  private ask(actor: Actor, address: number, exclusive: boolean): void {
    this.wait(actor, "line");
    actor.own = this.lines.request(actor, false, address, exclusive);
  }

  private store(actor: Actor): void {
    const address = this.address(actor);
    const value = this.operand(actor, 1);
    const { store, bufferEntries } = this.machine;
    if (actor.buffer.length === 0 && this.lines.owns(actor, address)) {
      this.write(address, value);
      this.lines.writes(actor, address, this.agenda.now + store);
    } else if (actor.buffer.length < bufferEntries) {
      actor.buffer.push({ address, value });
      if (actor.buffer.length === 1) actor.buffered = this.lines.request(actor, true, address, true);
    } else {
      this.wait(actor, "roomInBuffer");
      return;
    }
    this.finish(actor, 0, store);
  }

  private readModifyWrite(actor: Actor, fetched: boolean): void {
    if (actor.buffer.length > 0) {
      this.wait(actor, "emptyBuffer");
      return;
    }
    const address = this.address(actor);
    if (!fetched && !this.lines.owns(actor, address)) {
      this.ask(actor, address, true);
      return;
    }
    const cost = fetched ? this.machine.atomic : this.machine.privateAtomic;
    const before = this.memory[address >> 2] as number;
    const fails = actor.op === Op.compareExchange && before !== this.operand(actor, 1);
    if (!fails) {
      this.write(address, modified(actor.op, before, this.operand(actor, 1), this.operand(actor, 2)));
      this.lines.writes(actor, address, this.agenda.now + cost);
    }
    this.finish(actor, before, cost);
  }

  private await(actor: Actor, fetched: boolean): void {
    const { now } = this.agenda;
    const address = this.address(actor);
    const wanted = this.operand(actor, 1);
    if (address === Boot.tick) {
      const due = clockShows(actor.op, now, wanted);
      if (due === now) this.finish(actor, 0, 0);
      else {
        this.wait(actor, "tick");
        this.agenda.add(due, EventKind.continue, actor.number);
      }
      return;
    }
    const loaded = this.load(actor, fetched);
    if (loaded === null) return;
    if (isAwaited(actor.op, loaded.value, wanted)) {
      this.finish(actor, 0, loaded.cost);
      return;
    }
    this.wait(actor, "watchedLine");
    this.lines.at(address).watchers.add(actor);
  }

  /** The oldest store's line is there: it is written, and as many behind it as need no other line. */
  private bufferedDone(actor: Actor): void {
    this.lines.end(actor.buffered as Request, 0);
    actor.buffered = null;
    const { buffer } = actor;
    do {
      const { address, value } = buffer.shift() as (typeof buffer)[number];
      this.write(address, value);
      this.probe.onWritten?.(this.agenda.now, actor.number, address, value);
      this.lines.writes(actor, address, this.agenda.now);
      this.lines.written(actor, address);
      this.grace.written(actor);
    } while (buffer[0] !== undefined && this.lines.owns(actor, buffer[0].address));
    if (buffer[0] !== undefined) actor.buffered = this.lines.request(actor, true, buffer[0].address, true);
    const goesOn =
      (actor.waiting === "emptyBuffer" && buffer.length === 0) ||
      (actor.waiting === "roomInBuffer" && buffer.length < this.machine.bufferEntries);
    if (goesOn) this.goOn(actor);
  }

  /** An actor that slept continues now. */
  private goOn(actor: Actor): void {
    actor.waiting = "nothing";
    this.agenda.add(this.agenda.now, EventKind.continue, actor.number);
  }

  private endGracePeriod(): void {
    for (const waiter of this.grace.end()) {
      waiter.synchronized = true;
      this.goOn(waiter);
    }
    this.wakeTaker();
  }

  private wakeTaker(): void {
    if (!this.grace.hasReady && !this.isOver()) return;
    for (const actor of this.actors) if (actor.waiting === "callback") this.goOn(actor);
  }

  private scriptsAreDone(): boolean {
    return this.actors.every((actor) => actor.role !== "script" || actor.endedAt !== null);
  }

  /** Whether no callback can come any more. */
  private isOver(): boolean {
    return this.scriptsAreDone() && this.grace.callbacks === 0 && !this.maintaining;
  }

  private ended(actor: Actor): void {
    const { now } = this.agenda;
    if (actor.nesting > 0) throw new NaiveStop(`actor ${actor.number} ended in a section`);
    if (actor.role === "maintenance" && this.maintaining) {
      this.maintaining = false;
      this.planCall(actor, now, this.state[actor.base + ActorWord.returnValue] as number);
    } else {
      actor.waiting = "ended";
      actor.endedAt = now;
    }
    if (actor.role === "script") this.tally.closeEvent(actor, now);
    this.wakeTaker();
  }

  /** When `maintain` is called next, after a call that ended now and told that it did so much. */
  private planCall(actor: Actor, now: number, did: number): void {
    if (this.plan !== null) {
      const next = this.plan.shift();
      if (next === undefined) {
        actor.waiting = "ended";
        actor.endedAt = now;
        return;
      }
      actor.waiting = "nextCall";
      this.agenda.add(Math.max(now, next), EventKind.continue, actor.number);
      return;
    }
    const interval = toTicks((this.program.constants.get("strategy.maintenanceIntervalMs") ?? 0) * 1e6);
    const idle = did === 0 ? idleMaintenanceTicks : 0;
    actor.waiting = "nextCall";
    this.agenda.add(now + (interval === 0 ? idle : interval), EventKind.continue, actor.number);
  }
}

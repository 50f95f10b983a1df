/**
 * Turns what the machine is about to do into an event of the log, and has its races looked for. What can be read off the machine
 * is read before the transition is done; which marks the actor passes on its way to its next operation is known only afterwards,
 * so the races come last.
 */
import { ActorWord } from "../../link/stepped/index.ts";
import { Op } from "../../machine/ops.ts";
import type { Execution } from "./execution.ts";
import { Role } from "./grace-order.ts";
import { type Awaited, Races } from "./races.ts";
import { isAwait, isStore, takeKey } from "./touches.ts";
import { type Transition, TransitionKind, transitionStride } from "./types.ts";

/** By operation: may have to wait for others. */
const waits = new Uint8Array(32);
for (const op of [Op.awaitEqual, Op.awaitNotEqual, Op.awaitAtLeast, Op.rcuTake]) waits[op] = 1;
waits[Op.allocated] = 1;

/** What `Races.findWaiting` wants to know. */
interface Waiting {
  readonly drained: number;
  readonly own: number;
  readonly awaited: Awaited | null;
}

export class EventRaces {
  private readonly execution: Execution;
  private readonly races: Races;
  /** Of the event that is being looked at; null where it never waits. */
  private waiting: Waiting | null = null;

  constructor(execution: Execution) {
    this.execution = execution;
    this.races = new Races(execution.log, execution.choices);
  }

  /** Looks at what is about to be done. */
  consider(choice: number, transition: Transition, role: Role): void {
    const { grace, log, machine, touches } = this.execution;
    const actor = Math.floor(transition / transitionStride);
    const flushes = transition % transitionStride === TransitionKind.flush;
    const process = 2 * actor + (flushes ? 1 : 0);
    const count = touches.accessesOf(transition, role);
    const drains = !flushes && machine.needsEmptyBuffer(actor);
    log.consider(process, choice, transition, machine.accesses.list, count, drains);
    if (role !== Role.none) grace.order(role, transition);
    if (touches.takesNothing(transition)) log.afterAll();
    const op = machine.pendingOp(actor);
    if (!flushes && !touches.isSc && isStore(op)) log.buffered[log.length] = touches.operandCell(actor);
    if (count > 0) this.noteCells(transition);
    this.waiting = flushes || waits[op] === 0 ? null : this.waitingOf(actor, op, choice, drains);
  }

  /** Finds the races of what was looked at, once all its keys are known. */
  find(): void {
    const { races, waiting } = this;
    if (this.execution.log.touchesNothing) return;
    if (waiting === null) races.find();
    else races.findWaiting(waiting.drained, waiting.own, waiting.awaited);
  }

  private waitingOf(actor: number, op: Op, choice: number, drains: boolean): Waiting {
    const { log, machine, numbers, touches } = this.execution;
    const value = machine.state[actor * machine.stride + ActorWord.operand1] as number;
    return {
      drained: drains ? (log.newest[2 * actor + 1] as number) : -1,
      own: op === Op.rcuTake ? numbers.takesBy(actor) : 1 << choice,
      awaited: isAwait(op) ? { op, cell: touches.operandCell(actor), value } : null,
    };
  }

  /** Notes what the event that is being looked at does to which cell. */
  private noteCells(transition: Transition): void {
    const { log, machine, touches } = this.execution;
    const cell = touches.overwritten(transition);
    if (cell >= 0) {
      log.cell[log.length] = cell;
      log.before[log.length] = machine.world.memory[cell] ?? 0;
      return;
    }
    const loaded = touches.loaded(transition);
    if (loaded >= 0) log.noteLoad(loaded);
  }

  /**
   * What waits when an execution ends may have come before what it waits behind. Its marks need not be known for that: once it
   * was done somewhere they are.
   */
  considerBlocked(state: number): void {
    const { choices, log, machine, touches } = this.execution;
    const enabled = choices.enabled[state] as number;
    for (let actor = 0; actor < machine.actorCount; actor++) {
      const op = machine.pendingOp(actor);
      const choice = 2 * actor;
      if ((enabled & (1 << choice)) !== 0 || waits[op] === 0) continue;
      let count = 1;
      if (op !== Op.rcuTake) count = machine.accesses.pending(actor);
      else if (touches.takers > 1) machine.accesses.list[0] = takeKey * 2 + 1;
      else continue;
      log.consider(choice, choice, actor * transitionStride, machine.accesses.list, count, false);
      const waiting = this.waitingOf(actor, op, choice, false);
      if (waiting.awaited !== null) log.noteLoad(waiting.awaited.cell);
      this.races.findWaiting(waiting.drained, waiting.own, waiting.awaited);
    }
  }

  /** Actors whose oldest callback may be taken, as a set. */
  ripe(): number {
    const { machine } = this.execution;
    let ripe = 0;
    for (let actor = 0; actor < machine.actorCount; actor++) {
      if (machine.world.sections.isRipe(actor)) ripe |= 1 << actor;
    }
    return ripe;
  }

  /** An event made another callback ripe: it could have been taken instead of one that was taken before. */
  considerTakes(event: number): void {
    const { grace, log } = this.execution;
    for (const take of grace.takes) {
      if (take < event && !log.isAfter(event, take)) {
        this.races.reverse(take, event, 1 << (log.choice[event] as number));
      }
    }
  }
}

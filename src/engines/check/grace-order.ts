/**
 * What RCU adds to the order of events. Leaving a section conflicts with nothing: it commutes with the beginning of every grace
 * period. But a grace period ends after every section that was entered before it began (entering and beginning do conflict), and
 * a callback is taken after it was queued and after the end of its grace period. So those orders are added as such, which tells
 * far fewer executions apart than conflicts would.
 */
import { Op } from "../../machine/ops.ts";
import type { EventLog } from "./clocks.ts";
import type { CheckMachine } from "./machine.ts";
import { queueLimit } from "./sections.ts";
import { EntryKind } from "./store-buffers.ts";
import { type Transition, TransitionKind, transitionStride } from "./types.ts";

/** What a transition is to RCU. */
export enum Role {
  none = 0,
  /** Enters an outermost section. */
  enter = 1,
  /** The end of an outermost section becomes visible. */
  leave = 2,
  /** A callback is queued. */
  queue = 3,
  take = 4,
  /** Comes back from waiting for a grace period. */
  waited = 5,
}

export class GraceOrder {
  /** Events that took a callback. */
  readonly takes: number[] = [];
  private readonly machine: CheckMachine;
  private readonly log: EventLog;
  /** By actor: events. */
  private readonly enters: number[][] = [];
  private readonly leaves: number[][] = [];
  private readonly queues: number[][] = [];
  /** By actor: callbacks of its queue that were taken. */
  private readonly taken: Int32Array;
  /** By event: its role, and the actor that it concerns. */
  private readonly roles: Role[] = [];
  private readonly concerned: number[] = [];

  constructor(machine: CheckMachine, log: EventLog) {
    this.machine = machine;
    this.log = log;
    for (let actor = 0; actor < machine.actorCount; actor++) {
      this.enters.push([]);
      this.leaves.push([]);
      this.queues.push([]);
    }
    this.taken = new Int32Array(machine.actorCount);
  }

  /** The role of a transition that has not been done yet. */
  roleOf(transition: Transition): Role {
    const { machine } = this;
    const actor = Math.floor(transition / transitionStride);
    const kind = transition % transitionStride;
    const { buffers, sections } = machine.world;
    if (kind === TransitionKind.flush) {
      const entry = (buffers.entries[buffers.oldest(actor)] as number) & 3;
      if (entry === EntryKind.readUnlock) return Role.leave;
      return entry === EntryKind.callRcu ? Role.queue : Role.none;
    }
    if (kind >= TransitionKind.takeFrom) return Role.take;
    const isSc = machine.problem.model === "sc";
    switch (machine.pendingOp(actor)) {
      case Op.rcuReadLock:
        return sections.nesting[actor] === 0 ? Role.enter : Role.none;
      case Op.rcuReadUnlock:
        return isSc && sections.nesting[actor] === 1 ? Role.leave : Role.none;
      case Op.callRcu:
        return isSc ? Role.queue : Role.none;
      case Op.synchronizeRcu:
        return sections.waiting[actor] === 0 ? Role.none : Role.waited;
      default:
        return Role.none;
    }
  }

  /** The head that taking from an actor's queue yields now. */
  headOf(from: number): number {
    const { sections } = this.machine.world;
    return sections.queue[from * queueLimit * sections.stride] as number;
  }

  /** Orders the event that is being looked at behind what it waited for. */
  order(role: Role, transition: Transition): void {
    const { log } = this;
    if (role === Role.waited) this.orderBehindSections(log.previous[log.length] as number);
    if (role !== Role.take) return;
    const from = (transition % transitionStride) - TransitionKind.takeFrom;
    const queued = this.queues[from]?.[this.taken[from] as number];
    if (queued === undefined) return;
    log.join(log.length, queued);
    this.orderBehindSections(queued);
  }

  /** Behind the end of every section that was entered before an event. */
  private orderBehindSections(begun: number): void {
    for (let reader = 0; reader < this.enters.length; reader++) {
      const enters = this.enters[reader] as number[];
      let count = enters.length;
      while (count > 0 && (enters[count - 1] as number) > begun) count--;
      const left = count === 0 ? undefined : this.leaves[reader]?.[count - 1];
      if (left !== undefined) this.log.join(this.log.length, left);
    }
  }

  /** Notes the event that is about to be added to the log. */
  push(role: Role, transition: Transition): void {
    const event = this.log.length;
    const actor = Math.floor(transition / transitionStride);
    const concerned = role === Role.take ? (transition % transitionStride) - TransitionKind.takeFrom : actor;
    this.roles.push(role);
    this.concerned.push(concerned);
    if (role === Role.enter) this.enters[actor]?.push(event);
    else if (role === Role.leave) this.leaves[actor]?.push(event);
    else if (role === Role.queue) this.queues[actor]?.push(event);
    else if (role === Role.take) {
      this.takes.push(event);
      this.taken[concerned] = (this.taken[concerned] as number) + 1;
    }
  }

  /** Takes the last event away again. */
  pop(): void {
    const role = this.roles.pop();
    const concerned = this.concerned.pop() as number;
    if (role === Role.enter) this.enters[concerned]?.pop();
    else if (role === Role.leave) this.leaves[concerned]?.pop();
    else if (role === Role.queue) this.queues[concerned]?.pop();
    else if (role === Role.take) {
      this.takes.pop();
      this.taken[concerned] = (this.taken[concerned] as number) - 1;
    }
  }
}

/** What a run is told by: counts of the whole run, and where the scripts' CPUs spent their time, in ticks. */
import { type Distance, distances, type TimeSplit } from "../../../../src/engines/sim/types.ts";
import { Op } from "../../../../src/machine/ops.ts";
import type { Actor } from "./actor.ts";
import { toNs, toTicks } from "./ticks.ts";

const mutable = {
  thinkNs: 0,
  slowdownNs: 0,
  ownNs: 0,
  linesNs: 0,
  locksNs: 0,
  gracePeriodsNs: 0,
  spinNs: 0,
};

export const isRmw = (op: Op): boolean => op >= Op.fetchAdd && op <= Op.compareExchange;
export const isAwait = (op: Op): boolean => op >= Op.awaitEqual && op <= Op.awaitAtLeast;

/** A script event that a mark began: times from one mark to the next, or to the end of its script. */
interface OpenEvent {
  readonly event: number;
  readonly at: number;
}

export class Tally {
  readonly byOp: number[] = new Array(32).fill(0);
  operations = 0;
  rmws = 0;
  strategyRmws = 0;
  readonly transfersByDistance: number[] = new Array(distances).fill(0);
  readonly marks = new Map<number, number>();
  /** Ticks that events of scripts took, by event. */
  readonly eventTicks = new Map<number, number[]>();
  private readonly split = { ...mutable };
  private readonly open = new Map<Actor, OpenEvent>();

  /** An operation that was come to at `actor.since`, is done now, and costs its actor `cost` from now on. */
  operation(actor: Actor, now: number, cost: number, operand: number, inStrategy: boolean): void {
    const { op } = actor;
    this.byOp[op] = (this.byOp[op] as number) + 1;
    this.operations++;
    if (actor.role !== "script") return;
    const { split } = this;
    const waited = now - actor.since;
    if (isRmw(op)) {
      this.rmws++;
      if (inStrategy) this.strategyRmws++;
    }
    if (isAwait(op)) split.locksNs += waited + cost;
    else if (op === Op.synchronizeRcu) split.gracePeriodsNs += waited;
    else if (op === Op.spin) split.spinNs += cost;
    else if (op === Op.work) {
      const think = toTicks(Math.max(0, operand));
      split.thinkNs += think;
      split.slowdownNs += cost - think;
    } else {
      split.ownNs += cost;
      split.linesNs += waited;
    }
  }

  /** A script ended, or came to its next record. */
  closeEvent(actor: Actor, now: number): void {
    const open = this.open.get(actor);
    if (open === undefined) return;
    this.open.delete(actor);
    const before = this.eventTicks.get(open.event);
    if (before === undefined) this.eventTicks.set(open.event, [now - open.at]);
    else before.push(now - open.at);
  }

  openEvent(actor: Actor, now: number, event: number): void {
    this.closeEvent(actor, now);
    this.open.set(actor, { event, at: now });
  }

  mark(event: number): void {
    this.marks.set(event, (this.marks.get(event) ?? 0) + 1);
  }

  transfer(distance: Distance): void {
    this.transfersByDistance[distance] = (this.transfersByDistance[distance] as number) + 1;
  }

  time(): TimeSplit {
    const entries = Object.entries(this.split).map(([name, ticks]) => [name, toNs(ticks)]);
    return Object.fromEntries(entries) as TimeSplit;
  }
}

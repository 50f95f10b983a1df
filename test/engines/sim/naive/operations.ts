/** What operations do to a cell, and when an await goes on: nothing of time. */
import { Op } from "../../../../src/machine/ops.ts";

/** What a read-modify-write that succeeds leaves in a cell that holds `before`. */
export function modified(op: Op, before: number, operand1: number, operand2: number): number {
  switch (op) {
    case Op.fetchAdd:
      return (before + operand1) | 0;
    case Op.fetchAnd:
      return before & operand1;
    case Op.fetchOr:
      return before | operand1;
    case Op.exchange:
      return operand1;
    case Op.compareExchange:
      return operand2;
    default:
      throw new Error(`${Op[op]} does not modify`);
  }
}

/** Whether an await for `wanted` goes on where the cell holds `value`. */
export function isAwaited(op: Op, value: number, wanted: number): boolean {
  if (op === Op.awaitEqual) return value === wanted;
  if (op === Op.awaitNotEqual) return value !== wanted;
  return ((value - wanted) | 0) >= 0;
}

const tickOfClock = 16_000;

/** What `now` yields: microseconds. */
export function clock(ticks: number): number {
  return Math.floor(ticks / tickOfClock) | 0;
}

/** When the clock shows first, from `ticks` on, what an await is for. */
export function clockShows(op: Op, ticks: number, wanted: number): number {
  const shown = clock(ticks);
  if (isAwaited(op, shown, wanted)) return ticks;
  const micros = Math.floor(ticks / tickOfClock);
  const more = op === Op.awaitNotEqual ? 1 : (wanted - shown) >>> 0;
  return (micros + more) * tickOfClock;
}

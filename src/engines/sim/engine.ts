/**
 * The simulator's loop. Every event is a number in a heap; most are "this actor goes on".
 *
 * **Running ahead.** Strictly, actors would take turns after each operation of a nanosecond. An actor may do more: a request that another
 * actor makes at time t comes to its line at t + `reach`, so what an actor does until then with lines that it has, and
 * that nobody asks for, is the same whether it is done before or after the other's turn. The loop lets an actor go on until the
 * next event's time + `reach` with such lines, and only while it is really the next with all others (those with requests under way, and
 * whatever concerns RCU or its own store buffer). `test/engines/sim/differential.test.ts` holds that against an engine that does not.
 */
import { ActorWord } from "../../link/stepped/index.ts";
import { Op } from "../../machine/ops.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { EventKind, GlobalEvent } from "./event-heap.ts";
import type { GracePeriods } from "./grace-periods.ts";
import { recordOf } from "./lines.ts";
import { isEvidence, type Operations } from "./operations.ts";
import { Outcome } from "./outcome.ts";
import { arrive, handOff } from "./requests.ts";
import type { Roles } from "./roles.ts";
import { Mode, type SimState } from "./sim-state.ts";
import { storeDone } from "./store-buffer.ts";

function observe(s: SimState, actor: number, op: number, time: number, result: number): void {
  const operand = s.state[actor * s.stride + ActorWord.operand0] as number;
  s.probe?.onOp?.(time, actor, op, operand, result);
}

/** Events between two looks at limits and at who wants to stop the run. */
const eventsBetweenLooks = 1 << 16;

export interface EngineOptions {
  readonly opLimit: number;
  /** Called now and then; true stops the run. */
  readonly look: () => boolean;
}

export type EngineEnd = "done" | "deadlock" | "limit" | "stopped" | "time" | "fault";

export class Engine {
  constructor(
    private readonly s: SimState,
    private readonly grace: GracePeriods,
    private readonly roles: Roles,
    private readonly checkpoints: Checkpoints,
    private readonly operations: Operations,
    private readonly options: EngineOptions,
  ) {}

  /** Runs to the end, or until the limit of operations; then the next call goes on from there. */
  run(): EngineEnd {
    const { s, grace, operations, roles, checkpoints } = this;
    const { byOp } = operations;
    const { heap, state, memory, pending, mode, stride, step, buffered } = s;
    const { keys, scale, numbers } = heap;
    const { lines } = s;
    const { words, shift, bitWords } = lines;
    const { hit, store: storeCost, privateAtomic, reach } = s.costs;
    const { opLimit } = this.options;
    const nesting = grace.nesting;
    const entered = grace.entered;
    const { probe, clock } = s;
    let events = 0;
    let ops = 0;
    while (heap.size > 0) {
      if (ops > opLimit) return "limit";
      if (++events >= eventsBetweenLooks) {
        events = 0;
        if ((keys[0] as number) >= heap.end * scale) return "time";
        if (this.options.look()) return "stopped";
      }
      const key = keys[0] as number;
      const start = Math.floor(key / scale);
      const rest = key - start * scale;
      if (rest >= numbers) {
        clock[0] = start;
        this.other(rest);
        continue;
      }
      const actor = rest;
      const base = actor * stride;
      const tag = actor + 1;
      let time = start;
      let op = pending[actor] as number;
      if (mode[actor] !== Mode.ready) {
        clock[0] = time;
        const outcome = operations.resume(actor);
        if (outcome === Outcome.away) {
          heap.pop();
          continue;
        }
        if (outcome === Outcome.performed) {
          if (probe !== null) observe(s, actor, op, time, operations.result);
          time += operations.cost;
        }
        op = step(state, base, operations.result);
        ops++;
      }
      // Not a call, which would box the key.
      let next = Math.min(keys[1] as number, keys[2] as number);
      // What it does at the time of its event comes before everything else that is to come.
      let horizon = Math.max(
        start,
        Math.min(Math.floor(next / scale) + reach, grace.endsAt, checkpoints.next),
      );
      for (;;) {
        if (time > horizon || ops > opLimit) {
          pending[actor] = op;
          heap.time[0] = time;
          heap.replaceTop(EventKind.goOn, actor);
          break;
        }
        let result = 0;
        if (op <= Op.compareExchange && op !== Op.done) {
          const address = state[base + ActorWord.operand0] as number;
          const word = words[address >>> shift] as number;
          if (word === tag && buffered[actor] === 0 && (address & 3) === 0) {
            const cell = address >> 2;
            const begun = time;
            if (op <= Op.loadAcquire) {
              result = memory[cell] as number;
              time += hit;
            } else if (op <= Op.storeRelease) {
              memory[cell] = state[base + ActorWord.operand1] as number;
              time += storeCost;
            } else {
              clock[0] = time;
              result = operations.rmw(actor, op, base, address);
              time += privateAtomic;
            }
            byOp[op] = (byOp[op] as number) + 1;
            ops++;
            if (probe !== null) observe(s, actor, op, begun, result);
            op = step(state, base, result);
            continue;
          }
          if (word < 0 && op <= Op.loadAcquire && buffered[actor] === 0) {
            const at = recordOf(word);
            // Rec.calm is 12; a record has 16 cells.
            if (lines.rec[at + 12] === 1) {
              const sharers = lines.bits[(at >> 4) * bitWords + (actor >>> 5)] as number;
              if ((sharers & (1 << (actor & 31))) !== 0 && (address & 3) === 0) {
                result = memory[address >> 2] as number;
                if (probe !== null) observe(s, actor, op, time, result);
                time += hit;
                byOp[op] = (byOp[op] as number) + 1;
                ops++;
                op = step(state, base, result);
                continue;
              }
            }
          }
        } else if (isEvidence[op] === 1) {
          clock[0] = time;
          operations.tell(actor, op, base);
          if (probe !== null) observe(s, actor, op, time, 0);
          byOp[op] = (byOp[op] as number) + 1;
          ops++;
          op = step(state, base, 0);
          continue;
        } else if (op === Op.rcuReadLock) {
          const depth = (nesting[actor] as number) + 1;
          nesting[actor] = depth;
          if (depth === 1) entered[actor] = time;
          if (probe !== null) observe(s, actor, op, time, 0);
          byOp[op] = (byOp[op] as number) + 1;
          ops++;
          op = step(state, base, 0);
          continue;
        } else if (op === Op.done) {
          // What others did before must be done before somebody's end is looked at.
          if (time * scale + actor >= next) {
            pending[actor] = op;
            heap.time[0] = time;
            heap.replaceTop(EventKind.goOn, actor);
          } else {
            pending[actor] = op;
            heap.pop();
            roles.ended(actor, time);
          }
          break;
        }
        const isNext = time * scale + actor < next;
        clock[0] = time;
        const outcome = operations.perform(actor, op, isNext);
        if (outcome === Outcome.performed) {
          if (probe !== null) observe(s, actor, op, time, operations.result);
          time += operations.cost;
          byOp[op] = (byOp[op] as number) + 1;
          ops++;
          op = step(state, base, operations.result);
          // It may have put an event into the heap.
          next = Math.min(keys[1] as number, keys[2] as number);
          horizon = Math.max(
            start,
            Math.min(Math.floor(next / scale) + reach, grace.endsAt, checkpoints.next),
          );
          continue;
        }
        pending[actor] = op;
        if (outcome === Outcome.later) {
          heap.time[0] = time;
          heap.replaceTop(EventKind.goOn, actor);
        } else if (outcome === Outcome.requested) {
          heap.time[0] = operations.wakeTime;
          heap.replaceTop(operations.wakeKind, actor);
        } else if (outcome === Outcome.away) heap.pop();
        else return "fault";
        break;
      }
    }
    return roles.scriptsLeft > 0 ? "deadlock" : "done";
  }

  /** Events that are no actor's turn. */
  private other(rest: number): void {
    const { s } = this;
    const time = s.clock[0] as number;
    const { heap } = s;
    const kind = Math.floor(rest / heap.numbers);
    const number = rest - kind * heap.numbers;
    heap.pop();
    if (kind === EventKind.arrival) arrive(s, number);
    else if (kind === EventKind.handOff) handOff(s, number);
    else if (kind === EventKind.storeArrival) arrive(s, s.actors + number);
    else if (kind === EventKind.storeDone) storeDone(s, number);
    else if (number === GlobalEvent.gracePeriod) this.grace.timeUp(time);
    else this.checkpoints.take(time, this.roles.scriptsLeft > 0);
    if (this.roles.scriptsLeft === 0) this.roles.maybeOver(time);
  }
}

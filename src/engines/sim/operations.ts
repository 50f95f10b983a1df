/** Operations that the loop does not do by itself: lines that are not at hand, buffers, waiting, RCU, evidence. */
import { ActorWord } from "../../link/stepped/index.ts";
import { Boot, RcuHead } from "../../machine/memory-map.ts";
import { Op } from "../../machine/ops.ts";
import { faultTexts, isBadAddress } from "../bad-address.ts";
import { EventKind } from "./event-heap.ts";
import type { GracePeriods } from "./grace-periods.ts";
import { LineState, Rec, recordOf } from "./lines.ts";
import { Outcome } from "./outcome.ts";
import { end, issue, touch, watch } from "./requests.ts";
import type { Roles } from "./roles.ts";
import { Mode, type SimState } from "./sim-state.ts";
import { bufferStore, newestStore, owns } from "./store-buffer.ts";
import { ticksPerClock, ticksPerNs } from "./units.ts";

export interface Fault {
  readonly actor: number;
  readonly op: Op;
  readonly address: number;
  readonly detail: string;
}

/** By operation: done at once, at no cost, and nobody else's business; `Operations.tell`. */
export const isEvidence = new Uint8Array(32);
for (const op of [Op.mark, Op.allocated, Op.freed, Op.quiescent, Op.loadFence, Op.storeFence])
  isEvidence[op] = 1;

export class Operations {
  /** What the last operation that was performed returned, and how many ticks it took. */
  result = 0;
  cost = 0;
  wakeTime = 0;
  wakeKind = EventKind.goOn;
  fault: Fault | undefined;
  /** Operations done, by `Op`. */
  readonly byOp = new Float64Array(32);
  /** Of scripts: all atomic operations, and those with a strategy's function on the chain of calls. */
  rmws = 0;
  strategyRmws = 0;
  private readonly bytes: number;
  /** Told of each change of the cell at `slowCell`. */
  onSlow: (value: number, time: number) => void = () => {};
  slowCell = 0;
  /** Told of marks, and of objects that begin (bytes 1 or more) and end (0). */
  onMark: (actor: number, event: number, argument: number) => void = () => {};
  onObject: (address: number, kind: number, bytes: number) => void = () => {};

  constructor(
    private readonly s: SimState,
    private readonly grace: GracePeriods,
    private readonly roles: Roles,
  ) {
    this.bytes = s.memory.length * 4;
  }

  /** An atomic operation of an actor; those of scripts are counted apart. */
  private countRmw(actor: number, base: number): void {
    const { s } = this;
    if (actor >= s.cpus) return;
    this.rmws++;
    if (s.program.inStrategy(s.state, base)) this.strategyRmws++;
  }

  private done(result: number, cost: number): Outcome {
    this.result = result;
    this.cost = cost;
    return Outcome.performed;
  }

  private wrong(actor: number, op: Op, address: number, detail: string): Outcome {
    this.fault = { actor, op, address, detail };
    return Outcome.fault;
  }

  /** The operation of an actor whose turn comes after it had to wait; its mode is `ready` afterwards, unless it waits again. */
  resume(actor: number): Outcome {
    const { s } = this;
    const time = s.clock[0] as number;
    const base = actor * s.stride;
    const op = s.pending[actor] as Op;
    const mode = s.mode[actor] as Mode;
    s.mode[actor] = Mode.ready;
    if (mode === Mode.start) return this.roles.start(actor);
    if (mode === Mode.answered) {
      this.byOp[op] = (this.byOp[op] as number) + 1;
      if (op >= Op.awaitEqual && op <= Op.awaitAtLeast) this.lockWait(actor, 0);
      return this.done(0, 0);
    }
    // Mode.granted: the line is here.
    if (op === Op.callRcu) return this.queued(actor, base);
    const address = s.state[base + ActorWord.operand0] as number;
    const line = address >>> s.lines.shift;
    const isAwait = op >= Op.awaitEqual;
    if ((s.awaiting[actor] as number) < 0)
      s.evidence.waitedForLine(actor, time - (s.requestedAt[actor] as number));
    const isRmw = op > Op.loadAcquire && !isAwait;
    end(s, actor, line, isRmw ? s.costs.atomic : 0);
    if (isAwait && !this.isMet(op, base, s.memory[address >> 2] as number)) return this.sleep(actor, line);
    this.byOp[op] = (this.byOp[op] as number) + 1;
    if (isAwait) {
      this.lockWait(actor, 0);
      return this.done(0, 0);
    }
    if (!isRmw) return this.done(s.memory[address >> 2] as number, 0);
    return this.done(this.rmw(actor, op, base, address), s.costs.atomic);
  }

  /** `callRcu`, once the line of the callback cell has come. */
  private queued(actor: number, base: number): Outcome {
    const { s } = this;
    const time = s.clock[0] as number;
    const cell = (s.state[base + ActorWord.operand0] as number) + RcuHead.callback;
    s.evidence.waitedForLine(actor, time - (s.requestedAt[actor] as number));
    end(s, actor, cell >>> s.lines.shift, s.costs.store);
    this.byOp[Op.callRcu] = (this.byOp[Op.callRcu] as number) + 1;
    return this.queue(base, cell);
  }

  /** Writes the callback cell and gives the head to RCU. */
  private queue(base: number, cell: number): Outcome {
    const { s } = this;
    s.memory[cell >> 2] = s.state[base + ActorWord.operand1] as number;
    this.grace.queue(s.state[base + ActorWord.operand0] as number, s.clock[0] as number);
    return this.done(0, s.costs.store);
  }

  /** The await that an actor is in is over once `cost` has passed. */
  private lockWait(actor: number, cost: number): void {
    const { s } = this;
    const begun = s.awaiting[actor] as number;
    if (begun < 0) return;
    s.awaiting[actor] = -1;
    s.evidence.waitedForLock(actor, (s.clock[0] as number) + cost - begun);
  }

  private isMet(op: Op, base: number, value: number): boolean {
    const wanted = this.s.state[base + ActorWord.operand1] as number;
    if (op === Op.awaitEqual) return value === wanted;
    if (op === Op.awaitNotEqual) return value !== wanted;
    return ((value - wanted) | 0) >= 0;
  }

  private sleep(actor: number, line: number): Outcome {
    const { s } = this;
    watch(s, s.lines.record(line), actor);
    return Outcome.away;
  }

  /** Does an RMW of a line that the actor has alone. */
  rmw(actor: number, op: Op, base: number, address: number): number {
    const { memory, state } = this.s;
    this.countRmw(actor, base);
    const cell = address >> 2;
    const before = memory[cell] as number;
    const value = state[base + ActorWord.operand1] as number;
    if (op === Op.fetchAdd) memory[cell] = before + value;
    else if (op === Op.exchange) memory[cell] = value;
    else if (op === Op.fetchAnd) memory[cell] = before & value;
    else if (op === Op.fetchOr) memory[cell] = before | value;
    else if (before === value) memory[cell] = state[base + ActorWord.operand2] as number;
    if (address === this.slowCell) this.onSlow(memory[cell] as number, this.s.clock[0] as number);
    return before;
  }

  /**
   * Performs an operation at the clock's time.
   * @param isNext whether no other event comes before the actor at that time
   */
  perform(actor: number, op: Op, isNext: boolean): Outcome {
    const { s } = this;
    const base = actor * s.stride;
    const operand = s.state[base + ActorWord.operand0] as number;
    if (op <= Op.compareExchange || (op >= Op.awaitEqual && op <= Op.awaitAtLeast)) {
      if (isBadAddress(operand, this.bytes)) return this.wrong(actor, op, operand, "bad address");
      // What an actor with stores under way does depends on when they are written.
      if (!isNext && (s.buffered[actor] as number) > 0) return Outcome.later;
      if (op >= Op.awaitEqual) return this.awaits(actor, op, base, operand, isNext);
      if (op <= Op.loadAcquire) return this.load(actor, operand, isNext);
      if (op <= Op.storeRelease) return this.store(actor, base, operand, isNext);
      return this.atomic(actor, op, base, operand, isNext);
    }
    switch (op) {
      case Op.fence:
        if ((s.buffered[actor] as number) === 0) return this.done(0, s.costs.fence);
        return isNext ? this.drain(actor, Mode.drain) : Outcome.later;
      case Op.now:
        return this.done(Math.floor((s.clock[0] as number) / ticksPerClock) | 0, 0);
      case Op.work: {
        if ((this.grace.nesting[actor] as number) > 0)
          return this.wrong(actor, op, -1, "work inside an RCU read section");
        const ticks = Math.max(0, operand) * ticksPerNs;
        const stretched = Math.round((ticks * 100) / s.costs.scalingPercent);
        s.evidence.thought(actor, ticks, stretched - ticks);
        return this.done(0, stretched);
      }
      case Op.spin: {
        const ticks = Math.max(0, operand) * ticksPerNs;
        s.evidence.spun(actor, ticks);
        return this.done(0, ticks);
      }
      case Op.fault:
        return this.wrong(actor, op, -1, faultTexts[operand] ?? `stopped with fault ${operand}`);
      default:
        return this.rcu(actor, op, base, operand, isNext);
    }
  }

  /** An operation of `isEvidence`: no cost, no result, nobody else's business. */
  tell(actor: number, op: Op, base: number): void {
    const { state } = this.s;
    const operand = state[base + ActorWord.operand0] as number;
    if (op === Op.mark) this.onMark(actor, operand, state[base + ActorWord.operand1] as number);
    else if (op === Op.allocated)
      this.onObject(
        operand,
        state[base + ActorWord.operand1] as number,
        state[base + ActorWord.operand2] as number,
      );
    else if (op === Op.freed) this.onObject(operand, 0, 0);
  }

  /** Whether the actor has the line; `later` where that has to be asked again when it is next. */
  private access(actor: number, line: number, isNext: boolean): "here" | "away" | "later" {
    const { lines } = this.s;
    const word = lines.words[line] as number;
    if (word === actor + 1) return "here";
    if (word >= 0) return "away";
    const at = recordOf(word);
    if (!lines.has(at, actor)) return "away";
    return isNext || lines.rec[at + Rec.calm] === 1 ? "here" : "later";
  }

  /** Asks for the line of the actor's operation. */
  private request(actor: number, line: number, alone: boolean): Outcome {
    this.s.mode[actor] = Mode.line;
    issue(this.s, actor, line, alone);
    this.wakeTime = (this.s.clock[0] as number) + this.s.costs.reach;
    this.wakeKind = EventKind.arrival;
    return Outcome.requested;
  }

  private drain(actor: number, mode: Mode): Outcome {
    this.s.mode[actor] = mode;
    this.s.since[actor] = this.s.clock[0] as number;
    return Outcome.away;
  }

  /** An owner writes a line that others may wait for. */
  private touched(actor: number, line: number, cost: number): void {
    const word = this.s.lines.words[line] as number;
    if (word >= 0) return;
    const at = recordOf(word);
    if (this.s.lines.rec[at + Rec.state] === LineState.exclusive) touch(this.s, at, actor, cost);
  }

  private load(actor: number, address: number, isNext: boolean): Outcome {
    const { s } = this;
    if ((s.buffered[actor] as number) > 0) {
      const found = newestStore(s, actor, address);
      if (found >= 0) return this.done(s.bufferValue[found] as number, s.costs.hit);
    }
    const line = address >>> s.lines.shift;
    const access = this.access(actor, line, isNext);
    if (access === "later") return Outcome.later;
    if (access === "away") return this.request(actor, line, false);
    return this.done(s.memory[address >> 2] as number, s.costs.hit);
  }

  private store(actor: number, base: number, address: number, isNext: boolean): Outcome {
    const { s } = this;
    const value = s.state[base + ActorWord.operand1] as number;
    const line = address >>> s.lines.shift;
    if ((s.buffered[actor] as number) === 0 && owns(s, line, actor)) {
      if (!isNext && (s.lines.words[line] as number) < 0) return Outcome.later;
      s.memory[address >> 2] = value;
      this.touched(actor, line, s.costs.store);
      return this.done(0, s.costs.store);
    }
    if (s.buffered[actor] === s.costs.storeBufferEntries) return this.drain(actor, Mode.room);
    bufferStore(s, actor, address, value, s.state[base + ActorWord.pc] as number);
    return this.done(0, s.costs.store);
  }

  private atomic(actor: number, op: Op, base: number, address: number, isNext: boolean): Outcome {
    const { s } = this;
    if ((s.buffered[actor] as number) > 0) return this.drain(actor, Mode.drain);
    const line = address >>> s.lines.shift;
    if (!owns(s, line, actor)) return this.request(actor, line, true);
    if (!isNext && (s.lines.words[line] as number) < 0) return Outcome.later;
    const before = this.rmw(actor, op, base, address);
    const failed = op === Op.compareExchange && before !== s.state[base + ActorWord.operand1];
    if (!failed) this.touched(actor, line, s.costs.privateAtomic);
    return this.done(before, s.costs.privateAtomic);
  }

  private awaits(actor: number, op: Op, base: number, address: number, isNext: boolean): Outcome {
    const { s } = this;
    if ((s.awaiting[actor] as number) < 0) s.awaiting[actor] = s.clock[0] as number;
    if (address === Boot.tick) return this.awaitsTime(actor, op, base);
    const line = address >>> s.lines.shift;
    const found = (s.buffered[actor] as number) > 0 ? newestStore(s, actor, address) : -1;
    if (found < 0) {
      const access = this.access(actor, line, isNext);
      if (access === "later") return Outcome.later;
      if (access === "away") return this.request(actor, line, false);
    }
    const value = (found < 0 ? s.memory[address >> 2] : s.bufferValue[found]) as number;
    if (!this.isMet(op, base, value)) return this.sleep(actor, line);
    this.lockWait(actor, s.costs.hit);
    return this.done(0, s.costs.hit);
  }

  /** An await on the clock: when it will be met is known. */
  private awaitsTime(actor: number, op: Op, base: number): Outcome {
    const { s } = this;
    const time = s.clock[0] as number;
    const clock = Math.floor(time / ticksPerClock);
    if (this.isMet(op, base, clock | 0)) {
      this.lockWait(actor, 0);
      return this.done(0, 0);
    }
    const wanted = s.state[base + ActorWord.operand1] as number;
    const ahead = op === Op.awaitNotEqual ? 1 : (wanted - clock) >>> 0;
    s.mode[actor] = Mode.answered;
    this.wakeTime = (clock + ahead) * ticksPerClock;
    this.wakeKind = EventKind.goOn;
    return Outcome.requested;
  }

  private rcu(actor: number, op: Op, base: number, operand: number, isNext: boolean): Outcome {
    const { s, grace } = this;
    if (op === Op.rcuReadUnlock) {
      // Whether a grace period has to wait for its stores depends on which of them are written by then.
      if (!isNext && (s.buffered[actor] as number) > 0) return Outcome.later;
      const depth = (grace.nesting[actor] as number) - 1;
      if (depth < 0) return this.wrong(actor, op, -1, "left a read section that it was not in");
      grace.nesting[actor] = depth;
      if (depth === 0) grace.left(actor);
      return this.done(0, 0);
    }
    if (!isNext) return Outcome.later;
    switch (op) {
      case Op.callRcu:
        return this.callRcu(actor, base, operand);
      case Op.synchronizeRcu:
        if ((grace.nesting[actor] as number) > 0)
          return this.wrong(actor, op, -1, "waits for a grace period inside a read section");
        // A full barrier on both sides: what the caller stored is seen by whoever does not hold it up.
        if ((s.buffered[actor] as number) > 0) return this.drain(actor, Mode.drain);
        grace.synchronize(actor, s.clock[0] as number);
        return Outcome.away;
      case Op.rcuTake: {
        const head = grace.take(actor);
        if (head >= 0) return this.done(head, 0);
        this.roles.maybeOver(s.clock[0] as number);
        return Outcome.away;
      }
      default:
        return this.wrong(actor, op, -1, `operation ${op} is unknown to the simulator`);
    }
  }

  /** Waits for the buffer, and for the line of the callback cell alone: an RMW in all but what it does. */
  private callRcu(actor: number, base: number, head: number): Outcome {
    const { s } = this;
    const cell = head + RcuHead.callback;
    if (isBadAddress(cell, this.bytes)) return this.wrong(actor, Op.callRcu, head, "bad address");
    if ((s.buffered[actor] as number) > 0) return this.drain(actor, Mode.drain);
    const line = cell >>> s.lines.shift;
    if (!owns(s, line, actor)) return this.request(actor, line, true);
    this.touched(actor, line, s.costs.store);
    return this.queue(base, cell);
  }
}

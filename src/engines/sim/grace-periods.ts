/** RCU in virtual time: one grace period at a time, each at least as long as the machine says. docs/simulator-model.md */
import { EventKind, GlobalEvent } from "./event-heap.ts";
import { Mode, type SimState } from "./sim-state.ts";

/** A list of numbers that is filled behind and emptied in front. */
class Fifo {
  private items = new Int32Array(64);
  private first = 0;
  private last = 0;

  get length(): number {
    return this.last - this.first;
  }

  push(item: number): void {
    if (this.last === this.items.length) {
      const { first } = this;
      const length = this.last - first;
      const larger = length * 2 > this.items.length ? new Int32Array(this.items.length * 2) : this.items;
      larger.set(this.items.subarray(first, this.last));
      this.items = larger;
      this.first = 0;
      this.last = length;
    }
    this.items[this.last++] = item;
  }

  shift(): number {
    return this.items[this.first++] as number;
  }
}

export class GracePeriods {
  /** By actor: depth of sections, and time at which the outermost one was entered. */
  readonly nesting: Int32Array;
  readonly entered: Float64Array;
  /** 1: the grace period whose time is up waits for the actor to leave its section. */
  private readonly blocks: Uint8Array;
  /** Stores in the actor's buffer that it waits for, to be written. */
  private readonly owed: Int32Array;
  /** Whether its time is up, and who it waits for is known. */
  private timeIsUp = false;
  private blockers = 0;
  private lastLeft = 0;
  private underWay = false;
  private begun = 0;
  /** Heads of callbacks, and actors in `synchronizeRcu`: of this grace period, of the next, and heads that are ready. */
  private heads = new Fifo();
  private waiters = new Fifo();
  private nextHeads = new Fifo();
  private nextWaiters = new Fifo();
  private readonly ready = new Fifo();
  /** The actor that waits for a callback, -1 where none does. */
  private taker = -1;
  /** No callback can come any more. */
  over = false;
  /** Time of the event that may end the present grace period; infinite where none is due. */
  endsAt = Number.POSITIVE_INFINITY;
  count = 0;
  totalTicks = 0;
  longestTicks = 0;
  private readonly s: SimState;

  constructor(s: SimState) {
    this.s = s;
    this.nesting = new Int32Array(s.actors);
    this.entered = new Float64Array(s.actors);
    this.blocks = new Uint8Array(s.actors);
    this.owed = new Int32Array(s.actors);
  }

  /** Whether a callback waits for a grace period or to be taken. */
  get pending(): boolean {
    return this.heads.length + this.nextHeads.length + this.ready.length > 0;
  }

  /** Whether the actor that takes callbacks has nothing to do. */
  get idle(): boolean {
    return this.taker >= 0 && !this.pending;
  }

  queue(head: number, time: number): void {
    if (this.underWay) this.nextHeads.push(head);
    else {
      this.heads.push(head);
      this.start(time);
    }
  }

  synchronize(actor: number, time: number): void {
    const { s } = this;
    s.mode[actor] = Mode.gracePeriod;
    s.since[actor] = time;
    if (this.underWay) this.nextWaiters.push(actor);
    else {
      this.waiters.push(actor);
      this.start(time);
    }
  }

  private start(time: number): void {
    const { heap, costs } = this.s;
    this.underWay = true;
    this.timeIsUp = false;
    this.begun = time;
    this.endsAt = time + costs.gracePeriod;
    heap.time[0] = this.endsAt;
    heap.push(EventKind.global, GlobalEvent.gracePeriod);
  }

  /** Called at the outermost `rcuReadUnlock`, once `nesting` is 0. What was stored in the section is waited for, too. */
  left(actor: number): void {
    if (this.blocks[actor] === 0) return;
    this.blocks[actor] = 0;
    const stores = this.s.buffered[actor] as number;
    if (stores > 0) this.owed[actor] = stores;
    else this.free();
  }

  /** A store of the actor's buffer is written. */
  written(actor: number): void {
    const owed = this.owed[actor] as number;
    if (owed === 0) return;
    this.owed[actor] = owed - 1;
    if (owed === 1) this.free();
  }

  /** One that held the grace period up does so no longer. */
  private free(): void {
    const time = this.s.clock[0] as number;
    if (time > this.lastLeft) this.lastLeft = time;
    if (--this.blockers > 0) return;
    const { heap } = this.s;
    this.endsAt = this.lastLeft;
    heap.time[0] = this.lastLeft;
    heap.push(EventKind.global, GlobalEvent.gracePeriod);
  }

  /** The time is up, or the last one that it waited for is out of the way. */
  timeUp(time: number): void {
    const { s } = this;
    this.endsAt = Number.POSITIVE_INFINITY;
    if (!this.timeIsUp) {
      this.timeIsUp = true;
      this.lastLeft = time;
      for (let actor = 0; actor < s.actors; actor++) this.lookAt(actor);
      if (this.blockers > 0) return;
    }
    this.finish(time);
  }

  /** Whether the grace period has to wait for an actor: for a section from before it, or for what the actor stored. */
  private lookAt(actor: number): void {
    const stores = this.s.buffered[actor] as number;
    const inside = (this.nesting[actor] as number) > 0 && (this.entered[actor] as number) <= this.begun;
    if (inside) this.blocks[actor] = 1;
    else if (stores > 0) this.owed[actor] = stores;
    else return;
    this.blockers++;
  }

  private finish(time: number): void {
    const { s } = this;
    const ticks = time - this.begun;
    this.count++;
    this.totalTicks += ticks;
    if (ticks > this.longestTicks) this.longestTicks = ticks;
    this.underWay = false;
    while (this.heads.length > 0) this.ready.push(this.heads.shift());
    while (this.waiters.length > 0) {
      const actor = this.waiters.shift();
      s.evidence.waitedForGracePeriod(actor, time - (s.since[actor] as number));
      this.answer(actor, time);
    }
    this.wakeTaker(time);
    if (this.nextHeads.length + this.nextWaiters.length === 0) return;
    [this.heads, this.nextHeads] = [this.nextHeads, this.heads];
    [this.waiters, this.nextWaiters] = [this.nextWaiters, this.waiters];
    this.start(time);
  }

  private answer(actor: number, time: number): void {
    const { s } = this;
    s.mode[actor] = Mode.answered;
    s.heap.time[0] = time;
    s.heap.push(EventKind.goOn, actor);
  }

  private wakeTaker(time: number): void {
    const actor = this.taker;
    if (actor < 0 || (this.ready.length === 0 && !this.over)) return;
    this.taker = -1;
    this.s.mode[actor] = Mode.ready;
    this.s.heap.time[0] = time;
    this.s.heap.push(EventKind.goOn, actor);
  }

  /** The next callback's head; 0 where none can come any more; -1 where the actor has to wait, and does. */
  take(actor: number): number {
    if (this.ready.length > 0) return this.ready.shift();
    if (this.over) return 0;
    this.taker = actor;
    this.s.mode[actor] = Mode.callback;
    return -1;
  }

  /** Nobody will queue a callback any more. */
  end(time: number): void {
    this.over = true;
    this.wakeTaker(time);
  }
}

/**
 * RCU as the checker has it. A reader counts a section it enters at once (`in`), and one it leaves through its store buffer
 * (`out`), in order with its stores: entering orders nothing and leaving is no fence, so a reader's weak orderings stay visible.
 * A grace period is over when every section that was open when it began has ended. Two counters per reader would say that;
 * since only their differences matter, a state keeps these instead: how many sections of each reader have not ended yet, and
 * of those how many each waiter still waits for.
 *
 * Callbacks wait in one first-in first-out queue per actor that queued them; which queue is served next is free, as it is
 * between CPUs (kernel/rcu/tree.c, v6.6: per-CPU segmented lists).
 */

/** Callbacks that one actor may have waiting. */
export const queueLimit = 16;

export class Sections {
  /** By actor: depth of nesting, as the actor itself sees it. */
  readonly nesting: Int32Array;
  /** By actor: sections that others have not seen the end of. */
  readonly open: Int32Array;
  /** By actor: 1 while it waits for a grace period itself. */
  readonly waiting: Int32Array;
  /** waiter * actors + reader: sections of the reader that the waiter still waits for. */
  readonly left: Int32Array;
  /** By actor: callbacks that it queued and that were not taken. */
  readonly queued: Int32Array;
  /** (actor * queueLimit + place) * stride: the head, then what its grace period waits for of each reader. */
  readonly queue: Int32Array;
  readonly stride: number;
  /** Set by every change but of `nesting`; whoever keeps states resets it. */
  changed = false;
  private readonly actors: number;

  constructor(actors: number) {
    this.actors = actors;
    this.stride = 1 + actors;
    this.nesting = new Int32Array(actors);
    this.open = new Int32Array(actors);
    this.waiting = new Int32Array(actors);
    this.left = new Int32Array(actors * actors);
    this.queued = new Int32Array(actors);
    this.queue = new Int32Array(actors * queueLimit * this.stride);
  }

  /** The end of one section of the reader is visible to all. */
  end(reader: number): void {
    const { actors, open, left, queue, queued, stride } = this;
    this.changed = true;
    open[reader] = (open[reader] as number) - 1;
    for (let waiter = 0; waiter < actors; waiter++) {
      const at = waiter * actors + reader;
      if ((left[at] as number) > 0) left[at] = (left[at] as number) - 1;
      for (let place = 0; place < (queued[waiter] as number); place++) {
        const cell = (waiter * queueLimit + place) * stride + 1 + reader;
        if ((queue[cell] as number) > 0) queue[cell] = (queue[cell] as number) - 1;
      }
    }
  }

  /** The actor enters a section that is not inside another of its own. */
  enter(actor: number): void {
    this.changed = true;
    this.open[actor] = (this.open[actor] as number) + 1;
  }

  /** The actor's own grace period begins. */
  begin(actor: number): void {
    this.changed = true;
    this.waiting[actor] = 1;
    this.left.set(this.open, actor * this.actors);
  }

  /** Whether the grace period that the actor waits for is over. */
  isOver(actor: number): boolean {
    const from = actor * this.actors;
    for (let reader = 0; reader < this.actors; reader++) if (this.left[from + reader] !== 0) return false;
    return true;
  }

  /** The actor goes on behind its grace period. */
  finish(actor: number): void {
    this.changed = true;
    this.waiting[actor] = 0;
    // Nobody waits any more: equal futures, equal numbers.
    this.left.fill(0, actor * this.actors, (actor + 1) * this.actors);
  }

  isQueued(head: number): boolean {
    for (let actor = 0; actor < this.actors; actor++) {
      for (let place = 0; place < (this.queued[actor] as number); place++) {
        if (this.queue[(actor * queueLimit + place) * this.stride] === head) return true;
      }
    }
    return false;
  }

  /** How many sections of the reader the waiter still waits for. */
  leftOf(waiter: number, reader: number): number {
    return this.left[waiter * this.actors + reader] as number;
  }

  /** Whether every callback that the actor queued still waits for at least so many sections of the reader. */
  allWaitFor(actor: number, reader: number, least: number): boolean {
    for (let place = 0; place < (this.queued[actor] as number); place++) {
      if ((this.queue[(actor * queueLimit + place) * this.stride + 1 + reader] as number) < least)
        return false;
    }
    return true;
  }

  /** Queues a callback whose grace period begins now; false where the queue is full. */
  push(actor: number, head: number): boolean {
    const place = this.queued[actor] as number;
    if (place === queueLimit) return false;
    this.changed = true;
    const at = (actor * queueLimit + place) * this.stride;
    this.queue[at] = head;
    this.queue.set(this.open, at + 1);
    this.queued[actor] = place + 1;
    return true;
  }

  /** Whether the oldest callback that the actor queued may run. */
  isRipe(actor: number): boolean {
    if (this.queued[actor] === 0) return false;
    const at = actor * queueLimit * this.stride;
    for (let reader = 0; reader < this.actors; reader++) if (this.queue[at + 1 + reader] !== 0) return false;
    return true;
  }

  /** The head of the oldest callback that the actor queued, where there is one. */
  oldest(actor: number): number {
    return this.queue[actor * queueLimit * this.stride] as number;
  }

  /** Takes the oldest callback that the actor queued; its head. */
  take(actor: number): number {
    this.changed = true;
    const from = actor * queueLimit * this.stride;
    const head = this.queue[from] as number;
    const count = (this.queued[actor] as number) - 1;
    this.queue.copyWithin(from, from + this.stride, from + (count + 1) * this.stride);
    this.queued[actor] = count;
    return head;
  }
}

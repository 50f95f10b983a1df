/**
 * RCU as the definition says it: a callback may run, and a waiter go on, once every actor that was inside a read section at
 * that moment has left it. Nothing of an implementation (quiescent states, batches) shows.
 */

interface Callback {
  readonly head: number;
  readonly ticket: number;
}

export class GracePeriods {
  /** Depth of read sections by actor. */
  private readonly nesting: Int32Array;
  /** Ticket when the outermost section began. */
  private readonly since: Float64Array;
  /** Ticket of the actor's `synchronizeRcu`. */
  private readonly waiting: Float64Array;
  private ticket = 0;
  private callbacks: Callback[] = [];
  private taken = 0;

  constructor(actors: number) {
    this.nesting = new Int32Array(actors);
    this.since = new Float64Array(actors);
    this.waiting = new Float64Array(actors);
  }

  /** Number of callbacks that were queued and not taken. */
  get pending(): number {
    return this.callbacks.length - this.taken;
  }

  inSection(actor: number): boolean {
    return (this.nesting[actor] as number) > 0;
  }

  lock(actor: number): void {
    if (this.nesting[actor] === 0) this.since[actor] = this.ticket;
    this.nesting[actor] = (this.nesting[actor] as number) + 1;
  }

  /** True if that left the outermost section; false too where there is none (check `inSection` first). */
  unlock(actor: number): boolean {
    const depth = (this.nesting[actor] as number) - 1;
    this.nesting[actor] = depth;
    return depth === 0;
  }

  /** Forgets an actor's sections: it ended. */
  leave(actor: number): void {
    this.nesting[actor] = 0;
  }

  queue(head: number): void {
    this.callbacks.push({ head, ticket: ++this.ticket });
  }

  isQueued(head: number): boolean {
    for (let i = this.taken; i < this.callbacks.length; i++)
      if (this.callbacks[i]?.head === head) return true;
    return false;
  }

  /** Begins a wait for a grace period. */
  synchronize(actor: number): void {
    this.waiting[actor] = ++this.ticket;
  }

  private over(ticket: number): boolean {
    for (let i = 0; i < this.nesting.length; i++) {
      if ((this.nesting[i] as number) > 0 && (this.since[i] as number) < ticket) return false;
    }
    return true;
  }

  synchronized(actor: number): boolean {
    return this.over(this.waiting[actor] as number);
  }

  /** Whether the oldest callback's grace period is over. */
  get ready(): boolean {
    const next = this.callbacks[this.taken];
    return next !== undefined && this.over(next.ticket);
  }

  /** Takes the oldest callback's head; call only when `ready`. */
  take(): number {
    const next = this.callbacks[this.taken++] as Callback;
    if (this.taken > 1024 && this.taken * 2 > this.callbacks.length) {
      this.callbacks = this.callbacks.slice(this.taken);
      this.taken = 0;
    }
    return next.head;
  }
}

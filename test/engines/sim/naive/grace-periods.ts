/** RCU as section "RCU" of docs/simulator-model.md has it: one grace period at a time, each of a least length. */
import type { Actor } from "./actor.ts";
import { type Agenda, EventKind, GlobalEvent } from "./agenda.ts";

/** What waits for the end of one grace period. */
interface Batch {
  readonly heads: number[];
  readonly waiters: Actor[];
}

export interface GracePeriod {
  readonly begin: number;
  readonly end: number;
}

export class NaiveGracePeriods {
  /** Those that are over. */
  readonly finished: GracePeriod[] = [];
  private readonly agenda: Agenda;
  private readonly least: number;
  private readonly actors: readonly Actor[];
  /** When the one under way began; null where none is. */
  private begun: number | null = null;
  /** Once its time is up: who holds it up. */
  private holders: Map<Actor, "section" | number> | null = null;
  private current: Batch = { heads: [], waiters: [] };
  private next: Batch = { heads: [], waiters: [] };
  /** Heads whose grace period is over. */
  private readonly ready: number[] = [];

  constructor(agenda: Agenda, least: number, actors: readonly Actor[]) {
    this.agenda = agenda;
    this.least = least;
    this.actors = actors;
  }

  private begin(): void {
    this.begun = this.agenda.now;
    this.agenda.add(this.agenda.now + this.least, EventKind.global, GlobalEvent.gracePeriodEnd);
  }

  /** The batch that something which is asked for now belongs to. */
  private batch(): Batch {
    if (this.begun !== null) return this.next;
    this.begin();
    return this.current;
  }

  callRcu(head: number): void {
    this.batch().heads.push(head);
  }

  synchronize(actor: Actor): void {
    this.batch().waiters.push(actor);
  }

  lock(actor: Actor): void {
    if (actor.nesting === 0) actor.enteredAt = this.agenda.now;
    actor.nesting++;
  }

  unlock(actor: Actor): void {
    actor.nesting--;
    if (actor.nesting > 0 || this.holders?.get(actor) !== "section") return;
    if (actor.buffer.length > 0) this.holders.set(actor, actor.buffer.length);
    else this.free(actor);
  }

  /** A store of the actor's buffer is written. */
  written(actor: Actor): void {
    const owed = this.holders?.get(actor);
    if (owed === undefined || owed === "section") return;
    if (owed > 1) this.holders?.set(actor, owed - 1);
    else this.free(actor);
  }

  private free(actor: Actor): void {
    this.holders?.delete(actor);
    if (this.holders?.size === 0)
      this.agenda.add(this.agenda.now, EventKind.global, GlobalEvent.gracePeriodEnd);
  }

  /** Who holds the grace period up whose time is up: by a section, or by so many stores. */
  private lookFor(begun: number): Map<Actor, "section" | number> {
    const found = new Map<Actor, "section" | number>();
    for (const actor of this.actors) {
      if (actor.nesting > 0 && actor.enteredAt <= begun) found.set(actor, "section");
      else if (actor.buffer.length > 0) found.set(actor, actor.buffer.length);
    }
    return found;
  }

  /** The grace period ends now, unless it cannot yet; those that may go on then. */
  end(): readonly Actor[] {
    const { now } = this.agenda;
    if (this.begun === null || now < this.begun + this.least) return [];
    this.holders ??= this.lookFor(this.begun);
    if (this.holders.size > 0) return [];
    this.holders = null;
    const { heads, waiters } = this.current;
    this.finished.push({ begin: this.begun, end: now });
    this.ready.push(...heads);
    this.begun = null;
    this.current = this.next;
    this.next = { heads: [], waiters: [] };
    if (this.current.heads.length > 0 || this.current.waiters.length > 0) this.begin();
    return waiters;
  }

  get hasReady(): boolean {
    return this.ready.length > 0;
  }

  /** Callbacks that were queued and not taken. */
  get callbacks(): number {
    return this.ready.length + this.current.heads.length + this.next.heads.length;
  }

  take(): number {
    return this.ready.shift() as number;
  }
}

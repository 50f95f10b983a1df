/** What is going to happen: a plain list, searched for the first each time. */

/** Kinds in the order in which they happen at one time. */
export enum EventKind {
  continue = 0,
  bufferedDone = 1,
  arrival = 2,
  bufferedArrival = 3,
  handOff = 4,
  global = 5,
}

/** `number` of a global event. */
export enum GlobalEvent {
  gracePeriodEnd = 0,
}

export interface SimEvent {
  /** Ticks. */
  readonly time: number;
  readonly kind: EventKind;
  /** The actor, the line, or which global event. */
  readonly number: number;
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  if (a.time !== b.time) return a.time < b.time;
  if (a.kind !== b.kind) return a.kind < b.kind;
  return a.number < b.number;
}

export class Agenda {
  private readonly events: SimEvent[] = [];
  /** The time of the event that happens now. */
  now = 0;

  add(time: number, kind: EventKind, number: number): void {
    if (time < this.now)
      throw new Error(`an event of kind ${EventKind[kind]} at ${time}, but it is ${this.now}`);
    this.events.push({ time, kind, number });
  }

  /** Takes the first event out of the list; undefined where there is none. */
  next(): SimEvent | undefined {
    let first = 0;
    for (let i = 1; i < this.events.length; i++) {
      if (isBefore(this.events[i] as SimEvent, this.events[first] as SimEvent)) first = i;
    }
    const [event] = this.events.splice(first, 1);
    if (event !== undefined) this.now = event.time;
    return event;
  }
}

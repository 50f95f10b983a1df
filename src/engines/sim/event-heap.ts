/**
 * Events in order of (time, kind, number): one double each, in a binary heap. Most events replace the one that was just
 * taken, so there is `replaceTop`. Entries behind the last are infinite, so that children need no test for the end.
 */

/** Kinds of events, in the order in which they happen at one time; docs/simulator-model.md. */
export enum EventKind {
  goOn = 0,
  storeDone = 1,
  arrival = 2,
  storeArrival = 3,
  handOff = 4,
  global = 5,
}

/** Numbers of global events. */
export enum GlobalEvent {
  gracePeriod = 0,
  checkpoint = 1,
}

export const kinds = 8;

export class EventHeap {
  readonly keys: Float64Array;
  /** Time of the event that is put in: as an argument it would be boxed wherever V8 does not inline the call. */
  readonly time = new Float64Array(1);
  /** A key on its way, for the same reason. */
  private readonly moving = new Float64Array(1);
  size = 0;
  /** Numbers of one kind are below this power of 2. */
  readonly numbers: number;
  /** A unit of time in keys. */
  readonly scale: number;
  /** Times from here on have no exact key. */
  readonly end: number;

  /** @param numbers a bound of the numbers of one kind. @param most events at a time */
  constructor(numbers: number, most: number) {
    this.numbers = 2 ** Math.ceil(Math.log2(Math.max(2, numbers)));
    this.scale = this.numbers * kinds;
    this.end = 2 ** 53 / this.scale;
    this.keys = new Float64Array(2 * most + 8).fill(Number.POSITIVE_INFINITY);
  }

  /** Puts in an event at `time`, a whole number below `end`. */
  push(kind: EventKind, number: number): void {
    this.moving[0] = (this.time[0] as number) * this.scale + kind * this.numbers + number;
    const { keys } = this;
    const key = this.moving[0] as number;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = keys[parent] as number;
      if (above <= key) break;
      keys[at] = above;
      at = parent;
    }
    keys[at] = key;
  }

  /** Takes the first event out and puts another in, at `time`. */
  replaceTop(kind: EventKind, number: number): void {
    this.moving[0] = (this.time[0] as number) * this.scale + kind * this.numbers + number;
    this.sink();
  }

  /** Takes the first event out. */
  pop(): void {
    const { keys } = this;
    const last = --this.size;
    this.moving[0] = keys[last] as number;
    keys[last] = Number.POSITIVE_INFINITY;
    if (last > 0) this.sink();
  }

  /** Moves the key in `moving` down from the top to its place. */
  private sink(): void {
    const { keys } = this;
    const key = this.moving[0] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let least = keys[child] as number;
      const right = keys[child + 1] as number;
      if (right < least) {
        child++;
        least = right;
      }
      if (least >= key) break;
      keys[at] = least;
      at = child;
    }
    keys[at] = key;
  }
}

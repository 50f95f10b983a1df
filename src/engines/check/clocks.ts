/**
 * The present execution of a depth-first search as a list of events: who did what, what it touched, and as vector clocks which
 * earlier events it comes after whatever the order of the rest. Everything lies in flat arrays that only ever grow.
 *
 * An actor is two processes: `2 * actor` does its operations, `2 * actor + 1` flushes its store buffer. The k-th entry put into
 * the buffer comes before the k-th flush, and flushes before an operation that waits for the buffer to drain; apart from that the
 * two only meet where they touch the same thing.
 */
import { grown } from "./grown.ts";

/** One bit of 32 for a key, to tell most pairs of events apart at once. */
function bitOf(key: number): number {
  return 1 << (Math.imul(key, 0x9e3779b1) >>> 27);
}

export class EventLog {
  /** Events; the arrays may hold one more, that is being looked at. */
  length = 0;
  readonly processes: number;
  process = new Int32Array(64);
  transition = new Int32Array(64);
  /** By event: which of the things that could happen it is, for sets of those (`Choices`). */
  choice = new Int32Array(64);
  /** By event: the memory cell that it overwrites, or -1, and what was there. */
  cell = new Int32Array(64);
  before = new Int32Array(64);
  /** By event: the cell that it only reads (loads and awaits), or -1. */
  loaded = new Int32Array(64);
  /** By event: the cell of the store that it puts into its buffer, or -1. */
  buffered = new Int32Array(64);
  /** By event: which of its actor's entries holds the newest own store to the cell that it loads, or -1. */
  private source = new Int32Array(64);
  /** By event: the one before of its process, or -1. */
  previous = new Int32Array(64);
  /** `event * processes + q`: how many events from the start, counted over all processes, `q` must have been seen up to. */
  clocks: Int32Array;
  /** By process: its newest event, or -1. */
  readonly newest: Int32Array;
  private reads = new Int32Array(64);
  private writes = new Int32Array(64);
  /** By event: where its keys begin; they end where the next one's begin. */
  private keysFrom = new Int32Array(65);
  private keys = new Int32Array(256);
  private enqueued = new Uint8Array(64);
  /** By actor: events that put something into its buffer, and how many of the list count. */
  private readonly fills: Int32Array[] = [];
  private readonly fillCount: Int32Array;
  private readonly flushCount: Int32Array;
  /** By actor: its flushes. */
  private readonly flushes: Int32Array[] = [];

  constructor(actors: number) {
    this.processes = actors * 2;
    this.clocks = new Int32Array(64 * this.processes);
    this.newest = new Int32Array(this.processes).fill(-1);
    for (let actor = 0; actor < actors; actor++) {
      this.fills.push(new Int32Array(16));
      this.flushes.push(new Int32Array(16));
    }
    this.fillCount = new Int32Array(actors);
    this.flushCount = new Int32Array(actors);
  }

  get bytes(): number {
    return (this.process.length * (this.processes + 13) + this.keys.length) * 4;
  }

  clear(): void {
    while (this.length > 0) this.pop();
  }

  /**
   * Looks at an event behind the last one without adding it: its keys are noted and its clock holds what its own process and the
   * buffer order demand. `keys` as in `Accesses.list`.
   */
  consider(
    process: number,
    choice: number,
    transition: number,
    keys: Int32Array,
    count: number,
    drains: boolean,
  ): void {
    const event = this.length;
    if (event + 1 >= this.process.length) this.growEvents();
    this.process[event] = process;
    this.transition[event] = transition;
    this.choice[event] = choice;
    this.cell[event] = -1;
    this.loaded[event] = -1;
    this.buffered[event] = -1;
    this.previous[event] = this.newest[process] as number;
    this.keysFrom[event + 1] = this.keysFrom[event] as number;
    this.reads[event] = 0;
    this.writes[event] = 0;
    this.addKeys(keys, count);
    this.clocks.fill(0, event * this.processes, (event + 1) * this.processes);
    const before = this.newest[process] as number;
    if (before >= 0) this.join(event, before);
    const actor = process >> 1;
    if ((process & 1) === 1) {
      this.join(event, (this.fills[actor] as Int32Array)[this.flushCount[actor] as number] as number);
    } else if (drains) {
      const flush = this.newest[process + 1] as number;
      if (flush >= 0) this.join(event, flush);
    }
  }

  /** The event that is being looked at comes after all others. */
  afterAll(): void {
    const { clocks, newest, processes } = this;
    const from = this.length * processes;
    for (let q = 0; q < processes; q++) clocks[from + q] = (newest[q] as number) + 1;
  }

  private growEvents(): void {
    const size = this.process.length * 2;
    this.process = grown(this.process, size);
    this.transition = grown(this.transition, size);
    this.choice = grown(this.choice, size);
    this.cell = grown(this.cell, size);
    this.before = grown(this.before, size);
    this.loaded = grown(this.loaded, size);
    this.buffered = grown(this.buffered, size);
    this.source = grown(this.source, size);
    this.previous = grown(this.previous, size);
    this.reads = grown(this.reads, size);
    this.writes = grown(this.writes, size);
    this.keysFrom = grown(this.keysFrom, size + 1);
    this.clocks = grown(this.clocks, size * this.processes);
    const enqueued = new Uint8Array(size);
    enqueued.set(this.enqueued);
    this.enqueued = enqueued;
  }

  /** The event that is being looked at touches this, too. Keys as in `Accesses.list`. */
  addKeys(keys: Int32Array, count: number): void {
    const event = this.length;
    const from = this.keysFrom[event + 1] as number;
    if (from + count > this.keys.length) this.keys = grown(this.keys, from + count);
    let reads = this.reads[event] as number;
    let writes = this.writes[event] as number;
    for (let i = 0; i < count; i++) {
      const access = keys[i] as number;
      this.keys[from + i] = access;
      if ((access & 1) === 1) writes |= bitOf(access >> 1);
      else reads |= bitOf(access >> 1);
    }
    this.keysFrom[event + 1] = from + count;
    this.reads[event] = reads;
    this.writes[event] = writes;
  }

  /** Whether the event that is being looked at touches nothing. */
  get touchesNothing(): boolean {
    return this.keysFrom[this.length] === this.keysFrom[this.length + 1];
  }

  /** Whether two events touch the same thing and one of them changes it. */
  conflicts(earlier: number, later: number): boolean {
    const writes = this.writes[later] as number;
    const earlierWrites = this.writes[earlier] as number;
    const both = (this.reads[earlier] as number) | earlierWrites;
    if (((writes & both) | ((this.reads[later] as number) & earlierWrites)) === 0) return false;
    // Marks that a load was followed by still count where the load itself does not.
    const load = (this.loaded[later] as number) >= 0 ? later : earlier;
    const loaded = this.loaded[load] as number;
    const ignored = loaded >= 0 && this.commutes(load, load === later ? earlier : later) ? loaded : -1;
    const { keys, keysFrom } = this;
    const first = keysFrom[earlier] as number;
    const end = keysFrom[earlier + 1] as number;
    const lastEnd = keysFrom[later + 1] as number;
    for (let b = keysFrom[later] as number; b < lastEnd; b++) {
      const access = keys[b] as number;
      if (access >> 1 === ignored) continue;
      for (let a = first; a < end; a++) {
        const other = keys[a] as number;
        if (access >> 1 === other >> 1 && ((access | other) & 1) === 1) return true;
      }
    }
    return false;
  }

  /** The event that is being looked at loads a cell. */
  noteLoad(cell: number): void {
    const event = this.length;
    const actor = (this.process[event] as number) >> 1;
    const fills = this.fills[actor] as Int32Array;
    let source = (this.fillCount[actor] as number) - 1;
    while (source >= 0 && this.buffered[fills[source] as number] !== cell) source--;
    this.loaded[event] = cell;
    this.source[event] = source;
  }

  /**
   * Whether a load and a write of its cell can change places although they touch the same cell. The load finds the same in its own
   * buffer and, right after the flush, in memory; and what others write before that flush it never sees.
   */
  private commutes(load: number, write: number): boolean {
    if (this.cell[write] !== this.loaded[load]) return false;
    const process = this.process[load] as number;
    if (this.process[write] === process + 1) return true;
    const source = this.source[load] as number;
    if (source < 0) return false;
    const actor = process >> 1;
    if (source >= (this.flushCount[actor] as number)) return true;
    return ((this.flushes[actor] as Int32Array)[source] as number) > write;
  }

  /** Whether the event that is being looked at is a load that finds its value in its own buffer. */
  isForwarded(): boolean {
    const event = this.length;
    return (
      (this.source[event] as number) >= (this.flushCount[(this.process[event] as number) >> 1] as number)
    );
  }

  /** Whether the event that is being looked at conflicts with keys as in `Accesses.list`. */
  conflictsWith(keys: Int32Array, count: number): boolean {
    const event = this.length;
    const reads = this.reads[event] as number;
    const writes = this.writes[event] as number;
    const from = this.keysFrom[event] as number;
    const end = this.keysFrom[event + 1] as number;
    for (let i = 0; i < count; i++) {
      const access = keys[i] as number;
      if ((bitOf(access >> 1) & ((access & 1) === 1 ? reads | writes : writes)) === 0) continue;
      for (let a = from; a < end; a++) {
        const other = this.keys[a] as number;
        if (access >> 1 === other >> 1 && ((access | other) & 1) === 1) return true;
      }
    }
    return false;
  }

  /** The later event comes after the earlier one and after all that one comes after. */
  join(later: number, earlier: number): void {
    const { clocks, processes } = this;
    const to = later * processes;
    const from = earlier * processes;
    for (let q = 0; q < processes; q++) {
      const seen = clocks[from + q] as number;
      if (seen > (clocks[to + q] as number)) clocks[to + q] = seen;
    }
  }

  /** Whether `later` comes after `earlier` in every order of the same execution. */
  isAfter(later: number, earlier: number): boolean {
    return (this.clocks[later * this.processes + (this.process[earlier] as number)] as number) > earlier;
  }

  /** Adds the event that was looked at, with its clock as it is; `enqueued`: entries it put into the store buffer. */
  push(enqueued: number): void {
    const event = this.length++;
    const process = this.process[event] as number;
    this.clocks[event * this.processes + process] = event + 1;
    this.newest[process] = event;
    this.enqueued[event] = enqueued;
    const actor = process >> 1;
    if ((process & 1) === 1) {
      const flushed = this.flushCount[actor] as number;
      let flushes = this.flushes[actor] as Int32Array;
      if (flushed === flushes.length) {
        flushes = grown(flushes, flushed + 1);
        this.flushes[actor] = flushes;
      }
      flushes[flushed] = event;
      this.flushCount[actor] = flushed + 1;
    }
    if (enqueued === 0) return;
    const count = this.fillCount[actor] as number;
    let fills = this.fills[actor] as Int32Array;
    if (count === fills.length) {
      fills = grown(fills, count + 1);
      this.fills[actor] = fills;
    }
    fills[count] = event;
    this.fillCount[actor] = count + 1;
  }

  /** Takes the last event away. */
  pop(): void {
    const event = --this.length;
    const process = this.process[event] as number;
    this.newest[process] = this.previous[event] as number;
    const actor = process >> 1;
    if ((process & 1) === 1) this.flushCount[actor] = (this.flushCount[actor] as number) - 1;
    if (this.enqueued[event] === 1) this.fillCount[actor] = (this.fillCount[actor] as number) - 1;
  }
}

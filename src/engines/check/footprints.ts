/**
 * What every actor may still touch from where it is in its program, learned by watching executions.
 *
 * A place is an actor with its chain of program counters and its steady words (loop counters, script offsets: what does not
 * depend on values read). The footprint of a place is what the operations there and at all places behind it touched so far.
 * The partial-order reduction lets an actor go on without a scheduling point where its next operation conflicts with no
 * footprint of anybody else. That is right only if the footprints are complete, so a search decides by those that were known
 * when it began (places it did not know conflict with everything), learns on the way, and is repeated until it learned
 * nothing about places it had relied on.
 */
import { InternTable } from "./intern-table.ts";
import type { CheckMachine } from "./machine.ts";
import type { Symmetry } from "./symmetry.ts";

export class Footprints {
  /** Whether something was added to a place that decisions rely on. */
  grew = false;
  /** Whether an actor touched the area of an interchangeable other: the group must be given up. */
  trespassed = false;
  private readonly machine: CheckMachine;
  private readonly symmetry: Symmetry | null;
  private readonly places = new InternTable();
  private readonly scratch = new Int32Array(1024);
  /** By key: its bit, or -1. */
  private readonly bitOf: Int32Array;
  private bits = 0;
  /** Words of 32 bits that a place has, for what is read and for what is written. */
  private width = 2;
  private readable: Int32Array = new Int32Array(1024);
  private writable: Int32Array = new Int32Array(1024);
  private frozenReadable: Int32Array = new Int32Array(0);
  private frozenWritable: Int32Array = new Int32Array(0);
  private frozenWidth = 2;
  /** Places known when the present search began; from here on they conflict with everything. */
  private frozenPlaces = 0;
  /** By place: the last place that followed it, the others, and those it follows. */
  private readonly lastNext: number[] = [];
  private readonly nexts: number[][] = [];
  private readonly previous: number[][] = [];
  private readonly steady: Int32Array[] = [];
  private readonly memberSteady: Int32Array[] = [];
  private readonly returnWord: Int32Array;

  constructor(machine: CheckMachine, symmetry: Symmetry | null) {
    this.machine = machine;
    this.symmetry = symmetry;
    this.bitOf = new Int32Array(machine.keyLimit).fill(-1);
    this.returnWord = Int32Array.from(machine.program.sites, (_, pc) => machine.program.returnWord(pc));
  }

  get bytes(): number {
    return this.places.bytes + (this.readable.byteLength + this.frozenReadable.byteLength) * 2;
  }

  /** Makes what is known now what decisions rely on. */
  freeze(): void {
    const used = this.places.count * this.width;
    this.frozenReadable = this.readable.slice(0, used);
    this.frozenWritable = this.writable.slice(0, used);
    this.frozenWidth = this.width;
    this.frozenPlaces = this.places.count;
    this.grew = false;
  }

  /** The place where an actor is. */
  placeOf(actor: number): number {
    const { machine, scratch } = this;
    const { state } = machine;
    const base = actor * machine.stride;
    const first = state[base] as number;
    let at = 0;
    // Interchangeable actors share their places; what is not the same for them is left out.
    const { symmetry } = this;
    scratch[at++] = symmetry === null ? actor : (symmetry.leader[actor] as number);
    scratch[at++] = machine.roundsLeft[actor] as number;
    scratch[at++] = first;
    if (first !== 0) {
      for (let pc = first; ; ) {
        const words = this.steadyWords(pc, actor);
        for (let i = 0; i < words.length; i++) {
          const value = state[base + (words[i] as number)] as number;
          scratch[at++] = symmetry === null ? value : symmetry.relative(actor, value);
        }
        const word = this.returnWord[pc] as number;
        if (word === 0) break;
        pc = state[base + word] as number;
        scratch[at++] = pc;
      }
    }
    const place = this.places.intern(scratch, at);
    if (this.places.isNew) this.found(place, actor);
    return place;
  }

  private steadyWords(pc: number, actor: number): Int32Array {
    const member = this.symmetry?.isMember(actor) === true;
    const known = member ? this.memberSteady : this.steady;
    let words = known[pc];
    if (words === undefined) {
      const { program, problem } = this.machine;
      words = program.steadyWords(pc);
      if (member) {
        const numbers = program.cpuWords(pc, problem.actors[actor]?.entry ?? "");
        words = words.filter((word) => !numbers.includes(word));
      }
      known[pc] = words;
    }
    return words;
  }

  /** A place that was never seen: its own operation is known at once. */
  private found(place: number, actor: number): void {
    while (this.lastNext.length < place + 1) {
      this.lastNext.push(-1);
      this.nexts.push([]);
      this.previous.push([]);
    }
    const needed = (place + 1) * this.width;
    if (needed > this.readable.length) {
      this.readable = grown(this.readable, needed);
      this.writable = grown(this.writable, needed);
    }
    this.learn(place, actor);
  }

  /** Notes what the actor's next operation, at `place`, comes to touch. */
  learn(place: number, actor: number): void {
    const { machine } = this;
    const count = machine.pendingAccesses(actor, true);
    for (let i = 0; i < count; i++) {
      const access = machine.accesses[i] as number;
      const key = this.shared(access >>> 1, actor);
      if (key < 0) continue;
      const bit = this.bit(key);
      const word = place * this.width + (bit >>> 5);
      const array = (access & 1) === 1 ? this.writable : this.readable;
      if ((((array[word] as number) >>> (bit & 31)) & 1) === 1) continue;
      array[word] = (array[word] as number) | (1 << (bit & 31));
      this.noteGrowth(place);
      this.spread(place);
    }
  }

  /** Notes that an actor came from one place to another. */
  follow(from: number, to: number): void {
    if (this.lastNext[from] === to) return;
    this.lastNext[from] = to;
    const nexts = this.nexts[from] as number[];
    if (nexts.includes(to)) return;
    nexts.push(to);
    (this.previous[to] as number[]).push(from);
    if (this.merge(from, to)) this.spread(from);
  }

  /** Adds `to`'s footprint to `from`'s; whether that changed anything. */
  private merge(from: number, to: number): boolean {
    const { width, readable, writable } = this;
    let changed = false;
    for (let i = 0; i < width; i++) {
      const r = (readable[from * width + i] as number) | (readable[to * width + i] as number);
      const w = (writable[from * width + i] as number) | (writable[to * width + i] as number);
      if (r === readable[from * width + i] && w === writable[from * width + i]) continue;
      readable[from * width + i] = r;
      writable[from * width + i] = w;
      changed = true;
    }
    if (changed) this.noteGrowth(from);
    return changed;
  }

  private noteGrowth(place: number): void {
    if (place < this.frozenPlaces) this.grew = true;
  }

  private spread(place: number): void {
    const pending = [place];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (const before of this.previous[at] as number[]) if (this.merge(before, at)) pending.push(before);
    }
  }

  private bit(key: number): number {
    const known = this.bitOf[key] as number;
    if (known >= 0) return known;
    const bit = this.bits++;
    this.bitOf[key] = bit;
    if (bit >= this.width * 32) this.widen();
    return bit;
  }

  private widen(): void {
    const width = this.width * 2;
    const places = Math.floor(this.readable.length / this.width);
    for (const name of ["readable", "writable"] as const) {
      const before = this[name];
      const after = new Int32Array(places * width);
      for (let place = 0; place < places; place++) {
        after.set(before.subarray(place * this.width, (place + 1) * this.width), place * width);
      }
      this[name] = after;
    }
    this.width = width;
  }

  /**
   * A key as footprints have it, or -1 where it conflicts with nothing.
   *
   * The end of a read section: it only ever lets grace periods end, and it can swap places with the beginning of one (which
   * waits for it or, a moment later, need not). The area of an interchangeable actor: only that actor touches it, or the
   * group is given up. What interchangeable actors have one of each counts as their first one's.
   */
  private shared(key: number, actor: number): number {
    const { machine, symmetry } = this;
    const { entering, leaving, queues } = machine;
    if (key >= leaving && key < queues) return -1;
    if (symmetry === null) return key;
    if (key >= queues) return queues + (symmetry.leader[key - queues] as number);
    if (key >= entering) return entering + (symmetry.leader[key - entering] as number);
    const cells = entering >>> 1;
    const owner = symmetry.ownerOf((key < cells ? key : key - cells) * 4);
    if (owner < 0) return key;
    if (owner !== actor) this.trespassed = true;
    return -1;
  }

  /** Whether what is in `machine.accesses` conflicts with anything that another actor, at these places, may still do. */
  conflicts(count: number, actor: number, places: Int32Array): boolean {
    const { machine, frozenPlaces, frozenWidth, frozenReadable, frozenWritable } = this;
    const { accesses, world } = machine;
    for (let i = 0; i < count; i++) {
      const access = accesses[i] as number;
      const key = this.shared(access >>> 1, actor);
      if (key < 0) continue;
      const bit = this.bitOf[key] as number;
      for (let other = 0; other < machine.actorCount; other++) {
        if (other === actor) {
          // A callback in its own buffer begins its grace period when it leaves: whether that waits for a section that the
          // actor enters now depends on which comes first.
          const enters = (access & 1) === 1 && key >= machine.entering && key < machine.leaving;
          if (enters && this.bufferConflicts(actor, key, true)) return true;
          continue;
        }
        if (world.buffers.length[other] !== 0 && this.bufferConflicts(other, key, (access & 1) === 1))
          return true;
        if (machine.state[other * machine.stride] === 0) continue;
        const place = places[other] as number;
        if (place >= frozenPlaces) return true;
        if (bit < 0 || bit >= frozenWidth * 32) continue;
        const word = place * frozenWidth + (bit >>> 5);
        if ((((frozenWritable[word] as number) >>> (bit & 31)) & 1) === 1) return true;
        if ((access & 1) === 1 && (((frozenReadable[word] as number) >>> (bit & 31)) & 1) === 1) return true;
      }
    }
    return false;
  }

  /** Whether an entry of the actor's store buffer conflicts with an access to the key. */
  private bufferConflicts(actor: number, key: number, write: boolean): boolean {
    const { machine } = this;
    const { buffers } = machine.world;
    const from = buffers.oldest(actor);
    for (let i = 0; i < (buffers.length[actor] as number); i++) {
      if (machine.entryConflicts(actor, buffers.entries[from + i * 2] as number, key, write)) return true;
    }
    return false;
  }
}

function grown(array: Int32Array, needed: number): Int32Array {
  const larger = new Int32Array(Math.max(needed, array.length * 2));
  larger.set(array);
  return larger;
}

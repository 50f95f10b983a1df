/**
 * What every actor may still touch from where it is in its program, learned by watching executions.
 *
 * A place is an actor with its chain of program counters and its steady words (loop counters, script offsets: what does not
 * depend on values read). The footprint of a place is what the operations there and at all places behind it touched so far.
 * The partial-order reduction lets an actor go on without a scheduling point where its next operation conflicts with no
 * footprint of anybody else.
 *
 * Each place has two footprints: all that is behind it, and what is behind it up to the next grace period that its actor has
 * to wait for. While another actor is inside a read section that such a grace period would wait for, nothing beyond can
 * happen, so that actor's operations (and its stores that leave the buffer before the section's end does) need not be
 * compared with it. Without that, every access to what is freed after a grace period would be a scheduling point.
 *
 * All this is right only if the footprints are complete, so a search decides by those that were known
 * when it began (places it did not know conflict with everything), learns on the way, and is repeated until it learned
 * nothing about places it had relied on.
 */
import { Op } from "../../machine/ops.ts";
import { grown } from "./grown.ts";
import { InternTable } from "./intern-table.ts";
import type { CheckMachine } from "./machine.ts";
import type { Symmetry } from "./symmetry.ts";

export class Footprints {
  /** Whether something was added that a decision had relied on not to be there. */
  grew = false;
  /** The actor that the last conflict was with. */
  blocker = -1;
  /** How often something was added. */
  lessons = 0;
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
  private learned = new Reach(1024);
  private frozen = new Reach(0);
  /** Of what was frozen, the bits that decisions found clear, and whether one was about a key that had no bit. */
  private relied = new Reach(0);
  private reliedOnUnknown = false;
  /** By place: 1 where its operation waits for a grace period. */
  private readonly gates: number[] = [];
  private frozenWidth = 2;
  /** Keys that had a bit then. */
  private frozenKeys = 0;
  /** Places known when the present search began; from here on they conflict with everything. */
  private frozenPlaces = 0;
  /** By place: what the books about labels saw of its operation, as in `Marks.bookAccesses`, in order of discovery. */
  private readonly marks: number[][] = [];
  /** By place: how many of these decisions rely on. */
  private frozenMarks = new Int32Array(0);
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
    this.bitOf = new Int32Array(machine.keys.limit).fill(-1);
    this.returnWord = Int32Array.from(machine.program.sites, (_, pc) => machine.program.returnWord(pc));
  }

  get bytes(): number {
    return this.places.bytes + this.learned.bytes + this.frozen.bytes * 2;
  }

  /** Whether places were found that decisions do not know: they conflict with everything, which is safe but costs states. */
  get hasNewPlaces(): boolean {
    return this.places.count > this.frozenPlaces;
  }

  /** Makes what is known now what decisions rely on. */
  freeze(): void {
    const used = this.places.count * this.width;
    this.frozen = this.learned.slice(used);
    this.relied = new Reach(used);
    this.reliedOnUnknown = false;
    this.frozenWidth = this.width;
    this.frozenPlaces = this.places.count;
    this.frozenKeys = this.bits;
    this.frozenMarks = Int32Array.from(this.marks, (known) => known.length);
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
        const word = this.returnWord[pc] as number;
        for (let i = 0; i < words.length; i++) {
          const value = state[base + (words[i] as number)] as number;
          // A program counter is no address.
          scratch[at++] = symmetry === null || words[i] === word ? value : symmetry.relative(actor, value);
        }
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
      this.gates.push(0);
      this.marks.push([]);
    }
    const op = this.machine.pendingOp(actor);
    this.gates[place] = op === Op.rcuTake || op === Op.synchronizeRcu ? 1 : 0;
    this.learned.grow((place + 1) * this.width);
    this.learn(place, actor);
  }

  /** Notes what the actor's next operation, at `place`, comes to touch. */
  learn(place: number, actor: number): void {
    const { machine } = this;
    const count = machine.accesses.pending(actor, true);
    for (let i = 0; i < count; i++) this.learnAccess(place, actor, machine.accesses.list[i] as number);
  }

  /** Notes what the books saw of the operation that the actor just did at `place`. */
  learnBooks(place: number, actor: number): void {
    const { machine } = this;
    const known = this.marks[place] as number[];
    for (let i = 0; i < machine.marks.bookCount; i++) {
      const access = machine.marks.bookAccesses[i] as number;
      if (known.includes(access)) continue;
      known.push(access);
      this.lessons++;
      // Whoever let this operation happen at any time did not know.
      this.grew = true;
      this.learnAccess(place, actor, access);
    }
  }

  private learnAccess(place: number, actor: number, access: number): void {
    const key = this.shared(access >>> 1, actor);
    if (key < 0) return;
    const bit = this.bit(key);
    const word = place * this.width + (bit >>> 5);
    const write = (access & 1) === 1;
    const { all, near } = write ? this.learned.writes : this.learned.reads;
    const mask = 1 << (bit & 31);
    if (((all[word] as number) & (near[word] as number) & mask) !== 0) return;
    all[word] = (all[word] as number) | mask;
    near[word] = (near[word] as number) | mask;
    const relied = write ? this.relied.writes : this.relied.reads;
    this.noteGrowth(place, bit >>> 5, mask, relied.all);
    this.noteGrowth(place, bit >>> 5, mask, relied.near);
    this.spread(place);
  }

  /** Adds what the books are known to see of the operation at a place to the `count` keys in `machine.accesses.list`. */
  withBooks(count: number, place: number): number {
    if (place >= this.frozenMarks.length) return count;
    let total = count;
    const known = this.marks[place] as number[];
    for (let i = 0; i < (this.frozenMarks[place] as number); i++) {
      total = this.machine.accesses.add(total, known[i] as number);
    }
    return total;
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
    let changed = false;
    for (const kind of ["reads", "writes"] as const) {
      if (this.unite(from, to, this.learned[kind].all, this.relied[kind].all)) changed = true;
      // What comes after a grace period is not near.
      if (this.gates[from] === 1) continue;
      if (this.unite(from, to, this.learned[kind].near, this.relied[kind].near)) changed = true;
    }
    return changed;
  }

  /** Adds one row of a table to another; whether that changed anything. */
  private unite(to: number, from: number, table: Int32Array, relied: Int32Array): boolean {
    const { width } = this;
    let changed = false;
    for (let i = 0; i < width; i++) {
      const before = table[to * width + i] as number;
      const after = before | (table[from * width + i] as number);
      if (after === before) continue;
      table[to * width + i] = after;
      this.noteGrowth(to, i, after & ~before, relied);
      changed = true;
    }
    return changed;
  }

  /** Bits were added to word `i` of a place. */
  private noteGrowth(place: number, i: number, added: number, relied: Int32Array): void {
    this.lessons++;
    if (place >= this.frozenPlaces) return;
    if (i >= this.frozenWidth || (added & ~this.frozenBits(i)) !== 0) {
      if (this.reliedOnUnknown) this.grew = true;
    }
    if (i < this.frozenWidth && (added & (relied[place * this.frozenWidth + i] as number)) !== 0)
      this.grew = true;
  }

  /** Bits of word `i` that keys had when the present search began. */
  private frozenBits(i: number): number {
    const bits = this.frozenKeys - i * 32;
    return bits >= 32 ? -1 : bits <= 0 ? 0 : (1 << bits) - 1;
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
    this.learned = this.learned.widened(this.width);
    this.width *= 2;
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
    const { entering, leaving, queues, books } = machine.keys;
    if (key >= leaving && key < queues) return -1;
    if (symmetry === null) return key;
    if (key >= books)
      return symmetry.ownerOf((key - books) * 4) < 0 ? key : this.sharedArea((key - books) * 4, actor);
    if (key >= queues) return queues + (symmetry.leader[key - queues] as number);
    if (key >= entering) return entering + (symmetry.leader[key - entering] as number);
    const cells = entering >>> 1;
    const address = (key < cells ? key : key - cells) * 4;
    return symmetry.ownerOf(address) < 0 ? key : this.sharedArea(address, actor);
  }

  /** An address in the area of some member. */
  private sharedArea(address: number, actor: number): -1 {
    if (this.symmetry?.ownerOf(address) !== actor || this.symmetry.differs(address)) this.trespassed = true;
    return -1;
  }

  /**
   * Whether what is in `machine.accesses.list` conflicts with anything that another actor, at these places, may still do before
   * the transition: the actor's next step, or the flush of its oldest entry.
   */
  conflicts(count: number, actor: number, places: Int32Array, isFlush: boolean): boolean {
    const { machine, frozenPlaces, frozenWidth, frozen, relied } = this;
    const { keys, world } = machine;
    const accesses = machine.accesses.list;
    const sheltered = count > 0 && this.isSheltered(actor, isFlush);
    for (let i = 0; i < count; i++) {
      const access = accesses[i] as number;
      const write = (access & 1) === 1;
      const key = this.shared(access >>> 1, actor);
      if (key < 0) continue;
      const bit = this.bitOf[key] as number;
      const known = bit >= 0 && bit < this.frozenKeys;
      const mask = 1 << (bit & 31);
      for (let other = 0; other < machine.actorCount; other++) {
        if (other === actor) {
          // A callback in its own buffer begins its grace period when it leaves: whether that waits for a section that the
          // actor enters now depends on which comes first. And once it has left it may be the one that the actor takes.
          const enters = write && key >= keys.entering && key < keys.leaving;
          const takes = !isFlush && key >= keys.queues && key < keys.books;
          if ((enters || takes) && this.bufferConflicts(actor, key, true)) {
            this.blocker = actor;
            return true;
          }
          continue;
        }
        this.blocker = other;
        if (world.buffers.length[other] !== 0 && this.bufferConflicts(other, key, write)) return true;
        if (machine.state[other * machine.stride] === 0) continue;
        const place = places[other] as number;
        if (place >= frozenPlaces) return true;
        const isNear = sheltered && this.waitsFor(other, actor, isFlush);
        if (bit >= 0 && !this.grew) this.noteReliance(place, bit, write, isNear);
        if (!known) {
          this.reliedOnUnknown = true;
          continue;
        }
        const word = place * frozenWidth + (bit >>> 5);
        if (((tableOf(frozen.writes, isNear)[word] as number) & mask) !== 0) return true;
        const reliedWrites = tableOf(relied.writes, isNear);
        reliedWrites[word] = (reliedWrites[word] as number) | mask;
        if (!write) continue;
        if (((tableOf(frozen.reads, isNear)[word] as number) & mask) !== 0) return true;
        const reliedReads = tableOf(relied.reads, isNear);
        reliedReads[word] = (reliedReads[word] as number) | mask;
      }
    }
    return false;
  }

  /** What this search has learned already is not what it decides by, but shows that a decision was wrong. */
  private noteReliance(place: number, bit: number, write: boolean, isNear: boolean): void {
    const { learned, frozen } = this;
    const word = place * this.width + (bit >>> 5);
    const before = bit < this.frozenKeys ? place * this.frozenWidth + (bit >>> 5) : -1;
    const mask = 1 << (bit & 31);
    if (
      isNews(tableOf(learned.writes, isNear), word, tableOf(frozen.writes, isNear), before, mask) ||
      (write && isNews(tableOf(learned.reads, isNear), word, tableOf(frozen.reads, isNear), before, mask))
    ) {
      this.grew = true;
    }
  }

  /**
   * Whether a grace period that begins before the transition waits for it: the actor is inside a section, which ends after
   * its next step and whose end leaves the buffer after the oldest entry; or the end of one is in the buffer, which is behind
   * the oldest entry. And so does every grace period that waits for callbacks now.
   */
  private isSheltered(actor: number, isFlush: boolean): boolean {
    const { buffers, sections } = this.machine.world;
    if (sections.nesting[actor] === 0 && (!isFlush || !buffers.hasUnlock(actor))) return false;
    const least = isFlush ? 1 : (sections.open[actor] as number);
    for (let from = 0; from < this.machine.actorCount; from++) {
      if (!sections.allWaitFor(from, actor, least)) return false;
    }
    return true;
  }

  /** Whether the grace period that `other` waits for itself, if it does, waits for the actor too. */
  private waitsFor(other: number, actor: number, isFlush: boolean): boolean {
    const { sections } = this.machine.world;
    if (sections.waiting[other] === 0) return true;
    return sections.leftOf(other, actor) >= (isFlush ? 1 : (sections.open[actor] as number));
  }

  /** Whether an entry of the actor's store buffer conflicts with an access to the key, which is as footprints have it. */
  private bufferConflicts(actor: number, key: number, write: boolean): boolean {
    const { machine, symmetry } = this;
    const { buffers } = machine.world;
    const from = buffers.oldest(actor);
    // The queue of the first of interchangeable actors stands for that of each.
    const isShared = symmetry !== null && key === machine.keys.queues + (symmetry.leader[actor] as number);
    const own = isShared ? machine.keys.queues + actor : key;
    for (let i = 0; i < (buffers.length[actor] as number); i++) {
      if (machine.accesses.entryConflicts(actor, buffers.entries[from + i * 2] as number, own, write))
        return true;
    }
    return false;
  }
}

interface Tables {
  /** Everything that is still to come. */
  readonly all: Int32Array;
  /** What is still to come before the actor waits for a grace period. */
  readonly near: Int32Array;
}

// Asked for every access of every decision: no closure, and no property by a name that varies.

function tableOf(tables: Tables, isNear: boolean): Int32Array {
  return isNear ? tables.near : tables.all;
}

/** Whether a bit is in a word of what is known now, and not in the word (-1: it had no bit) of what was known before. */
function isNews(now: Int32Array, word: number, then: Int32Array, before: number, mask: number): boolean {
  return ((now[word] as number) & mask) !== 0 && (before < 0 || ((then[before] as number) & mask) === 0);
}

/** Footprints as tables of bits, one row for each place. */
class Reach {
  reads: Tables;
  writes: Tables;

  constructor(words: number) {
    const tables = (): Tables => ({ all: new Int32Array(words), near: new Int32Array(words) });
    this.reads = tables();
    this.writes = tables();
  }

  get bytes(): number {
    return this.reads.all.byteLength * 4;
  }

  private replace(change: (table: Int32Array) => Int32Array): void {
    const changed = ({ all, near }: Tables): Tables => ({ all: change(all), near: change(near) });
    this.reads = changed(this.reads);
    this.writes = changed(this.writes);
  }

  grow(words: number): void {
    if (words > this.reads.all.length) this.replace((table) => grown(table, words));
  }

  /** A copy of the first words. */
  slice(words: number): Reach {
    const copy = new Reach(0);
    copy.reads = this.reads;
    copy.writes = this.writes;
    copy.replace((table) => table.slice(0, words));
    return copy;
  }

  /** A copy whose rows are twice as wide as `width`. */
  widened(width: number): Reach {
    const copy = this.slice(this.reads.all.length);
    const rows = Math.floor(this.reads.all.length / width);
    copy.replace((table) => {
      const wide = new Int32Array(rows * width * 2);
      for (let row = 0; row < rows; row++) {
        wide.set(table.subarray(row * width, (row + 1) * width), row * width * 2);
      }
      return wide;
    });
    return copy;
  }
}

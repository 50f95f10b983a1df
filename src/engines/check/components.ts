/**
 * The components of a state and their numbers: what each consists of, and how the machine is set to it again. Locals that can
 * no longer be read are left out, for they must not tell states apart; memory is kept as differences from the start.
 *
 * A component that holds an address of an interchangeable actor's area, and is not that actor's own, is *bound*: states that
 * have one are kept with their actors where they are.
 */
import { ActorWord } from "../../link/stepped/index.ts";
import { Op, opByCode } from "../../machine/ops.ts";
import { InternTable } from "./intern-table.ts";
import type { CheckMachine } from "./machine.ts";
import { queueLimit } from "./sections.ts";
import type { Symmetry } from "./symmetry.ts";

export const pageShift = 4;
const pageSlots = 1 << pageShift;

/** The actor that stands at a place of an order (null: its own). */
function actorAt(order: Int32Array | null, place: number): number {
  return order === null ? place : (order[place] as number);
}

/** A word of a sequence that ends at `end`: what is behind was left out, being 0. */
function wordBefore(end: number, data: Int32Array, at: number): number {
  return at < end ? (data[at] as number) : 0;
}

/** Numbers of the components of one kind, and which of them are bound. */
class Kind extends InternTable {
  private readonly bound = new Set<number>();

  note(number: number, foreign: boolean): number {
    if (foreign) this.bound.add(number);
    return number;
  }

  isBound(number: number): boolean {
    return this.bound.size > 0 && this.bound.has(number);
  }
}

export class Components {
  readonly locals = new Kind();
  readonly buffers = new Kind();
  readonly areas = new Kind();
  readonly graces = new Kind();
  readonly objects = new Kind();
  private readonly pages = new Kind();
  /** Page * 2^32 + number: the same differences are other values on another page. */
  private readonly boundPages = new Set<number>();
  private readonly machine: CheckMachine;
  private readonly symmetry: Symmetry | null;
  private readonly actors: number;
  private readonly scratch = new Int32Array(8192);
  /** By slot: its place in the pages, or -1 - actor where it lies in an interchangeable actor's area. */
  private readonly placeOfSlot: number[] = [];
  /** By place in the pages: its cell. */
  private readonly pageCells: number[] = [];
  /** By place in an area: its offset in bytes. */
  private readonly areaOffsets: number[] = [];
  private readonly knownOffsets = new Set<number>();
  /** By pc: operands that the operation has, word of the caller's pc. */
  private readonly operands: Uint8Array;
  private readonly returnWord: Int32Array;
  /** By actor: 1 where its entry returns a value. */
  private readonly returns: Uint8Array;
  /**
   * By actor, then by pc: 1 for each live word that holds the actor's CPU number, which is not the same for interchangeable
   * actors, and known anyway; 2 for the caller's pc, which is no address; else 0.
   */
  private readonly wordKinds: Uint8Array[][];

  constructor(machine: CheckMachine, symmetry: Symmetry | null) {
    this.machine = machine;
    this.symmetry = symmetry;
    this.actors = machine.actorCount;
    const { sites, entries } = machine.program;
    this.operands = Uint8Array.from(sites, ({ op }) => {
      if (op === null || op === Op.done) return 0;
      return op === Op.fault ? 1 : opByCode(op).operands.length;
    });
    this.returnWord = Int32Array.from(sites, (_, pc) => machine.program.returnWord(pc));
    const { actors } = machine.problem;
    this.returns = Uint8Array.from(actors, ({ entry }) => (entries.get(entry)?.returns === true ? 1 : 0));
    this.wordKinds = actors.map(() => []);
  }

  get bytes(): number {
    const { locals, buffers, areas, graces, objects, pages } = this;
    return locals.bytes + buffers.bytes + areas.bytes + graces.bytes + objects.bytes + pages.bytes;
  }

  /** Pages that there are by now. */
  get pageCount(): number {
    return (this.pageCells.length + pageSlots - 1) >> pageShift;
  }

  isPageBound(page: number, number: number): boolean {
    return this.boundPages.size > 0 && this.boundPages.has(page * 2 ** 32 + number);
  }

  /** The page that a slot lies in, or -1 - actor where it lies in an interchangeable actor's area. */
  homeOf(slot: number): number {
    const { placeOfSlot } = this;
    while (placeOfSlot.length <= slot) this.settle(this.machine.world.cells[placeOfSlot.length] as number);
    const place = placeOfSlot[slot] as number;
    return place < 0 ? place : place >> pageShift;
  }

  private settle(cell: number): void {
    const { symmetry } = this;
    const owner = symmetry === null ? -1 : symmetry.ownerOf(cell * 4);
    if (symmetry === null || owner < 0) {
      this.placeOfSlot.push(this.pageCells.length);
      this.pageCells.push(cell);
      return;
    }
    const offset = cell * 4 - symmetry.areaOf(owner);
    if (!this.knownOffsets.has(offset)) {
      this.knownOffsets.add(offset);
      this.areaOffsets.push(offset);
    }
    this.placeOfSlot.push(-1 - owner);
  }

  // ---- locals ----

  private kindsAt(actor: number, pc: number): Uint8Array {
    const byPc = this.wordKinds[actor] as Uint8Array[];
    const known = byPc[pc];
    if (known !== undefined) return known;
    const { program, problem } = this.machine;
    const member = this.symmetry?.isMember(actor) === true;
    const numbers = member ? program.cpuWords(pc, problem.actors[actor]?.entry ?? "") : new Int32Array(0);
    const back = this.returnWord[pc] as number;
    const made = Uint8Array.from(program.liveWords(pc), (word) =>
      word === back && back !== 0 ? 2 : numbers.includes(word) ? 1 : 0,
    );
    byPc[pc] = made;
    return made;
  }

  packLocals(actor: number): number {
    const { machine, scratch, returnWord, symmetry } = this;
    const { program, state } = machine;
    const base = actor * machine.stride;
    const first = state[base] as number;
    const depth = machine.world.sections.nesting[actor] as number;
    let at = 0;
    scratch[at++] = first;
    scratch[at++] = (depth << 8) | (machine.roundsLeft[actor] as number);
    const operands = this.operands[first] as number;
    for (let i = 0; i < operands; i++) scratch[at++] = state[base + ActorWord.operand0 + i] as number;
    if (first === 0 && this.returns[actor] === 1)
      scratch[at++] = state[base + ActorWord.returnValue] as number;
    let foreign = symmetry !== null && this.relate(symmetry, actor, 2, at);
    for (let pc = first; pc !== 0; ) {
      const words = program.liveWords(pc);
      const kinds = symmetry === null ? null : this.kindsAt(actor, pc);
      for (let i = 0; i < words.length; i++, at++) {
        const value = state[base + (words[i] as number)] as number;
        if (symmetry === null || kinds?.[i] === 2) scratch[at] = value;
        else if (kinds?.[i] === 1) scratch[at] = 0;
        else {
          if (symmetry.isForeign(actor, value)) foreign = true;
          scratch[at] = symmetry.relative(actor, value);
        }
      }
      const word = returnWord[pc] as number;
      pc = word === 0 ? 0 : (state[base + word] as number);
    }
    return this.locals.note(this.locals.intern(scratch, at), foreign);
  }

  /** Makes words of the scratch relative to the actor's area; whether one is an address of somebody else's. */
  private relate(symmetry: Symmetry, actor: number, from: number, end: number): boolean {
    const { scratch } = this;
    let foreign = false;
    for (let i = from; i < end; i++) {
      const value = scratch[i] as number;
      if (symmetry.isForeign(actor, value)) foreign = true;
      scratch[i] = symmetry.relative(actor, value);
    }
    return foreign;
  }

  loadLocals(actor: number, number: number): void {
    const { machine, returnWord } = this;
    const { program, state } = machine;
    const symmetry = this.symmetry?.isMember(actor) === true ? this.symmetry : null;
    const { data, starts } = this.locals;
    const base = actor * machine.stride;
    let at = starts[number] as number;
    const first = data[at++] as number;
    state[base] = first;
    const counts = data[at++] as number;
    machine.world.sections.nesting[actor] = counts >> 8;
    machine.roundsLeft[actor] = counts & 255;
    const operands = this.operands[first] as number;
    for (let i = 0; i < operands; i++, at++) {
      const value = data[at] as number;
      state[base + ActorWord.operand0 + i] = symmetry === null ? value : symmetry.absolute(actor, value);
    }
    if (first === 0) {
      if (this.returns[actor] === 0) return;
      const value = data[at] as number;
      state[base + ActorWord.returnValue] = symmetry === null ? value : symmetry.absolute(actor, value);
      return;
    }
    for (let pc = first; ; ) {
      const words = program.liveWords(pc);
      if (symmetry === null) {
        for (let i = 0; i < words.length; i++) state[base + (words[i] as number)] = data[at++] as number;
      } else {
        const kinds = this.kindsAt(actor, pc);
        const cpu = state[base + ActorWord.cpu] as number;
        for (let i = 0; i < words.length; i++, at++) {
          const value = data[at] as number;
          state[base + (words[i] as number)] =
            kinds[i] === 0 ? symmetry.absolute(actor, value) : kinds[i] === 1 ? cpu : value;
        }
      }
      const word = returnWord[pc] as number;
      if (word === 0) return;
      pc = state[base + word] as number;
    }
  }

  // ---- store buffers ----

  packBuffer(actor: number): number {
    const { buffers } = this.machine.world;
    const words = (buffers.length[actor] as number) * 2;
    if (words === 0) return 0;
    const from = buffers.oldest(actor);
    const { scratch, symmetry } = this;
    for (let i = 0; i < words; i++) scratch[i] = buffers.entries[from + i] as number;
    // An entry's kind is in the low bits of its address; areas, and where they are moved to, are aligned.
    const foreign = symmetry !== null && this.relate(symmetry, actor, 0, words);
    return this.buffers.note(this.buffers.intern(scratch, words), foreign);
  }

  loadBuffer(actor: number, number: number): void {
    const { symmetry } = this;
    const { buffers } = this.machine.world;
    const start = this.buffers.starts[number] as number;
    const words = (this.buffers.starts[number + 1] as number) - start;
    const from = buffers.oldest(actor);
    for (let i = 0; i < words; i++) {
      const word = this.buffers.data[start + i] as number;
      buffers.entries[from + i] = symmetry === null ? word : symmetry.absolute(actor, word);
    }
    buffers.length[actor] = words >> 1;
  }

  // ---- areas of interchangeable actors ----

  packArea(symmetry: Symmetry, actor: number): number {
    const { memory, start } = this.machine.world;
    const { scratch, areaOffsets } = this;
    const area = symmetry.areaOf(actor);
    let length = 0;
    let foreign = false;
    for (let i = 0; i < areaOffsets.length; i++) {
      const cell = (area + (areaOffsets[i] as number)) >> 2;
      const value = memory[cell] as number;
      if (symmetry.isForeign(actor, value)) foreign = true;
      const difference = symmetry.relative(actor, value) ^ symmetry.relative(actor, start[cell] as number);
      scratch[i] = difference;
      if (difference !== 0) length = i + 1;
    }
    return this.areas.note(this.areas.intern(scratch, length), foreign);
  }

  loadArea(symmetry: Symmetry, actor: number, number: number): void {
    const { memory, start } = this.machine.world;
    const { data, starts } = this.areas;
    const from = starts[number] as number;
    const length = (starts[number + 1] as number) - from;
    const area = symmetry.areaOf(actor);
    for (let i = 0; i < this.areaOffsets.length; i++) {
      const cell = (area + (this.areaOffsets[i] as number)) >> 2;
      const difference = i < length ? (data[from + i] as number) : 0;
      const before = symmetry.relative(actor, start[cell] as number);
      memory[cell] = symmetry.absolute(actor, before ^ difference);
    }
  }

  // ---- RCU ----

  /** RCU with actors in the given order (null: as they are). */
  packGrace(order: Int32Array | null): number {
    const { scratch, actors, symmetry } = this;
    const { sections } = this.machine.world;
    let foreign = false;
    let at = 0;
    for (let place = 0; place < actors; place++) {
      const actor = actorAt(order, place);
      scratch[at++] = sections.open[actor] as number;
      scratch[at++] = sections.waiting[actor] as number;
      if (sections.waiting[actor] !== 0) {
        const row = actor * sections.nesting.length;
        for (let reader = 0; reader < actors; reader++)
          scratch[at++] = sections.left[row + actorAt(order, reader)] as number;
      }
      const queued = sections.queued[actor] as number;
      scratch[at++] = queued;
      for (let i = 0; i < queued; i++) {
        const from = (actor * queueLimit + i) * sections.stride;
        const head = sections.queue[from] as number;
        scratch[at++] = head;
        if (symmetry?.isForeign(-1, head) === true) foreign = true;
        for (let reader = 0; reader < actors; reader++) {
          scratch[at++] = sections.queue[from + 1 + actorAt(order, reader)] as number;
        }
      }
    }
    while (at > 0 && scratch[at - 1] === 0) at--;
    return this.graces.note(this.graces.intern(scratch, at), foreign);
  }

  loadGrace(number: number): void {
    const { actors } = this;
    const { sections } = this.machine.world;
    const { data, starts } = this.graces;
    let at = starts[number] as number;
    const end = starts[number + 1] as number;
    for (let actor = 0; actor < actors; actor++) {
      sections.open[actor] = wordBefore(end, data, at++);
      sections.waiting[actor] = wordBefore(end, data, at++);
      const row = actor * sections.nesting.length;
      if (sections.waiting[actor] !== 0) {
        for (let reader = 0; reader < actors; reader++)
          sections.left[row + reader] = wordBefore(end, data, at++);
      } else sections.left.fill(0, row, row + actors);
      const queued = wordBefore(end, data, at++);
      sections.queued[actor] = queued;
      for (let i = 0; i < queued; i++) {
        const from = (actor * queueLimit + i) * sections.stride;
        for (let word = 0; word <= actors; word++) sections.queue[from + word] = wordBefore(end, data, at++);
      }
    }
  }

  // ---- objects and pages ----

  packObjects(): number {
    const { objects } = this.machine.world;
    let length = objects.count;
    while (length > 0 && objects.words[length - 1] === 0) length--;
    const number = this.objects.intern(objects.words, length);
    return this.objects.note(number, this.objects.isNew && this.hasUnlikeObjects());
  }

  /** Whether an object in an interchangeable actor's area is not what it is in the others' areas: it would not move with them. */
  private hasUnlikeObjects(): boolean {
    const { symmetry } = this;
    if (symmetry === null) return false;
    const { objects } = this.machine.world;
    for (let object = 0; object < objects.count; object++) {
      const word = objects.words[object] as number;
      const address = objects.base[object] as number;
      const owner = word === 0 ? -1 : symmetry.ownerOf(address);
      if (owner < 0) continue;
      for (const peer of symmetry.peersOf(owner)) {
        const there = address - symmetry.areaOf(owner) + symmetry.areaOf(peer);
        const twin = objects.at(there, objects.bytes[object] as number, objects.kind[object] as number);
        if (twin < 0 || objects.words[twin] !== word) return true;
      }
    }
    return false;
  }

  loadObjects(number: number): void {
    const { words } = this.machine.world.objects;
    const start = this.objects.starts[number] as number;
    const length = (this.objects.starts[number + 1] as number) - start;
    for (let i = 0; i < length; i++) words[i] = this.objects.data[start + i] as number;
    words.fill(0, length);
  }

  /** Slots that nobody wrote yet, or that are not known yet, differ by 0. */
  packPage(page: number): number {
    const { memory, start } = this.machine.world;
    const { scratch, pageCells, symmetry } = this;
    const first = page << pageShift;
    const end = Math.min(first + pageSlots, pageCells.length);
    let length = 0;
    let foreign = false;
    for (let place = first; place < end; place++) {
      const cell = pageCells[place] as number;
      const value = memory[cell] as number;
      const difference = value ^ (start[cell] as number);
      scratch[place - first] = difference;
      if (difference !== 0) length = place - first + 1;
      if (symmetry?.isForeign(-1, value) === true) foreign = true;
    }
    const number = this.pages.intern(scratch, length);
    if (foreign) this.boundPages.add(page * 2 ** 32 + number);
    return number;
  }

  loadPage(page: number, number: number): void {
    const { memory, start } = this.machine.world;
    const { pageCells } = this;
    const { data, starts } = this.pages;
    const from = starts[number] as number;
    const length = (starts[number + 1] as number) - from;
    const first = page << pageShift;
    const end = Math.min(first + pageSlots, pageCells.length);
    for (let place = first; place < end; place++) {
      const cell = pageCells[place] as number;
      const difference = place - first < length ? (data[from + place - first] as number) : 0;
      memory[cell] = (start[cell] as number) ^ difference;
    }
  }
}

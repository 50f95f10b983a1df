/**
 * States as short sequences of numbers. A state has components: each actor's program counter and live locals, each actor's
 * store buffer, RCU, objects, and memory in pages of 16 slots. Every component's content gets a number from a table, and the
 * state is the sequence of these numbers. Neighbouring states differ in two or three components, so both directions only
 * touch what changed. Locals that can no longer be read are left out: they must not tell states apart.
 */
import { ActorWord } from "../../link/stepped/index.ts";
import { Op, opByCode } from "../../machine/ops.ts";
import { InternTable } from "./intern-table.ts";
import type { CheckMachine } from "./machine.ts";
import { queueLimit } from "./sections.ts";

const pageShift = 4;
const pageSlots = 1 << pageShift;

export class Packer {
  /** Numbers of the machine's present components: locals by actor, buffers by actor, RCU, objects, pages. */
  vector: Int32Array;
  readonly locals = new InternTable();
  private readonly buffers = new InternTable();
  private readonly graces = new InternTable();
  private readonly objects = new InternTable();
  private readonly pages = new InternTable();
  /** By actor: 1 where its component must be looked at again. */
  private readonly movedActors: Uint8Array;
  private readonly dirtyPages = new Set<number>();
  private scratch = new Int32Array(4096);
  private readonly machine: CheckMachine;
  private readonly actors: number;
  /** First component of RCU, objects and pages. */
  private readonly grace: number;
  private readonly firstPage: number;
  /** By pc: live words, operands of the operation, word of the caller's pc. */
  private readonly live: Int32Array[] = [];
  private readonly operands: Uint8Array;
  private readonly returnWord: Int32Array;
  private readonly returns: Uint8Array;

  constructor(machine: CheckMachine) {
    this.machine = machine;
    this.actors = machine.actorCount;
    this.grace = 2 * this.actors;
    this.firstPage = this.grace + 2;
    this.vector = new Int32Array(this.firstPage + 8);
    this.movedActors = new Uint8Array(this.actors);
    const { sites } = machine.program;
    this.operands = Uint8Array.from(sites, ({ op }) => {
      if (op === null || op === Op.done) return 0;
      return op === Op.fault ? 1 : opByCode(op).operands.length;
    });
    this.returnWord = Int32Array.from(sites, (_, pc) => machine.program.returnWord(pc));
    this.returns = Uint8Array.from(machine.problem.actors, ({ entry }) =>
      machine.program.entries.get(entry)?.returns === true ? 1 : 0,
    );
  }

  get bytes(): number {
    const { locals, buffers, graces, objects, pages } = this;
    return locals.bytes + buffers.bytes + graces.bytes + objects.bytes + pages.bytes;
  }

  /** Live words of the frame at a pc. */
  liveWords(pc: number): Int32Array {
    let words = this.live[pc];
    if (words === undefined) {
      words = Int32Array.from(this.machine.program.liveSlots(pc));
      this.live[pc] = words;
    }
    return words;
  }

  /** The actor did a step or a flush since the last `pack`. */
  moved(actor: number): void {
    this.movedActors[actor] = 1;
  }

  /** Brings `vector` up to date; its length without empty components at the end. */
  pack(): number {
    const { machine, vector: before, movedActors } = this;
    const { world } = machine;
    let { vector } = this;
    for (let actor = 0; actor < this.actors; actor++) {
      if (movedActors[actor] === 0) continue;
      movedActors[actor] = 0;
      before[actor] = this.packLocals(actor);
      before[this.actors + actor] = this.packBuffer(actor);
    }
    if (world.sections.changed) {
      world.sections.changed = false;
      before[this.grace] = this.packGrace();
    }
    if (world.objects.changed) {
      world.objects.changed = false;
      before[this.grace + 1] = this.packObjects();
    }
    this.collectDirty();
    if (this.dirtyPages.size > 0) {
      for (const page of this.dirtyPages) {
        const component = this.firstPage + page;
        if (component >= vector.length) {
          const larger = new Int32Array(component * 2);
          larger.set(vector);
          vector = larger;
          this.vector = larger;
        }
        vector[component] = this.packPage(page);
      }
      this.dirtyPages.clear();
    }
    let length = vector.length;
    while (length > 0 && vector[length - 1] === 0) length--;
    return length;
  }

  private collectDirty(): void {
    const { world } = this.machine;
    for (let i = 0; i < world.touchedCount; i++)
      this.dirtyPages.add((world.touched[i] as number) >> pageShift);
    world.touchedCount = 0;
  }

  /** Makes the machine what the state `data[from .. from + length)` says. */
  load(data: Int32Array, from: number, length: number): void {
    const { world } = this.machine;
    world.breach = null;
    // What happened since the last `pack` is unknown to `vector`.
    this.collectDirty();
    for (let actor = 0; actor < this.actors; actor++) {
      const wanted = actor < length ? (data[from + actor] as number) : 0;
      const buffer = this.actors + actor < length ? (data[from + this.actors + actor] as number) : 0;
      if (this.movedActors[actor] === 1 || this.vector[actor] !== wanted) this.loadLocals(actor, wanted);
      if (this.movedActors[actor] === 1 || this.vector[this.actors + actor] !== buffer) {
        this.loadBuffer(actor, buffer);
      }
      this.vector[actor] = wanted;
      this.vector[this.actors + actor] = buffer;
      this.movedActors[actor] = 0;
    }
    const grace = this.grace < length ? (data[from + this.grace] as number) : 0;
    if (world.sections.changed || this.vector[this.grace] !== grace) this.loadGrace(grace);
    world.sections.changed = false;
    this.vector[this.grace] = grace;
    const objects = this.grace + 1 < length ? (data[from + this.grace + 1] as number) : 0;
    if (world.objects.changed || this.vector[this.grace + 1] !== objects) this.loadObjects(objects);
    world.objects.changed = false;
    this.vector[this.grace + 1] = objects;
    const pages = (world.cells.length + pageSlots - 1) >> pageShift;
    for (let page = 0; page < pages; page++) {
      const component = this.firstPage + page;
      const wanted = component < length ? (data[from + component] as number) : 0;
      if (component < this.vector.length && this.vector[component] === wanted) {
        if (this.dirtyPages.size === 0 || !this.dirtyPages.has(page)) continue;
      }
      this.loadPage(page, wanted);
      if (component < this.vector.length) this.vector[component] = wanted;
      else if (wanted !== 0) throw new Error("a state has pages that the packer never saw");
    }
    this.dirtyPages.clear();
    world.touchedCount = 0;
  }

  /** Everything about the machine may have changed: the next `load` or `pack` looks at all of it. */
  forget(): void {
    const { world } = this.machine;
    this.movedActors.fill(1);
    world.sections.changed = true;
    world.objects.changed = true;
    const pages = (world.cells.length + pageSlots - 1) >> pageShift;
    for (let page = 0; page < pages; page++) this.dirtyPages.add(page);
  }

  private packLocals(actor: number): number {
    const { machine, scratch, returnWord } = this;
    const { state } = machine;
    const base = actor * machine.stride;
    const first = state[base] as number;
    let at = 0;
    scratch[at++] = first;
    scratch[at++] =
      ((machine.world.sections.nesting[actor] as number) << 8) | (machine.roundsLeft[actor] as number);
    const operands = this.operands[first] as number;
    for (let i = 0; i < operands; i++) scratch[at++] = state[base + ActorWord.operand0 + i] as number;
    if (first === 0) {
      if (this.returns[actor] === 1) scratch[at++] = state[base + ActorWord.returnValue] as number;
      return this.locals.intern(scratch, at);
    }
    for (let pc = first; ; ) {
      const words = this.liveWords(pc);
      for (let i = 0; i < words.length; i++) scratch[at++] = state[base + (words[i] as number)] as number;
      const word = returnWord[pc] as number;
      if (word === 0) return this.locals.intern(scratch, at);
      pc = state[base + word] as number;
    }
  }

  private loadLocals(actor: number, number: number): void {
    const { machine, returnWord } = this;
    const { state } = machine;
    const { data, starts } = this.locals;
    const base = actor * machine.stride;
    let at = starts[number] as number;
    const first = data[at++] as number;
    state[base] = first;
    const counts = data[at++] as number;
    machine.world.sections.nesting[actor] = counts >> 8;
    machine.roundsLeft[actor] = counts & 255;
    const operands = this.operands[first] as number;
    for (let i = 0; i < operands; i++) state[base + ActorWord.operand0 + i] = data[at++] as number;
    if (first === 0) {
      if (this.returns[actor] === 1) state[base + ActorWord.returnValue] = data[at] as number;
      return;
    }
    for (let pc = first; ; ) {
      const words = this.liveWords(pc);
      for (let i = 0; i < words.length; i++) state[base + (words[i] as number)] = data[at++] as number;
      const word = returnWord[pc] as number;
      if (word === 0) return;
      pc = state[base + word] as number;
    }
  }

  private packBuffer(actor: number): number {
    const { buffers } = this.machine.world;
    const length = buffers.length[actor] as number;
    if (length === 0) return 0;
    const from = buffers.oldest(actor);
    const { scratch } = this;
    for (let i = 0; i < length * 2; i++) scratch[i] = buffers.entries[from + i] as number;
    return this.buffers.intern(scratch, length * 2);
  }

  private loadBuffer(actor: number, number: number): void {
    const { buffers } = this.machine.world;
    const start = this.buffers.starts[number] as number;
    const words = (this.buffers.starts[number + 1] as number) - start;
    const from = buffers.oldest(actor);
    for (let i = 0; i < words; i++) buffers.entries[from + i] = this.buffers.data[start + i] as number;
    buffers.length[actor] = words >> 1;
  }

  private packGrace(): number {
    const { scratch, actors } = this;
    const { sections } = this.machine.world;
    let at = 0;
    for (let actor = 0; actor < actors; actor++) {
      scratch[at++] = sections.open[actor] as number;
      scratch[at++] = sections.waiting[actor] as number;
      if (sections.waiting[actor] !== 0) {
        const row = actor * sections.nesting.length;
        for (let reader = 0; reader < actors; reader++) scratch[at++] = sections.left[row + reader] as number;
      }
      const queued = sections.queued[actor] as number;
      scratch[at++] = queued;
      const from = actor * queueLimit * sections.stride;
      for (let i = 0; i < queued * sections.stride; i++) scratch[at++] = sections.queue[from + i] as number;
    }
    while (at > 0 && scratch[at - 1] === 0) at--;
    return this.graces.intern(scratch, at);
  }

  private loadGrace(number: number): void {
    const { actors } = this;
    const { sections } = this.machine.world;
    const { data, starts } = this.graces;
    let at = starts[number] as number;
    const end = starts[number + 1] as number;
    const next = () => (at < end ? (data[at++] as number) : 0);
    for (let actor = 0; actor < actors; actor++) {
      sections.open[actor] = next();
      sections.waiting[actor] = next();
      const row = actor * sections.nesting.length;
      if (sections.waiting[actor] !== 0) {
        for (let reader = 0; reader < actors; reader++) sections.left[row + reader] = next();
      } else sections.left.fill(0, row, row + actors);
      const queued = next();
      sections.queued[actor] = queued;
      const from = actor * queueLimit * sections.stride;
      for (let i = 0; i < queued * sections.stride; i++) sections.queue[from + i] = next();
    }
  }

  private packObjects(): number {
    const { objects } = this.machine.world;
    let length = objects.count;
    while (length > 0 && objects.words[length - 1] === 0) length--;
    return this.objects.intern(objects.words, length);
  }

  private loadObjects(number: number): void {
    const { words } = this.machine.world.objects;
    const start = this.objects.starts[number] as number;
    const length = (this.objects.starts[number + 1] as number) - start;
    for (let i = 0; i < length; i++) words[i] = this.objects.data[start + i] as number;
    words.fill(0, length);
  }

  /** A page as differences from the start: slots that nobody wrote yet, or that are not known yet, are 0. */
  private packPage(page: number): number {
    const { cells, memory, start } = this.machine.world;
    const { scratch } = this;
    const first = page << pageShift;
    const end = Math.min(first + pageSlots, cells.length);
    let length = 0;
    for (let slot = first; slot < end; slot++) {
      const cell = cells[slot] as number;
      const difference = (memory[cell] as number) ^ (start[cell] as number);
      scratch[slot - first] = difference;
      if (difference !== 0) length = slot - first + 1;
    }
    return this.pages.intern(scratch, length);
  }

  private loadPage(page: number, number: number): void {
    const { cells, memory, start } = this.machine.world;
    const { data, starts } = this.pages;
    const from = starts[number] as number;
    const length = (starts[number + 1] as number) - from;
    const first = page << pageShift;
    const end = Math.min(first + pageSlots, cells.length);
    for (let slot = first; slot < end; slot++) {
      const cell = cells[slot] as number;
      const difference = slot - first < length ? (data[from + slot - first] as number) : 0;
      memory[cell] = (start[cell] as number) ^ difference;
    }
  }
}

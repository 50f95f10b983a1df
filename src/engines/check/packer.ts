/**
 * States as short sequences of numbers, one for each component: each actor's locals, its store buffer, what interchangeable
 * actors have in their areas, RCU, objects, and the rest of memory in pages. Neighbouring states differ in two or three
 * components, so both directions only touch what changed.
 */
import { Components } from "./components.ts";
import { grown } from "./grown.ts";
import type { CheckMachine } from "./machine.ts";
import type { Symmetry } from "./symmetry.ts";

export class Packer {
  /** Numbers of the machine's present components: locals, buffers and areas by actor, RCU, objects, pages. */
  vector: Int32Array;
  /** What `pack` returned the length of: the same with interchangeable actors in their proper order. */
  canonical: Int32Array;
  /** By actor of `canonical`: the actor of the machine that stands there. */
  readonly order: Int32Array;
  private readonly components: Components;
  private readonly symmetry: Symmetry | null;
  private readonly machine: CheckMachine;
  private readonly actors: number;
  /** Components of RCU and of the first page; objects are between. */
  private readonly grace: number;
  private readonly firstPage: number;
  /** By actor: 1 where locals and buffer, or its area, must be looked at again. */
  private readonly movedActors: Uint8Array;
  private readonly dirtyAreas: Uint8Array;
  /** Pages that must be looked at again, and by page whether it is among them. */
  private dirtyPages: number[] = [];
  private isDirty = new Uint8Array(64);

  constructor(machine: CheckMachine, symmetry: Symmetry | null) {
    this.machine = machine;
    this.symmetry = symmetry;
    this.components = new Components(machine, symmetry);
    this.actors = machine.actorCount;
    this.grace = 3 * this.actors;
    this.firstPage = this.grace + 2;
    this.vector = new Int32Array(this.firstPage + 8);
    this.canonical = new Int32Array(this.firstPage + 8);
    this.order = Int32Array.from({ length: this.actors }, (_, actor) => actor);
    this.movedActors = new Uint8Array(this.actors);
    this.dirtyAreas = new Uint8Array(this.actors);
  }

  get bytes(): number {
    return this.components.bytes;
  }

  /** The actor did a step or a flush since the last `pack`. */
  moved(actor: number): void {
    this.movedActors[actor] = 1;
  }

  /** Everything about the machine may have changed: the next `load` or `pack` looks at all of it. */
  forget(): void {
    const { world } = this.machine;
    this.movedActors.fill(1);
    this.dirtyAreas.fill(1);
    world.sections.changed = true;
    world.objects.changed = true;
    if (world.cells.length > 0) this.components.homeOf(world.cells.length - 1);
    for (let page = 0; page < this.components.pageCount; page++) this.markPage(page);
  }

  private markPage(page: number): void {
    if (page >= this.isDirty.length) {
      const larger = new Uint8Array(page * 2);
      larger.set(this.isDirty);
      this.isDirty = larger;
    }
    if (this.isDirty[page] === 1) return;
    this.isDirty[page] = 1;
    this.dirtyPages.push(page);
  }

  private collectDirty(): void {
    const { world } = this.machine;
    for (let i = 0; i < world.touchedCount; i++) {
      const home = this.components.homeOf(world.touched[i] as number);
      if (home >= 0) this.markPage(home);
      else this.dirtyAreas[-1 - home] = 1;
    }
    world.touchedCount = 0;
  }

  /** Brings `vector` and `canonical` up to date; the latter's length without empty components at the end. */
  pack(): number {
    const { components, movedActors, actors, symmetry } = this;
    const { world } = this.machine;
    for (let actor = 0; actor < actors; actor++) {
      if (movedActors[actor] === 0) continue;
      movedActors[actor] = 0;
      this.vector[actor] = components.packLocals(actor);
      this.vector[actors + actor] = components.packBuffer(actor);
    }
    if (world.sections.changed) {
      world.sections.changed = false;
      this.vector[this.grace] = components.packGrace(null);
    }
    if (world.objects.changed) {
      world.objects.changed = false;
      this.vector[this.grace + 1] = components.packObjects();
    }
    this.collectDirty();
    this.packPages();
    if (symmetry !== null) {
      for (let actor = 0; actor < actors; actor++) {
        if (this.dirtyAreas[actor] === 0) continue;
        this.dirtyAreas[actor] = 0;
        if (symmetry.isMember(actor)) this.vector[2 * actors + actor] = components.packArea(symmetry, actor);
      }
    }
    const { vector } = this;
    if (this.canonical.length < vector.length) this.canonical = new Int32Array(vector.length);
    const { canonical } = this;
    for (let i = 0; i < vector.length; i++) canonical[i] = vector[i] as number;
    if (symmetry !== null) this.canonicalise(symmetry);
    let length = vector.length;
    while (length > 0 && canonical[length - 1] === 0) length--;
    return length;
  }

  private packPages(): void {
    const { dirtyPages, components } = this;
    if (dirtyPages.length === 0) return;
    for (const page of dirtyPages) {
      const component = this.firstPage + page;
      if (component >= this.vector.length) this.vector = grown(this.vector, component + 1);
      this.vector[component] = components.packPage(page);
      this.isDirty[page] = 0;
    }
    this.dirtyPages = [];
  }

  /** Makes the machine what the state `data[from .. from + length)` says. */
  load(data: Int32Array, from: number, length: number): void {
    const { components, vector, actors, movedActors, symmetry } = this;
    const { world } = this.machine;
    world.breach = null;
    // What happened since the last `pack` is unknown to `vector`.
    this.collectDirty();
    for (let actor = 0; actor < actors; actor++) {
      const moved = movedActors[actor] === 1;
      movedActors[actor] = 0;
      const locals = actor < length ? (data[from + actor] as number) : 0;
      if (moved || vector[actor] !== locals) components.loadLocals(actor, locals);
      vector[actor] = locals;
      const buffer = actors + actor < length ? (data[from + actors + actor] as number) : 0;
      if (moved || vector[actors + actor] !== buffer) components.loadBuffer(actor, buffer);
      vector[actors + actor] = buffer;
    }
    const grace = this.grace < length ? (data[from + this.grace] as number) : 0;
    if (world.sections.changed || vector[this.grace] !== grace) components.loadGrace(grace);
    world.sections.changed = false;
    vector[this.grace] = grace;
    const objects = this.grace + 1 < length ? (data[from + this.grace + 1] as number) : 0;
    if (world.objects.changed || vector[this.grace + 1] !== objects) components.loadObjects(objects);
    world.objects.changed = false;
    vector[this.grace + 1] = objects;
    if (symmetry !== null) this.loadAreas(symmetry, data, from, length);
    this.loadPages(data, from, length);
  }

  private loadAreas(symmetry: Symmetry, data: Int32Array, from: number, length: number): void {
    const { components, vector, actors, dirtyAreas } = this;
    for (let actor = 0; actor < actors; actor++) {
      if (!symmetry.isMember(actor)) continue;
      const at = 2 * actors + actor;
      const wanted = at < length ? (data[from + at] as number) : 0;
      if (dirtyAreas[actor] === 1 || vector[at] !== wanted) components.loadArea(symmetry, actor, wanted);
      dirtyAreas[actor] = 0;
      vector[at] = wanted;
    }
  }

  private loadPages(data: Int32Array, from: number, length: number): void {
    const { components, firstPage, isDirty } = this;
    const pages = components.pageCount;
    if (firstPage + pages > this.vector.length) this.vector = grown(this.vector, firstPage + pages);
    const { vector } = this;
    for (let page = 0; page < pages; page++) {
      const at = firstPage + page;
      const wanted = at < length ? (data[from + at] as number) : 0;
      if (isDirty[page] !== 1 && vector[at] === wanted) continue;
      isDirty[page] = 0;
      components.loadPage(page, wanted);
      vector[at] = wanted;
    }
    if (this.dirtyPages.length > 0) this.dirtyPages = [];
  }

  // ---- symmetry ----

  /** Brings interchangeable actors into ascending order of their components, where nothing forbids that. */
  private canonicalise(symmetry: Symmetry): void {
    const { canonical, vector, order, actors } = this;
    for (let actor = 0; actor < actors; actor++) order[actor] = actor;
    if (this.isBound()) return;
    let swapped = false;
    for (const group of symmetry.groups) {
      // Groups are small and mostly in order: insertion, which is stable.
      for (let i = 1; i < group.length; i++) {
        const moving = order[group[i] as number] as number;
        let at = i;
        for (; at > 0; at--) {
          const before = order[group[at - 1] as number] as number;
          if (this.compare(symmetry, before, moving) <= 0) break;
          order[group[at] as number] = before;
          swapped = true;
        }
        order[group[at] as number] = moving;
      }
    }
    if (!swapped) return;
    for (let actor = 0; actor < actors; actor++) {
      const from = order[actor] as number;
      for (let part = 0; part < 3; part++) {
        canonical[part * actors + actor] = vector[part * actors + from] as number;
      }
    }
    canonical[this.grace] = this.components.packGrace(order);
  }

  private compare(symmetry: Symmetry, a: number, b: number): number {
    const { vector, actors } = this;
    for (let part = 0; part < 3; part++) {
      const difference = (vector[part * actors + a] as number) - (vector[part * actors + b] as number);
      if (difference !== 0) return difference;
    }
    // What RCU knows of them, as far as actors outside all groups wait for them.
    const { sections } = this.machine.world;
    const open = (sections.open[a] as number) - (sections.open[b] as number);
    if (open !== 0) return open;
    const queued = (sections.queued[a] as number) - (sections.queued[b] as number);
    if (queued !== 0) return queued;
    for (let waiter = 0; waiter < actors; waiter++) {
      if (symmetry.isMember(waiter)) continue;
      const row = waiter * sections.nesting.length;
      const left = (sections.left[row + a] as number) - (sections.left[row + b] as number);
      if (left !== 0) return left;
    }
    return 0;
  }

  private isBound(): boolean {
    const { components, vector, actors } = this;
    for (let actor = 0; actor < actors; actor++) {
      if (components.locals.isBound(vector[actor] as number)) return true;
      if (components.buffers.isBound(vector[actors + actor] as number)) return true;
      if (components.areas.isBound(vector[2 * actors + actor] as number)) return true;
    }
    if (components.graces.isBound(vector[this.grace] as number)) return true;
    if (components.objects.isBound(vector[this.grace + 1] as number)) return true;
    for (let page = 0; page < components.pageCount; page++) {
      if (components.isPageBound(page, vector[this.firstPage + page] as number)) return true;
    }
    return false;
  }
}

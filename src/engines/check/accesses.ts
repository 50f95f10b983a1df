/**
 * What transitions would touch, before they are done, as keys (`keys.ts`): whether two of them commute is for the searches to
 * tell from that.
 */
import { ActorWord } from "../../link/stepped/index.ts";
import { RcuHead } from "../../machine/memory-map.ts";
import { Op } from "../../machine/ops.ts";
import type { Actors } from "./actors.ts";
import { grown } from "./grown.ts";
import type { Keys } from "./keys.ts";
import { EntryKind } from "./store-buffers.ts";
import { type Transition, TransitionKind, transitionStride } from "./types.ts";
import type { World } from "./world.ts";

export class Accesses {
  /** What the last question was answered with: accesses as in `keys.ts`. */
  list = new Int32Array(64);
  private count = 0;
  protected readonly actors: Actors;
  private readonly world: World;
  private readonly keys: Keys;

  constructor(actors: Actors, keys: Keys) {
    this.actors = actors;
    this.world = actors.world;
    this.keys = keys;
  }

  /** Adds an access to `list`, which holds `count` of them; the new count. */
  add(count: number, access: number): number {
    this.count = count;
    this.note(access >>> 1, (access & 1) as 0 | 1);
    return this.count;
  }

  private note(key: number, write: 0 | 1): void {
    if (this.count === this.list.length) this.list = grown(this.list);
    this.list[this.count++] = key * 2 + write;
  }

  private noteCell(address: number, write: 0 | 1): void {
    const cell = address >> 2;
    if (cell < 0 || cell >= this.keys.objects) return;
    this.note(cell, write);
    this.noteObject(address);
  }

  private noteSections(first: number): void {
    for (let reader = 0; reader < this.actors.actorCount; reader++) this.note(first + reader, 0);
  }

  /** What a transition would touch, before it is done; how many keys are in `list`. */
  of(t: Transition): number {
    this.count = 0;
    const actor = Math.floor(t / transitionStride);
    const kind = t % transitionStride;
    if (kind === TransitionKind.step) return this.pending(actor);
    if (kind === TransitionKind.flush) this.noteFlush(actor);
    else {
      this.noteTaking(kind - TransitionKind.takeFrom);
      this.noteSections(this.keys.leaving);
    }
    return this.count;
  }

  /**
   * What the actor's next operation would touch, also where it cannot be done yet. With `eventually`, a store touches its cell
   * although it only enters the buffer: what becomes of the operation sooner or later.
   */
  pending(actor: number, eventually = false): number {
    this.count = 0;
    const direct = !this.actors.isTso || eventually;
    const base = actor * this.actors.stride;
    const op = this.actors.pendingOp(actor);
    const address = this.actors.state[base + ActorWord.operand0] as number;
    switch (op) {
      case Op.load:
      case Op.loadAcquire:
      case Op.awaitEqual:
      case Op.awaitNotEqual:
      case Op.awaitAtLeast:
        this.noteCell(address, 0);
        break;
      case Op.store:
      case Op.storeRelease:
        if (direct) this.noteCell(address, 1);
        else this.noteObject(address);
        break;
      case Op.fetchAdd:
      case Op.fetchAnd:
      case Op.fetchOr:
      case Op.exchange:
        this.noteCell(address, 1);
        break;
      case Op.compareExchange: {
        // One that fails only reads.
        const value = this.world.memory[address >> 2];
        const succeeds = eventually || value === this.actors.state[base + ActorWord.operand1];
        this.noteCell(address, succeeds ? 1 : 0);
        break;
      }
      case Op.rcuReadLock:
        if (this.world.sections.nesting[actor] === 0) this.note(this.keys.entering + actor, 1);
        break;
      case Op.rcuReadUnlock:
        if (direct && this.world.sections.nesting[actor] === 1) this.note(this.keys.leaving + actor, 1);
        break;
      case Op.callRcu:
        if (direct) this.noteQueueing(actor, address);
        else {
          this.noteObject(address);
          // It looks into its own buffer for the same head, which a flush may move to the queue first.
          this.noteCell(address + RcuHead.callback, 0);
        }
        break;
      case Op.synchronizeRcu:
        this.noteSections(this.world.sections.waiting[actor] === 0 ? this.keys.entering : this.keys.leaving);
        break;
      case Op.rcuTake:
        for (let from = 0; from < this.actors.actorCount; from++) this.noteTaking(from);
        this.noteSections(this.keys.leaving);
        break;
      case Op.allocated:
        this.note(this.keys.objects + (address >> 2), 1);
        this.noteRange(address, this.actors.state[base + ActorWord.operand2] as number);
        break;
      case Op.freed:
        if (direct) this.note(this.keys.objects + (address >> 2), 1);
        break;
    }
    return this.count;
  }

  /** A store that only enters the buffer touches no cell, but must not come after the object's end. */
  private noteObject(address: number): void {
    const cell = address >> 2;
    if (cell < 0 || cell >= this.keys.objects) return;
    const object = this.world.objects.find(cell);
    if (object >= 0) this.note(this.keys.objects + ((this.world.objects.base[object] as number) >> 2), 0);
  }

  private noteQueueing(actor: number, head: number): void {
    this.noteCell(head + RcuHead.callback, 1);
    this.note(this.keys.queues + actor, 1);
    this.noteSections(this.keys.entering);
  }

  /** Beside the queue the head itself: from now on it may be queued again, by whomever. */
  private noteTaking(from: number): void {
    const { sections, memory } = this.world;
    this.note(this.keys.queues + from, 1);
    if (sections.queued[from] === 0) return;
    const cell = (sections.oldest(from) + RcuHead.callback) >> 2;
    if (cell < memory.length) this.note(cell, 1);
  }

  /** The cells of an object to be: who touches one before knows nothing of the object. */
  private noteRange(address: number, bytes: number): void {
    const end = Math.min((address + bytes + 3) >> 2, this.keys.objects);
    for (let cell = Math.max(address >> 2, 0); cell < end; cell++) this.note(cell, 1);
  }

  private noteFlush(actor: number): void {
    const { buffers } = this.world;
    const entry = buffers.entries[buffers.oldest(actor)] as number;
    const address = entry & ~3;
    switch ((entry & 3) as EntryKind) {
      case EntryKind.store:
        this.noteCell(address, 1);
        break;
      case EntryKind.freed:
        this.note(this.keys.objects + (address >> 2), 1);
        break;
      case EntryKind.readUnlock:
        this.note(this.keys.leaving + actor, 1);
        break;
      case EntryKind.callRcu:
        this.noteQueueing(actor, address);
        break;
    }
  }

  /** Whether a store-buffer entry, once it leaves the buffer, conflicts with an access to `key`. */
  entryConflicts(actor: number, entry: number, key: number, write: boolean): boolean {
    const { keys } = this;
    const kind = (entry & 3) as EntryKind;
    if (kind === EntryKind.readUnlock) return key === keys.leaving + actor;
    const cell = (kind === EntryKind.callRcu ? (entry & ~3) + RcuHead.callback : entry & ~3) >> 2;
    if (kind === EntryKind.freed) return key === keys.objects + cell;
    if (key === cell) return true;
    if (key >= keys.objects && key < keys.entering) {
      const object = write ? this.world.objects.find(cell) : -1;
      return object >= 0 && key === keys.objects + ((this.world.objects.base[object] as number) >> 2);
    }
    if (kind !== EntryKind.callRcu) return false;
    return key === keys.queues + actor || (write && key >= keys.entering && key < keys.leaving);
  }
}

/**
 * The transitions themselves: what operations do to the world, at once or through the store buffer, and what its entries do when
 * they leave it.
 */
import { ActorWord, type ChainFrame } from "../../link/stepped/index.ts";
import { RcuHead } from "../../machine/memory-map.ts";
import { Op } from "../../machine/ops.ts";
import type { Actors } from "./actors.ts";
import { ObjectStatus } from "./objects.ts";
import type { OwnWay } from "./own-way.ts";
import { queueLimit } from "./sections.ts";
import { EntryKind } from "./store-buffers.ts";
import type { World } from "./world.ts";

export class Operations {
  /** Entries that the last transition put into a store buffer. */
  enqueued = 0;
  /** By object that the calls before or after the actors allocated: where, outermost first. For replays. */
  readonly births = new Map<number, readonly ChainFrame[]>();
  private readonly actors: Actors;
  private readonly world: World;
  private readonly way: OwnWay;

  constructor(actors: Actors, way: OwnWay) {
    this.actors = actors;
    this.world = actors.world;
    this.way = way;
  }

  /**
   * Does the operation that the actor waits for, and has it come to the next one. `buffered`: what may wait in the store
   * buffer does.
   */
  operate(actor: number, buffered: boolean): boolean {
    const { actors, way, world } = this;
    const { state } = actors;
    const base = actor * actors.stride;
    const op = actors.pendingOp(actor);
    const address = state[base + ActorWord.operand0] as number;
    if (op <= Op.compareExchange) {
      if (!world.touch(op, actor, address)) return false;
      const cell = address >> 2;
      if (op <= Op.loadAcquire) return way.advance(actor, actors.read(actor, address));
      const value = state[base + ActorWord.operand1] as number;
      if (op <= Op.storeRelease) {
        if (!buffered) world.write(cell, value);
        else if (!this.enqueue(actor, op, EntryKind.store, address, value)) return false;
        return way.advance(actor, 0);
      }
      const before = world.memory[cell] as number;
      switch (op) {
        case Op.fetchAdd:
          world.write(cell, before + value);
          break;
        case Op.fetchAnd:
          world.write(cell, before & value);
          break;
        case Op.fetchOr:
          world.write(cell, before | value);
          break;
        case Op.exchange:
          world.write(cell, value);
          break;
        default:
          if (before === value) world.write(cell, state[base + ActorWord.operand2] as number);
      }
      return way.advance(actor, before);
    }
    switch (op) {
      case Op.fence:
        return way.advance(actor, 0);
      case Op.awaitEqual:
      case Op.awaitNotEqual:
      case Op.awaitAtLeast:
        return world.touch(op, actor, address) && way.advance(actor, 0);
      case Op.allocated:
        return this.allocate(actor, base, address) && way.advance(actor, 0);
      case Op.freed:
        return this.free(actor, address, buffered) && way.advance(actor, 0);
      case Op.rcuTake:
        return way.advance(actor, 0);
      default:
        return this.operateRcu(op, actor, address, buffered);
    }
  }

  private operateRcu(op: Op, actor: number, address: number, buffered: boolean): boolean {
    const { actors, way, world } = this;
    const { sections } = world;
    switch (op) {
      case Op.rcuReadLock: {
        const depth = sections.nesting[actor] as number;
        sections.nesting[actor] = depth + 1;
        if (depth === 0) sections.enter(actor);
        return way.advance(actor, 0);
      }
      case Op.rcuReadUnlock: {
        const depth = sections.nesting[actor] as number;
        if (depth === 0) {
          return world.fail("assertion", actor, op, -1, "left a read section that it was not in");
        }
        sections.nesting[actor] = depth - 1;
        if (depth === 1) {
          if (!buffered) sections.end(actor);
          else if (!this.enqueue(actor, op, EntryKind.readUnlock, 0, 0)) return false;
        }
        return way.advance(actor, 0);
      }
      case Op.callRcu: {
        const id = actors.state[actor * actors.stride + ActorWord.operand1] as number;
        if (!world.touch(op, actor, address) || !world.touch(op, actor, address + RcuHead.callback))
          return false;
        if (world.buffers.hasQueued(actor, address)) return this.queuedTwice(actor, address);
        if (!buffered) return this.queue(actor, address, id) && way.advance(actor, 0);
        return this.enqueue(actor, op, EntryKind.callRcu, address, id) && way.advance(actor, 0);
      }
      case Op.synchronizeRcu: {
        if (sections.nesting[actor] !== 0) {
          return world.fail("deadlock", actor, op, -1, "waits for a grace period inside a read section");
        }
        if (sections.waiting[actor] === 0 && actor < actors.actorCount) {
          sections.begin(actor);
          return true;
        }
        sections.finish(actor);
        return way.advance(actor, 0);
      }
      default:
        throw new Error(`operation ${Op[op]} is unknown to the checker`);
    }
  }

  private enqueue(actor: number, op: Op, kind: EntryKind, address: number, value: number): boolean {
    this.enqueued = 1;
    if (this.world.buffers.push(actor, kind, address, value)) return true;
    const detail = `the store buffer has no room for more than ${this.world.buffers.capacity} entries`;
    return this.world.fail("limit-exceeded", actor, op, address, detail);
  }

  /** The oldest entry leaves the actor's store buffer; false where that breaks a rule. */
  flush(actor: number): boolean {
    const { world } = this;
    const { buffers } = world;
    const at = buffers.oldest(actor);
    const entry = buffers.entries[at] as number;
    const value = buffers.entries[at + 1] as number;
    const address = entry & ~3;
    buffers.shift(actor);
    switch ((entry & 3) as EntryKind) {
      case EntryKind.store: {
        const object = world.objects.find(address >> 2);
        if (object >= 0 && world.objects.status(object) === ObjectStatus.freed) {
          const detail = "a store leaves the store buffer when its object is freed already";
          return world.fail("use-after-free", actor, Op.store, address, detail);
        }
        world.write(address >> 2, value);
        return true;
      }
      case EntryKind.freed:
        return world.free(actor, address);
      case EntryKind.readUnlock:
        world.sections.end(actor);
        return true;
      case EntryKind.callRcu:
        return this.queue(actor, address, value);
    }
  }

  private queue(actor: number, head: number, id: number): boolean {
    const { world } = this;
    // As others see it: what the actor frees after this call may be in its buffer already.
    const object = world.objects.find(head >> 2);
    if (object >= 0 && world.objects.status(object) === ObjectStatus.freed) {
      const detail = "a callback is queued when its object is freed already";
      return world.fail("use-after-free", actor, Op.callRcu, head, detail);
    }
    if (world.sections.isQueued(head)) return this.queuedTwice(actor, head);
    world.write((head + RcuHead.callback) >> 2, id);
    if (world.sections.push(actor, head)) return true;
    const detail = `more than ${queueLimit} RCU callbacks of one actor wait`;
    return world.fail("limit-exceeded", actor, Op.callRcu, head, detail);
  }

  private queuedTwice(actor: number, head: number): false {
    return this.world.fail(
      "double-free",
      actor,
      Op.callRcu,
      head,
      "this head already waits for a grace period",
    );
  }

  private allocate(actor: number, base: number, address: number): boolean {
    const { actors, world } = this;
    const { state } = actors;
    const kind = state[base + ActorWord.operand1] as number;
    const bytes = state[base + ActorWord.operand2] as number;
    const end = address + bytes;
    if (address < 64 || (address & 3) !== 0 || bytes <= 0 || end > actors.words * 4) {
      const detail = `allocated a range of ${bytes} bytes at ${address}, which is not inside the memory`;
      return world.fail("assertion", actor, Op.allocated, address, detail);
    }
    if (!world.objects.isFree(address, bytes)) {
      const detail = `allocated ${bytes} bytes at ${address} over a live object`;
      return world.fail("assertion", actor, Op.allocated, address, detail);
    }
    const object = world.objects.allocate(address, bytes, kind);
    if (actor === actors.actorCount) this.births.set(object, actors.program.chain(state, base));
    return true;
  }

  private free(actor: number, address: number, buffered: boolean): boolean {
    if (!buffered) return this.world.free(actor, address);
    if (this.world.buffers.hasFreed(actor, address)) {
      return this.world.fail("double-free", actor, Op.freed, address, "frees an object again");
    }
    return this.enqueue(actor, Op.freed, EntryKind.freed, address, 0);
  }
}

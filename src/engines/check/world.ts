/**
 * What the actors of a checked program share: memory, objects, RCU, store buffers. Only cells that were written since the
 * start belong to a state; each gets a number, its slot, when it is first written, in whichever execution that is.
 */
import { Op } from "../../machine/ops.ts";
import { badAddressText, isBadAddress } from "../bad-address.ts";
import { grown } from "./grown.ts";
import { ObjectStatus, Objects } from "./objects.ts";
import { Sections } from "./sections.ts";
import { StoreBuffers } from "./store-buffers.ts";
import type { Breach } from "./types.ts";

/** What the kernel's marks of that meaning are numbered (`Mark` in src/kernel/core/marks.ts; a test keeps the two equal). */
export enum BookMark {
  released = 16,
  holderTaken = 19,
  holderDropped = 20,
}

export class World {
  readonly memory: Int32Array;
  /** Memory as the actors find it. */
  start: Int32Array;
  readonly objects: Objects;
  readonly sections: Sections;
  readonly buffers: StoreBuffers;
  /** By cell: its slot, or -1 where it was never written since the start. */
  readonly slotOf: Int32Array;
  /** By slot: its cell. */
  readonly cells: number[] = [];
  /** Slots written since whoever cares last set `touchedCount` to 0; may repeat. */
  touched = new Int32Array(256);
  touchedCount = 0;
  breach: Breach | null = null;

  constructor(words: number, actors: number, bufferEntries: number) {
    this.memory = new Int32Array(words);
    this.start = this.memory;
    this.objects = new Objects(words);
    this.sections = new Sections(actors);
    this.buffers = new StoreBuffers(actors, bufferEntries);
    this.slotOf = new Int32Array(words).fill(-1);
  }

  /** Notes a broken rule; the first one counts. Returns false, for `return this.fail(...)`. */
  fail(verdict: Breach["verdict"], actor: number, op: Op | null, address: number, detail: string): false {
    this.breach ??= { verdict, actor, op, address, detail };
    return false;
  }

  /** Memory as it is now is the start of every execution. */
  begin(): void {
    this.start = this.memory.slice();
  }

  write(cell: number, value: number): void {
    let slot = this.slotOf[cell] as number;
    if (slot < 0) {
      slot = this.cells.length;
      this.slotOf[cell] = slot;
      this.cells.push(cell);
    }
    if (this.touchedCount === this.touched.length) this.touched = grown(this.touched);
    this.touched[this.touchedCount++] = slot;
    this.memory[cell] = value;
  }

  /** False, and a breach, where the actor may not touch the cell. */
  touch(op: Op, actor: number, address: number): boolean {
    if (isBadAddress(address, this.memory.length * 4)) {
      const place = badAddressText(address);
      return this.fail("assertion", actor, op, address, `${Op[op]} ${place} (${address})`);
    }
    const object = this.objects.find(address >> 2);
    if (object < 0) return true;
    if (this.objects.status(object) === ObjectStatus.freed) {
      return this.fail("use-after-free", actor, op, address, `${Op[op]} touches a freed object`);
    }
    const { length } = this.buffers;
    if (actor < length.length && length[actor] !== 0) {
      if (this.buffers.hasFreed(actor, this.objects.base[object] as number)) {
        return this.fail("use-after-free", actor, op, address, `${Op[op]} touches an object it freed itself`);
      }
    }
    return true;
  }

  /** The checker's books about labels. Marks order nothing; searches look at them once they are passed. */
  keepBooks(mark: number, actor: number, label: number): boolean {
    const { objects } = this;
    const object = (label & 3) === 0 && label > 0 ? objects.find(label >> 2) : -1;
    if (object < 0 || objects.base[object] !== label) return true;
    const fail = (verdict: Breach["verdict"], detail: string) =>
      this.fail(verdict, actor, Op.mark, label, detail);
    if (objects.status(object) === ObjectStatus.freed) {
      return fail("use-after-free", "a reference to a freed label is taken or dropped");
    }
    if (mark === BookMark.released) {
      if (objects.isReleased(object)) return fail("double-free", "the label is released a second time");
      const holders = objects.holders(object);
      if (holders > 0) {
        const who = holders === 1 ? "one holder is" : `${holders} holders are`;
        return fail("premature-release", `the label is released while ${who} left`);
      }
      objects.release(object);
      return true;
    }
    if (objects.isReleased(object)) {
      const what =
        mark === BookMark.holderTaken
          ? "a reference is taken to a label that was released"
          : "the label was released although this reference to it had not been dropped";
      return fail("premature-release", what);
    }
    if (mark === BookMark.holderDropped && objects.holders(object) === 0) {
      return fail("negative-count", "a reference is dropped that nobody has");
    }
    objects.addHolders(object, mark === BookMark.holderTaken ? 1 : -1);
    return true;
  }

  /** The object at `address` is over, visibly to all. */
  free(actor: number, address: number): boolean {
    const object = this.objects.find(address >> 2);
    if (object < 0 || this.objects.base[object] !== address) {
      const what = object < 0 ? "frees what was never allocated" : "frees at an address inside an object";
      return this.fail("assertion", actor, Op.freed, address, what);
    }
    if (this.objects.status(object) === ObjectStatus.freed) {
      return this.fail("double-free", actor, Op.freed, address, "frees an object again");
    }
    this.objects.free(object);
    return true;
  }
}

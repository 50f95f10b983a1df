/**
 * Objects that portable code announced with `allocated` and `freed`, and the checker's own books about labels: who holds one
 * and whether it was released. One word per object is all that differs from state to state; what an object is (address, size,
 * kind) is noted once for all states.
 */
import { grown } from "./grown.ts";

/** The word of an object: its status in the two low bits, then whether it was released, then the holders. */
const statusMask = 3;
const releasedBit = 4;
const holderUnit = 8;

export enum ObjectStatus {
  /** Not allocated yet, or its memory is another object's now. */
  none = 0,
  live = 1,
  freed = 2,
}

export class Objects {
  /** By object: first byte, bytes, kind. */
  readonly base: number[] = [];
  readonly bytes: number[] = [];
  readonly kind: number[] = [];
  /** By object: status, released, holders. Part of a state. */
  words = new Int32Array(64);
  /** Set by every change of a word; whoever keeps states resets it. */
  changed = false;
  /** By cell: object + 1 where only one ever covered it, -(index of a list + 1) where several did, else 0. */
  private readonly covers: Int32Array;
  private readonly lists: number[][] = [];

  constructor(memoryWords: number) {
    this.covers = new Int32Array(memoryWords);
  }

  get count(): number {
    return this.base.length;
  }

  /** The object that the cell lies in, or lay in last; -1 where there is none. */
  find(cell: number): number {
    const cover = this.covers[cell] as number;
    if (cover === 0) return -1;
    if (cover > 0) return this.status(cover - 1) === ObjectStatus.none ? -1 : cover - 1;
    for (const object of this.lists[-cover - 1] as number[]) {
      if (this.status(object) !== ObjectStatus.none) return object;
    }
    return -1;
  }

  status(object: number): ObjectStatus {
    return ((this.words[object] as number) & statusMask) as ObjectStatus;
  }

  /** Whether the range is free to become an object: no live object lies in it. */
  isFree(address: number, bytes: number): boolean {
    for (let cell = address >> 2; cell < (address + bytes + 3) >> 2; cell++) {
      const object = this.find(cell);
      if (object >= 0 && this.status(object) === ObjectStatus.live) return false;
    }
    return true;
  }

  /** The range is a live object from now on; freed ones below it are forgotten. Returns the object. */
  allocate(address: number, bytes: number, kind: number): number {
    for (let cell = address >> 2; cell < (address + bytes + 3) >> 2; cell++) {
      const before = this.find(cell);
      if (before >= 0) this.words[before] = ObjectStatus.none;
    }
    const object = this.known(address, bytes, kind);
    this.changed = true;
    this.words[object] = ObjectStatus.live;
    return object;
  }

  /** The number of the object of that place and kind, or -1. */
  at(address: number, bytes: number, kind: number): number {
    for (let object = 0; object < this.base.length; object++) {
      if (this.base[object] === address && this.bytes[object] === bytes && this.kind[object] === kind) {
        return object;
      }
    }
    return -1;
  }

  /** The same, of a new one where this is the first. */
  private known(address: number, bytes: number, kind: number): number {
    const known = this.at(address, bytes, kind);
    if (known >= 0) return known;
    const object = this.base.length;
    this.base.push(address);
    this.bytes.push(bytes);
    this.kind.push(kind);
    if (object >= this.words.length) this.words = grown(this.words);
    for (let cell = address >> 2; cell < (address + bytes + 3) >> 2; cell++) this.cover(cell, object);
    return object;
  }

  private cover(cell: number, object: number): void {
    const cover = this.covers[cell] as number;
    if (cover === 0) this.covers[cell] = object + 1;
    else if (cover < 0) (this.lists[-cover - 1] as number[]).push(object);
    else {
      this.lists.push([cover - 1, object]);
      this.covers[cell] = -this.lists.length;
    }
  }

  free(object: number): void {
    this.changed = true;
    this.words[object] = ((this.words[object] as number) & ~statusMask) | ObjectStatus.freed;
  }

  isReleased(object: number): boolean {
    return ((this.words[object] as number) & releasedBit) !== 0;
  }

  release(object: number): void {
    this.changed = true;
    this.words[object] = (this.words[object] as number) | releasedBit;
  }

  holders(object: number): number {
    return (this.words[object] as number) >> 3;
  }

  addHolders(object: number, change: 1 | -1): void {
    this.changed = true;
    this.words[object] = (this.words[object] as number) + change * holderUnit;
  }

  /** Which one of its kind an object is, from 1, in the order in which the machine came to know them. */
  serial(object: number): number {
    let serial = 1;
    for (let other = 0; other < object; other++) if (this.kind[other] === this.kind[object]) serial++;
    return serial;
  }
}

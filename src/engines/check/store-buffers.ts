/**
 * The store buffers of x86-TSO, one per actor, first in first out. Beside stores they carry whatever must become visible in
 * order with them: the end of an object, the end of a read section, a callback for RCU.
 */

/** What an entry does when it leaves the buffer; kept in the two low bits of its address. */
export enum EntryKind {
  store = 0,
  freed = 1,
  /** Address 0. */
  readUnlock = 2,
  /** Address is the head; value the callback's id. */
  callRcu = 3,
}

export class StoreBuffers {
  readonly capacity: number;
  /** By actor. */
  readonly length: Int32Array;
  /** (actor * capacity + place) * 2: address with its kind, value. */
  readonly entries: Int32Array;

  constructor(actors: number, capacity: number) {
    this.capacity = capacity;
    this.length = new Int32Array(actors);
    this.entries = new Int32Array(actors * capacity * 2);
  }

  /** False where the buffer is full. */
  push(actor: number, kind: EntryKind, address: number, value: number): boolean {
    const place = this.length[actor] as number;
    if (place === this.capacity) return false;
    const at = (actor * this.capacity + place) * 2;
    this.entries[at] = address | kind;
    this.entries[at + 1] = value;
    this.length[actor] = place + 1;
    return true;
  }

  /** Index in `entries` of the actor's oldest entry. */
  oldest(actor: number): number {
    return actor * this.capacity * 2;
  }

  /** Drops the oldest entry. */
  shift(actor: number): void {
    const from = actor * this.capacity * 2;
    const count = (this.length[actor] as number) - 1;
    this.entries.copyWithin(from, from + 2, from + (count + 1) * 2);
    this.length[actor] = count;
  }

  /** Index in `entries` of the actor's newest store to the address, or -1. */
  newestStore(actor: number, address: number): number {
    const { entries } = this;
    const from = actor * this.capacity * 2;
    for (let at = from + ((this.length[actor] as number) - 1) * 2; at >= from; at -= 2) {
      if (entries[at] === address) return at;
    }
    return -1;
  }

  /** Whether the actor freed the object that begins at `base`, and nobody else has seen it yet. */
  hasFreed(actor: number, base: number): boolean {
    const { entries } = this;
    const from = actor * this.capacity * 2;
    for (let at = from + ((this.length[actor] as number) - 1) * 2; at >= from; at -= 2) {
      if (entries[at] === (base | EntryKind.freed)) return true;
    }
    return false;
  }

  /** Whether the end of a read section is in the actor's buffer. */
  hasUnlock(actor: number): boolean {
    const { entries } = this;
    const from = actor * this.capacity * 2;
    for (let at = from + ((this.length[actor] as number) - 1) * 2; at >= from; at -= 2) {
      if (entries[at] === EntryKind.readUnlock) return true;
    }
    return false;
  }

  /** Whether the actor queued this head with RCU, and nobody else has seen it yet. */
  hasQueued(actor: number, head: number): boolean {
    const { entries } = this;
    const from = actor * this.capacity * 2;
    for (let at = from + ((this.length[actor] as number) - 1) * 2; at >= from; at -= 2) {
      if (entries[at] === (head | EntryKind.callRcu)) return true;
    }
    return false;
  }
}

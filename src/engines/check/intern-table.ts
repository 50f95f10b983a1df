/**
 * Gives equal sequences of integers the same number. States are kept as sequences of such numbers (collapse compression:
 * Holzmann, "State Compression in SPIN", 1997), exactly, so that two different states are never taken for one.
 */
import { grown } from "./grown.ts";

/** These tables are the largest: less than double, for the copy that stands beside the old one meanwhile. */
const growth = 1.6;

export class InternTable {
  /** All sequences one behind the other. */
  data: Int32Array;
  /** By number: where its sequence begins; one entry more than sequences. */
  starts: Int32Array;
  count = 0;
  /** Whether the last `intern` met its sequence for the first time. */
  isNew = false;
  /** Open addressing, two words to a slot: number + 1 and the whole hash, which spares most looks at the data. */
  private slots: Int32Array;
  private mask: number;

  constructor(expected = 1024) {
    this.data = new Int32Array(expected * 8);
    this.starts = new Int32Array(expected + 1);
    this.slots = new Int32Array(expected * 4);
    this.mask = expected * 2 - 1;
    // The empty sequence is 0.
    this.intern(this.data, 0);
  }

  get bytes(): number {
    return this.data.byteLength + this.starts.byteLength + this.slots.byteLength;
  }

  /** The number of the sequence `words[0 .. length)`. */
  intern(words: Int32Array, length: number): number {
    let hash = length;
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ (words[i] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x85ebca6b);
    hash ^= hash >>> 13;
    const { data, starts, slots, mask } = this;
    let at = hash & mask;
    for (;;) {
      const found = slots[at * 2] as number;
      if (found === 0) break;
      if (slots[at * 2 + 1] === hash) {
        const start = starts[found - 1] as number;
        if ((starts[found] as number) - start === length) {
          let i = 0;
          while (i < length && data[start + i] === words[i]) i++;
          if (i === length) {
            this.isNew = false;
            return found - 1;
          }
        }
      }
      at = (at + 1) & mask;
    }
    this.isNew = true;
    return this.add(words, length, at, hash);
  }

  private add(words: Int32Array, length: number, slot: number, hash: number): number {
    const number = this.count++;
    const start = this.starts[number] as number;
    this.slots[slot * 2] = number + 1;
    this.slots[slot * 2 + 1] = hash;
    if (start + length > this.data.length) this.data = grown(this.data, start + length, growth);
    const { data } = this;
    for (let i = 0; i < length; i++) data[start + i] = words[i] as number;
    if (number + 2 > this.starts.length) this.starts = grown(this.starts, number + 2, growth);
    this.starts[number + 1] = start + length;
    if (this.count * 4 > this.slots.length) this.rehash();
    return number;
  }

  private rehash(): void {
    const before = this.slots;
    const slots = new Int32Array(before.length * 2);
    const mask = slots.length / 2 - 1;
    for (let from = 0; from < before.length; from += 2) {
      if (before[from] === 0) continue;
      const hash = before[from + 1] as number;
      let at = hash & mask;
      while (slots[at * 2] !== 0) at = (at + 1) & mask;
      slots[at * 2] = before[from] as number;
      slots[at * 2 + 1] = hash;
    }
    this.slots = slots;
    this.mask = mask;
  }
}

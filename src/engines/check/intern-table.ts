/**
 * Gives equal sequences of integers the same number. States are kept as sequences of such numbers (collapse compression:
 * Holzmann, "State Compression in SPIN", 1997), exactly, so that two different states are never taken for one.
 */

export class InternTable {
  /** All sequences one behind the other. */
  data: Int32Array;
  /** By number: where its sequence begins; one entry more than sequences. */
  starts: Int32Array;
  count = 0;
  /** Whether the last `intern` met its sequence for the first time. */
  isNew = false;
  private slots: Int32Array;
  private mask: number;

  constructor(expected = 1024) {
    this.data = new Int32Array(expected * 8);
    this.starts = new Int32Array(expected + 1);
    this.slots = new Int32Array(expected * 2);
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
    const { data, starts, mask } = this;
    let at = hash & mask;
    for (;;) {
      const found = this.slots[at] as number;
      if (found === 0) break;
      const start = starts[found - 1] as number;
      if ((starts[found] as number) - start === length) {
        let i = 0;
        while (i < length && data[start + i] === words[i]) i++;
        if (i === length) {
          this.isNew = false;
          return found - 1;
        }
      }
      at = (at + 1) & mask;
    }
    this.isNew = true;
    return this.add(words, length, at);
  }

  private add(words: Int32Array, length: number, slot: number): number {
    const number = this.count++;
    const start = this.starts[number] as number;
    this.slots[slot] = number + 1;
    if (start + length > this.data.length) this.data = grown(this.data, start + length);
    const { data } = this;
    for (let i = 0; i < length; i++) data[start + i] = words[i] as number;
    if (number + 2 > this.starts.length) this.starts = grown(this.starts, number + 2);
    this.starts[number + 1] = start + length;
    if (this.count * 2 > this.slots.length) this.rehash();
    return number;
  }

  private rehash(): void {
    const { data, starts } = this;
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.count; number++) {
      const start = starts[number] as number;
      const end = starts[number + 1] as number;
      let hash = end - start;
      for (let i = start; i < end; i++) {
        hash = Math.imul(hash ^ (data[i] as number), 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      hash = Math.imul(hash, 0x85ebca6b);
      hash ^= hash >>> 13;
      let at = hash & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = number + 1;
    }
    this.slots = slots;
    this.mask = mask;
  }
}

function grown(array: Int32Array, needed: number): Int32Array {
  const larger = new Int32Array(Math.max(needed, Math.ceil(array.length * 1.6)));
  larger.set(array);
  return larger;
}

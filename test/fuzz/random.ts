/**
 * Seeded draws for the fuzzer. One seed string gives one program, on every machine.
 */
import seedrandom from "seedrandom";

/** 32-bit patterns at which wrapping, signedness, shifts and powers of two change their mind. */
export const edgePatterns: readonly number[] = [
  0,
  1,
  -1,
  2,
  -2,
  3,
  4,
  5,
  7,
  8,
  15,
  16,
  30,
  31,
  32,
  33,
  63,
  64,
  100,
  127,
  128,
  255,
  256,
  1000,
  32767,
  32768,
  65535,
  65536,
  0x7fffffff,
  0x7ffffffe,
  -0x80000000,
  -0x7fffffff,
  0x40000000,
  -0x40000000,
  0x55555555,
  0xaaaaaaaa | 0,
  0x12345678,
  -3,
  -7,
  -31,
  -32,
  -33,
  -65536,
];

export class Rng {
  private readonly next: () => number;

  constructor(seed: string) {
    this.next = seedrandom(seed);
  }

  /** An integer from 0 to `bound - 1`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with that probability (0 to 1). */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("nothing to pick from");
    return items[this.below(items.length)] as T;
  }

  /** One of the entries, each as likely as its weight; entries of weight 0 never. */
  weighted<T>(entries: readonly (readonly [number, T])[]): T {
    const total = entries.reduce((sum, [weight]) => sum + weight, 0);
    let at = this.next() * total;
    for (const [weight, item] of entries) {
      at -= weight;
      if (at < 0) return item;
    }
    const last = entries.findLast(([weight]) => weight > 0);
    if (last === undefined) throw new Error("nothing to pick from");
    return last[1];
  }

  /** 32 bits as a signed integer: small, an edge pattern, or anything. */
  bits(): number {
    const kind = this.below(10);
    if (kind < 4) return this.between(-4, 12);
    if (kind < 8) return this.pick(edgePatterns);
    return (this.next() * 2 ** 32) | 0;
  }
}

/**
 * The only random numbers of workloads: seedrandom (ARC4, integers only) behind four draws that give the same result in
 * every JavaScript engine. `Math.log` may differ between engines in its last bit, so exponential times come from a table
 * that is computed with the four basic operations, which IEEE 754 fixes to the bit.
 */
import seedrandom from "seedrandom";

/** Entries of the table of exponential quantiles. */
const quantiles = 4096;

/** The table's unit: a quantile of `fixedOne` is the mean. */
const fixedOne = 65536;

/** Natural logarithm of `x` (0 < x <= 1) by basic operations alone: x = m * 2^-k, ln m = 2 artanh((m-1)/(m+1)). */
function portableLog(x: number): number {
  let mantissa = x;
  let halvings = 0;
  while (mantissa < 0.75) {
    mantissa *= 2;
    halvings++;
  }
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let power = ratio;
  let sum = 0;
  // |ratio| <= 1/5, so the 25th power is below 2^-58 and the series is exact to the last bits of a double.
  for (let n = 1; n <= 25; n += 2) {
    sum += power / n;
    power *= square;
  }
  return 2 * sum - halvings * Math.LN2;
}

/**
 * Quantiles of the exponential distribution with mean `fixedOne`, at the middle of 4,096 equal parts of probability:
 * -ln(1 - (i + 1/2) / 4096), scaled so that their mean is the mean. The longest is 9.01 times the mean.
 */
function exponentialQuantiles(): Int32Array {
  const values = new Float64Array(quantiles);
  let sum = 0;
  for (let i = 0; i < quantiles; i++) {
    const value = -portableLog(1 - (i + 0.5) / quantiles);
    values[i] = value;
    sum += value;
  }
  const scale = (fixedOne * quantiles) / sum;
  return Int32Array.from(values, (value) => Math.floor(value * scale + 0.5));
}

let table: Int32Array | undefined;

/** A stream of random numbers. Streams with different seeds are independent; one seed is one stream, everywhere. */
export class Random {
  readonly #next: seedrandom.PRNG;

  constructor(seed: string) {
    this.#next = seedrandom(seed);
  }

  /** A number from 0 (included) to 1 (excluded). */
  unit(): number {
    return this.#next();
  }

  /** An integer from 0 to `bound` - 1; every one as likely. `bound` is 1 to 2^31. */
  below(bound: number): number {
    return Math.floor(this.#next() * bound);
  }

  /** True with probability `share` (0: never, 1: always). Always uses one number of the stream. */
  chance(share: number): boolean {
    return this.#next() < share;
  }

  /** A time of the exponential distribution with that mean, in ns, rounded; at most 9.01 times the mean. */
  exponentialNs(meanNs: number): number {
    table ??= exponentialQuantiles();
    const quantile = table[this.below(quantiles)] ?? 0;
    return Math.floor((meanNs * quantile) / fixedOne + 0.5);
  }

  /** One of the items, every one as likely. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("pick from nothing");
    return items[this.below(items.length)] as T;
  }

  /** The items in a new order, every order as likely (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const item = shuffled[last] as T;
      shuffled[last] = shuffled[other] as T;
      shuffled[other] = item;
    }
    return shuffled;
  }
}

/**
 * Times of sampled batches while a run is on: a buffer of fixed size, so that nothing is allocated. When it is full, every
 * second sample goes and only every second one is taken from then on; the slowest is kept apart.
 */
export class Samples {
  readonly #ns: Float64Array;
  #count = 0;
  #stride = 1;
  #seen = 0;
  #slowest = 0;

  constructor(capacity: number) {
    this.#ns = new Float64Array(capacity);
  }

  add(ns: number): void {
    if (ns > this.#slowest) this.#slowest = ns;
    this.#seen++;
    if (this.#seen % this.#stride !== 0) return;
    if (this.#count === this.#ns.length) {
      this.#thin();
      if (this.#seen % this.#stride !== 0) return;
    }
    this.#ns[this.#count++] = ns;
  }

  #thin(): void {
    const kept = this.#ns.length >> 1;
    for (let index = 0; index < kept; index++) this.#ns[index] = this.#ns[2 * index + 1] ?? 0;
    this.#count = kept;
    this.#stride *= 2;
  }

  get slowest(): number {
    return this.#slowest;
  }

  /** A copy of what was kept. */
  take(): Float64Array {
    return this.#ns.slice(0, this.#count);
  }
}

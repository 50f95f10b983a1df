/**
 * Holding CPUs up, for torture: a thread that is pushed off its processor between two accesses of memory is what makes a race
 * come about, and a scheduler does that some hundred times a second. A program that was built with `stalls` asks here every so
 * many accesses. Which ones, and for how long, is drawn from a seed; what the others do meanwhile is the processors' business.
 */
import seedrandom from "seedrandom";

export interface StallPlan {
  readonly seed: string;
  /** Accesses from one stall to the next, on average; 1 or more. */
  readonly everyAccesses: number;
  /** Longest stall in milliseconds; most are of some microseconds. */
  readonly longestMs: number;
  /** Share of the stalls between accesses that are as long as may be. */
  readonly longShare: number;
  /** Share of the pauses between two batches of a script in which the CPU, offline for RCU, sleeps up to `longestMs`. */
  readonly betweenBatches: number;
}

/** Stalls after which the next one comes within a few accesses: windows that only two stalls in a row open. */
const [rowShare, rowAccesses] = [0.2, 12];
/** Of the others: how many spin for some microseconds instead of going to sleep. */
const spinShare = 0.6;
const spinUs = 8;
const shortSleepMs = 0.2;

/** One CPU's stalls. */
export class Stalls {
  readonly #plan: StallPlan;
  readonly #random: seedrandom.PRNG;
  /** Nobody writes or notifies it. */
  readonly #bed = new Int32Array(new SharedArrayBuffer(4));

  constructor(plan: StallPlan, cpu: number) {
    this.#plan = plan;
    this.#random = seedrandom(`${plan.seed}/stalls/${cpu}`);
  }

  /** A stall between two accesses. How many accesses there are until the next one. */
  inside(): number {
    const random = this.#random;
    if (random() < this.#plan.longShare) this.#sleepLong();
    else if (random() < spinShare) spin(random() * spinUs);
    else this.#sleep(random() * shortSleepMs);
    if (random() < rowShare) return 1 + Math.floor(random() * rowAccesses);
    return 1 + Math.floor(-Math.log(1 - random()) * this.#plan.everyAccesses);
  }

  /** A stall between two batches, or none. */
  between(): void {
    if (this.#random() < this.#plan.betweenBatches) this.#sleepLong();
  }

  /** Short ones are more likely than long ones, so that most of the time is not slept away. */
  #sleepLong(): void {
    this.#sleep(this.#plan.longestMs * this.#random() ** 3);
  }

  #sleep(ms: number): void {
    Atomics.wait(this.#bed, 0, 0, ms);
  }
}

function spin(us: number): void {
  const end = performance.now() + us / 1000;
  while (performance.now() < end);
}

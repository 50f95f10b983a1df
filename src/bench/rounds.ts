/**
 * Interleaved rounds: every round runs each job once on each side, in turn, so that what disturbs the machine disturbs both.
 * A round is some milliseconds long, shorter than a scheduler's slice, so that the best of them ran undisturbed.
 */
import { medianSorted, quantileSorted } from "simple-statistics";
import type { Job, Side } from "./side.ts";

export interface Figures {
  /** ns per turn of the loop, in each thread. */
  readonly bestNs: number;
  /** A quarter of the rounds was faster. */
  readonly quartileNs: number;
  readonly medianNs: number;
  /** Distance of the quartiles over the median. */
  readonly spread: number;
  readonly rounds: number;
}

/** What a series of times says; needs at least one. */
export function figuresOf(nsPerPair: readonly number[]): Figures {
  const sorted = [...nsPerPair].sort((a, b) => a - b);
  const medianNs = medianSorted(sorted);
  const quartileNs = quantileSorted(sorted, 0.25);
  const spread = (quantileSorted(sorted, 0.75) - quartileNs) / medianNs;
  return { bestNs: sorted[0] as number, quartileNs, medianNs, spread, rounds: sorted.length };
}

/** One job on one side; `Contest` holds those that are compared. */
export interface Entrant {
  readonly side: Side;
  /** The side's name for the job. */
  readonly name: string;
}

export interface Contest {
  readonly threads: number;
  readonly labels: number;
  readonly pin: boolean;
  /** Run in every round in this order, and in the opposite order in every second one. */
  readonly entrants: readonly Entrant[];
}

export interface RoundOptions {
  readonly rounds: number;
  /** Wanted length of one run in ms. */
  readonly runMs: number;
  /** Aborted: no further round begins, and the times of those that ended are returned. */
  readonly signal?: AbortSignal;
  /** Told after each round, from 1. */
  readonly onRound?: (done: number) => void;
}

/** Turns of one run of the warm-up, and of each label in it. */
const leastWarmPairs = 20_000;
/**
 * A run is a period of maintenance, for a strategy that has any. One that counts a label per CPU once it is got often enough
 * must find all of them hot before anything is timed: 4,096 gets in a period, and some labels only in each period.
 */
const warmPairsPerLabel = 16_384;
/** Turns of each label in a timed run, even where the slowest entrant takes longer then: hot labels stay hot (1,024 gets in a period). */
const leastPairsPerLabel = 2048;

/** Turns of the loop that take about `runMs` for the slowest entrant; warms every entrant up on the way. */
async function calibrate(contest: Contest, runMs: number): Promise<number> {
  let slowestNs = 0;
  for (const { side, name } of contest.entrants) {
    const { threads, labels, pin } = contest;
    const pairs = Math.max(leastWarmPairs, labels * warmPairsPerLabel);
    const job: Job = { name, threads, labels, pin, pairs };
    // V8 replaces a WebAssembly function's first code between two calls, once it has run long enough.
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 20; i++) best = Math.min(best, await side.run(job));
    slowestNs = Math.max(slowestNs, best / job.pairs);
  }
  const wanted = Math.round((runMs * 1e6) / slowestNs);
  return Math.max(1000, contest.labels * leastPairsPerLabel, wanted);
}

/** Times of every contest's entrants in ns per pair: `[contest][entrant][round]`. */
export async function runRounds(contests: readonly Contest[], options: RoundOptions): Promise<number[][][]> {
  const pairs: number[] = [];
  for (const contest of contests) {
    if (options.signal?.aborted === true) break;
    pairs.push(await calibrate(contest, options.runMs));
  }
  const times = contests.map((contest) => contest.entrants.map(() => [] as number[]));
  for (let round = 0; round < options.rounds && options.signal?.aborted !== true; round++) {
    for (const [c, contest] of contests.entries()) {
      const order = [...contest.entrants.keys()];
      if (round % 2 === 1) order.reverse();
      for (const e of order) {
        const { side, name } = contest.entrants[e] as Entrant;
        const { threads, labels, pin } = contest;
        const job: Job = { name, threads, labels, pin, pairs: pairs[c] as number };
        times[c]?.[e]?.push((await side.run(job)) / job.pairs);
      }
    }
    options.onRound?.(round + 1);
  }
  return times;
}

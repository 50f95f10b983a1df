/**
 * What the rounds of a benchmark measure, whoever does the work: the C peers (`peer-process.ts`) and our linked programs
 * (`wasm-side.ts`) are both a `Side`.
 */

/** One loop to be timed. */
export interface Job {
  /** Peer's or program entry's name. */
  readonly name: string;
  /** Threads that run it at the same time, 1 or more. */
  readonly threads: number;
  /** Turns of the loop in each thread. */
  readonly pairs: number;
  /** Labels the loop rotates over: a power of two, 1 to 1024. */
  readonly labels: number;
  /** Each thread on a processor of its own. */
  readonly pin: boolean;
}

export interface Side {
  /** Time in ns of the thread that took longest; all start at the same moment. */
  run(job: Job): Promise<number>;
  close(): Promise<void>;
}

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
}

export interface Side {
  /** Wall time in ns from the first thread's start to the last one's end. */
  run(job: Job): Promise<number>;
  close(): Promise<void>;
}

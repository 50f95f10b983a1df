/** Interleaved rounds: each does every step once, so that what disturbs the host disturbs all alike; outliers are measured again. */
import { type Figure, figureOf, outliers } from "./statistics.ts";

/** One thing to time. */
export interface Step {
  /** What is being done, for progress. */
  readonly doing: string;
  /** ns per operation. */
  run(): Promise<number>;
}

export interface RoundOptions {
  /** 1 or more. */
  readonly rounds: number;
  /** Aborted: rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** `fraction`: 0 to 1. */
  readonly onProgress?: ((doing: string, fraction: number) => void) | undefined;
}

/** Passes over the outliers: a host that is disturbed all the time never gets rid of them, and the spread shows that. */
const mostPasses = 3;

/** By step. The first round is thrown away: code and lines are cold in it. */
export async function measureSteps(steps: readonly Step[], options: RoundOptions): Promise<Figure[]> {
  const { rounds, signal, onProgress } = options;
  const times = steps.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, step] of steps.entries()) {
      signal?.throwIfAborted();
      onProgress?.(step.doing, (round * steps.length + index) / ((rounds + 1) * steps.length));
      const ns = await step.run();
      if (round > 0) times[index]?.push(ns);
    }
  }
  const repeated = steps.map(() => 0);
  for (let pass = 0; pass < mostPasses; pass++) {
    let found = 0;
    for (const [index, step] of steps.entries()) {
      const own = times[index] as number[];
      for (const outlier of outliers(own)) {
        signal?.throwIfAborted();
        onProgress?.(`${step.doing}, again`, 1);
        own[outlier] = await step.run();
        repeated[index] = (repeated[index] ?? 0) + 1;
        found++;
      }
    }
    if (found === 0) break;
  }
  return times.map((own, index) => figureOf(own, repeated[index]));
}

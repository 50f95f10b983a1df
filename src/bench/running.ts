/** Worker threads that stay until they are told to end; `withThreads` by itself ends them with its body. */
import { type Threads, type ThreadsOptions, withThreads } from "../engines/threads/index.ts";
import type { Job } from "./side.ts";

export interface Running {
  readonly threads: Threads;
  /** Stops the workers. */
  readonly end: () => Promise<void>;
}

export function startThreads(options: ThreadsOptions): Promise<Running> {
  return new Promise((resolve, reject) => {
    let finish: () => void = () => undefined;
    const until = new Promise<void>((done) => {
      finish = done;
    });
    const ended = withThreads(options, async (threads) => {
      resolve({
        threads,
        end: async () => {
          finish();
          await ended;
        },
      });
      await until;
    });
    ended.catch(reject);
  });
}

/**
 * Runs an entry on every CPU at the same moment; time in ns of the one that took longest. Then the maintenance worker, where
 * there is one, has one turn: between two runs rather than beside them, for there may be no third processor. So a strategy
 * that changes modes is in the one that it chose for the load, and what its background work costs those who run is not in the
 * time: reports of whole runs (`refplay run`) have that.
 */
export async function timedRun(
  { threads }: Running,
  job: Job,
  entry: string,
  args: (cpu: number) => readonly number[],
  expected?: number,
): Promise<number> {
  if (job.threads !== threads.cpus) throw new Error(`${job.name}: this side has ${threads.cpus} threads`);
  const results = await threads.callAll(entry, args);
  if (expected !== undefined && results.some(({ value }) => value !== expected))
    throw new Error(`${entry} of ${job.name} did not return ${expected}`);
  if (threads.workers > threads.cpus) await threads.callOne(threads.cpus, "maintain", [threads.cpus]);
  return Math.max(...results.map(({ ns }) => ns));
}

/** Worker threads that stay until they are told to end; `withThreads` by itself ends them with its body. */
import { type Threads, type ThreadsOptions, withThreads } from "../../src/engines/threads/index.ts";

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

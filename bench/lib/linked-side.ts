/**
 * Our side of the rounds: a bare program on the worker threads of the threads engine, its labels laid out once. One side
 * for each program and number of threads.
 */
import { type Threads, withThreads } from "../../src/engines/threads/threads.ts";
import { linkBare } from "./link-bare.ts";
import type { ProgramSource } from "./rows.ts";
import type { Job, Side } from "./side.ts";

/** What runs until `close`: `withThreads` stops its workers when its body ends. */
interface Running {
  readonly threads: Threads;
  readonly end: () => Promise<void>;
}

function start(options: Parameters<typeof withThreads>[0]): Promise<Running> {
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

export class LinkedSide implements Side {
  readonly #running: Running;

  private constructor(running: Running) {
    this.#running = running;
  }

  /** Links, starts `threads` workers and lays out the labels. */
  static async open(source: ProgramSource, threads: number, pin = false): Promise<LinkedSide> {
    const { ir, binary } = await linkBare(source);
    // Of bench/programs/lay-out.ts, which is portable code and cannot be imported here.
    const memoryBytes = ir.constants.get("memoryBytes");
    if (memoryBytes === undefined) throw new Error(`${source.module} does not say how much memory it needs`);
    const running = await start({ wasm: binary, cpus: threads, memoryBytes, constants: ir.constants, pin });
    const side = new LinkedSide(running);
    await running.threads.callOne(0, "lay");
    return side;
  }

  /** The longest of the threads' times: they start at the same moment. */
  async run(job: Job): Promise<number> {
    const { threads } = this.#running;
    if (job.threads !== threads.cpus) throw new Error(`${job.name}: this side has ${threads.cpus} threads`);
    const results = await threads.callAll(job.name, (cpu) => [cpu, job.pairs, job.labels - 1]);
    return Math.max(...results.map((result) => result.ns));
  }

  close(): Promise<void> {
    return this.#running.end();
  }
}

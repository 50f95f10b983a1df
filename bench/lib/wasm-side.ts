/**
 * Linked programs on worker threads: the smallest thing that can call an entry on several threads at once and time it.
 * The threads engine does more (barriers in shared memory, batches, histograms), and all of it would be in the way here:
 * a benchmark of two instructions wants nothing else on its thread.
 */
import { Worker } from "node:worker_threads";

/** Globals that a linked program imports, other than those that say which CPU it is. */
export interface WasmGlobals {
  readonly cpu: number;
  readonly fenceAddress: number;
  readonly scriptBase: number;
  readonly spinsPerUs: number;
}

export interface WasmLoad {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The globals of a thread, from 0. */
  globals(thread: number): WasmGlobals;
}

interface Answer {
  readonly error?: string;
  readonly result: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/** What `callAll` found out. */
export interface CallResult {
  /** From the first thread's start to the last one's end. */
  readonly ns: number;
  /** What the entry returned on each thread; 0 where it returns nothing. */
  readonly results: readonly number[];
}

/** A fixed number of threads that hold any number of programs. */
export class WasmThreads {
  readonly #workers: readonly Worker[];
  readonly #waiting: (((answer: Answer) => void) | undefined)[];
  #programs = 0;

  constructor(threads: number) {
    this.#waiting = new Array(threads).fill(undefined);
    this.#workers = this.#waiting.map((_, thread) => {
      const worker = new Worker(new URL("./wasm-worker.js", import.meta.url), { workerData: { thread } });
      worker.on("message", (answer: Answer) => this.#answered(thread, answer));
      worker.on("error", (error) =>
        this.#answered(thread, { error: String(error), result: 0, startNs: 0n, endNs: 0n }),
      );
      return worker;
    });
  }

  #answered(thread: number, answer: Answer): void {
    const waiting = this.#waiting[thread];
    this.#waiting[thread] = undefined;
    waiting?.(answer);
  }

  async #ask(thread: number, message: object): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting[thread] = resolve;
      this.#workers[thread]?.postMessage(message);
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  /** Instantiates the program on every thread; returns its number for `callAll`. */
  async load(load: WasmLoad): Promise<number> {
    const program = this.#programs++;
    const { module, memory } = load;
    await Promise.all(
      this.#workers.map((_, thread) =>
        this.#ask(thread, { program, load: { module, memory, globals: load.globals(thread) } }),
      ),
    );
    return program;
  }

  /** Calls `entry` on threads 0 to `threads - 1` at the same time. `args` are a thread's arguments. */
  async callAll(
    program: number,
    entry: string,
    threads: number,
    args: (thread: number) => readonly number[],
  ): Promise<CallResult> {
    const barrier = new Int32Array(new SharedArrayBuffer(4));
    const answers = await Promise.all(
      Array.from({ length: threads }, (_, thread) =>
        this.#ask(thread, { program, call: { entry, args: args(thread), threads, barrier } }),
      ),
    );
    const first = answers.reduce(
      (least, { startNs }) => (startNs < least ? startNs : least),
      answers[0]?.startNs ?? 0n,
    );
    const last = answers.reduce((most, { endNs }) => (endNs > most ? endNs : most), 0n);
    return { ns: Number(last - first), results: answers.map(({ result }) => result) };
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/**
 * The simulator in a thread of its own: it computes for seconds without a pause, and Ctrl-C and the progress bar must not wait for
 * it. One thread does all runs of a process, one after the other; it ends with the process, or at once where a run is stopped.
 */
import { Worker } from "node:worker_threads";
import { RefplayError, type RefplayErrorOptions } from "../errors.ts";
import type { IrProgram } from "../link/ir.ts";
import type { SimReport, SimRequest } from "./sim-request.ts";

/** A program with what tells it from others. */
export interface SimProgram {
  readonly hash: string;
  readonly typed: IrProgram;
}

export interface ToSimThread {
  readonly hash: string;
  /** Where the thread has not had it yet. */
  readonly typed?: IrProgram;
  readonly request: SimRequest;
}

export type FromSimThread =
  | { readonly kind: "progress"; readonly share: number }
  | { readonly kind: "report"; readonly report: SimReport }
  | ({ readonly kind: "refused"; readonly code: string; readonly message: string } & Pick<
      RefplayErrorOptions,
      "hint" | "location"
    >)
  | { readonly kind: "defect"; readonly text: string };

export interface SimControl {
  readonly signal: AbortSignal;
  /** Share of the run that is done, 0 to 1. */
  progress(share: number): void;
}

/** Simulates one run; rejects with RefplayError where it cannot be simulated, or with the signal's reason. */
export type RunSim = (program: SimProgram, request: SimRequest, control: SimControl) => Promise<SimReport>;

const fromSource = import.meta.url.endsWith(".ts");

/** A function that simulates in a thread of its own, which is started at the first run. One run at a time. */
export function simThread(): RunSim {
  let thread: SimThread | undefined;

  return async (program, request, { signal, progress }) => {
    signal.throwIfAborted();
    thread ??= new SimThread();
    const running = thread;
    // Nothing else stops a simulation that has begun.
    const stop = (): void => {
      thread = undefined;
      running.end(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await running.run(program, request, progress);
    } catch (error) {
      if (running.dead) thread = undefined;
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };
}

interface Waiting {
  resolve(report: SimReport): void;
  reject(error: unknown): void;
  progress(share: number): void;
}

class SimThread {
  dead = false;
  private readonly worker: Worker;
  /** Hashes of the programs that the thread has had. */
  private readonly sent = new Set<string>();
  private waiting: Waiting | undefined;

  constructor() {
    const file = fromSource
      ? new URL("./sim-worker-from-source.js", import.meta.url)
      : new URL("./sim-worker.js", import.meta.url);
    this.worker = new Worker(file, { name: "refplay simulator" });
    this.worker.on("message", (message: FromSimThread) => this.hear(message));
    this.worker.on("error", (error) => this.died(error.message));
    this.worker.on("exit", (code) => this.died(`exit code ${code}`));
  }

  run({ hash, typed }: SimProgram, request: SimRequest, progress: Waiting["progress"]): Promise<SimReport> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject, progress };
      this.worker.ref();
      const program = this.sent.has(hash) ? {} : { typed };
      this.worker.postMessage({ hash, request, ...program } satisfies ToSimThread);
      this.sent.add(hash);
    });
  }

  /** Ends the thread, in the midst of a run or not. */
  end(reason: unknown): void {
    this.dead = true;
    this.settle()?.reject(reason);
    void this.worker.terminate();
  }

  private hear(message: FromSimThread): void {
    if (message.kind === "progress") this.waiting?.progress(message.share);
    else if (message.kind === "report") this.settle()?.resolve(message.report);
    else if (message.kind === "refused")
      this.settle()?.reject(new RefplayError(message.code, message.message, message));
    else this.settle()?.reject(new Error(message.text));
  }

  private died(why: string): void {
    this.dead = true;
    this.settle()?.reject(new RefplayError("simulator-died", `the simulator's thread ended: ${why}`));
  }

  /** Whoever waits, once; an idle thread does not keep the process alive. */
  private settle(): Waiting | undefined {
    const { waiting } = this;
    this.waiting = undefined;
    this.worker.unref();
    return waiting;
  }
}

/**
 * Our side of the rounds: a bare program on the worker threads of the threads engine, its labels laid out once. One side
 * for each program and number of threads.
 */
import { bareIr, compileHere, needsMaintenance, type ProgramSource, type SideOptions } from "./programs.ts";
import { type Running, startThreads, timedRun } from "./running.ts";
import type { Job, Side } from "./side.ts";

export class LinkedSide implements Side {
  readonly #running: Running;
  readonly #pin: boolean;

  private constructor(running: Running, pin: boolean) {
    this.#running = running;
    this.#pin = pin;
  }

  /** Links, starts `threads` workers and lays out the labels. */
  static async open(
    source: ProgramSource,
    threads: number,
    { pin = false, compile = compileHere }: SideOptions = {},
  ): Promise<LinkedSide> {
    const ir = bareIr(source);
    // Of bench/programs/lay-out.ts, which is portable code and cannot be imported here.
    const memoryBytes = ir.constants.get("memoryBytes");
    if (memoryBytes === undefined) throw new Error(`${source.module} does not say how much memory it needs`);
    const running = await startThreads({
      wasm: await compile(ir),
      cpus: threads,
      memoryBytes,
      constants: ir.constants,
      maintenance: source.strategy !== null && needsMaintenance(source.strategy),
      pin,
    });
    const side = new LinkedSide(running, pin);
    await running.threads.callOne(0, "lay");
    return side;
  }

  /** Whether each thread has a processor of its own: asked for, and koffi is there to do it. */
  get pinned(): boolean {
    return this.#pin && this.#running.threads.notes.length === 0;
  }

  run(job: Job): Promise<number> {
    return timedRun(this.#running, job, job.name, (cpu) => [cpu, job.pairs, job.labels - 1]);
  }

  close(): Promise<void> {
    return this.#running.end();
  }
}

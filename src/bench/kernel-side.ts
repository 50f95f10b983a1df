/**
 * The whole kernel on worker threads: interpreter, hooks and strategy, over a script that opens and closes one file for
 * ever on each. What it costs more than the strategy's calls alone is the price of the mini-kernel.
 */

import { bootArguments } from "../kernel/boot-arguments.ts";
import { Event } from "../kernel/events.ts";
import type { IrProgram } from "../link/ir.ts";
import { kernelProgram, linkProgram } from "../link/link.ts";
import { nodeHost } from "../link/node-host.ts";
import { ScriptBuilder } from "../workloads/script.ts";
import { compileHere, needsMaintenance, type SideOptions, strategyFile } from "./programs.ts";
import { type Running, startThreads, timedRun } from "./running.ts";
import type { Job, Side } from "./side.ts";

/** Far more than any benchmark opens; the script never ends. */
const forEver = 0x7fff_ffff;
const memoryBytes = 64 * 2 ** 20;
/** Arguments of `boot`: a task for each CPU, all with the root's unconfined. */
export function openClosePopulation(cpus: number, threadsPerProcess = 1): readonly number[] {
  return bootArguments({ profiles: 0, tasks: cpus, descriptorsPerTask: 8, threadsPerProcess, channels: 0 });
}

/** The kernel with one strategy (`strategyFile`), at `hooks` 66, 67 or 611; `creds` 1: counted in tasks. */
export function kernelIr(strategy: string, hooks: number, creds = 0): IrProgram {
  const host = nodeHost();
  return linkProgram(kernelProgram({ path: strategyFile(strategy) }, { hooks, creds }, host), host);
}

/** Opens and closes descriptor 0 for ever, as the task of that number. */
export function openCloseScript(task: number): Int32Array {
  const script = new ScriptBuilder();
  script.add(Event.switchTask, task);
  script.repeat(forEver, () => {
    script.add(Event.open, 0);
    script.add(Event.close, 0);
  });
  return script.finish();
}

export interface KernelSideOptions extends SideOptions {
  /** How creds are counted, as the kernel's option of that name says. */
  readonly creds?: number;
  /** Tasks in a row, one for each thread, that share a cred. */
  readonly threadsPerProcess?: number;
}

export class KernelSide implements Side {
  readonly #running: Running;

  private constructor(running: Running) {
    this.#running = running;
  }

  static async open(
    strategy: string,
    hooks: number,
    threads: number,
    { pin = false, compile = compileHere, creds = 0, threadsPerProcess = 1 }: KernelSideOptions = {},
  ): Promise<KernelSide> {
    const ir = kernelIr(strategy, hooks, creds);
    const cpus = Array.from({ length: threads }, (_, cpu) => cpu);
    const running = await startThreads({
      wasm: await compile(ir),
      cpus: threads,
      memoryBytes,
      constants: ir.constants,
      scripts: cpus.map(openCloseScript),
      maintenance: needsMaintenance(strategy),
      pin,
    });
    await running.threads.callOne(0, "boot", openClosePopulation(threads, threadsPerProcess));
    for (let cpu = 0; cpu < running.threads.workers; cpu++)
      await running.threads.callOne(cpu, "bootCpu", [cpu]);
    for (const cpu of cpus) {
      // The two records before the loop.
      await running.threads.callOne(cpu, "run", [cpu, 2]);
    }
    return new KernelSide(running);
  }

  /** A turn is an open and a close: two records. `job.labels` does not matter: all tasks have one label. */
  run(job: Job): Promise<number> {
    // 1: the script goes on, and nothing went wrong in it.
    return timedRun(this.#running, job, "run", (cpu) => [cpu, 2 * job.pairs], 1);
  }

  close(): Promise<void> {
    return this.#running.end();
  }
}

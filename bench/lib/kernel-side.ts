/**
 * The whole kernel on one worker thread: interpreter, hooks and strategy, over a script that opens and closes one file for
 * ever. What it costs more than the strategy's calls alone is the price of the mini-kernel.
 */
import { join } from "node:path";
import { hostWasmOptions } from "../../src/engines/threads/index.ts";
import { Event } from "../../src/kernel/events.ts";
import type { IrProgram } from "../../src/link/ir.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { ScriptBuilder } from "../../src/workloads/script.ts";
import { type Running, startThreads } from "./running.ts";
import type { Job, Side } from "./side.ts";

/** Far more than any benchmark opens; the script never ends. */
const forEver = 0x7fff_ffff;
const memoryBytes = 64 * 2 ** 20;
/** Arguments of `boot`: profiles, tasks, descriptors of a task, threads of a process, channels. */
export const openClosePopulation = [0, 1, 8, 1, 0] as const;

/** The kernel with one strategy of strategies/, at `hooks` 66, 67 or 611. */
export function kernelIr(strategy: string, hooks: number): IrProgram {
  const host = nodeHost();
  const path = join(packageRoot, "strategies", `${strategy}.ts`);
  return linkProgram(kernelProgram({ path }, { hooks }, host), host);
}

/** Opens and closes descriptor 0 for ever. */
export function openCloseScript(): Int32Array {
  const script = new ScriptBuilder();
  script.add(Event.switchTask, 0);
  script.repeat(forEver, () => {
    script.add(Event.open, 0);
    script.add(Event.close, 0);
  });
  return script.finish();
}

export class KernelSide implements Side {
  readonly #running: Running;

  private constructor(running: Running) {
    this.#running = running;
  }

  static async open(strategy: string, hooks: number, pin = false): Promise<KernelSide> {
    const ir = kernelIr(strategy, hooks);
    const { binary } = await buildWasm(ir, hostWasmOptions);
    const running = await startThreads({
      wasm: binary,
      cpus: 1,
      memoryBytes,
      constants: ir.constants,
      scripts: [openCloseScript()],
      pin,
    });
    await running.threads.callOne(0, "boot", openClosePopulation);
    await running.threads.callOne(0, "bootCpu", [0]);
    // The two records before the loop.
    await running.threads.callOne(0, "run", [0, 2]);
    return new KernelSide(running);
  }

  /** A turn is an open and a close: two records. `job.labels` does not matter: the task has one label. */
  async run(job: Job): Promise<number> {
    const { ns, value } = await this.#running.threads.callOne(0, "run", [0, 2 * job.pairs]);
    if (value !== 1) throw new Error("the script ended, or something went wrong in it");
    return ns;
  }

  close(): Promise<void> {
    return this.#running.end();
  }
}

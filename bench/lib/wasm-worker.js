// One thread of `wasm-side.ts`: instantiates what it is sent and calls entries, all threads of a call at the same time.
// JavaScript and not TypeScript, because a worker starts before any loader is registered in it.
import { parentPort, workerData } from "node:worker_threads";

const { thread } = workerData;
/** Instances by program number. */
const instances = new Map();

/** The wait before a call: all leave within some 100 ns of each other. */
function waitForAll(barrier, threads) {
  Atomics.add(barrier, 0, 1);
  while (Atomics.load(barrier, 0) < threads);
}

parentPort.on("message", ({ program, load, call }) => {
  try {
    if (load !== undefined) {
      const { module, memory, globals } = load;
      const env = { memory };
      for (const [name, value] of Object.entries(globals)) {
        env[name] = new WebAssembly.Global({ value: "i32", mutable: false }, value);
      }
      instances.set(program, new WebAssembly.Instance(module, { env }));
      parentPort.postMessage({ result: 0, startNs: 0n, endNs: 0n });
      return;
    }
    const entry = instances.get(program).exports[call.entry];
    if (entry === undefined) throw new Error(`thread ${thread}: the program exports no ${call.entry}`);
    waitForAll(call.barrier, call.threads);
    const startNs = process.hrtime.bigint();
    const result = entry(...call.args) ?? 0;
    const endNs = process.hrtime.bigint();
    parentPort.postMessage({ result, startNs, endNs });
  } catch (error) {
    parentPort.postMessage({ error: String(error instanceof Error ? error.stack : error) });
  }
});

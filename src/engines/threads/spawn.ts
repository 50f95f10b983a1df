/** Starting a worker thread, from compiled files and from TypeScript sources alike. */
import { Worker } from "node:worker_threads";
import type { WorkerSetup } from "./protocol.ts";

const fromSource = import.meta.url.endsWith(".ts");

const bundle = new URL("./worker-from-source.js", import.meta.url).href;
const file: URL = fromSource
  ? ((await import(/* @vite-ignore */ bundle)) as { workerFile: URL }).workerFile
  : new URL("./worker.js", import.meta.url);

/** A new thread for one CPU; it answers with `ready`. */
export function spawnWorker(setup: WorkerSetup): Worker {
  return new Worker(file, { workerData: setup, name: `refplay CPU ${setup.cpu}` });
}

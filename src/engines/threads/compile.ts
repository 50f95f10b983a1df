/** Machine code for a linked program, and how fast its spin loop runs. */
import { setFlagsFromString } from "node:v8";
import { instantiateWasm } from "../../link/wasm/instance.ts";
import { cpuLineBytes } from "../../link/wasm/names.ts";

/**
 * Compiles with V8's optimising compiler at once. By default V8 begins with its baseline compiler and replaces functions
 * while they run, on background threads that compete with the ones we measure, and at a time that differs between runs.
 * The flags are the process's, and are put back; a module keeps its code, also in workers it is sent to.
 */
export function compileOptimised(binary: Uint8Array): WebAssembly.Module {
  setFlagsFromString("--no-liftoff");
  setFlagsFromString("--no-wasm-lazy-compilation");
  try {
    return new WebAssembly.Module(binary);
  } finally {
    setFlagsFromString("--liftoff");
    setFlagsFromString("--wasm-lazy-compilation");
  }
}

/** Iterations that are timed at once: about a millisecond. */
const calibrationIterations = 500_000;
const calibrationRounds = 7;

let calibrated: number | undefined;

/**
 * Iterations of the spin loop in a microsecond, 1 or more: the most of several rounds, since whatever disturbs a round
 * makes it slower. Measured once per process; every program has the same loop.
 */
export function spinsPerUs(module: WebAssembly.Module): number {
  calibrated ??= measureSpins(module);
  return calibrated;
}

function measureSpins(module: WebAssembly.Module): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const instance = instantiateWasm(module, {
    memory,
    cpu: 0,
    fenceAddress: cpuLineBytes,
    scriptBase: 0,
    spinsPerUs: 1,
    mark: () => undefined,
    allocated: () => undefined,
    freed: () => undefined,
  });
  let fastest = 0;
  for (let round = 0; round < calibrationRounds; round++) {
    const start = process.hrtime.bigint();
    instance.spinLoop(calibrationIterations);
    const us = Number(process.hrtime.bigint() - start) / 1000;
    fastest = Math.max(fastest, calibrationIterations / us);
  }
  return Math.max(1, Math.round(fastest));
}

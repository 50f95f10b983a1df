/** Machine code for a linked program, and how fast its spin loop runs. */
import { setFlagsFromString } from "node:v8";
import { instantiateWasm } from "../../link/wasm/instance.ts";
import { cpuLineBytes } from "../../link/wasm/names.ts";
import type { WasmOptions } from "../../link/wasm/options.ts";
import { tierHintsSection } from "../../link/wasm/tier-hints.ts";

/**
 * Whether this is the V8 whose compilers were looked at and measured, Node 20's: it follows hints on which compiler shall do
 * a function (`src/link/wasm/tier-hints.ts`; the flag may change with any version) and leaves every plain load where it is
 * (`src/link/wasm/plain-loads.ts`). Others get what is right on any engine.
 */
const isKnownV8 = process.arch === "x64" && /^11\.3\./.test(process.versions.v8);

/** How to build programs for threads of this host. */
export const hostWasmOptions: Pick<WasmOptions, "ordering" | "loads" | "fetchAdd" | "branchHints"> = {
  ordering: process.arch === "x64" ? "tso" : "weak",
  loads: isKnownV8 ? "plain" : "atomic",
  fetchAdd: isKnownV8 ? "baseline" : "inline",
  branchHints: isKnownV8,
};

/** What V8 must be told before it looks at hints of its compilers and of branches. */
const hintFlags = ["experimental-wasm-compilation-hints", "experimental-wasm-branch-hinting"];

/**
 * Compiles with V8's optimising compiler at once, but for functions that are hinted otherwise. By default V8 begins with
 * its baseline compiler and replaces functions while they run, on background threads that compete with the ones we measure,
 * and at a time that differs between runs. The flags are the process's, and are put back; a module keeps its code, also
 * in workers it is sent to.
 */
export function compileOptimised(binary: Uint8Array): WebAssembly.Module {
  const hinted = isKnownV8 && Buffer.from(binary.buffer, binary.byteOffset).includes(tierHintsSection);
  const flags = hinted
    ? ["wasm-tier-up", "wasm-dynamic-tiering", "wasm-lazy-compilation"]
    : ["liftoff", "wasm-lazy-compilation"];
  for (const flag of flags) setFlagsFromString(`--no-${flag}`);
  if (hinted) for (const flag of hintFlags) setFlagsFromString(`--${flag}`);
  try {
    return new WebAssembly.Module(binary);
  } finally {
    for (const flag of flags) setFlagsFromString(`--${flag}`);
    if (hinted) for (const flag of hintFlags) setFlagsFromString(`--no-${flag}`);
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

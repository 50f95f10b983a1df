/**
 * Runs a WebAssembly program on the inputs of a fuzz program. Its operations cannot be watched one by one; what shows is
 * memory, the returned value, faults, and the evidence that it hands to imported functions.
 */

import type { IrProgram } from "../../src/link/ir.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { instantiateWasm, type WasmEnvironment } from "../../src/link/wasm/instance.ts";
import type { WasmOptions } from "../../src/link/wasm/options.ts";
import type { Outcome, Run } from "./interpreter.ts";
import type { FuzzProgram } from "./program.ts";
import { mainOf, memoryBytes } from "./program.ts";
import { faultName } from "./run-stepped.ts";
import { initialMemory, type TraceEntry } from "./world.ts";

/** The CPU's private line and the script lie in memory that programs of the fuzzer do not use. */
const fenceAddress = 4096;
const scriptAddress = 8192;

/** `trace` of the returned run holds the evidence alone: `mark`, `allocated`, `freed`. */
export async function runWasm(program: FuzzProgram, ir: IrProgram, options: WasmOptions): Promise<Run> {
  const { binary } = await buildWasm(ir, options);
  return runBinary(program, binary);
}

export function runBinary(program: FuzzProgram, binary: Uint8Array): Run {
  const shared = new WebAssembly.Memory({
    initial: memoryBytes / 65536,
    maximum: memoryBytes / 65536,
    shared: true,
  });
  const memory = new Int32Array(shared.buffer);
  memory.set(initialMemory(program.inputs));
  memory.set(program.inputs.script, scriptAddress / 4);
  const trace: TraceEntry[] = [];
  const record = (operation: "mark" | "allocated" | "freed", ...operands: number[]): void => {
    trace.push({ operation, operands, result: null });
  };
  const environment: WasmEnvironment = {
    memory: shared,
    cpu: program.inputs.cpu,
    fenceAddress,
    scriptBase: scriptAddress,
    spinsPerUs: 1,
    mark: (event, argument) => record("mark", event, argument),
    allocated: (address, kind, bytes) => record("allocated", address, kind, bytes),
    freed: (address) => record("freed", address),
  };
  const instance = instantiateWasm(new WebAssembly.Module(binary as Uint8Array<ArrayBuffer>), environment);
  const outcome = outcomeOf(program, instance);
  const after = memory.slice();
  after.fill(0, scriptAddress / 4, scriptAddress / 4 + program.inputs.script.length);
  return { outcome, trace, memory: after };
}

function outcomeOf(program: FuzzProgram, instance: ReturnType<typeof instantiateWasm>): Outcome {
  try {
    const value = instance.entry("main")(...program.inputs.args);
    return { kind: "returned", value: mainOf(program).result === null ? null : (value ?? null) };
  } catch (error) {
    const reason = instance.faultOf(error);
    if (reason === null) throw error;
    return { kind: "fault", reason: faultName(reason) };
  }
}

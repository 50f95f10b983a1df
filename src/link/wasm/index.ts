/** The WebAssembly back end: the typed form in, shared-memory WebAssembly out, one exported function per entry. */
import type binaryen from "binaryen";
import type { IrFunction, IrProgram } from "../ir.ts";
import { withBranchHints } from "./branch-hints.ts";
import { type FunctionScope, functionName, type WasmContext } from "./context.ts";
import { faultReasonExport, importModule, spinLoopExport } from "./names.ts";
import { emitNamedBinary, optimise } from "./optimise.ts";
import { resolveWasmOptions, type WasmOptions } from "./options.ts";
import { markFeature, withPlainLoads } from "./plain-loads.ts";
import { addRuntime, fetchAddFunction, spinLoopFunction } from "./runtime.ts";
import { emitBlock } from "./statement.ts";
import { definedFunctions, withTierHints } from "./tier-hints.ts";

export type { WasmOptions } from "./options.ts";

export interface WasmProgram {
  /** The module; `wasmImports` lists what it must be given. */
  readonly binary: Uint8Array;
  /** The optimised module in the text format, where asked for. */
  readonly text: string | undefined;
}

/**
 * Builds a program. Only what its entries reach is kept. A function that no WebAssembly can be made of (an RCU operation
 * without a lowering) is a defect and throws an ordinary error.
 */
export async function buildWasm(program: IrProgram, options: WasmOptions = {}): Promise<WasmProgram> {
  // Loaded on demand: 10 MB of compiler that a cached program never needs.
  const { default: library } = await import("binaryen");
  const module = new library.Module();
  try {
    const context: WasmContext = { binaryen: library, module, program, options: resolveWasmOptions(options) };
    addEnvironment(context);
    addRuntime(context);
    for (const fn of reachable(program)) addFunction(context, fn);
    for (const [name, id] of program.entries) {
      const fn = program.functions[id];
      if (fn === undefined) throw new Error(`entry ${name} names function ${id}, which does not exist`);
      module.addFunctionExport(functionName(fn), name);
    }
    if (module.validate() === 0) throw new Error("the WebAssembly back end built an invalid module");
    optimise(context);
    return finish(context);
  } finally {
    module.dispose();
  }
}

/** The optimised module as bytes and text. */
function finish(context: WasmContext): WasmProgram {
  const { binaryen, module, options } = context;
  if (options.loads === "atomic" && !options.branchHints) return emit(context);
  const loads = options.loads === "plain" ? withPlainLoads(module.emitText()) : module.emitText();
  const copy = binaryen.parseText(options.branchHints ? withBranchHints(loads) : loads);
  copy.setFeatures(module.getFeatures() & ~markFeature);
  try {
    if (copy.validate() === 0) throw new Error("rewriting made the module invalid");
    return emit({ ...context, module: copy });
  } finally {
    copy.dispose();
  }
}

function emit(context: WasmContext): WasmProgram {
  let binary = emitNamedBinary(context);
  if (context.options.fetchAdd === "baseline") {
    binary = withTierHints(binary, definedFunctions(context), new Set([fetchAddFunction]));
  }
  return { binary, text: context.options.text ? context.module.emitText() : undefined };
}

/** Memory, globals and, where asked for, the functions that stall the CPU and that receive evidence. */
function addEnvironment(context: WasmContext): void {
  const { binaryen: b, module: m, options } = context;
  const { Features } = b;
  const used = Features.Atomics | Features.MutableGlobals | Features.BulkMemory | Features.SignExt;
  m.setFeatures(options.loads === "plain" ? used | markFeature : used);
  m.setMemory(1, options.memoryMaxPages, null, [], true, false, "memory");
  m.addMemoryImport("memory", importModule, "memory", true);
  for (const name of ["cpu", "fenceAddress", "scriptBase", "spinsPerUs"]) {
    m.addGlobalImport(name, importModule, name, b.i32, false);
  }
  m.addGlobal("faultReason", b.i32, true, m.i32.const(0));
  m.addGlobalExport("faultReason", faultReasonExport);
  m.addFunctionExport(spinLoopFunction, spinLoopExport);
  if (options.stalls !== false) m.addFunctionImport("stall", importModule, "stall", b.none, b.i32);
  if (!options.evidence) return;
  const parameters = (count: number): binaryen.Type => b.createType(new Array<number>(count).fill(b.i32));
  m.addFunctionImport("mark", importModule, "mark", parameters(2), b.none);
  m.addFunctionImport("allocated", importModule, "allocated", parameters(3), b.none);
  m.addFunctionImport("freed", importModule, "freed", parameters(1), b.none);
}

function addFunction(context: WasmContext, fn: IrFunction): void {
  const { binaryen: b, module: m } = context;
  let extra = 0;
  const scope: FunctionScope = { ...context, fn, scratch: () => fn.locals.length + extra++ };
  const statements = emitBlock(scope, fn.body);
  const body = fn.result === null ? statements : m.block(null, [statements, m.unreachable()]);
  const parameters = b.createType(new Array<number>(fn.parameters).fill(b.i32));
  const variables = new Array<number>(fn.locals.length - fn.parameters + extra).fill(b.i32);
  m.addFunction(functionName(fn), parameters, fn.result === null ? b.none : b.i32, variables, body);
}

/** Functions that the entries call, directly or through others or through lowered operations, callees first. */
function reachable(program: IrProgram): readonly IrFunction[] {
  const wanted = new Set<number>();
  const pending = [...program.entries.values()];
  const want = (id: number | null | undefined): void => {
    if (id !== null && id !== undefined) pending.push(id);
  };
  const visit = (statements: IrFunction["body"]): void => {
    for (const statement of statements) {
      if (statement.kind === "call") want(statement.callee);
      else if (statement.kind === "op") want(program.lowerings.get(statement.op));
      else if (statement.kind === "block" || statement.kind === "loop") visit(statement.body);
      else if (statement.kind === "if") {
        visit(statement.then);
        visit(statement.else);
      }
    }
  };
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (wanted.has(id)) continue;
    wanted.add(id);
    visit(program.functions[id]?.body ?? []);
  }
  return program.functions.filter((fn) => wanted.has(fn.id));
}

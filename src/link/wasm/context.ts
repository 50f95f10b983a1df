/** What the parts of the WebAssembly back end share while one program is built. */
import type binaryen from "binaryen";
import type { IrFunction, IrProgram } from "../ir.ts";
import type { ResolvedWasmOptions } from "./options.ts";

export type Ref = binaryen.ExpressionRef;

/** One module under construction. */
export interface WasmContext {
  readonly binaryen: typeof binaryen;
  readonly module: binaryen.Module;
  readonly program: IrProgram;
  readonly options: ResolvedWasmOptions;
}

/** One function under construction: hands out locals beyond the program's own. */
export interface FunctionScope extends WasmContext {
  readonly fn: IrFunction;
  /** A fresh i32 local. */
  scratch(): number;
}

/** Name of a function inside the module: unique, and readable in the profile of a native profiler. */
export function functionName(fn: IrFunction): string {
  return `${fn.instance === null ? "" : `${fn.instance}.`}${fn.name}#${fn.id}`;
}

/** Stops with a recorded `FaultReason`. */
export function faultWith(context: WasmContext, reason: number): Ref {
  const { module: m } = context;
  return m.block(
    null,
    [m.global.set("faultReason", m.i32.const(reason)), m.unreachable()],
    context.binaryen.unreachable,
  );
}

/** Starting a linked module: its imports, its entries, and what a trap meant. Runs in workers, free of binaryen and Node. */
import { FaultReason } from "../../machine/ops.ts";
import { faultReasonExport, importModule, spinLoopExport } from "./names.ts";

/** What one CPU's instance of a module gets. */
export interface WasmEnvironment {
  readonly memory: WebAssembly.Memory;
  readonly cpu: number;
  /** Address of this CPU's private line: `cpuLineBytes` zeroed bytes that nobody else uses. */
  readonly fenceAddress: number;
  /** Address of this CPU's script. */
  readonly scriptBase: number;
  /** Iterations of the spin loop that take a microsecond. */
  readonly spinsPerUs: number;
  /** Receivers of evidence; needed where the module was built with `evidence`. */
  readonly mark?: (event: number, argument: number) => void;
  readonly allocated?: (address: number, kind: number, bytes: number) => void;
  readonly freed?: (address: number) => void;
  /** Holds the CPU up, for a module that was built with `stalls`; returns accesses until the next call. Never unless given. */
  readonly stall?: () => number;
}

export type WasmEntry = (...args: number[]) => number | undefined;

export interface WasmInstance {
  /** The entry of that name; throws an ordinary error where the program has none. */
  entry(name: string): WasmEntry;
  has(name: string): boolean;
  /** The bare loop behind `spin`. */
  spinLoop(iterations: number): void;
  /** Why the last call trapped, or null where `error` is no trap of portable code. */
  faultOf(error: unknown): FaultReason | null;
}

/** Accesses until a module asks again whether to stall. */
const seldom = 0x7fff_ffff;

/** Instantiates a compiled module for one CPU. */
export function instantiateWasm(module: WebAssembly.Module, environment: WasmEnvironment): WasmInstance {
  const env: Record<string, unknown> = { stall: () => seldom, ...environment };
  const { exports } = new WebAssembly.Instance(module, { [importModule]: env });
  const reason = exports[faultReasonExport] as WebAssembly.Global;
  const entry = (name: string): WasmEntry => {
    const found = exports[name];
    if (typeof found !== "function") throw new Error(`the program has no entry called ${name}`);
    return found as WasmEntry;
  };
  return {
    entry,
    has: (name) => typeof exports[name] === "function",
    spinLoop: (iterations) => {
      entry(spinLoopExport)(iterations);
    },
    faultOf: (error) => faultOf(error, reason),
  };
}

/** V8's words for the traps that WebAssembly raises by itself (src/common/message-template.h). */
const trapReasons: readonly (readonly [RegExp, FaultReason])[] = [
  [/divide by zero|remainder by zero/, FaultReason.divideByZero],
  [/unaligned/, FaultReason.misaligned],
  [/out of bounds/, FaultReason.outOfRange],
];

function faultOf(error: unknown, recorded: WebAssembly.Global): FaultReason | null {
  if (!(error instanceof WebAssembly.RuntimeError)) return null;
  if (recorded.value !== 0) {
    const reason = recorded.value as FaultReason;
    recorded.value = 0;
    return reason;
  }
  for (const [pattern, reason] of trapReasons) if (pattern.test(error.message)) return reason;
  return FaultReason.noReturn;
}

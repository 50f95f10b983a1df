/** Links a program of bench/programs, with a strategy where it calls one. */
import { isAbsolute, join } from "node:path";
import { hostWasmOptions } from "../engines/threads/index.ts";
import type { IrProgram } from "../link/ir.ts";
import { linkProgram } from "../link/link.ts";
import { readStrategyMeta } from "../link/meta.ts";
import { nodeHost, packageRoot } from "../link/node-host.ts";
import { buildWasm, type WasmOptions } from "../link/wasm/index.ts";

/** Where a loop of ours comes from. */
export interface ProgramSource {
  /** Module in bench/programs, without its extension. */
  readonly module: "pairs" | "hazard";
  /** Strategy, see `strategyFile`; null for a bare program that calls none. */
  readonly strategy: string | null;
}

export interface LinkedProgram {
  readonly ir: IrProgram;
  readonly binary: Uint8Array;
  /** WebAssembly text, with `{ text: true }`. */
  readonly text: string | undefined;
}

/** What threads run of a program: bytes, or a module that the threads engine's `compileOptimised` made of them. */
export type Compile = (ir: IrProgram) => Promise<Uint8Array | WebAssembly.Module>;

/** Builds for this host, anew each time. */
export const compileHere: Compile = async (ir) => (await buildWasm(ir, hostWasmOptions)).binary;

/** How a side is started. */
export interface SideOptions {
  /** Each thread on a processor of its own. False unless given. */
  readonly pin?: boolean;
  /** `compileHere` unless given. */
  readonly compile?: Compile;
}

/** The path of a strategy: an absolute path is one, a name stands for the file of strategies/ without its extension. */
export function strategyFile(strategy: string): string {
  return isAbsolute(strategy) ? strategy : join(packageRoot, "strategies", `${strategy}.ts`);
}

/** Whether labels go, or modes change, only while the strategy's `maintain` is called. */
export function needsMaintenance(strategy: string): boolean {
  return readStrategyMeta(strategyFile(strategy), nodeHost()).capabilities.needsMaintenance;
}

/** The typed form of a bare program. */
export function bareIr({ module, strategy }: ProgramSource): IrProgram {
  const strategies =
    strategy === null ? [] : [{ instance: "strategy", path: strategyFile(strategy), options: {} }];
  const path = join(packageRoot, "bench", "programs", `${module}.ts`);
  return linkProgram({ module: path, entries: "all", strategies, options: {} }, nodeHost());
}

export async function linkBare(source: ProgramSource, options: WasmOptions = {}): Promise<LinkedProgram> {
  const ir = bareIr(source);
  const { binary, text } = await buildWasm(ir, { ...hostWasmOptions, ...options });
  return { ir, binary, text };
}

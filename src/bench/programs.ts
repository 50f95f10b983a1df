/** Links a program of bench/programs, with a strategy of strategies/ where it calls one. */
import { join } from "node:path";
import { hostWasmOptions } from "../../src/engines/threads/index.ts";
import type { IrProgram } from "../../src/link/ir.ts";
import { linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildWasm, type WasmOptions } from "../../src/link/wasm/index.ts";
import type { ProgramSource } from "./rows.ts";

export interface LinkedProgram {
  readonly ir: IrProgram;
  readonly binary: Uint8Array;
  /** WebAssembly text, with `{ text: true }`. */
  readonly text: string | undefined;
}

/** The typed form of a bare program. */
export function bareIr(source: ProgramSource): IrProgram {
  const strategies =
    source.strategy === null
      ? []
      : [
          {
            instance: "strategy",
            path: join(packageRoot, "strategies", `${source.strategy}.ts`),
            options: {},
          },
        ];
  const module = join(packageRoot, "bench", "programs", `${source.module}.ts`);
  return linkProgram({ module, entries: "all", strategies, options: {} }, nodeHost());
}

export async function linkBare(source: ProgramSource, options: WasmOptions = {}): Promise<LinkedProgram> {
  const ir = bareIr(source);
  const { binary, text } = await buildWasm(ir, { ...hostWasmOptions, ...options });
  return { ir, binary, text };
}

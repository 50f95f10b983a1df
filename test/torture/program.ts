/** Links the kernel with a strategy for torture: the verify build, with stalls, for threads. */
import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { builtinStrategies } from "../../src/config/strategies.ts";
import { compileOptimised, hostWasmOptions } from "../../src/engines/threads/index.ts";
import { RefplayError } from "../../src/errors.ts";
import type { IrFunction, IrProgram } from "../../src/link/ir.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { describeUse, readStrategyMeta } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { didYouMean } from "../../src/names.ts";
import type { Declared, Variant } from "./plan.ts";

const host = nodeHost(packageRoot);
const folder = join(packageRoot, "strategies");

/** Less is copied into callers than where time is measured: programs are built four times as fast. */
const inlineMaxSize = 40;

export interface TortureStrategy {
  /** Name of a built-in strategy, `broken/...` for a deliberate bug, or a path. */
  readonly name: string;
  readonly path: string;
  readonly meta: ReturnType<typeof readStrategyMeta>;
}

export interface TortureProgram {
  readonly module: WebAssembly.Module;
  readonly constants: ReadonlyMap<string, number>;
  readonly needsMaintenance: boolean;
}

/** Names of all strategies of strategies/; `broken`: of the deliberate bugs. */
export function strategyNames(broken = false): string[] {
  if (!broken) return [...builtinStrategies(folder).keys()];
  const files = readdirSync(join(folder, "broken")).filter((file) => file.endsWith(".ts"));
  return files.sort().map((file) => `broken/${basename(file, ".ts")}`);
}

/** A strategy by its name or path. @throws RefplayError `unknown-strategy`, and what reading its file throws */
export function strategyNamed(name: string): TortureStrategy {
  const known = [...strategyNames(), ...strategyNames(true)];
  const isPath = name.endsWith(".ts");
  if (!isPath && !known.includes(name)) {
    throw new RefplayError("unknown-strategy", `unknown strategy \`${name}\`${didYouMean(name, known)}`, {
      hint: `There are: ${known.join(", ")}; your own file is named by its path, which ends in .ts.`,
    });
  }
  const path = isPath ? resolve(name) : join(folder, `${name}.ts`);
  return { name, path, meta: readStrategyMeta(path, host) };
}

/** Programs that were built, one at a time being built. */
const built = new Map<string, Promise<TortureProgram>>();

/** The program of a variant; made once in a process. */
export function buildProgram(strategy: TortureStrategy, variant: Variant): Promise<TortureProgram> {
  const key = JSON.stringify([strategy.path, variant]);
  const known = built.get(key);
  if (known !== undefined) return known;
  const made = make(strategy, variant);
  built.set(key, made);
  return made;
}

/** Functions of the strategy, and of the files that it calls: allocators, locks, percpu_ref, the release of labels. */
function besideStrategy({ functions }: IrProgram): (fn: IrFunction) => boolean {
  const files = new Set<number>();
  const visit = (statements: IrFunction["body"]): void => {
    for (const statement of statements) {
      if (statement.kind === "call") {
        const file = functions[statement.callee]?.file;
        if (file !== undefined) files.add(file);
      } else if (statement.kind === "block" || statement.kind === "loop") visit(statement.body);
      else if (statement.kind === "if") {
        visit(statement.then);
        visit(statement.else);
      }
    }
  };
  for (const fn of functions) {
    if (fn.instance === null) continue;
    files.add(fn.file);
    visit(fn.body);
  }
  return (fn) => files.has(fn.file);
}

/** What a round can choose of a strategy. Parts are strategies that have none themselves, and that release their labels. */
export function declaredBy({ meta }: TortureStrategy): Declared {
  const whole = strategyNames().filter((name) => {
    const { capabilities, parts } = readStrategyMeta(join(folder, `${name}.ts`), host);
    return parts === undefined && capabilities.releases !== "never";
  });
  const parts = Object.keys(meta.parts ?? {}).map((part) => [part, whole] as const);
  return { options: meta.options, parts: Object.fromEntries(parts) };
}

async function make({ path }: TortureStrategy, variant: Variant): Promise<TortureProgram> {
  const parts = Object.fromEntries(
    Object.entries(variant.parts).map(([part, name]) => [
      part,
      { path: join(folder, `${name}.ts`), options: {} },
    ]),
  );
  const use = { path, options: variant.strategy, parts };
  const program = linkProgram(kernelProgram(use, variant.kernel, host), host);
  const stalls = variant.stalls === "all" ? true : besideStrategy(program);
  const { binary } = await buildWasm(program, { ...hostWasmOptions, inlineMaxSize, stalls });
  return {
    module: compileOptimised(binary),
    constants: program.constants,
    needsMaintenance: describeUse(use, host).capabilities.needsMaintenance,
  };
}

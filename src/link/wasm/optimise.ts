/**
 * Runs binaryen's optimiser with our limits. Its settings belong to the process, so they are put back afterwards; nothing
 * in between gives way to other JavaScript.
 */
import { rareFunctions } from "./branch-hints.ts";
import type { WasmContext } from "./context.ts";
import { runtimePrefix } from "./names.ts";

/**
 * Optimises the module in place; binaryen's defaults would leave a call in every hook (2 and 20 nodes, no loops). What runs once in
 * a label's life is not copied into its callers: with it a put grew too large to be copied itself.
 */
export function optimise(context: WasmContext): void {
  const { binaryen, module: m, options } = context;
  withSettings(context, () => {
    for (const names of [`${runtimePrefix}*`, ...rareFunctions.map((name) => `${name}#*`)]) {
      binaryen.setPassArgument("no-inline", names);
      m.runPasses(["no-inline"]);
    }
    binaryen.setPassArgument("no-inline", null);
    binaryen.setOptimizeLevel(3);
    binaryen.setShrinkLevel(0);
    binaryen.setAlwaysInlineMaxSize(options.inlineMaxSize);
    binaryen.setFlexibleInlineMaxSize(options.inlineMaxSize);
    binaryen.setAllowInliningFunctionsWithLoops(true);
    // Field offsets (below 1024) move into the instruction's own, which does not wrap: wrong only for a sum that wraps round
    // to below 1024, such as a constant address plus a negative distance. Nothing that programs compute addresses of lies
    // there: `globalBase` is 1024.
    binaryen.setLowMemoryUnused(true);
    m.optimize();
    // What inlining brought together is folded by a second round.
    m.optimize();
  });
}

function withSettings(context: WasmContext, body: () => void): void {
  const { binaryen } = context;
  const saved = {
    optimize: binaryen.getOptimizeLevel(),
    shrink: binaryen.getShrinkLevel(),
    always: binaryen.getAlwaysInlineMaxSize(),
    flexible: binaryen.getFlexibleInlineMaxSize(),
    loops: binaryen.getAllowInliningFunctionsWithLoops(),
    low: binaryen.getLowMemoryUnused(),
  };
  try {
    body();
  } finally {
    binaryen.setOptimizeLevel(saved.optimize);
    binaryen.setShrinkLevel(saved.shrink);
    binaryen.setAlwaysInlineMaxSize(saved.always);
    binaryen.setFlexibleInlineMaxSize(saved.flexible);
    binaryen.setAllowInliningFunctionsWithLoops(saved.loops);
    binaryen.setLowMemoryUnused(saved.low);
  }
}

/** The module's bytes with the names of its functions, for profilers and traps. */
export function emitNamedBinary(context: WasmContext): Uint8Array {
  const { binaryen, module: m } = context;
  const saved = binaryen.getDebugInfo();
  binaryen.setDebugInfo(true);
  try {
    return m.emitBinary();
  } finally {
    binaryen.setDebugInfo(saved);
  }
}

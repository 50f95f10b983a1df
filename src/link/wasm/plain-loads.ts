/**
 * Loads that the optimiser treats as atomic and that end as plain ones.
 *
 * `load` reads its cell exactly once, so binaryen must neither merge two of them, drop one, nor move one over another
 * access; it takes such liberties with plain loads and not with atomic ones. V8 11.3 on the other hand tests the alignment
 * of every atomic load (four instructions) and takes no liberties with plain ones: they stay in the order of the code (they
 * may trap, so none is folded into another instruction) and none is left out. On x86-64 both are one ordinary move. A
 * per-CPU pair over rotating labels took 1.83 ns with atomic loads and 1.4 ns with plain ones.
 *
 * Nothing obliges another engine to be so polite, nor V8 itself. Its later compiler, Turboshaft, runs a pass over
 * WebAssembly that merges loads (LateLoadElimination), and in an early form it did not except the program's own memory from
 * it: GetMemoryAccessKind in src/wasm/turboshaft-graph-interface.cc, where `NotLoadEliminable` came later. So loads are
 * atomic unless the option says otherwise, and `hostWasmOptions` does so only for versions that were looked at.
 *
 * So loads are marked with an ordering that nothing else uses, and the mark is taken off once the optimiser has run.
 */
import type { Ref, WasmContext } from "./context.ts";

/**
 * The feature that allows the mark: `AcquireReleaseAtomics` of binaryen 132, whose declarations know it by another name.
 * It does not reach the binary.
 */
export const markFeature = 1 << 22;

/** A marked load. */
export function emitPlainLoad(context: WasmContext, address: Ref): Ref {
  const { module: m, binaryen } = context;
  return m.i32.atomic.load(0, address, "memory", binaryen.MemoryOrder.acqrel);
}

/** The text format's name of a marked load. */
const marked = "i32.atomic.load acqrel";

/** The optimised module's text with plain loads where there are marked ones. */
export function withPlainLoads(text: string): string {
  return text.replaceAll(marked, "i32.load");
}

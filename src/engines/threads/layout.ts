/**
 * The memory of a machine made of threads:
 *
 *     0 to memoryBytes   the program's: boot block, globals, CPU areas, heap
 *     then               one private line for each worker, then the scripts, one behind the other
 *
 * Its size is fixed at creation and it never grows.
 */
import { RefplayError } from "../../errors.ts";
import { cpuLineBytes } from "../../link/wasm/names.ts";
import { largestMemoryPages, pageBytes } from "../../link/wasm/options.ts";
import { writeBootBlock } from "../../machine/boot.ts";
import { globalBase, lineBytes } from "../../machine/memory-map.ts";

export interface MemoryPlan {
  readonly pages: number;
  /** End of the program's part. */
  readonly memoryBytes: number;
  /** By worker. */
  readonly fenceAddresses: readonly number[];
  readonly scriptBases: readonly number[];
}

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** A script that is over at once: one record of zeros. */
const noScript = new Int32Array(4);

/** Lays out a memory. @throws RefplayError `memory-too-large` at 2 GiB, where addresses would turn negative */
export function planMemory(memoryBytes: number, workers: number, scripts: readonly Int32Array[]): MemoryPlan {
  let end = roundUp(memoryBytes, cpuLineBytes);
  const program = end;
  const fenceAddresses = Array.from({ length: workers }, (_, worker) => program + worker * cpuLineBytes);
  end += workers * cpuLineBytes;
  const scriptBases = Array.from({ length: workers }, (_, worker) => {
    const base = end;
    end += roundUp((scripts[worker] ?? noScript).byteLength, lineBytes);
    return base;
  });
  const pages = Math.ceil(end / pageBytes);
  if (pages > largestMemoryPages) {
    throw new RefplayError(
      "memory-too-large",
      `heap and scripts need ${Math.ceil(end / 2 ** 20)} MiB, and a machine has less than 2048`,
      { hint: "use fewer requests, repeat blocks in the scripts, or a smaller heap" },
    );
  }
  return { pages, memoryBytes: program, fenceAddresses, scriptBases };
}

/** Copies the scripts to their places. */
export function writeScripts(cells: Int32Array, plan: MemoryPlan, scripts: readonly Int32Array[]): void {
  for (const [worker, base] of plan.scriptBases.entries()) cells.set(scripts[worker] ?? noScript, base / 4);
}

/**
 * Zeroes everything but the scripts and writes the boot block. The program's constants `cpuAreaBase` and `cpuAreaBytes` say
 * where CPU areas lie; a bare program without them gets a line for each CPU. `fresh`: nothing has run on it yet.
 */
export function resetMemory(
  cells: Int32Array,
  plan: MemoryPlan,
  cpus: number,
  constants: ReadonlyMap<string, number>,
  fresh: boolean,
): void {
  // New memory is zero, and touching it all would take pages that the program never needs.
  if (!fresh) cells.fill(0, 0, (plan.scriptBases[0] ?? plan.memoryBytes) / 4);
  writeBootBlock(cells, {
    cpus,
    cpuBase: constants.get("cpuAreaBase") ?? globalBase,
    cpuStride: constants.get("cpuAreaBytes") ?? lineBytes,
    memoryBytes: plan.memoryBytes,
  });
}

import { beforeAll, describe, expect, it } from "vitest";
import { rows } from "../../bench/lib/rows.ts";
import { linkBare, type ProgramSource } from "../../src/bench/programs.ts";
import { instantiateWasm, type WasmInstance } from "../../src/link/wasm/instance.ts";
import { cpuLineBytes } from "../../src/link/wasm/names.ts";
import { pageBytes } from "../../src/link/wasm/options.ts";
import { writeBootBlock } from "../../src/machine/boot.ts";
import { globalBase, lineBytes } from "../../src/machine/memory-map.ts";

interface Laid {
  readonly instance: WasmInstance;
  /** What counts are kept in: everything but the lanes, where holders and slots lie. */
  counts(): Int32Array;
}

/** Links a program of the benchmark and lays out its labels, on this thread. */
async function laid(source: ProgramSource): Promise<Laid> {
  const { ir, binary } = await linkBare(source);
  const constant = (name: string, otherwise?: number): number => {
    const value = ir.constants.get(name) ?? otherwise;
    if (value === undefined) throw new Error(`the program has no constant ${name}`);
    return value;
  };
  const memoryBytes = constant("memoryBytes");
  const pages = Math.ceil((memoryBytes + cpuLineBytes) / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const cells = new Int32Array(memory.buffer);
  const cpuBase = constant("cpuAreaBase", globalBase);
  writeBootBlock(cells, { cpus: 1, cpuBase, cpuStride: constant("cpuAreaBytes", lineBytes), memoryBytes });
  const instance = instantiateWasm(new WebAssembly.Module(binary), {
    memory,
    cpu: 0,
    fenceAddress: memoryBytes,
    scriptBase: 0,
    spinsPerUs: 1,
  });
  instance.entry("lay")();
  return { instance, counts: () => cells.slice(0, constant("lanesAt") / 4) };
}

/** Indices of the cells that differ; a matcher would take minutes over eight million. */
function changes(before: Int32Array, after: Int32Array): readonly number[] {
  const found: number[] = [];
  for (const [index, cell] of after.entries()) if (cell !== before[index]) found.push(index);
  return found;
}

const [pairs, labels] = [1000, 64];

/** Cells that change for 64 references kept: none, a count for each, or the ends of the list that the holders are in. */
const cellsForReferences = {
  none: 0,
  kref: labels,
  rcuref: labels,
  "percpu-ref": labels,
  "cred-local": labels,
  "hazard-pointer": 2,
};

describe.each(Object.entries(cellsForReferences))("the pairs of %s", (strategy, cells) => {
  let program: Laid;
  beforeAll(async () => {
    program = await laid({ module: "pairs", strategy });
    // Tasks become users of their labels with the first reference that they take.
    program.instance.entry("getPut")(0, pairs, labels - 1);
    program.instance.entry("foreignGetPut")(0, pairs, labels - 1);
    // Linking takes a second, and as long as it likes on a busy machine.
  }, 60_000);

  const entries = ["getPut", "foreignGetPut", "tryGetPut", "borrowUnborrow", "openClose"];
  it.each(entries)("leave every count as it was after %s", (entry) => {
    program.instance.entry(entry)(0, pairs, labels - 1);
    const before = program.counts();
    program.instance.entry(entry)(0, pairs, labels - 1);
    expect(changes(before, program.counts())).toEqual([]);
  });

  it("change a cell for every reference that is kept", () => {
    program.instance.entry("getOnly")(0, labels);
    program.instance.entry("putOnly")(0, labels);
    const before = program.counts();
    program.instance.entry("getOnly")(0, labels);
    expect(changes(before, program.counts())).toHaveLength(cells);
    program.instance.entry("putOnly")(0, labels);
    expect(changes(before, program.counts())).toEqual([]);
  });

  it("have nothing to maintain", () => {
    expect(program.instance.entry("maintain")(0)).toBe(0);
  });
});

describe("the hazard pointer's program", () => {
  it.each(["hazard", "hazardExchange", "readSection"])("leaves no slot in use after %s", async (entry) => {
    const { instance, counts } = await laid({ module: "hazard", strategy: null });
    const before = counts();
    instance.entry(entry)(0, pairs, labels - 1);
    expect(instance.entry("check")(1)).toBe(1);
    expect(changes(before, counts())).toEqual([]);
  });
});

describe("the rows of the benchmark", () => {
  it("have names of their own", () => {
    expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
  });

  it("have a target wherever the project promises one", () => {
    const targets = rows.flatMap(({ name, peers }) =>
      peers.filter(({ target }) => target !== null).map((peer) => [name, peer.name, peer.target]),
    );
    expect(targets).toEqual([
      ["kref, get+put", "kref", 1.15],
      ["rcuref, get+put", "rcuref", 1.25],
      ["rcuref, get+put", "our kref", 1.1],
      ["percpu-ref, get+put", "percpu-ref", 1.8],
      ["cred-local, open+close of a task's own", "cred-local", 1.5],
      ["hazard-pointer, borrow+unborrow", "hazard-pointer-borrow", 1.25],
      ["hazard slot, store and fence", "hazard", 1.25],
      ["kref, get+put, 2 threads, 1 label", "kref", 1.25],
      ["rcuref, get+put, 2 threads, 1 label", "our kref", 1],
      ["rcuref, tryGet+put, 2 threads, 1 label", "our kref", 1],
    ]);
  });
});

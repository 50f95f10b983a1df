import { GCProfiler } from "node:v8";
import { describe, expect, it } from "vitest";
import { ReferenceEngine } from "../../src/engines/reference/index.ts";
import { buildGenerators } from "../../src/link/generator/index.ts";
import type { IrExpr } from "../../src/link/ir.ts";
import { buildStepped } from "../../src/link/stepped/index.ts";
import { Op } from "../../src/machine/ops.ts";
import { eq, ProgramBuilder } from "./ir-builder.ts";

/** A counter that is taken and given back by a function two calls down, with calls kept or not. */
function program() {
  const b = new ProgramBuilder();
  const put = b.fn("put", { cell: "ptr" }, "bool", (f, cell) => {
    f.return(eq(f.op(Op.fetchAdd, cell as IrExpr, -1), 1));
  });
  const pair = b.fn("pair", { cell: "ptr" }, null, (f, cell) => {
    f.op(Op.fetchAdd, cell as IrExpr, 1);
    f.op(Op.store, 2048, f.call(put, cell as IrExpr));
  });
  const main = b.fn("main", { rounds: "i32" }, null, (f, rounds) => {
    f.times(rounds as IrExpr, () => {
      f.call(pair, 2112);
    });
  });
  return b.build({ main });
}

/** Garbage collections while `work` runs, and bytes that the heap grew by. */
function collections(work: () => void): { count: number; grown: number } {
  const profiler = new GCProfiler();
  const before = process.memoryUsage().heapUsed;
  profiler.start();
  work();
  const { statistics } = profiler.stop() as unknown as { statistics: unknown[] };
  return { count: statistics.length, grown: process.memoryUsage().heapUsed - before };
}

describe("a stepped program on the reference engine", () => {
  it("allocates nothing per operation, inlined or not", () => {
    for (const inline of ["auto", "none"] as const) {
      const engine = new ReferenceEngine(buildStepped(program(), { inline }), {
        seed: 1,
        memoryBytes: 1 << 16,
        checks: false,
        stepLimit: 1e9,
      });
      const run = (rounds: number) => engine.run([{ cpu: 0, entry: "main", args: [rounds], role: "script" }]);
      run(100_000);
      const { count, grown } = collections(() => run(1_000_000));
      expect(engine.finish().counters.steps).toBe(3_300_000);
      // Three million operations; one object of 16 bytes for each would be 48 MB. What is left is the compiler's.
      expect(count).toBeLessThanOrEqual(1);
      expect(grown).toBeLessThan(4_000_000);
    }
  });

  it("unlike its generator form, whose garbage the same measure sees", () => {
    const start = buildGenerators(program()).instantiate(new Int32Array(4));
    const actor = start("main", [200_000], { cpu: 0, scriptBase: 0 });
    const { count, grown } = collections(() => {
      while (actor.step(0) !== Op.done);
    });
    expect(count > 1 || grown > 4_000_000).toBe(true);
  });
});

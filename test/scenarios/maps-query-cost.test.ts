/**
 * What a batch of `maps-query` costs in compiled code, counted: the WebAssembly that threads run, built so that it tells of each of its
 * accesses to memory. The same on every machine, however busy.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import { planMemory, resetMemory, writeScripts } from "../../src/engines/threads/layout.ts";
import { linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { instantiateWasm } from "../../src/link/wasm/instance.ts";
import { mapsQuery } from "../../src/scenarios/maps-query.ts";

const host = nodeHost(packageRoot);

/** How many accesses a batch takes by that variant, for parameters that differ from the published batch. */
async function costOf(name: string): Promise<(given?: object) => number> {
  const variant = mapsQuery.variants.find((candidate) => candidate.name === name);
  const program = linkProgram(
    {
      module: join(packageRoot, mapsQuery.program),
      callbacks: join(packageRoot, mapsQuery.callbacks),
      entries: "all",
      strategies: [],
      options: { percpuBytes: 64, ...variant?.options },
    },
    host,
  );
  const module = new WebAssembly.Module((await buildWasm(program, { stalls: true })).binary);
  const accesses = (given: object, batches: number): number => {
    const parameters = mapsQuery.parameters.parse({ ...given, batches });
    const run = mapsQuery.build(parameters, { cpus: 1, seed: "maps-query", variant: name, size: "full" });
    const plan = planMemory(32 * 2 ** 20, 1, run.scripts);
    const memory = new WebAssembly.Memory({ initial: plan.pages, maximum: plan.pages, shared: true });
    const cells = new Int32Array(memory.buffer);
    writeScripts(cells, plan, run.scripts);
    resetMemory(cells, plan, 1, program.constants, true);
    let count = 0;
    const { entry } = instantiateWasm(module, {
      memory,
      cpu: 0,
      fenceAddress: plan.fenceAddresses[0] ?? 0,
      scriptBase: plan.scriptBases[0] ?? 0,
      spinsPerUs: 1,
      mark: () => undefined,
      allocated: () => undefined,
      freed: () => undefined,
      // Before the next access, again.
      stall: () => {
        count++;
        return 1;
      },
    });
    entry("boot")(...run.boot);
    entry("bootCpu")(0);
    entry("run")(0, run.setupRecords);
    count = 0;
    expect(entry("run")(0, 0)).toBe(0);
    expect(entry("audit")(mapsQuery.audit.answers ?? 0)).toBe(batches * parameters.addresses);
    return count;
  };
  // What is only done once falls out.
  return (given = {}) => accesses(given, 2) - accesses(given, 1);
}

it("a query batch takes a fraction of the accesses of a text batch", { timeout: 120_000 }, async () => {
  const [text, query] = [await costOf("text"), await costOf("query")];
  // At least 20 times is what the median batches are apart: accesses are not all as dear.
  expect(text() / query()).toBeGreaterThan(14.5);
  // Nearly all that is left is what both do: go through 4,435 addresses and note an answer to each. Without it:
  const few = { addresses: 6 };
  expect(text(few) / query(few)).toBeGreaterThan(200);
  expect(query() - query(few)).toBe(2 * (4435 - 6));
  // What a line of text takes is writing and parsing it; no book-keeping that a query does not have.
  expect((text(few) - query(few)) / 702).toBeLessThan(190);
});

it("the gain that is held against the published one is of median batches", () => {
  const { figures, gain, parameters } = mapsQuery;
  const outcome = {
    engine: "threads",
    cpus: 1,
    variant: "query",
    parameters: parameters.parse({}),
    atEnd: {},
    latencies: [],
    cpuTimes: [{ batchNs: [{ p50: 2500 }] }],
  } as unknown as Parameters<typeof figures>[0];
  expect(gain?.(outcome)).toMatchObject({ over: "text", by: "batch", published: { min: 35, max: 38 } });
  expect(figures(outcome).find(({ name }) => name === "batch")).toMatchObject({ unit: "us", value: 2.5 });
});

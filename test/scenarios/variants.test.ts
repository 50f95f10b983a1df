/** Every variant of every scenario on every engine, in small: nothing is broken, nothing is left, everything asked for is done. */
import { describe, expect, it } from "vitest";
import { simulate } from "../../src/engines/sim/index.ts";
import { openCache } from "../../src/link/cache.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";
import type { Cell } from "../../src/results/schema.ts";
import { planCells } from "../../src/runner/cell-spec.ts";
import { Programs } from "../../src/runner/programs.ts";
import { ScenarioCells } from "../../src/runner/scenario-cells.ts";
import { runRequest } from "../../src/runner/sim-request.ts";
import type { RunSim } from "../../src/runner/sim-thread.ts";
import { programScenarioNames, programScenarios } from "../../src/scenarios/index.ts";
import { load } from "../config/support.ts";

const host = nodeHost(packageRoot);
const built = new Map<string, SteppedProgram>();
/** The simulator in this thread. */
const here: RunSim = async ({ hash, typed }, request) => {
  const program = built.get(hash) ?? buildStepped(typed);
  built.set(hash, program);
  return runRequest(request, program, simulate, () => {});
};
const cells = new ScenarioCells(new Programs(host, openCache()), host, here);

/** CPUs, workload, and the requests that come of it. */
const small = {
  "proc-walk": [2, "{ requests: 30, pids: 8, userUsPerProcess: 0 }", 30],
  "proc-dedup": [2, "{ threads: 6, files: 2, others: 1, unshared: 1 }", 6],
  "maps-read": [
    3,
    "{ changes: 24, protects: 1, protectedPages: 8, areas: 8, heldUpLines: 0, lineNs: 0, pauseUs: 0 }",
    24,
  ],
  "maps-query": [2, "{ addresses: 20, areas: 30, hotAreas: 3, batches: 6, refreshEvery: 3, changers: 1 }", 6],
} as const;

async function cellsOf(name: keyof typeof small, engine: "sim" | "threads"): Promise<Cell[]> {
  const [cpus, workload] = small[name];
  const own = engine === "sim" ? "machine: xeon-8375c-2s" : "warmupRuns: 0\nmemoryMiB: 64";
  const config = `scenario: ${name}\nengine: ${engine}\ncpus: [${cpus}]\nrepetitions: 1\nworkload: ${workload}\n${own}\n`;
  const made: Cell[] = [];
  for (const spec of planCells(load(config)))
    made.push(await cells.run(spec, { signal: new AbortController().signal, progress: () => {} }));
  return made;
}

/** A busy machine takes long to link them all. */
const long = { timeout: 300_000 };

describe.each(programScenarioNames)("%s", (name) => {
  it.each(["sim", "threads"] as const)("runs all its variants on %s", long, async (engine) => {
    const made = await cellsOf(name, engine);
    expect(made.map(({ strategy }) => strategy)).toEqual(
      programScenarios[name].variants.map((variant) => variant.name),
    );
    for (const cell of made) {
      expect(cell, cell.id).toMatchObject({
        engine,
        leakedByKind: {},
        violationsByVerdict: {},
        requests: small[name][2],
      });
      expect(cell.requestsPerSecond).toBeGreaterThan(0);
      for (const figure of cell.figures ?? [])
        expect(figure.value === null || Number.isFinite(figure.value), figure.name).toBe(true);
      // In small nothing is what was published, but for what is computed at full scale.
      const beside = (cell.figures ?? []).filter((figure) => figure.published !== undefined);
      expect(beside.every((figure) => figure.name.startsWith("full "))).toBe(true);
      expect(cell.gain?.published).toBeUndefined();
    }
  });
});

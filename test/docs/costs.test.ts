/** The simulated costs on the strategies' pages are what this version simulates: looked at where that is quick, on one CPU. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { loadConfig } from "../../src/config/load.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import type { Cell } from "../../src/results/schema.ts";
import { planCells } from "../../src/runner/cell-spec.ts";
import { costRow } from "./costs.ts";

const overrides = { cpus: [1], strategies: ["none", "kref"] };

it("tables of costs are of this version (`npx tsx test/docs/write-costs.ts` writes them anew)", async () => {
  const services = realServices();
  const config = loadConfig("configs/strategy-costs.yaml", overrides, {
    ...services,
    workingFolder: packageRoot,
  });
  const control = { signal: new AbortController().signal, progress: () => {} };
  const cells: Cell[] = [];
  for (const spec of planCells(config)) cells.push(await services.runCell(spec, control));
  for (const name of overrides.strategies) {
    const page = readFileSync(join(packageRoot, `docs/strategies/${name}.md`), "utf8");
    expect(page.split("\n"), name).toContain(costRow(cells, name, 1));
  }
});

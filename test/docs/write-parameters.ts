/** Writes the tables of parameters on the pages of all scenarios anew: `npx tsx test/docs/write-parameters.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { pageOf, parameterTable } from "./parameters.ts";

for (const scenario of builtinScenarios) {
  const file = join(packageRoot, pageOf(scenario));
  const text = readFileSync(file, "utf8");
  const table = parameterTable(scenario);
  const there = /^## Parameters\n\n(?:\|.*\n)+/m;
  writeFileSync(file, there.test(text) ? text.replace(there, () => table) : `${text.trimEnd()}\n\n${table}`);
}

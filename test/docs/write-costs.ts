/**
 * Writes the simulated part of the cost tables of docs/strategies/ anew:
 *
 *     refplay run configs/strategy-costs.yaml
 *     npx tsx test/docs/write-costs.ts results/strategy-costs/run-1.json
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/link/node-host.ts";
import { readResults } from "../../src/results/store.ts";
import { costCpus, costRow, costSummaryRow } from "./costs.ts";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("name the results of configs/strategy-costs.yaml");
const { cells } = readResults(path);

/** Replaces the rows that begin so, which must be there once. */
function rewrite(page: string, rows: readonly (readonly [begin: string, row: string])[]): void {
  const file = join(packageRoot, "docs/strategies", page);
  let text = readFileSync(file, "utf8");
  for (const [begin, row] of rows) {
    const lines = text.split("\n");
    const columns = row.split(" | ").length;
    const at = lines.findIndex((line) => line.startsWith(begin) && line.split(" | ").length === columns);
    if (at < 0) throw new Error(`${page}: no row ${begin}`);
    lines[at] = row;
    text = lines.join("\n");
  }
  writeFileSync(file, text);
}

const strategies = [...new Set(cells.map(({ strategy }) => strategy))];
for (const name of strategies) {
  rewrite(
    `${name}.md`,
    costCpus.map((cpus) => [`| ${cpus} | `, costRow(cells, name, cpus)]),
  );
}
rewrite(
  "README.md",
  strategies.map((name) => [`| \`${name}\` | `, costSummaryRow(cells, name)]),
);

/** Writes the tables of docs/fidelity.md anew: `npm run fidelity:docs`. predict.test.ts holds the page to them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { predictTables } from "../../src/fidelity/predict.ts";
import { readPublished } from "../../src/fidelity/read-published.ts";
import { fidelityMarkdown } from "../../src/fidelity/report-markdown.ts";
import { fidelityTables } from "../../src/fidelity/tables/index.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { fidelityContext } from "./context.ts";

const begin = "<!-- `npm run fidelity:docs` writes from here to the end. -->\n";

const file = join(packageRoot, "docs", "fidelity.md");
const page = readFileSync(file, "utf8");
const at = page.indexOf(begin);
if (at < 0) throw new Error(`${file} has no line ${begin}`);
const predicted = predictTables(fidelityTables(readPublished()), {
  ...fidelityContext,
  onRun: (done, of) => console.error(`${done} of ${of} simulations`),
});
writeFileSync(file, `${page.slice(0, at)}${begin}\n${fidelityMarkdown(predicted)}`);

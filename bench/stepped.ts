/** The stepped part of the benchmark alone; `--json` for the figures as data. */
import { measureStepped } from "./lib/stepped.ts";
import { steppedTable } from "./lib/table.ts";

const results = ["none", "kref", "percpu-ref"].map((strategy) => measureStepped(strategy, 66, 20));
console.log(process.argv.includes("--json") ? JSON.stringify(results, null, 2) : steppedTable(results));

// Used by .ci/run: reads the record of `refplay run --json` and fails unless every cell finished without a leak or violation.
import { readFileSync } from "node:fs";

const record = JSON.parse(readFileSync(process.argv[2], "utf8"));
let bad = record.cells.length === 0 ? 1 : 0;
for (const cell of record.cells) {
  const fine = cell.leaked === 0 && cell.violations === 0 && cell.requestsPerSecond > 0;
  console.log(
    `${cell.strategy} ${cell.cpus} CPU: ${Math.round(cell.requestsPerSecond)} requests/s, ${cell.leaked} leaked, ${cell.violations} violations`,
  );
  if (!fine) bad += 1;
}
process.exit(bad === 0 ? 0 : 1);

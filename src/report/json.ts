/** The record itself, as `--json` prints it: the same bytes as the results file. */
import type { ResultsRecord } from "../results/schema.ts";

export function jsonReport(results: ResultsRecord): string {
  return `${JSON.stringify(results, null, 2)}\n`;
}

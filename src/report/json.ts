/** The record itself, as `--json` prints it: the same bytes as the results file. */
import type { ResultsRecord } from "../results/schema.ts";
import { recordText } from "../results/text.ts";

export function jsonReport(results: ResultsRecord): string {
  return recordText(results);
}

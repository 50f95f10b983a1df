/** A comparison for other programs. */
import type { ConditionResult } from "./thresholds.ts";
import type { Comparison, Side } from "./types.ts";

/** Goes up when a reader of the old form would misread the new one. */
const comparisonVersion = 1;

/** The document, ending in a newline. */
export function jsonComparison(
  { a, b, cells, confidence, differences, notes, onlyInA, onlyInB }: Comparison,
  conditions: readonly ConditionResult[],
  sure: boolean,
): string {
  const side = ({ name, record }: Side) => ({
    name,
    run: record.name,
    createdAt: record.createdAt,
    seed: record.seed,
    refplay: record.host.refplay,
  });
  const document = {
    version: comparisonVersion,
    a: side(a),
    b: side(b),
    confidencePct: Number((100 * confidence).toFixed(6)),
    differences,
    notes,
    cells,
    onlyInA,
    onlyInB,
    sure,
    conditions: conditions.map(({ condition, cells: about, failed }) => ({
      ...condition,
      failed,
      cells: about,
    })),
    failed: conditions.some((result) => result.failed),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

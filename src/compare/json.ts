/** A comparison for other programs. */
import type { Judgement } from "./thresholds.ts";
import type { Comparison, Side } from "./types.ts";

/** Goes up when a reader of the old form would misread the new one. */
const comparisonVersion = 1;

/** The document, ending in a newline. */
export function jsonComparison(
  { a, b, cells, confidence, differences, notes, onlyInA, onlyInB, unfinished }: Comparison,
  { allowMissing, failed, results, sure }: Judgement,
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
    unfinished,
    sure,
    allowMissing,
    conditions: results.map(({ condition, ...result }) => ({ ...condition, ...result })),
    failed,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

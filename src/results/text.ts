/**
 * The record as text: fields in the schema's order, so that a run that was stopped and gone on with has the bytes of one that was
 * not; indented, but a list of numbers on one line, since there are lists of hundreds.
 */
import { type ResultsRecord, resultsSchema } from "./schema.ts";

/** What a results file has in it. */
export function recordText(results: ResultsRecord): string {
  const ordered = resultsSchema.safeParse(results);
  // A record against the schema is a defect, but what was measured is not thrown away for it.
  const record = ordered.success ? ordered.data : results;
  // A line break of the text itself never stands inside a string, where it would be written `\n`.
  return `${JSON.stringify(record, null, 2).replace(/\[\n\s+(-?[\d.eE+-]+(?:,\n\s+-?[\d.eE+-]+)*)\n\s+\]/g, (_, numbers: string) => `[${numbers.replace(/,\n\s+/g, ", ")}]`)}\n`;
}

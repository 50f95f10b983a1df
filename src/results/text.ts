/** The record as text: indented, but a list of numbers on one line, since there are lists of hundreds. */
import type { ResultsRecord } from "./schema.ts";

/** What a results file has in it. */
export function recordText(results: ResultsRecord): string {
  // A line break of the text itself never stands inside a string, where it would be written `\n`.
  return `${JSON.stringify(results, null, 2).replace(/\[\n\s+(-?[\d.eE+-]+(?:,\n\s+-?[\d.eE+-]+)*)\n\s+\]/g, (_, numbers: string) => `[${numbers.replace(/,\n\s+/g, ", ")}]`)}\n`;
}

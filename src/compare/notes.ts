/** What a reader must know before he believes a comparison, as sentences. */
import { fewestPairs, fewestRepetitions } from "./intervals.ts";
import type { Pair } from "./match.ts";
import type { Comparison } from "./types.ts";

export function comparisonNotes(
  { cells, confidence }: Omit<Comparison, "notes">,
  pairs: readonly Pair[],
): string[] {
  const runsOf = (pair: Pair): number =>
    Math.min(...[pair.a, pair.b].map((cell) => cell.requestsPerSecondSpread.repetitions.length));
  const fewest = Math.min(...pairs.map(runsOf));
  const engines = new Set(pairs.map((pair) => pair.a.engine));
  const runs = engines.has("sim") ? (engines.size > 1 ? "repetitions or seeds" : "seeds") : "repetitions";
  const enough = fewestRepetitions(confidence);
  const notes: string[] = [];
  if (fewest < enough) {
    const there = fewest === 1 ? `only one of the ${runs}` : `only ${fewest} ${runs}`;
    notes.push(
      `No interval where a cell has ${there}: nobody can tell a change from chance. ` +
        `\`--repetitions ${engines.has("sim") ? fewestPairs(confidence) : enough}\` is enough.`,
    );
  }
  const known = cells.flatMap(({ figures }) =>
    figures.filter(({ interval }) => interval === null).map(({ name }) => name),
  );
  const without = [...new Set(known)].filter((name) => name !== "requestsPerSecond" && name !== "efficiency");
  if (fewest >= enough && without.length > 0) {
    notes.push(`No interval for ${without.join(", ")}: the files have them of one run only.`);
  }
  if (cells.some(({ oversubscribed }) => oversubscribed)) {
    notes.push("*: more CPUs than cores; workers share them, and times say little.");
  }
  return notes;
}

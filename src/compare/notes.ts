/** What a reader must know before he believes a comparison, as sentences. */
import { fewestPairs, fewestRepetitions } from "./intervals.ts";
import type { Pair } from "./match.ts";
import type { Comparison, NoInterval } from "./types.ts";

export function comparisonNotes(
  { a, b, cells, confidence }: Omit<Comparison, "notes">,
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
    const ofStarts = Math.min(a.starts, b.starts) > 1;
    const what = ofStarts
      ? `${enough} runs of each are`
      : `\`--repetitions ${engines.has("sim") ? fewestPairs(confidence) : enough}\` is`;
    notes.push(
      `No interval where a cell has ${there}: nobody can tell a change from chance. ` + `${what} enough.`,
    );
  }
  const without = (reason: NoInterval): string[] => {
    const names = cells.flatMap(({ figures }) =>
      figures.filter(({ noInterval }) => noInterval === reason).map(({ name }) => name),
    );
    return [...new Set(names)].filter((name) => name !== "requestsPerSecond" && name !== "efficiency");
  };
  const [ofOneRun, ofSeeds] = [without("one-run"), without("seeds")];
  if (ofOneRun.length > 0) {
    notes.push(`No interval for ${ofOneRun.join(", ")}: the files have them of one run only.`);
  }
  if (ofSeeds.length > 0) {
    notes.push(`No interval for ${ofSeeds.join(", ")}: it follows from the seed's load, and seeds differ.`);
  }
  notes.push(...threadsNotes({ a, b, cells }));
  return notes;
}

/** What an interval on threads leaves out, and what the records say of their machine. */
function threadsNotes({ a, b, cells }: Pick<Comparison, "a" | "b" | "cells">): string[] {
  const notes: string[] = [];
  const onThreads = cells.filter(({ engine }) => engine === "threads");
  if (onThreads.length > 0 && Math.min(a.starts, b.starts) < 2) {
    const turns =
      a.record === b.record
        ? " Here all runs of a cell of A were done before those of B began, not in turns."
        : "";
    notes.push(
      `† Intervals on threads hold what differs within a run; two starts of the same code may differ by more: ` +
        `compare several runs of each (--all-runs), or simulate.${turns}`,
    );
  }
  for (const { id, unsteady } of onThreads) {
    if (unsteady.length > 0) notes.push(`${id}, ${unsteady.join("; ")}.`);
  }
  if (cells.some(({ oversubscribed }) => oversubscribed)) {
    notes.push("*: more CPUs than cores; workers share them, and times say little.");
  }
  return notes;
}

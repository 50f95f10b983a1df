/** How much DPOR does in vain: executions that it begins and gives up because all that could go on was looked at elsewhere. */
import { checkPrograms } from "../../../src/checks/index.ts";
import { memoryAimBytes } from "./aims.ts";
import type { SearchAnswer } from "./job.ts";
import { searchAlone } from "./search-process.ts";
import { type Failure, failureOf, strategiesFor, strategyPath } from "./sources.ts";

export interface DporResult {
  readonly program: string;
  readonly strategy: string | null;
  readonly model: "sc" | "tso";
  readonly search: SearchAnswer | Failure;
}

export interface DporReport {
  readonly results: readonly DporResult[];
  /** Executions given up over all that were begun, complete or not, all programs together. */
  readonly sleepBlockedShare: number;
  /** The same of the program that has the largest share. */
  readonly largestShare: number;
}

interface Pair {
  readonly program: string;
  readonly strategy: string | null;
}

/** Every program of the catalogue with every strategy that it is for, default bounds. */
function pairs(): readonly Pair[] {
  return checkPrograms.flatMap(({ name: program, strategy }): readonly Pair[] => {
    if (!strategy) return [{ program, strategy: null }];
    return strategiesFor(program).map((name) => ({ program, strategy: name }));
  });
}

export function shareOf(search: SearchAnswer): number {
  return search.sleepBlocked / Math.max(1, search.executions + search.sleepBlocked);
}

export async function measureDpor(limitS: number, say: (text: string) => void): Promise<DporReport> {
  const results: DporResult[] = [];
  for (const { program, strategy } of pairs()) {
    for (const model of ["sc", "tso"] as const) {
      say(`DPOR: ${program}${strategy === null ? "" : ` with ${strategy}`}, ${model}`);
      const path = strategy === null ? null : strategyPath(strategy);
      const job = { program, strategy: path, model, bounds: {}, limitS, memoryBytes: memoryAimBytes };
      const search = await searchAlone({ ...job, explorer: "dpor" }).catch(failureOf);
      results.push({ program, strategy, model, search });
    }
  }
  const answers = results.flatMap(({ search }) => ("failed" in search ? [] : [search]));
  const blocked = answers.reduce((sum, answer) => sum + answer.sleepBlocked, 0);
  const begun = answers.reduce((sum, answer) => sum + answer.executions + answer.sleepBlocked, 0);
  return {
    results,
    sleepBlockedShare: blocked / Math.max(1, begun),
    largestShare: Math.max(0, ...answers.map(shareOf)),
  };
}

/** How soon every broken strategy and every planted bug of a program is found: in a fresh process, then in a warmed one. */
import { checkPrograms } from "../../../src/checks/index.ts";
import { readStrategyMeta } from "../../../src/link/meta.ts";
import { nodeHost } from "../../../src/link/node-host.ts";
import { brokenAimMs, memoryAimBytes } from "./aims.ts";
import type { SearchAnswer, SearchJob } from "./job.ts";
import { SearchProcess } from "./search-process.ts";
import { brokenStrategies, type Failure, failureOf, strategyPath } from "./sources.ts";
import { type Times, timesOf } from "./times.ts";

/** A bug and what must be found. */
export interface BrokenCase {
  /** The strategy's name, or what is wrong with the program. */
  readonly name: string;
  readonly verdict: string;
  readonly job: SearchJob;
}

export interface BrokenResult extends BrokenCase {
  readonly search: SearchAnswer | Failure;
  /** The verdict is the one that was planted. */
  readonly caught: boolean;
  readonly coldMs: number;
  readonly warm: Times | null;
  readonly inTime: boolean;
}

const always = { explorer: "states", limitS: 60, memoryBytes: memoryAimBytes } as const;

/** Every broken strategy with the program that its description names, and every planted bug of a program. */
export function brokenCases(): readonly BrokenCase[] {
  const host = nodeHost();
  const strategies = brokenStrategies().flatMap((name) => {
    const path = strategyPath(`broken/${name}`);
    const expected = readStrategyMeta(path, host).expect;
    if (expected === undefined) return [];
    const { verdict, program } = expected;
    const model = expected.model === "tso" ? "tso" : "sc";
    return [{ name, verdict, job: { ...always, program, strategy: path, model, bounds: {} } as const }];
  });
  const variants = checkPrograms.flatMap((program) =>
    (program.broken ?? []).map(({ value, title, verdict, model, bounds = {} }) => ({
      name: `${program.name}: ${title}`,
      verdict,
      job: { ...always, program: program.name, strategy: null, model, bounds, options: { broken: value } },
    })),
  );
  return [...strategies, ...variants];
}

async function measureOne(one: BrokenCase, rounds: number): Promise<BrokenResult> {
  const searches = new SearchProcess();
  try {
    const search = await searches.run(one.job);
    const warmMs: number[] = [];
    // The first of these warms up too.
    for (let round = 0; round <= rounds; round++) warmMs.push((await searches.run(one.job)).searchMs);
    const warm = timesOf(warmMs.slice(1));
    const inTime = search.searchMs < brokenAimMs;
    return { ...one, search, caught: search.verdict === one.verdict, coldMs: search.searchMs, warm, inTime };
  } catch (error) {
    return { ...one, search: failureOf(error), caught: false, coldMs: Number.NaN, warm: null, inTime: false };
  } finally {
    searches.close();
  }
}

export async function measureBroken(
  rounds: number,
  say: (text: string) => void,
): Promise<readonly BrokenResult[]> {
  const results: BrokenResult[] = [];
  for (const one of brokenCases()) {
    say(`broken: ${one.name}`);
    results.push(await measureOne(one, rounds));
  }
  return results;
}

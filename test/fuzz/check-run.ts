/** Runs the checker's fuzz over many seeds and counts what it covered. */
import {
  type CheckDifference,
  compareJudged,
  type Judged,
  judge,
  searchesFor,
  verdictsOf,
} from "./check-compare.ts";
import { generateCheckProgram } from "./check-generate.ts";
import { allSteps, type CheckFuzzProgram } from "./check-program.ts";

/** Programs of the run that belongs to `npm test`; `npm run fuzz` goes on from there. */
export const checkShortRun = 500;

/** Programs in which something happened or was there, by name. */
export type CheckCoverage = Map<string, number>;

export interface CheckFailure {
  readonly fuzz: CheckFuzzProgram;
  readonly difference: CheckDifference;
}

export interface CheckRun {
  readonly failures: readonly CheckFailure[];
  readonly skipped: number;
  /** Interleavings of all programs under both models. */
  readonly executions: number;
  readonly coverage: CheckCoverage;
}

/** Program `index` of the run of a seed. */
export function checkProgramAt(seed: string, index: number): CheckFuzzProgram {
  return generateCheckProgram(`${seed}${index}`);
}

/** Compares `count` programs from `first` on under both models; `each` is told after every one. */
export function runCheckFuzz(
  seed: string,
  first: number,
  count: number,
  each?: (done: number, failure: CheckFailure | null) => void,
): CheckRun {
  const failures: CheckFailure[] = [];
  const coverage: CheckCoverage = new Map();
  let skipped = 0;
  let executions = 0;
  for (let index = first; index < first + count; index++) {
    const fuzz = checkProgramAt(seed, index);
    const judged = [judge(fuzz, "sc"), judge(fuzz, "tso")] as const;
    const [sc, tso] = judged;
    let difference: CheckDifference | null = null;
    for (const one of judged) {
      if (one === null) continue;
      executions += one.naive.executions;
      difference ??= compareJudged(one, searchesFor(fuzz));
    }
    if (sc === null || tso === null) skipped += 1;
    else note(coverage, fuzz, sc, tso);
    const failure = difference === null ? null : { fuzz, difference };
    if (failure !== null) failures.push(failure);
    each?.(index - first + 1, failure);
  }
  return { failures, skipped, executions, coverage };
}

function note(coverage: CheckCoverage, fuzz: CheckFuzzProgram, sc: Judged, tso: Judged): void {
  const kinds = new Set(allSteps(fuzz).map(({ kind }) => kind));
  const verdicts = new Set([...verdictsOf(sc.naive), ...verdictsOf(tso.naive)]);
  const features: readonly (readonly [string, boolean])[] = [
    [
      "outcomes that only TSO has",
      tso.naive.outcomes.some((outcome) => !sc.naive.outcomes.includes(outcome)),
    ],
    [
      "breaches that only TSO has",
      verdictsOf(tso.naive).some((verdict) => !verdictsOf(sc.naive).includes(verdict)),
    ],
    ["awaits", kinds.has("await") || kinds.has("locked")],
    ["awaits that block for ever", waitsForEver(sc) || waitsForEver(tso)],
    ["read-modify-writes", kinds.has("rmw") || kinds.has("compareExchange") || kinds.has("increment")],
    ["read sections", kinds.has("section")],
    ["grace periods", kinds.has("synchronizeRcu")],
    ["RCU callbacks", kinds.has("callRcu")],
    ["actors that do the same", fuzz.actors.some(({ copies }) => copies > 1)],
    ["such actors with areas of their own", usesAreas(fuzz)],
    ["maintenance actors", fuzz.maintenance.steps.length > 0],
    ["no breach", verdicts.size === 0],
    ...[...verdicts].map((verdict) => [verdict, true] as const),
  ];
  for (const [feature, there] of features)
    coverage.set(feature, (coverage.get(feature) ?? 0) + (there ? 1 : 0));
}

function usesAreas({ actors }: CheckFuzzProgram): boolean {
  return actors.some(({ copies, steps }) => copies > 1 && /\bown\b|area0/.test(JSON.stringify(steps)));
}

function waitsForEver({ naive }: Judged): boolean {
  return naive.findings.some(
    ({ breach }) => breach.verdict === "deadlock" && breach.detail.includes("(await"),
  );
}

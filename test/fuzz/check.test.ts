import { describe, expect, test } from "vitest";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { linkLitmus, litmusProblem } from "../litmus/litmus-problem.ts";
import { firstWrongIndependence } from "./check-commute.ts";
import { compareJudged, compareSearches, dporOn, type Judged, judge } from "./check-compare.ts";
import { checkMutants } from "./check-mutants.ts";
import { printCheckProgram } from "./check-program.ts";
import { checkRegressions } from "./check-regressions.ts";
import { checkFailureReport } from "./check-report.ts";
import { type CheckRun, checkProgramAt, checkShortRun, runCheckFuzz } from "./check-run.ts";
import { Rng } from "./random.ts";

const seed = "check";
const models = ["sc", "tso"] as const;
/** A portion of the run is a test of its own, so that a slow computer is not taken for one that hangs. */
const portion = 50;
const portions = Array.from({ length: checkShortRun / portion }, (_, index) => index * portion);

describe("on random programs the searches find what the naive search finds, under SC and TSO", () => {
  const runs = new Map<number, CheckRun>();
  const runFrom = (first: number): CheckRun => {
    const run = runs.get(first) ?? runCheckFuzz(seed, first, portion);
    runs.set(first, run);
    return run;
  };

  test.each(portions)(
    `${portion} programs from %d on: outcomes, verdicts, replays, minimal schedules`,
    (first) => {
      const [failure] = runFrom(first).failures;
      if (failure !== undefined) expect.fail(checkFailureReport(failure.fuzz, failure.difference));
    },
  );

  test("of which next to none have too many interleavings, and all sorts are seen", () => {
    const all = portions.map(runFrom);
    const programs = (feature: string) => all.reduce((sum, run) => sum + (run.coverage.get(feature) ?? 0), 0);
    expect(all.reduce((sum, run) => sum + run.skipped, 0)).toBeLessThan(checkShortRun * 0.02);
    const features = new Set(all.flatMap(({ coverage }) => [...coverage.keys()]));
    const rare = [...features].filter((feature) => programs(feature) < 5);
    // Weak orderings mostly show as outcomes; the long run has some of these.
    expect(rare.filter((feature) => feature !== "breaches that only TSO has")).toEqual([]);
    expect(programs("no breach")).toBeGreaterThan(checkShortRun / 3);
  });

  test.each(checkRegressions.map((program) => [program.seed, program] as const))("%s", (_name, program) => {
    for (const model of models) expect(compareSearches(program, model)).toBeNull();
  });
});

test("transitions that touch nothing in common commute, and none enables another unseen", () => {
  for (let index = 0; index < 200; index++) {
    const litmus = printCheckProgram(checkProgramAt(seed, index));
    const program = linkLitmus(litmus);
    for (const model of models) {
      const machine = new CheckMachine(program, litmusProblem(litmus, model));
      const wrong = firstWrongIndependence(machine, new Rng(`walk${index}`), 3);
      expect([index, model, wrong]).toEqual([index, model, null]);
    }
  }
});

describe("the fuzz notices a DPOR that is told too little", () => {
  test.each(checkMutants)("%s", (_name, Mutant) => {
    const search = dporOn((program, problem) => new Mutant(program, problem));
    const notices = (judged: Judged | null): boolean =>
      judged !== null && compareJudged(judged, [search]) !== null;
    let programs = 0;
    while (
      programs < checkShortRun &&
      !models.some((model) => notices(judge(checkProgramAt(seed, programs), model)))
    )
      programs += 1;
    expect(programs).toBeLessThan(checkShortRun);
  });
});

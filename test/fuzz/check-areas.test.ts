import { describe, expect, test } from "vitest";
import type { AreaProgram } from "./check-areas.ts";
import { areaReport, judgeAreas } from "./check-areas-compare.ts";
import { type AreaTheme, generateAreaProgram } from "./check-areas-generate.ts";
import { areaRegressions } from "./check-areas-regressions.ts";

const models = ["sc", "tso"] as const;
const portion = 25;
const portions = [0, 1, 2, 3].map((index) => index * portion);

function expectNoDifference(fuzz: AreaProgram): void {
  for (const model of models) {
    const { difference } = judgeAreas(fuzz, model);
    if (difference !== null) expect.fail(areaReport(fuzz, model, difference));
  }
}

describe.each<AreaTheme>(["areas", "gates"])(
  "the stateful search finds what all states have: %s",
  (theme) => {
    test.each(portions)(`${portion} random programs from %d on`, (first) => {
      for (let index = first; index < first + portion; index++) {
        expectNoDifference(generateAreaProgram(`check${index}`, theme));
      }
    });
  },
);

test.each(areaRegressions.map(({ program, model, limit }) => [program.seed, program, model, limit] as const))(
  "%s",
  (_name, program, model, limit) => {
    expect(judgeAreas(program, model, undefined, limit)).toMatchObject({ difference: null, skipped: false });
  },
);

import { describe, expect, test } from "vitest";
import { DporExplorer } from "../../src/engines/check/dpor.ts";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { NaiveExplorer } from "../../src/engines/check/naive.ts";
import { StatefulExplorer } from "../../src/engines/check/stateful.ts";
import type { CheckProblem, Explorer, MemoryModel } from "../../src/engines/check/types.ts";
import type { SteppedProgram } from "../../src/link/stepped/index.ts";
import { linkLitmus, litmusProblem } from "./litmus-problem.ts";
import type { LitmusTest } from "./litmus-test.ts";
import { orderTests } from "./order-tests.ts";
import { rcuTests } from "./rcu-tests.ts";
import { storeBufferTests } from "./store-buffer-tests.ts";

const explorers: readonly [string, (program: SteppedProgram, problem: CheckProblem) => Explorer][] = [
  ["naive search", (program, problem) => new NaiveExplorer(new CheckMachine(program, problem), {})],
  ["DPOR", (program, problem) => new DporExplorer(new CheckMachine(program, problem), {})],
  ["stateful search", (program, problem) => new StatefulExplorer(program, problem, {})],
  [
    "stateful search without reduction",
    (program, problem) => new StatefulExplorer(program, problem, { reduce: false, symmetry: false }),
  ],
];

function expected(litmus: LitmusTest, model: MemoryModel): string[] {
  return [...litmus.sc, ...(model === "tso" ? litmus.tsoOnly : [])].sort();
}

describe.each([
  ["stores that wait in a buffer", storeBufferTests],
  ["orders that every actor sees", orderTests],
  ["grace periods", rcuTests],
] as const)("%s", (_title, tests) => {
  describe.each(tests.map((litmus) => [`${litmus.name}: ${litmus.asks}`, litmus] as const))(
    "%s",
    (_name, litmus) => {
      const program = linkLitmus(litmus);
      test.each(explorers)("%s: the outcomes under both models", (_explorer, make) => {
        for (const model of ["sc", "tso"] as const) {
          const explorer = make(program, litmusProblem(litmus, model));
          while (!explorer.advance(10_000));
          const { complete, findings, outcomes } = explorer.result();
          expect({ model, complete, findings, outcomes }).toEqual({
            model,
            complete: true,
            findings: [],
            outcomes: expected(litmus, model),
          });
        }
      });
    },
  );
});

test("the weak outcome appears where the literature says so and nowhere else", () => {
  const weak = (tests: readonly LitmusTest[]): string[] =>
    tests.filter((litmus) => litmus.tsoOnly.length > 0).map((litmus) => litmus.name);
  expect(weak(storeBufferTests)).toEqual([
    "SB",
    "SB with release stores",
    "SB+po+mb",
    "SB with weaker fences",
    "SB+rfi-pos",
    "R",
    "n6",
  ]);
  expect(weak(orderTests)).toEqual(["SB with awaits of the own store"]);
  expect(weak(rcuTests)).toEqual(["SB with sections"]);
});

/**
 * Interchangeable actors that compute with addresses of their areas: what they make of them differs from CPU to CPU, so the
 * group must be given up. Each program is one that a search which did not notice gave outcomes that cannot be.
 */
import { expect, test } from "vitest";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { NaiveExplorer } from "../../src/engines/check/naive.ts";
import { StatefulExplorer } from "../../src/engines/check/stateful.ts";
import type { Explorer } from "../../src/engines/check/types.ts";
import { linkLitmus, litmusProblem } from "../litmus/litmus-problem.ts";

const programs = {
  "an address of a certain area, stored and compared":
    "let a: i32 = 0; fetchAdd(y, 1); store(own, i32(area0)); const b: i32 = load(own); if (b === i32(own)) a = 1; else a = 2; store(own, 0); fetchAdd(y, 1); return a;",
  "addresses compared by size":
    "let a: i32 = 0; fetchAdd(y, 1); store(own, i32(own)); const b: i32 = load(own); if (b > 3100) a = 1; store(own, 0); fetchAdd(y, 1); return a;",
  // Without a constant that looks like an address, only what operations are given and hand back tells.
  "a bit of an address that was stored":
    "let a: i32 = 0; fetchAdd(y, 1); store(own, i32(own)); const b: i32 = load(own); if ((b & 64) !== 0) a = 1; store(own, 0); fetchAdd(y, 1); return a;",
  "a bit of an address that an atomic operation handed over":
    "let a: i32 = 0; const b: i32 = exchange(x, i32(own)); if ((b & 64) !== 0) a = 1; fetchAdd(y, 1); return a;",
};

/** Outcomes with the members' values in ascending order. */
function outcomes(explorer: Explorer): string[] {
  while (!explorer.advance(100_000));
  const result = explorer.result();
  expect(result).toMatchObject({ complete: true, findings: [] });
  return [...new Set(result.outcomes.map((outcome) => outcome.split(",").sort().join()))].sort();
}

test.each(Object.entries(programs))("%s", (_name, text) => {
  const litmus = { actors: [text, text], groups: ["members", "members"] };
  const program = linkLitmus(litmus);
  for (const model of ["sc", "tso"] as const) {
    const problem = litmusProblem(litmus, model);
    const naive = outcomes(new NaiveExplorer(new CheckMachine(program, problem), {}));
    expect({ model, found: outcomes(new StatefulExplorer(program, problem, {})) }).toEqual({
      model,
      found: naive,
    });
    const full = new StatefulExplorer(program, problem, { reduce: false });
    expect({ model, found: outcomes(full) }).toEqual({ model, found: naive });
  }
});

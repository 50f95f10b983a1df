/**
 * Marks tell the checker who holds a label and when it is released. They order nothing, but their order decides whether a
 * release comes too early. The stateful search learns which operations are followed by them; DPOR does not look at them, so of
 * two actors whose marks alone meet it may see one order only. What makes up for that is that holders use their label: its end
 * conflicts with that.
 */
import { describe, expect, test } from "vitest";
import { DporExplorer } from "../../src/engines/check/dpor.ts";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { NaiveExplorer } from "../../src/engines/check/naive.ts";
import { StatefulExplorer } from "../../src/engines/check/stateful.ts";
import type { CheckProblem, Explorer } from "../../src/engines/check/types.ts";
import { BookMark } from "../../src/engines/check/world.ts";
import type { SteppedProgram } from "../../src/link/stepped/index.ts";
import { type LitmusProgram, linkLitmus, litmusProblem } from "./litmus-problem.ts";

const { dropped, released, taken } = {
  taken: `mark(${BookMark.holderTaken}, p);`,
  dropped: `mark(${BookMark.holderDropped}, p);`,
  released: `mark(${BookMark.released}, p);`,
};

/** One has a reference from the start and drops it; the other releases the label without asking anybody. */
function careless(use: string): LitmusProgram {
  return {
    boot: `allocated(p, 1, 64); ${taken}`,
    actors: [`load(x); ${use} ${dropped}`, `load(y); ${released} freed(p);`],
  };
}

type Make = (program: SteppedProgram, problem: CheckProblem) => Explorer;
const naive: Make = (program, problem) => new NaiveExplorer(new CheckMachine(program, problem), {});
const reduced: readonly [string, Make][] = [
  ["DPOR", (program, problem) => new DporExplorer(new CheckMachine(program, problem), {})],
  ["stateful search", (program, problem) => new StatefulExplorer(program, problem, {})],
];

function verdict(litmus: LitmusProgram, make: Make): string | undefined {
  const explorer = make(linkLitmus(litmus), litmusProblem(litmus, "sc"));
  while (!explorer.advance(10_000));
  return explorer.result().findings[0]?.breach.verdict;
}

describe("a label that is released while somebody holds it", () => {
  test("is found by the naive search", () => {
    expect(verdict(careless(""), naive)).toBe("premature-release");
  });

  test.each(reduced)("is found by %s where the holder uses it before dropping it", (_name, make) => {
    expect(verdict(careless("load(p + 32);"), make)).toMatch(/^(premature-release|use-after-free)$/);
  });

  test("is found by the stateful search where nobody touches it", () => {
    const [, make] = reduced[1] as (typeof reduced)[number];
    expect(verdict(careless(""), make)).toBe("premature-release");
  });

  // The day this passes, programs need not use what they hold any more.
  test.fails("is found by DPOR where nobody touches it", () => {
    const [, make] = reduced[0] as (typeof reduced)[number];
    expect(verdict(careless(""), make)).toBe("premature-release");
  });
});

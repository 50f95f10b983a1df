/**
 * Marks tell the checker who holds a label and when it is released. They order nothing, but their order decides whether a
 * release comes too early. Which of them an operation is followed by is known only once it was done: the stateful search learns
 * it, DPOR looks for the races of an operation afterwards.
 */
import { describe, expect, test } from "vitest";
import { DporExplorer } from "../../src/engines/check/dpor.ts";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { NaiveExplorer } from "../../src/engines/check/naive.ts";
import { StatefulExplorer } from "../../src/engines/check/stateful.ts";
import type { CheckProblem, Explorer, MemoryModel } from "../../src/engines/check/types.ts";
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

function verdict(litmus: LitmusProgram, make: Make, model: MemoryModel = "sc"): string | undefined {
  const explorer = make(linkLitmus(litmus), litmusProblem(litmus, model));
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

  test.each(reduced)("is found by %s where nobody touches it", (_name, make) => {
    expect(verdict(careless(""), make)).toBe("premature-release");
  });

  test.each(reduced)("is found by %s where it ends before the holder drops it", (_name, make) => {
    const ended: LitmusProgram = {
      boot: `allocated(p, 1, 64); ${taken}`,
      actors: ["load(y); freed(p);", `load(x); ${dropped}`],
    };
    expect(verdict(ended, make)).toBe("use-after-free");
  });

  // The load itself commutes with what another actor writes before the own store leaves the buffer.
  test.each(reduced)("is found by %s behind a load of an own store", (_name, make) => {
    const forwarded: LitmusProgram = {
      boot: `allocated(p, 1, 64); ${taken}`,
      actors: [`store(x, 1); load(x); ${dropped}`, `exchange(x, 2); ${released} freed(p);`],
    };
    expect(verdict(forwarded, make, "tso")).toBe("premature-release");
  });
});

import { describe, expect, test } from "vitest";
import { compare, type Mutant, steppedShapes } from "./compare.ts";
import { generateProgram } from "./generate.ts";
import { interpret } from "./interpreter.ts";
import { sourceMutants, steppedMutants } from "./mutants-source.ts";
import { typedFormMutants } from "./mutants-typed.ts";
import { printProgram } from "./print.ts";
import { regressions } from "./regressions.ts";
import { failureReport } from "./report.ts";
import { caughtBy, firstDifference, preparedAt, shortRunPrograms } from "./short-run.ts";

describe("random portable programs mean the same in every stepped shape as in the BigInt interpreter", () => {
  test("fixed seeds", async () => {
    const found = await firstDifference(shortRunPrograms, () => steppedShapes);
    if (found !== null) {
      expect.fail(await failureReport(found.prepared.program, found.difference, found.shapes));
    }
  });

  test.each(regressions.map((program) => [program.seed, program] as const))("%s", async (_name, program) => {
    expect(await compare(program, steppedShapes)).toBeNull();
  });
});

describe("the generator", () => {
  test("makes the same program of the same seed, byte for byte", () => {
    const once = generateProgram("again");
    const twice = generateProgram("again");
    expect(printProgram(twice)).toEqual(printProgram(once));
    expect(twice.inputs).toEqual(once.inputs);
  });

  test("makes programs of which most end well, some fault and very few run too long", () => {
    const outcomes = Array.from(
      { length: shortRunPrograms },
      (_, index) => preparedAt(index)?.expected.outcome.kind,
    );
    const count = (kind: string | undefined): number => outcomes.filter((outcome) => outcome === kind).length;
    expect(count("returned")).toBeGreaterThan(shortRunPrograms * 0.75);
    expect(count("fault")).toBeGreaterThan(5);
    expect(count(undefined)).toBeLessThan(5);
  });

  test("makes awaits that are satisfied already", () => {
    const outcomes = Array.from(
      { length: 300 },
      (_, index) => interpret(generateProgram(`await${index}`)).outcome.kind,
    );
    expect(outcomes).not.toContain("blocked");
  });
});

describe("the fuzzer notices a linker that is wrong on purpose", () => {
  const named = (mutants: readonly Mutant[]): [string, Mutant][] =>
    mutants.map((mutant) => [mutant.name, mutant]);
  const plain = steppedShapes.slice(0, 1);
  /** Moved about and cleared between operations. */
  const disturbed = steppedShapes.slice(1, 2);

  test.each(named([...typedFormMutants, ...sourceMutants]))("%s", async (_name, mutant) => {
    expect(await caughtBy(mutant, plain)).toHaveLength(1);
  });

  test.each(named(steppedMutants))("%s", async (_name, mutant) => {
    expect(await caughtBy(mutant, disturbed)).toHaveLength(1);
  });
});

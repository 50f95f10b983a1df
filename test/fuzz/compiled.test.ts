import { describe, expect, test } from "vitest";
import { compare, comparePrepared, type Shape, steppedShapes, wasmShapes } from "./compare.ts";
import { edgePrograms, zeroDivisions } from "./edge-table.ts";
import { interpret } from "./interpreter.ts";
import { typedFormMutants } from "./mutants-typed.ts";
import { failureReport } from "./report.ts";
import { caughtBy, edgeBudget, firstDifference } from "./short-run.ts";

/** Building WebAssembly takes twenty times as long as a stepped program. */
const wasmPrograms = 32;

test("random portable programs mean the same in every WebAssembly shape as in the BigInt interpreter", async () => {
  const shapesOf = (index: number): readonly Shape[] => [wasmShapes[index % wasmShapes.length] as Shape];
  const found = await firstDifference(wasmPrograms, shapesOf);
  if (found !== null)
    expect.fail(await failureReport(found.prepared.program, found.difference, found.shapes));
});

describe("every operator at the edges of 32 bits means the same in every back end", () => {
  const shapes = [steppedShapes[0], steppedShapes[2], wasmShapes[0]] as Shape[];

  test.each(edgePrograms().map((program) => [program.seed, program] as const))(
    "%s",
    async (_name, program) => {
      expect(interpret(program, edgeBudget).trace.length).toBeGreaterThan(100);
      expect(await compare(program, shapes, edgeBudget)).toBeNull();
    },
  );

  test("a division by zero is a fault in every form, used or not", async () => {
    for (const program of zeroDivisions()) {
      expect(interpret(program).outcome, program.seed).toEqual({ kind: "fault", reason: "divideByZero" });
      expect(await compare(program, shapes), program.seed).toBeNull();
    }
  });
});

describe("the fuzzer notices mistakes in WebAssembly, of which it sees only what they do", () => {
  test.each([
    "an unsigned comparison is signed",
    "a division whose quotient nobody reads is dropped, its fault with it",
  ])("%s", async (name) => {
    const mutant = typedFormMutants.find((one) => one.name === name);
    expect(mutant).toBeDefined();
    if (mutant === undefined) return;
    // Only programs in which the mistake matters are built.
    const candidates = await caughtBy(mutant, steppedShapes.slice(0, 1), 4);
    const found = [];
    for (const candidate of candidates)
      found.push(await comparePrepared(candidate, wasmShapes.slice(0, 1), mutant));
    expect(found.filter((difference) => difference !== null).length).toBeGreaterThan(0);
  });
});

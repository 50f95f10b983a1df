import { describe, expect, test } from "vitest";
import { compare, steppedShapes, wasmShapes } from "./compare.ts";
import { edgePrograms, zeroDivisions } from "./edge-table.ts";
import { interpret } from "./interpreter.ts";

/** Both constant: 576 marks in a row, which small pieces only cut up. */
const shapes = [...steppedShapes.slice(0, 1), ...steppedShapes.slice(2, 3), ...wasmShapes.slice(0, 1)];
const budget = 1_000_000;

describe("every operator at the edges of 32 bits means the same in every back end", () => {
  test.each(edgePrograms().map((program) => [program.seed, program] as const))(
    "%s",
    async (_name, program) => {
      expect(interpret(program, budget).trace.length).toBeGreaterThan(100);
      expect(await compare(program, shapes, budget)).toBeNull();
    },
  );

  test("a division by zero is a fault in every form, used or not", async () => {
    for (const program of zeroDivisions()) {
      expect(interpret(program).outcome, program.seed).toEqual({ kind: "fault", reason: "divideByZero" });
      expect(await compare(program, shapes), program.seed).toBeNull();
    }
  });
});

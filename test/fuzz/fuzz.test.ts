import { describe, expect, test } from "vitest";
import { compare, type Difference, type Shape, steppedShapes, wasmShapes } from "./compare.ts";
import { generateProgram } from "./generate.ts";
import { interpret } from "./interpreter.ts";
import { printProgram } from "./print.ts";
import { failureReport } from "./report.ts";

/** Programs of the short run; `npm run fuzz` goes on from there. */
const steppedPrograms = 160;
const wasmPrograms = 40;

async function expectEqual(seed: string, shapes: readonly Shape[]): Promise<void> {
  const program = generateProgram(seed);
  const difference = await compare(program, shapes);
  if (difference !== null && difference !== "skipped") {
    expect.fail(await failureReport(program, difference as Difference, shapes));
  }
}

describe("random portable programs mean the same in every back end as in the BigInt interpreter", () => {
  test("every shape of the stepped back end", async () => {
    for (let index = 0; index < steppedPrograms; index++) await expectEqual(`fuzz${index}`, steppedShapes);
  });

  test("WebAssembly in both orderings", async () => {
    for (let index = 0; index < wasmPrograms; index++) {
      await expectEqual(`fuzz${index}`, [wasmShapes[index % wasmShapes.length] as Shape]);
    }
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
    const count = { returned: 0, fault: 0, blocked: 0, tooLong: 0 };
    for (let index = 0; index < steppedPrograms; index++)
      count[interpret(generateProgram(`fuzz${index}`)).outcome.kind] += 1;
    expect(count.returned).toBeGreaterThan(steppedPrograms * 0.8);
    expect(count.fault).toBeGreaterThan(5);
    expect(count.blocked).toBe(0);
    expect(count.tooLong).toBeLessThan(5);
  });
});

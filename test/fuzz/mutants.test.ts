import { describe, expect, test } from "vitest";
import {
  comparePrepared,
  type Mutant,
  type Prepared,
  prepare,
  type Shape,
  steppedShapes,
  wasmShapes,
} from "./compare.ts";
import { edgePrograms } from "./edge-table.ts";
import { generateProgram } from "./generate.ts";
import { sourceMutants, steppedMutants } from "./mutants-source.ts";
import { typedFormMutants } from "./mutants-typed.ts";

/** As many programs as the short run of `fuzz.test.ts` has. */
const programs = 160;
const plain = steppedShapes.slice(0, 1);
/** Moved about and cleared between operations. */
const disturbed = steppedShapes.slice(1, 2);

const prepared: (Prepared | null)[] = [];

/** Program `index` of the short run, and behind those the edge table's. */
function preparedAt(index: number): Prepared | null {
  let found = prepared[index];
  if (found === undefined) {
    const edge = edges[index - programs];
    found = edge === undefined ? prepare(generateProgram(`fuzz${index}`)) : prepare(edge, 1_000_000);
    prepared[index] = found;
  }
  return found;
}

const edges = edgePrograms();

/** The first few programs that come out differently. */
async function caughtBy(mutant: Mutant, shapes: readonly Shape[], wanted = 1): Promise<Prepared[]> {
  const caught: Prepared[] = [];
  for (let index = 0; index < programs + edges.length && caught.length < wanted; index++) {
    const candidate = preparedAt(index);
    if (candidate !== null && (await comparePrepared(candidate, shapes, mutant)) !== null)
      caught.push(candidate);
  }
  return caught;
}

function named(mutants: readonly Mutant[]): [string, Mutant][] {
  return mutants.map((mutant) => [mutant.name, mutant]);
}

describe("the fuzzer notices a linker that is wrong on purpose", () => {
  test.each(named(typedFormMutants))("%s", async (_name, mutant) => {
    expect(await caughtBy(mutant, plain)).toHaveLength(1);
  });

  test.each(named(sourceMutants))("%s", async (_name, mutant) => {
    expect(await caughtBy(mutant, plain)).toHaveLength(1);
  });

  test.each(named(steppedMutants))("%s", async (_name, mutant) => {
    expect(await caughtBy(mutant, disturbed)).toHaveLength(1);
  });

  const inWebAssembly = [
    "an unsigned comparison is signed",
    "a division whose quotient nobody reads is dropped, its fault with it",
  ];
  test.each(named(typedFormMutants.filter((mutant) => inWebAssembly.includes(mutant.name))))(
    "in WebAssembly too: %s",
    async (_name, mutant) => {
      // Building takes long: only programs in which the mistake matters are tried.
      const candidates = await caughtBy(mutant, plain, 4);
      const found = [];
      for (const candidate of candidates)
        found.push(await comparePrepared(candidate, wasmShapes.slice(0, 1), mutant));
      expect(found.filter((difference) => difference !== null).length).toBeGreaterThan(0);
    },
  );
});

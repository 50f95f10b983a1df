/**
 * The programs of the run that belongs to `npm test`: fixed seeds, then the table of edges. Linked and interpreted once,
 * however many back ends and mutants are held against them.
 */
import {
  comparePrepared,
  type Difference,
  type Mutant,
  type Prepared,
  prepare,
  type Shape,
} from "./compare.ts";
import { edgePrograms } from "./edge-table.ts";
import { generateProgram } from "./generate.ts";

/** Random programs of the short run; `npm run fuzz` goes on from there. */
export const shortRunPrograms = 160;

/** Steps that the interpreter may take on a program of the edge table. */
export const edgeBudget = 1_000_000;

const edges = edgePrograms();
const prepared: (Prepared | null)[] = [];

/** Program `index` of the short run, and behind those the edge table's; null for one that runs too long. */
export function preparedAt(index: number): Prepared | null {
  let found = prepared[index];
  if (found === undefined) {
    const edge = edges[index - shortRunPrograms];
    found = edge === undefined ? prepare(generateProgram(`fuzz${index}`)) : prepare(edge, edgeBudget);
    prepared[index] = found;
  }
  return found;
}

/** The first `wanted` programs that come out differently. */
export async function caughtBy(mutant: Mutant, shapes: readonly Shape[], wanted = 1): Promise<Prepared[]> {
  const caught: Prepared[] = [];
  for (let index = 0; index < shortRunPrograms + edges.length && caught.length < wanted; index++) {
    const candidate = preparedAt(index);
    if (candidate === null) continue;
    if ((await comparePrepared(candidate, shapes, mutant)) !== null) caught.push(candidate);
  }
  return caught;
}

/** The first of `count` programs that differs, in the shapes chosen for it; null where all are equal. */
export async function firstDifference(
  count: number,
  shapesOf: (index: number) => readonly Shape[],
): Promise<{ prepared: Prepared; difference: Difference; shapes: readonly Shape[] } | null> {
  for (let index = 0; index < count; index++) {
    const candidate = preparedAt(index);
    if (candidate === null) continue;
    const shapes = shapesOf(index);
    const difference = await comparePrepared(candidate, shapes);
    if (difference !== null) return { prepared: candidate, difference, shapes };
  }
  return null;
}

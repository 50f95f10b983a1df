/** The parts of a run that ran on different engines. */
import type { ResultsRecord } from "./schema.ts";

/** Engines of the cells, in their order; none where there is no cell. */
export function enginesIn({ cells }: ResultsRecord): readonly string[] {
  return [...new Set(cells.map(({ engine }) => engine))];
}

/** The record with the cells of one engine only. */
export function ofEngine(results: ResultsRecord, engine: string): ResultsRecord {
  return { ...results, cells: results.cells.filter((cell) => cell.engine === engine) };
}

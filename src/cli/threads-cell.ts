/** Measures one cell on this machine's threads: links the program, counts it on the reference engine, runs it. */
import { RefplayError } from "../errors.ts";
import type { Cell } from "../results/schema.ts";
import type { CellControl, CellSpec } from "./cell-spec.ts";

/** Links every program of a run and tries it out; rejects with RefplayErrors. */
export async function prepareThreadCells(_cells: readonly CellSpec[]): Promise<void> {
  throw new RefplayError("not-available", "the threads engine is not available yet in this version");
}

/** Measures one cell. */
export async function runThreadCell(_spec: CellSpec, _control: CellControl): Promise<Cell> {
  throw new RefplayError("not-available", "the threads engine is not available yet in this version");
}

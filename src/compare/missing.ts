/** What one side has not although the other has it or its own run meant to measure it, and why: no condition about it can be judged. */
import { isComplete, type ResultsRecord } from "../results/schema.ts";
import { figuresOf } from "./figures.ts";
import type { Matching } from "./match.ts";
import type { MissingCell, Side, Unfinished } from "./types.ts";

/** Runs that ended before their last cell; both sides may be of the same. */
export function unfinishedRuns(a: Side, b: Side): Unfinished[] {
  const sides = [
    { name: "A", side: a },
    { name: "B", side: b },
  ] as const;
  const found = sides.flatMap(({ name, side }) => {
    const { record } = side;
    if (isComplete(record) && record.failure === undefined) return [];
    const { cells, failure, planned } = record;
    const text =
      failure === undefined
        ? `was stopped: ${cells.length} of ${planned.length} cells are there.`
        : `failed at ${failure.cell}: ${failure.message}`;
    return [{ side: name, file: side.file, text, ...(failure === undefined ? {} : { failure }) }];
  });
  const [one, other] = found;
  if (a.record !== b.record || one === undefined || other === undefined) return found;
  return [{ ...one, side: "both" }];
}

/** Cells that B lacks: those that only A has, and those that B's run did not come to. */
export function missingInB(a: Side, b: Side, { onlyInA }: Matching, strategies: boolean): MissingCell[] {
  const why = whyMissing(b.record);
  const ofA = a.cells
    .filter(({ id }) => onlyInA.includes(id))
    .map((cell) => ({
      id: cell.id,
      strategies: strategies ? [a.name, b.name] : [cell.strategy],
      cpus: cell.cpus,
      figures: figuresOf(cell, a.cells).map(({ name }) => name),
      why: why(cell.id),
    }));
  // Of two strategies, `kref@2` of A stands where `none@2` of B would.
  const placeOf = (id: string): string => (strategies ? id.slice(id.lastIndexOf("@")) : id);
  const told = new Set(ofA.map(({ id }) => placeOf(id)));
  const there = new Set(b.record.cells.map(({ id }) => id));
  const unmeasured = b.record.planned.flatMap((id) => {
    const at = id.lastIndexOf("@");
    const strategy = id.slice(0, at);
    if (there.has(id) || told.has(placeOf(id)) || (strategies && strategy !== b.name)) return [];
    const cpus = Number.parseInt(id.slice(at + 1), 10);
    return [{ id, strategies: strategies ? [a.name, b.name] : [strategy], cpus, why: why(id) }];
  });
  return [...ofA, ...unmeasured];
}

function whyMissing({ failure, planned, ...record }: ResultsRecord): (id: string) => string {
  const begin = "B has no such cell";
  if (failure !== undefined) {
    return (id) =>
      id === failure.cell
        ? `${begin}: its run failed: ${failure.message}`
        : `${begin}: its run failed before, at ${failure.cell}: ${failure.message}`;
  }
  const isWhole = planned.every((id) => record.cells.some((cell) => cell.id === id));
  return (id) => (isWhole || !planned.includes(id) ? begin : `${begin}: its run was stopped before`);
}

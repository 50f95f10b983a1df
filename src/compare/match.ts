/** Finds the cells of two sides that measure the same. */
import type { Cell } from "../results/schema.ts";
import type { Side } from "./types.ts";

export interface Pair {
  /** `kref@192`, or without the strategy where two are compared. */
  readonly id: string;
  readonly a: Cell;
  readonly b: Cell;
}

export interface Matching {
  readonly pairs: readonly Pair[];
  /** Ids, in their record's order. */
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
}

/** What must be the same beside engine, CPUs, and parameter and value that a config varies. */
export interface MatchOptions {
  readonly strategies: boolean;
  readonly hooks: boolean;
}

/** Cells in A's order. */
export function matchCells(a: Side, b: Side, options: MatchOptions): Matching {
  const keyOf = (cell: Cell, { record }: Side): string =>
    JSON.stringify([
      cell.engine,
      cell.cpus,
      cell.varied?.parameter ?? null,
      cell.varied?.value ?? null,
      options.strategies ? cell.strategy : null,
      options.hooks ? hooksOf(cell, record.config) : null,
    ]);
  const ofB = new Map(b.cells.map((cell) => [keyOf(cell, b), cell]));
  const keysOfA = new Set(a.cells.map((cell) => keyOf(cell, a)));
  const severalEngines = new Set([...a.cells, ...b.cells].map(({ engine }) => engine)).size > 1;
  const pairs = a.cells.flatMap((cell) => {
    const twin = ofB.get(keyOf(cell, a));
    return twin === undefined
      ? []
      : [{ id: idOf(cell, options.strategies, severalEngines), a: cell, b: twin }];
  });
  return {
    pairs,
    onlyInA: a.cells.filter((cell) => !ofB.has(keyOf(cell, a))).map(({ id }) => id),
    onlyInB: b.cells.filter((cell) => !keysOfA.has(keyOf(cell, b))).map(({ id }) => id),
  };
}

/** The cell's hooks; records of older versions have them in the config only. */
export function hooksOf({ hooks }: Cell, config: Readonly<Record<string, unknown>>): string {
  return hooks ?? String(config.hooks);
}

function idOf({ cpus, engine, strategy, varied }: Cell, withStrategy: boolean, withEngine: boolean): string {
  const value = varied === undefined ? "" : ` ${varied.parameter}=${varied.value}`;
  return `${withStrategy ? strategy : ""}@${cpus}${value}${withEngine ? ` ${engine}` : ""}`;
}

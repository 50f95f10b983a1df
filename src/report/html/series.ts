/** Which colour a strategy has in all pictures of a report, and which cells a picture compares. */
import type { Cell, ResultsRecord } from "../../results/schema.ts";
import { mostContended } from "../hot-lines.ts";
import { plural } from "../numbers.ts";
import { seriesColor, seriesDash } from "./palette.ts";

export interface Series {
  readonly names: readonly string[];
  color(strategy: string): string;
  dash(strategy: string): string;
}

/** Strategies in the order of the record. */
export function seriesOf({ cells }: ResultsRecord): Series {
  const names = [...new Set(cells.map(({ strategy }) => strategy))];
  return {
    names,
    color: (strategy) => seriesColor(names.indexOf(strategy)),
    dash: (strategy) => seriesDash(names.indexOf(strategy)),
  };
}

/** Cells that stand beside each other in one picture. */
export interface Comparison {
  readonly cells: readonly Cell[];
  /** `192 CPUs`; with the value of what is varied where all have the same. */
  readonly where: string;
  nameOf(cell: Cell): string;
}

/** More rows than these are no picture. */
const mostRows = 16;

/**
 * Those of `cells` on the most CPUs, where strategies differ most. Of a varied parameter all values, or where that is too much, the
 * value of the cell that waits most for lines, or the last.
 */
export function comparisonOf(cells: readonly Cell[]): Comparison {
  const most = Math.max(...cells.map(({ cpus }) => cpus));
  const onMost = cells.filter(({ cpus }) => cpus === most);
  const values = new Set(onMost.map(({ varied }) => varied?.value));
  const where = plural(most, "CPU");
  if (values.size <= 1) return { cells: onMost, where: withValue(where, onMost[0]), nameOf: nameAlone };
  if (onMost.length <= mostRows) {
    return { cells: onMost, where: `${where}, by ${onMost[0]?.varied?.parameter}`, nameOf: valueFirst };
  }
  const chosen = mostContended(onMost) ?? onMost.at(-1);
  return {
    cells: onMost.filter(({ varied }) => varied?.value === chosen?.varied?.value),
    where: withValue(where, chosen),
    nameOf: nameAlone,
  };
}

/** A name that is cut for want of room keeps its beginning. */
function valueFirst({ strategy, varied }: Cell): string {
  return `${varied?.value}: ${strategy}`;
}

function nameAlone({ strategy }: Cell): string {
  return strategy;
}

/** The strategy, and the value of what is varied. */
export function fullName({ strategy, varied }: Cell): string {
  return varied === undefined ? strategy : `${strategy}, ${varied.parameter} ${varied.value}`;
}

function withValue(where: string, cell: Cell | undefined): string {
  return cell?.varied === undefined ? where : `${where}, ${cell.varied.parameter} ${cell.varied.value}`;
}

/** `Predicted` or `Measured`, as titles begin. */
export function engineTitle(engine: string): string {
  return engine === "sim" ? "Predicted" : "Measured";
}

/** As many as a reader keeps in mind. */
const mostListed = 4;

/** `a, b, c`, or the first of many and how many more there are. */
export function listed(texts: readonly string[]): string {
  if (texts.length <= mostListed) return texts.join(", ");
  return `${texts.slice(0, mostListed - 1).join(", ")} and ${texts.length - mostListed + 1} more`;
}

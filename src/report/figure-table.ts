/** A table with one row for each cell that has to do with it, groups of CPU counts apart, as all tables below the first are. */
import type { Cell } from "../results/schema.ts";
import { figure } from "./numbers.ts";
import { plainTable } from "./plain-table.ts";

/** How the tables of one report look. */
export interface TableStyle {
  /** The strategy's name, cut where the report is too wide. */
  nameOf(cell: Cell): string;
  /** Spaces between columns. */
  readonly gap: number;
  /** Characters of a line. Tables that can leave columns out are no wider. */
  readonly mostWidth: number;
  dim(text: string): string;
}

/** Such a table before it is printed: what other reports show in their own way. */
export interface FigureTable {
  readonly title?: string;
  readonly cells: readonly Cell[];
  /** Beside strategy and CPUs. */
  readonly columns: readonly string[];
  readonly row: (cell: Cell) => readonly string[];
  /** What the columns mean, in lines of the terminal's width. */
  readonly legend: string;
}

/** The table with its title above and its legend below. */
export function figureTableText(
  { title, cells, columns, row, legend }: FigureTable,
  style: TableStyle,
): string {
  const table = figureTable(cells, columns, row, style);
  return `${title === undefined ? "" : `${title}\n`}${table}\n\n${style.dim(legend)}`;
}

/** Name, CPUs, and what `row` says, under `columns`. */
export function figureTable(
  cells: readonly Cell[],
  columns: readonly string[],
  row: (cell: Cell) => readonly string[],
  { nameOf, gap, dim }: TableStyle,
): string {
  // Codes around nothing would leave spaces at the end of the line.
  const head = ["strategy", "CPUs", ...columns].map((name) => (name === "" ? name : dim(name)));
  const rows = grouped(cells, (cell) => [nameOf(cell), cpusOf(cell), ...row(cell)]);
  return plainTable([head, ...rows], gap, (column) => (column === 0 ? "left" : "right"));
}

/**
 * The row of each cell; an empty one between numbers of CPUs, unless each has but one cell, and one with the value of what the config
 * varies before its cells.
 */
export function grouped(
  cells: readonly Cell[],
  row: (cell: Cell) => readonly string[],
): (readonly string[])[] {
  const isAlone = (cell: Cell, index: number): boolean =>
    !cells.some((other, at) => at !== index && isComparable(cell, other));
  const isApart = !cells.every(isAlone);
  return cells.flatMap((cell, index) => {
    const before = cells[index - 1];
    const rows: (readonly string[])[] = [];
    if (isApart && before !== undefined && !isComparable(before, cell)) rows.push([""]);
    const { varied } = cell;
    if (varied !== undefined && varied.value !== before?.varied?.value) {
      rows.push([`${varied.parameter} ${varied.value}`]);
    }
    return [...rows, row(cell)];
  });
}

/** Its number of CPUs, with a star where the machine has fewer. */
export function cpusOf({ cpus, oversubscribed }: Cell): string {
  return `${cpus}${oversubscribed ? "*" : ""}`;
}

/** Whether two cells differ in the strategy alone. */
export function isComparable(one: Cell, other: Cell): boolean {
  return one.cpus === other.cpus && one.varied?.value === other.varied?.value;
}

/** A figure without decimals, or `-`. */
export function shown(value: number | undefined): string {
  return value === undefined ? "-" : figure(value, 0);
}

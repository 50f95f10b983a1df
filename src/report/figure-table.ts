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
  dim(text: string): string;
}

/** Name, CPUs, and what `row` says, under `columns`. */
export function figureTable(
  cells: readonly Cell[],
  columns: readonly string[],
  row: (cell: Cell) => readonly string[],
  { nameOf, gap, dim }: TableStyle,
): string {
  const head = ["strategy", "CPUs", ...columns];
  const rows: (readonly string[])[] = [head.map(dim)];
  for (const [index, cell] of cells.entries()) {
    const before = cells[index - 1];
    if (before !== undefined && !isComparable(before, cell)) rows.push(head.map(() => ""));
    rows.push([nameOf(cell), `${cell.cpus}${cell.oversubscribed ? "*" : ""}`, ...row(cell)]);
  }
  return plainTable(rows, gap, (column) => (column === 0 ? "left" : "right"));
}

/** Whether two cells differ in the strategy alone. */
export function isComparable(one: Cell, other: Cell): boolean {
  return one.cpus === other.cpus && one.varied?.value === other.varied?.value;
}

/** A figure without decimals, or `-`. */
export function shown(value: number | undefined): string {
  return value === undefined ? "-" : figure(value, 0);
}

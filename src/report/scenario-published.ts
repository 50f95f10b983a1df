/** What was published of a scenario, beside what came out: only for the cells that the figure was published for, and how far it is off. */
import type { Cell } from "../results/schema.ts";
import { cpusOf, isComparable, type TableStyle } from "./figure-table.ts";
import { figure, whole } from "./numbers.ts";
import { plainTable, widthOf } from "./plain-table.ts";
import { wrapped } from "./wrapped.ts";

type Figure = NonNullable<Cell["figures"]>[number];
type Published = NonNullable<Figure["published"]>;

type TableNames = Pick<TableStyle, "nameOf">;

/** The cell's name in tables without rows between values of what is varied. */
export function whoOf(cell: Cell, { nameOf }: TableNames): string {
  return cell.varied === undefined ? nameOf(cell) : `${nameOf(cell)} ${cell.varied.value}`;
}

/** `system time %`; what counts or has its unit in its name stands alone. */
export function titleOf({ name, unit }: Figure): string {
  return unit === "count" || unit === "1/s" ? name : `${name} ${unit}`;
}

/** Whole numbers whole, so that exact counts can be read; others with about three digits. */
export function exact(value: number): string {
  if (Number.isInteger(value)) return whole(value);
  return value < 0 ? `-${figure(-value)}` : figure(value);
}

/** How many times better than the cell that it is held against, by rate or by the figure that the gain names, where both are there. */
export function gainOf(cell: Cell, cells: readonly Cell[]): number | undefined {
  const { gain } = cell;
  if (gain === undefined) return undefined;
  const other = cells.find(
    (one) => one.strategy === gain.over && one.engine === cell.engine && isComparable(one, cell),
  );
  if (other === undefined) return undefined;
  const [more, less] =
    gain.by === undefined
      ? [cell.requestsPerSecond, other.requestsPerSecond]
      : [figureValue(other, gain.by), figureValue(cell, gain.by)];
  return more === null || less === null || less === 0 ? undefined : more / less;
}

function figureValue({ figures = [] }: Cell, figureName: string): number | null {
  return figures.find(({ name }) => name === figureName)?.value ?? null;
}

/** What `gain` says in a table of these cells; empty where none has one. */
export function gainLegend(cells: readonly Cell[]): string[] {
  const gains = cells.flatMap(({ gain }) => (gain === undefined ? [] : [gain]));
  const over = (some: typeof gains): string => [...new Set(some.map((gain) => gain.over))].join(", ");
  const rates = gains.filter(({ by }) => by === undefined);
  const figures = [...new Set(gains.flatMap(({ by }) => (by === undefined ? [] : [by])))];
  return [
    ...(rates.length === 0 ? [] : [`gain: the rate against that of ${over(rates)} on as many CPUs`]),
    ...figures.map((by) => {
      const others = over(gains.filter((gain) => gain.by === by));
      return `gain: \`${by}\` of ${others} on as many CPUs against the variant's`;
    }),
  ];
}

/** Behind the error of a figure that follows from a parameter that nobody measured or published. */
const assumedMark = "assumed";

/** One published figure and what a cell came to. */
interface Compared {
  readonly title: string;
  readonly here: string;
  readonly published: string;
  readonly error: string;
  readonly source: string;
}

/** What was published, what came out, and how far that is off; undefined where nothing was. */
export function publishedTable(cells: readonly Cell[], style: TableStyle): string | undefined {
  const { head, notes, rows } = publishedRows(cells, style);
  if (rows.length === 0) return undefined;
  const tableOf = (shown: readonly (readonly string[])[], gap: number): string =>
    plainTable([head.map(style.dim), ...shown], gap, (column) => (column < 2 ? "left" : "right"));
  const full = tableOf(rows, style.gap);
  const short = (row: readonly string[]): string[] =>
    row.map((text, column) => (column === 4 ? withoutZeros(text) : text));
  const table =
    widthOf(full) <= style.mostWidth ? full : narrowed(style, (gap) => tableOf(rows.map(short), gap));
  return `${table}\n\n${style.dim(notes.map((note) => wrapped(note, "  ")).join("\n"))}`;
}

/** `134M..135M`: figures that were rounded before they were published say as much without their zeros. */
function withoutZeros(text: string): string {
  return text
    .replace(/(\d),000,000,000\b/g, "$1G")
    .replace(/(\d),000,000\b/g, "$1M")
    .replace(/(\d),000\b/g, "$1k");
}

/** A table with the style's gap, or with a smaller one where it is too wide. */
export function narrowed({ gap, mostWidth }: TableStyle, tableOf: (gap: number) => string): string {
  const text = tableOf(gap);
  return widthOf(text) <= mostWidth ? text : tableOf(1);
}

/** The table's cells, and what to read them by: marks, and who published. */
export function publishedRows(
  cells: readonly Cell[],
  style: TableNames,
): { head: string[]; rows: string[][]; notes: string[] } {
  const compared = new Map(cells.map((cell) => [cell, comparedOf(cell, cells)]));
  const rows = cells.flatMap((cell) =>
    (compared.get(cell) ?? []).flatMap((one) => {
      const alike = neighbours(cell, one, cells, compared);
      // Told where the row of like cells begins.
      if (alike[0] !== cell) return [];
      const ends = [cell, ...alike.slice(1).slice(-1)].map(cpusOf).join("..");
      return [[one.title, whoOf(cell, style), ends, one.here, one.published, one.error]];
    }),
  );
  const head = ["figure", "variant", "CPUs", "here", "published", "error"];
  const all = [...compared.values()].flat();
  const notes = [
    ...(all.some(({ error }) => error.endsWith(assumedMark))
      ? [`${assumedMark}: rests on an assumption`]
      : []),
    ...new Set(all.map(({ source }) => `published: ${source}`)),
  ];
  return { head, rows, notes };
}

function comparedOf(cell: Cell, cells: readonly Cell[]): Compared[] {
  const gain = gainOf(cell, cells);
  const own = (cell.figures ?? []).flatMap(({ assumed, fitted, published, value, ...named }) => {
    if (published === undefined || value === null) return [];
    const distance = fitted === true ? "fitted" : errorText(value, named.unit, published);
    const error = assumed === true ? `${distance}, ${assumedMark}` : distance;
    return [{ title: titleOf({ ...named, value }), value, published, error }];
  });
  if (gain !== undefined && cell.gain?.published !== undefined) {
    const { over, published } = cell.gain;
    own.push({
      title: `gain over ${over}`,
      value: gain,
      published,
      error: errorText(gain, "times", published),
    });
  }
  return own.map(({ error, published, title, value }) => ({
    title,
    here: exact(value),
    published:
      published.min === published.max
        ? exact(published.min)
        : `${exact(published.min)}..${exact(published.max)}`,
    error,
    source: published.source,
  }));
}

/** The cells around `cell` that differ from it in the number of CPUs alone and of which the same is told: one after the other. */
function neighbours(
  cell: Cell,
  told: Compared,
  cells: readonly Cell[],
  compared: ReadonlyMap<Cell, readonly Compared[]>,
): readonly Cell[] {
  const row = cells.filter(
    (one) =>
      one.strategy === cell.strategy &&
      one.engine === cell.engine &&
      one.varied?.value === cell.varied?.value,
  );
  const key = JSON.stringify(told);
  const isLike = (one: Cell): boolean =>
    (compared.get(one) ?? []).some((other) => JSON.stringify(other) === key);
  const at = row.indexOf(cell);
  let first = at;
  while (first > 0 && isLike(row[first - 1] as Cell)) first--;
  let last = at;
  while (last + 1 < row.length && isLike(row[last + 1] as Cell)) last++;
  return row.slice(first, last + 1);
}

/** Distance from the nearer end of what was published: of percentages in points, of anything else in percent of it. */
function errorText(value: number, unit: string, { min, max }: Published): string {
  if (value >= min && value <= max) return "0";
  const nearer = value < min ? min : max;
  const signed = (error: number): string =>
    `${error > 0 ? "+" : ""}${error.toFixed(Math.abs(error) < 10 ? 1 : 0)}`;
  if (unit === "%") return `${signed(value - nearer)} points`;
  return nearer === 0 ? exact(value) : `${signed((100 * (value - nearer)) / nearer)}%`;
}

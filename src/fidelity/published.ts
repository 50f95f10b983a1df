/** Reads the published tables: CSV with a header line, as in src/fidelity/validation. No file access, so that a page can use it. */
import { parse } from "csv-parse/sync";

/** One line: text by column; empty where nothing was published. */
export type PublishedRow = Readonly<Record<string, string>>;

/** Texts of the files, by name. */
export interface PublishedTexts {
  readonly "nginx-scaling-zen4": string;
  readonly "open1-will-it-scale": string;
  readonly "refscale-xeon8176": string;
  readonly "atomic-inc-xeon8176": string;
  readonly "core-to-core": string;
}

export const publishedNames: readonly (keyof PublishedTexts)[] = [
  "nginx-scaling-zen4",
  "open1-will-it-scale",
  "refscale-xeon8176",
  "atomic-inc-xeon8176",
  "core-to-core",
];

export function publishedRows(text: string): PublishedRow[] {
  return parse(text, { columns: true, skip_empty_lines: true, trim: true }) as PublishedRow[];
}

/** Text of a column that every row has. */
export function textIn(row: PublishedRow, column: string): string {
  const text = row[column];
  if (text === undefined || text === "") throw new RangeError(`no ${column} in ${JSON.stringify(row)}`);
  return text;
}

/** A figure, or undefined where none was published. */
export function figureIn(row: PublishedRow, column: string): number | undefined {
  const text = row[column];
  if (text === undefined) throw new RangeError(`no column ${column}`);
  if (text === "") return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new RangeError(`${column}: ${text} is not a number`);
  return value;
}

export function numberIn(row: PublishedRow, column: string): number {
  const value = figureIn(row, column);
  if (value === undefined) throw new RangeError(`no ${column} in ${JSON.stringify(row)}`);
  return value;
}

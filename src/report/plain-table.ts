/** Aligned columns without lines around them. */
import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";

const places = ["top", "bottom", "left", "right", "mid"] as const;
const corners = ["top-mid", "top-left", "top-right", "bottom-mid", "bottom-left", "bottom-right"] as const;
const joints = ["left-mid", "mid-mid", "right-mid", "middle"] as const;
const noLines = Object.fromEntries([...places, ...corners, ...joints].map((place) => [place, ""]));

/** Characters of the longest line, colour codes not counted. */
export function widthOf(text: string): number {
  const lines = stripVTControlCharacters(text).split("\n");
  return Math.max(...lines.map((line) => line.length));
}

/**
 * Rows of cells (colour codes allowed) with `gap` spaces between columns and none at the end of a line. With `widths`, the
 * columns have that many characters, gap included, and longer text wraps at words. A row of one cell goes across all columns.
 */
export function plainTable(
  rows: readonly (readonly string[])[],
  gap: number,
  align: (column: number) => "left" | "right",
  widths?: readonly number[],
): string {
  const columns = rows[0]?.length ?? 0;
  const last = columns - 1;
  const table = new Table({
    chars: noLines,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": gap },
    colAligns: Array.from({ length: columns }, (_, column) => align(column)),
    ...(widths === undefined
      ? {}
      : { colWidths: [...widths.slice(0, last), (widths[last] ?? 0) + gap], wordWrap: true }),
  });
  for (const row of rows) {
    const [content = ""] = row;
    table.push(row.length < columns ? [{ content, colSpan: columns, hAlign: "left" }] : [...row]);
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

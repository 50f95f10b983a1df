/** Tables of GitHub Flavored Markdown. */

/** @param right columns, from 0, that are aligned to the right */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string {
  const alignment = head.map((_, column) => (right.includes(column) ? "---:" : "---"));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head.map(escaped)), line(alignment), ...rows.map((row) => line(row.map(escaped)))].join("\n");
}

/** Text that stays in its cell and is no markup: names of figures have `*` in them. */
function escaped(text: string): string {
  return text.replace(/[|*_<>[\]\\]/g, (sign) => `\\${sign}`).replace(/\s+/g, " ");
}

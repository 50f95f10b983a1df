/** Tables and text of GitHub Flavored Markdown. */

/** @param right columns, from 0, that are aligned to the right */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string {
  const alignment = head.map((_, column) => (right.includes(column) ? "---:" : "---"));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(head.map(markdownText)),
    line(alignment),
    ...rows.map((row) => line(row.map(markdownText))),
  ].join("\n");
}

/** Text in one line that is no markup: names of figures have `*` in them. */
export function markdownText(text: string): string {
  return text.replace(/[|*_<>[\]\\`#]/g, (sign) => `\\${sign}`).replace(/\s+/g, " ");
}

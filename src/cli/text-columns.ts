/** Names and what they mean, in two aligned columns that wrap within a terminal's 80. */
import Table from "cli-table3";

const width = 80;

/** Lines of `name  meaning`, each indented by `indent` spaces; ends in a newline unless there are no rows. */
export function textColumns(rows: readonly (readonly [string, string])[], indent = 0): string {
  if (rows.length === 0) return "";
  const left = Math.max(...rows.map(([name]) => name.length)) + 2;
  const none = "";
  const table = new Table({
    colWidths: [left, width - left - indent],
    wordWrap: true,
    style: { "padding-left": 0, "padding-right": 0, compact: true, head: [], border: [] },
    chars: {
      top: none,
      "top-mid": none,
      "top-left": none,
      "top-right": none,
      bottom: none,
      "bottom-mid": none,
      "bottom-left": none,
      "bottom-right": none,
      left: none,
      "left-mid": none,
      mid: none,
      "mid-mid": none,
      right: none,
      "right-mid": none,
      middle: none,
    },
  });
  for (const row of rows) table.push([...row]);
  const lines = table.toString().split("\n");
  return lines.map((line) => `${" ".repeat(indent)}${line.trimEnd()}\n`).join("");
}

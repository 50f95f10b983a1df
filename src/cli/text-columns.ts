/** Names and what they mean, in two aligned columns that wrap within a terminal's 80. */
import { plainTable } from "../report/plain-table.ts";

const width = 80;
const gap = 2;

/** Lines of `name  meaning`, each indented by `indent` spaces; ends in a newline unless there are no rows. */
export function textColumns(rows: readonly (readonly [string, string])[], indent = 0): string {
  if (rows.length === 0) return "";
  const left = Math.max(...rows.map(([name]) => name.length)) + gap;
  const table = plainTable(rows, gap, () => "left", [left, width - left - indent]);
  return table
    .split("\n")
    .map((line) => `${" ".repeat(indent)}${line}\n`)
    .join("");
}

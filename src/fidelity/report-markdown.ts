/** The tables as Markdown: what docs/fidelity.md shows. */
import { cellTexts, summaryText } from "./cell-text.ts";
import type { PredictedTable } from "./types.ts";

const head = ["column", "row", "predicted", "published", "error", "bound", ""];
const alignment = ["---", "---", "---:", "---:", "---:", "---:", "---"];

export function fidelityMarkdown(tables: readonly PredictedTable[]): string {
  return `${[...tables.map(tableMarkdown), `${summaryText(tables)}.`].join("\n\n")}\n`;
}

export function tableMarkdown(table: PredictedTable): string {
  const rows = [head, alignment, ...table.cells.map((cell) => cellTexts(cell, table).map(escaped))];
  return [
    `## ${table.name}: ${table.title}`,
    "",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
    "",
    `Source: ${table.source}.`,
    "",
    ...table.notes.map((note) => `- ${note}`),
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}

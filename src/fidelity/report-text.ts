/** The tables as a terminal shows them: at most 80 characters a line. */
import { plainTable } from "../report/plain-table.ts";
import { cellHead, cellTexts, summaryText } from "./cell-text.ts";
import type { PredictedTable } from "./types.ts";

export interface TextStyle {
  /** For what is beyond its bound. */
  readonly alarm: (text: string) => string;
  readonly dim: (text: string) => string;
}

const plain: TextStyle = { alarm: (text) => text, dim: (text) => text };
const lineLength = 80;

export function fidelityText(tables: readonly PredictedTable[], style: TextStyle = plain): string {
  const parts = tables.map((table) => tableText(table, style));
  return `${[...parts, summaryText(tables)].join("\n\n")}\n`;
}

function tableText(table: PredictedTable, style: TextStyle): string {
  const rows = table.cells.map((cell) => {
    const texts = cellTexts(cell, table);
    return cell.within ? texts : texts.map(style.alarm);
  });
  const body = plainTable([[...cellHead], ...rows], 2, (column) =>
    column < 2 || column === 6 ? "left" : "right",
  );
  const head = wrapped(`${table.name}: ${table.title}`, "");
  const notes = [`Source: ${table.source}`, ...table.notes].map((note) => wrapped(note, "  "));
  return [head, "", body, "", style.dim(notes.join("\n"))].join("\n");
}

/** Broken at blanks; lines after the first begin with `indent`. */
function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const next = line === "" ? word : `${line} ${word}`;
    if (next.length > lineLength && line.trim() !== "") {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = next;
  }
  return [...lines, line].join("\n");
}

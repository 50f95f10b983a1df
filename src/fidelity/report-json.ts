/** The tables as data: `refplay fidelity --json`. */
import { allWithin } from "./bounds.ts";
import type { PredictedTable } from "./types.ts";

export function fidelityJson(tables: readonly PredictedTable[]): string {
  const document = {
    within: allWithin(tables),
    tables: tables.map(({ cells, ...table }) => ({
      ...table,
      cells: cells.map(({ figure: _figure, ...cell }) => cell),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

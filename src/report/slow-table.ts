/** The table of slow windows: times in which references to some label cost more, against the rest of the run. */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { figureTable, shown, type TableStyle } from "./figure-table.ts";
import { figure } from "./numbers.ts";

const columns = ["windows", "open %", "longest ms", "inside/s", "outside/s", "inside %"];

const legend = [
  "windows: times that a label's references cost more (all runs); open %: of the time,",
  "with one or more open; inside/s, outside/s: requests per second meanwhile and",
  "otherwise; inside %: the one against the other.",
];

/** The table with its legend; undefined where no label was ever in a slow window. */
export function slowTable(results: ResultsRecord, style: TableStyle): string | undefined {
  if (results.cells.every(({ slowWindows }) => slowWindows === undefined)) return undefined;
  return `${figureTable(results.cells, columns, row, style)}\n\n${style.dim(legend.join("\n"))}`;
}

function row({ slowWindows }: Cell): readonly string[] {
  if (slowWindows === undefined) return columns.map(() => "-");
  const { insidePerSecond: inside, outsidePerSecond: outside } = slowWindows;
  return [
    shown(slowWindows.windows),
    (100 * slowWindows.openShare).toFixed(2),
    figure(slowWindows.longestMs),
    inside === null ? "-" : shown(inside),
    outside === null ? "-" : shown(outside),
    inside === null || outside === null ? "-" : (100 * (inside / outside)).toFixed(0),
  ];
}

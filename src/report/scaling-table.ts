/** The question of a scalability problem in one picture: strategies down, CPUs across, and how much of a CPU's work is left. */
import type { Cell } from "../results/schema.ts";
import type { TableStyle } from "./figure-table.ts";
import { tableWidth } from "./layout.ts";
import { plainTable } from "./plain-table.ts";

/** Characters that one number of CPUs takes, and the longest name that is shown in full. */
const [countWidth, mostNameWidth] = [7, 30];

/** One table for each value of what is varied, with a legend; undefined where no strategy ran on several numbers of CPUs. */
export function scalingTable(cells: readonly Cell[], style: TableStyle): string | undefined {
  const values = [...new Set(cells.map(({ varied }) => varied?.value))];
  const tables = values.flatMap((value) => {
    const of = cells.filter(({ varied }) => varied?.value === value);
    if (of.every(({ efficiencyPct }) => efficiencyPct === undefined)) return [];
    const [first] = of;
    const title = first?.varied === undefined ? [] : [[`${first.varied.parameter} ${first.varied.value}`]];
    return [matrix(of, title, style)];
  });
  if (tables.length === 0) return undefined;
  const legend = "requests per second and CPU, percent of those on the fewest CPUs.";
  return [...tables, style.dim(legend)].join("\n\n");
}

function matrix(cells: readonly Cell[], title: readonly string[][], { dim, nameOf }: TableStyle): string {
  const counts = [...new Set(cells.map(({ cpus }) => cpus))].sort((a, b) => a - b);
  const strategies = [...new Set(cells.map(({ strategy }) => strategy))];
  const room = Math.min(mostNameWidth, tableWidth - countWidth * counts.length);
  const rows = strategies.map((strategy) => {
    const own = cells.filter((cell) => cell.strategy === strategy);
    const [some] = own;
    return [
      // There are few columns, so most names fit that other tables must cut.
      some === undefined || strategy.length <= room ? strategy : nameOf(some),
      ...counts.map((count) => own.find(({ cpus }) => cpus === count)?.efficiencyPct?.toFixed(1) ?? "-"),
    ];
  });
  const head = ["% at CPUs", ...counts.map(String)].map(dim);
  return plainTable([head, ...title, ...rows], 2, (column) => (column === 0 ? "left" : "right"));
}

/** The question of a scalability problem in one picture: strategies down, CPUs across, and how much of a CPU's work is left. */
import type { Cell } from "../results/schema.ts";
import { sparkline } from "./blocks.ts";
import type { TableStyle } from "./figure-table.ts";
import { tableWidth } from "./layout.ts";
import { plainTable, widthOf } from "./plain-table.ts";
import { wrapped } from "./wrapped.ts";

/** Characters of the longest name that is shown in full. */
const mostNameWidth = 30;
/** Fewer values show no course. */
const leastCourse = 3;

/** Ways to set the same figures, widest first. */
const shapes = [
  { gap: 2, decimals: 1 },
  { gap: 1, decimals: 1 },
  { gap: 1, decimals: 0 },
] as const;

type Shape = (typeof shapes)[number];

/**
 * One table for each value of what is varied, with a legend; undefined where no strategy ran on several numbers of CPUs.
 * @param unit what is counted per second
 */
export function scalingTable(
  cells: readonly Cell[],
  style: TableStyle,
  unit = "requests",
): string | undefined {
  const values = [...new Set(cells.map(({ varied }) => varied?.value))];
  const tables = values.flatMap((value) => {
    const of = cells.filter(({ varied }) => varied?.value === value);
    if (of.every(({ efficiencyPct }) => efficiencyPct === undefined)) return [];
    const [first] = of;
    const title = first?.varied === undefined ? [] : [[`${first.varied.parameter} ${first.varied.value}`]];
    return [matrix(of, title, style)];
  });
  if (tables.length === 0) return undefined;
  const courses = countsOf(cells).length >= leastCourse ? "; the curve has 0 at its foot" : "";
  const legend = `${unit} per second and CPU, percent of those on the fewest CPUs${courses}.`;
  return [...tables, style.dim(wrapped(legend))].join("\n\n");
}

function countsOf(cells: readonly Cell[]): number[] {
  return [...new Set(cells.map(({ cpus }) => cpus))].sort((a, b) => a - b);
}

/** The widest shape that fits, with full names if they do; where none fits, several tables with some of the counts each. */
function matrix(cells: readonly Cell[], title: readonly string[][], style: TableStyle): string {
  const counts = countsOf(cells);
  for (const shape of shapes) {
    // There are few columns, so most names fit that other tables must cut.
    for (const fullNames of [true, false]) {
      const text = table(cells, counts, title, shape, fullNames, style);
      if (widthOf(text) <= tableWidth) return text;
    }
  }
  if (counts.length <= 1) return table(cells, counts, title, shapes[2], false, style);
  const half = Math.ceil(counts.length / 2);
  return [counts.slice(0, half), counts.slice(half)]
    .map((part) =>
      matrix(
        cells.filter(({ cpus }) => part.includes(cpus)),
        title,
        style,
      ),
    )
    .join("\n\n");
}

function table(
  cells: readonly Cell[],
  counts: readonly number[],
  title: readonly string[][],
  { gap, decimals }: Shape,
  fullNames: boolean,
  { dim, nameOf }: TableStyle,
): string {
  const strategies = [...new Set(cells.map(({ strategy }) => strategy))];
  const isCourse = counts.length >= leastCourse;
  const most = Math.max(100, ...cells.map(({ efficiencyPct }) => efficiencyPct ?? 0));
  const rows = strategies.map((strategy) => {
    const own = cells.filter((cell) => cell.strategy === strategy);
    const [some] = own;
    const values = counts.map((count) => own.find(({ cpus }) => cpus === count)?.efficiencyPct);
    return [
      some === undefined || (fullNames && strategy.length <= mostNameWidth) ? strategy : nameOf(some),
      ...values.map((value) => value?.toFixed(decimals) ?? "-"),
      ...(isCourse ? [sparkline(values, most)] : []),
    ];
  });
  const head = [...["% at CPUs", ...counts.map(String)].map(dim), ...(isCourse ? [""] : [])];
  const last = isCourse ? counts.length + 1 : -1;
  return plainTable([head, ...title, ...rows], gap, (column) =>
    column === 0 || column === last ? "left" : "right",
  );
}

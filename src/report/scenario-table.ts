/**
 * The report of a scenario with a program of its own: rates and gains, the scenario's figures, what was published beside them with
 * the error, and the lines that moved most.
 */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { cpusOf, grouped, isComparable, type TableStyle } from "./figure-table.ts";
import { shortName } from "./layout.ts";
import { figure, percent, whole } from "./numbers.ts";
import { plainTable, widthOf } from "./plain-table.ts";
import { scalingTable } from "./scaling-table.ts";
import { exact, gainLegend, gainOf, narrowed, publishedTable, titleOf, whoOf } from "./scenario-published.ts";

/** Whether a record is of such a scenario. */
export function isOfScenario(results: ResultsRecord): boolean {
  return results.cells.some(({ figures }) => figures !== undefined);
}

/** All tables of the cells of one engine, with their legends. */
export function scenarioTables({ cells }: ResultsRecord, style: TableStyle): string[] {
  const isSimulated = cells.some(({ engine }) => engine === "sim");
  const parts = [
    isSimulated ? scalingTable(cells, style, unitOf(cells)) : undefined,
    rates(cells, style),
    ...figureTables(cells, style),
    publishedTable(cells, style),
    hotLines(cells, style),
  ];
  return parts.filter((part) => part !== undefined);
}

const leftFirst = (column: number): "left" | "right" => (column === 0 ? "left" : "right");

/** What a request is. */
export function unitOf(cells: readonly Cell[]): string {
  return cells.find(({ requestUnit }) => requestUnit !== undefined)?.requestUnit ?? "requests";
}

function rates(cells: readonly Cell[], style: TableStyle): string {
  const unit = unitOf(cells);
  // One simulated run has no spread to speak of.
  const spreads = cells.some(
    (cell) => cell.engine !== "sim" || cell.requestsPerSecondSpread.repetitions.length > 1,
  );
  const gains = cells.some((cell) => cell.gain !== undefined);
  const names = [
    ...["variant", "CPUs", `${unit}/s`],
    ...(spreads ? ["±%"] : []),
    ...(gains ? ["gain"] : []),
    ...["RMW each", "faults"],
  ];
  const head = names.map(style.dim);
  const rows = grouped(cells, (cell) => {
    const gain = gainOf(cell, cells);
    return [
      style.nameOf(cell),
      cpusOf(cell),
      whole(cell.requestsPerSecond),
      ...(spreads ? [percent(cell.requestsPerSecondSpread.medianAbsDev, cell.requestsPerSecond)] : []),
      ...(gains ? [gain === undefined ? "-" : figure(gain)] : []),
      cell.rmwPerRequestTotal === null ? "-" : figure(cell.rmwPerRequestTotal),
      String(cell.leaked + cell.violations),
    ];
  });
  // On threads nobody counts them but the watched run.
  const inSmall = cells.some(({ engine }) => engine === "threads") ? ", in small" : "";
  const legend = [
    ...gainLegend(cells).map((line) => `${line}.`),
    `RMW each: atomic operations for one${inSmall}; faults: leaks and broken rules.`,
  ];
  return `${plainTable([head, ...rows], style.gap, leftFirst)}\n\n${style.dim(legend.join("\n"))}`;
}

/** Tables of figures: those that differ with the number of CPUs, then those that are a variant's whatever that is. */
function figureTables(cells: readonly Cell[], style: TableStyle): string[] {
  const names = [...new Set(cells.flatMap(({ figures = [] }) => figures.map(titleOf)))];
  const firsts = cells.filter(
    ({ strategy }, index) => cells.findIndex((cell) => cell.strategy === strategy) === index,
  );
  const isFixed = (title: string): boolean =>
    firsts.length < cells.length &&
    cells.every((cell) => {
      const first = firsts.find(({ strategy }) => strategy === cell.strategy);
      return first !== undefined && cellValue(cell, title) === cellValue(first, title);
    });
  const fixed = names.filter(isFixed);
  const row = (cell: Cell, titles: readonly string[]) => titles.map((title) => cellValue(cell, title));
  return [
    ...within(
      names.filter((name) => !fixed.includes(name)),
      style,
      (titles) => [
        ["variant", "CPUs", ...titles],
        ...grouped(cells, (cell) => [style.nameOf(cell), cpusOf(cell), ...row(cell, titles)]),
      ],
    ),
    ...within(fixed, style, (titles) => [
      ["variant", ...titles],
      ...firsts.map((cell) => [style.nameOf(cell), ...row(cell, titles)]),
    ]),
  ];
}

/** As many tables with these columns as it takes to stay within the width. */
function within(
  names: readonly string[],
  style: TableStyle,
  rowsOf: (titles: readonly string[]) => readonly (readonly string[])[],
): string[] {
  const tableOf = (titles: readonly string[]): string => {
    const [head = [], ...rows] = rowsOf(titles);
    return plainTable([head.map(style.dim), ...rows], style.gap, leftFirst);
  };
  const tables: string[][] = [];
  for (const name of names) {
    const last = tables.at(-1);
    if (last !== undefined && widthOf(tableOf([...last, name])) <= style.mostWidth) last.push(name);
    else tables.push([name]);
  }
  return tables.map(tableOf);
}

/** The figure that is titled so (`titleOf`), as a table shows it; `-` where the cell has none. */
export function cellValue({ figures = [] }: Cell, title: string): string {
  const found = figures.find((one) => titleOf(one) === title);
  return found === undefined || found.value === null ? "-" : exact(found.value);
}

/** The lines that moved most in each cell on most CPUs, and the code that moved them. */
function hotLines(cells: readonly Cell[], style: TableStyle): string | undefined {
  const most = Math.max(...cells.map(({ cpus }) => cpus));
  const rows = cells
    .filter(({ cpus }) => cpus === most)
    .flatMap((cell) =>
      (cell.hottestLines ?? [])
        .slice(0, 2)
        .map((line) => [
          line.symbol,
          whoOf(cell, style),
          cpusOf(cell),
          figure(line.transfersPerRequest),
          figure(line.meanWaitNs),
          String(line.mostWaiting),
          line.code[0]?.function ?? "-",
        ]),
    );
  if (rows.length === 0) return undefined;
  const head = ["contended line", "variant", "CPUs", "moves each", "wait ns", "most", "moved by"].map(
    style.dim,
  );
  const tableOf = (shown: readonly (readonly string[])[]): string =>
    narrowed(style, (gap) =>
      plainTable([head, ...shown], gap, (column) => (column < 2 || column === 6 ? "left" : "right")),
    );
  // The function gives way before the line's own name.
  const cut = [6, 0].reduce(
    (shown, column) => cutToFit(shown, column, widthOf(tableOf(shown)) - style.mostWidth),
    rows,
  );
  const table = tableOf(cut);
  const legend = [
    "moves each: transfers of the line per request; wait ns: from request to its end;",
    "most: CPUs that waited at a time; moved by: the function that did most.",
  ];
  return `${table}\n\n${style.dim(legend.join("\n"))}`;
}

/** Characters of a name that are left of it wherever it is cut. */
const leastName = 12;

/** The rows, with the longest texts of one column `excess` characters shorter where that leaves enough of them. */
function cutToFit(rows: string[][], column: number, excess: number): string[][] {
  if (excess <= 0) return rows;
  const longest = Math.max(...rows.map((row) => (row[column] ?? "").length));
  const width = Math.max(leastName, longest - excess);
  return rows.map((row) => row.map((text, index) => (index === column ? shortName(text, width) : text)));
}

/** Rates of variants that are on both engines; undefined where none is. */
export function scenarioSideBySide(cells: readonly Cell[], style: TableStyle): string | undefined {
  const measuredOf = (cell: Cell): Cell | undefined =>
    cells.find(
      (other) => other.engine === "threads" && other.strategy === cell.strategy && isComparable(other, cell),
    );
  const both = cells.filter((cell) => cell.engine === "sim" && measuredOf(cell) !== undefined);
  if (both.length === 0) return undefined;
  const unit = unitOf(cells);
  const head = ["variant", "CPUs", `predicted ${unit}/s`, "measured", "ratio"].map(style.dim);
  const rows = grouped(both, (cell) => {
    const measured = measuredOf(cell)?.requestsPerSecond ?? 0;
    const ratio = measured === 0 ? "-" : figure(cell.requestsPerSecond / measured);
    return [style.nameOf(cell), cpusOf(cell), whole(cell.requestsPerSecond), whole(measured), ratio];
  });
  const legend = [
    "ratio: predicted by measured. It means something where the simulated machine",
    "describes this one (`refplay calibrate`).",
  ];
  return `Prediction and measurement\n${plainTable([head, ...rows], style.gap, leftFirst)}\n\n${style.dim(legend.join("\n"))}`;
}

/**
 * The report of a scenario with a program of its own: rates and gains, the scenario's figures, what was published beside them with
 * the error, and the lines that moved most.
 */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { cpusOf, grouped, isComparable, type TableStyle } from "./figure-table.ts";
import { figure, percent, whole } from "./numbers.ts";
import { plainTable } from "./plain-table.ts";

type Figures = NonNullable<Cell["figures"]>;
type Published = NonNullable<Figures[number]["published"]>;

/** Whether a record is of such a scenario. */
export function isOfScenario(results: ResultsRecord): boolean {
  return results.cells.some(({ figures }) => figures !== undefined);
}

/** All tables with their legends. */
export function scenarioTables(results: ResultsRecord, style: TableStyle): string {
  const parts = [
    rates(results, style),
    ...figureTables(results.cells, style),
    published(results, style),
    hotLines(results.cells, style),
  ];
  return parts.filter((part) => part !== undefined).join("\n\n");
}

const leftFirst = (column: number): "left" | "right" => (column === 0 ? "left" : "right");

function rates({ cells }: ResultsRecord, style: TableStyle): string {
  const unit = cells.find(({ requestUnit }) => requestUnit !== undefined)?.requestUnit ?? "requests";
  const head = ["variant", "CPUs", `${unit}/s`, "±%", "gain", "RMW each", "faults"].map(style.dim);
  const rows = grouped(cells, (cell) => {
    const gain = gainOf(cell, cells);
    return [
      style.nameOf(cell),
      cpusOf(cell),
      whole(cell.requestsPerSecond),
      percent(cell.requestsPerSecondSpread.medianAbsDev, cell.requestsPerSecond),
      gain === undefined ? "-" : figure(gain),
      cell.rmwPerRequestTotal === null ? "-" : figure(cell.rmwPerRequestTotal),
      String(cell.leaked + cell.violations),
    ];
  });
  const over = [...new Set(cells.flatMap(({ gain }) => (gain === undefined ? [] : [gain.over])))];
  const legend = [
    ...(over.length === 0 ? [] : [`gain: the rate against that of ${over.join(", ")} on as many CPUs.`]),
    "RMW each: atomic operations of one, in small; faults: leaks and broken rules.",
  ];
  return `${plainTable([head, ...rows], style.gap, leftFirst)}\n\n${style.dim(legend.join("\n"))}`;
}

/** The rate against that of the cell that it is held against, where both are there. */
function gainOf(cell: Cell, cells: readonly Cell[]): number | undefined {
  const { gain } = cell;
  if (gain === undefined) return undefined;
  const other = cells.find(
    (one) => one.strategy === gain.over && one.engine === cell.engine && isComparable(one, cell),
  );
  return other === undefined || other.requestsPerSecond === 0
    ? undefined
    : cell.requestsPerSecond / other.requestsPerSecond;
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
  const widthOf = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));
  const tables: string[][] = [];
  for (const name of names) {
    const last = tables.at(-1);
    if (last !== undefined && widthOf(tableOf([...last, name])) <= style.mostWidth) last.push(name);
    else tables.push([name]);
  }
  return tables.map(tableOf);
}

/** `system time %`; what counts or has its unit in its name stands alone. */
function titleOf({ name, unit }: Figures[number]): string {
  return unit === "count" || unit === "1/s" ? name : `${name} ${unit}`;
}

function cellValue({ figures = [] }: Cell, title: string): string {
  const found = figures.find((one) => titleOf(one) === title);
  return found === undefined || found.value === null ? "-" : exact(found.value);
}

/** Whole numbers whole, so that exact counts can be read; others with about three digits. */
function exact(value: number): string {
  if (Number.isInteger(value)) return whole(value);
  return value < 0 ? `-${figure(-value)}` : figure(value);
}

/** What was published, what came out, and how far that is off. */
function published({ cells }: ResultsRecord, style: TableStyle): string | undefined {
  const sources: string[] = [];
  const known = cells.flatMap((cell): string[][] => {
    const row = (title: string, value: number, known: Published, fitted: boolean): string[] => {
      if (!sources.includes(known.source)) sources.push(known.source);
      return [
        title,
        style.nameOf(cell),
        cpusOf(cell),
        exact(value),
        known.min === known.max ? exact(known.min) : `${exact(known.min)}..${exact(known.max)}`,
        fitted ? "fitted" : errorText(value, known),
      ];
    };
    const ofFigures = (cell.figures ?? []).flatMap((one) =>
      one.published === undefined || one.value === null
        ? []
        : [row(titleOf(one), one.value, one.published, one.fitted === true)],
    );
    const gain = gainOf(cell, cells);
    return gain === undefined || cell.gain?.published === undefined
      ? ofFigures
      : [...ofFigures, row(`gain over ${cell.gain.over}`, gain, cell.gain.published, false)];
  });
  const rows = together(known);
  if (rows.length === 0) return undefined;
  const head = ["figure", "variant", "CPUs", "here", "published", "error"].map(style.dim);
  const table = plainTable([head, ...rows], style.gap, (column) => (column < 2 ? "left" : "right"));
  return `${table}\n\n${style.dim(sources.map((source) => `published: ${source}`).join("\n"))}`;
}

/** Rows that differ in the CPUs alone become one, with the first and the last of them. */
function together(rows: readonly string[][]): string[][] {
  const without = ([title, variant, , ...rest]: readonly string[]): string =>
    [title, variant, ...rest].join("|");
  const kept = rows.filter(
    (row, index) => rows.findIndex((other) => without(other) === without(row)) === index,
  );
  return kept.map((row) => {
    const alike = rows.filter((other) => without(other) === without(row));
    const cpus = [alike[0]?.[2] ?? "", alike.at(-1)?.[2] ?? ""];
    return [...row.slice(0, 2), alike.length === 1 ? (row[2] ?? "") : cpus.join(".."), ...row.slice(3)];
  });
}

/** Distance from the nearer end of what was published, in percent of it; of percentages in points. */
function errorText(value: number, { min, max }: Published): string {
  if (value >= min && value <= max) return "0";
  const nearer = value < min ? min : max;
  if (nearer === 0) return exact(value);
  const error = (100 * (value - nearer)) / nearer;
  return `${error > 0 ? "+" : ""}${error.toFixed(Math.abs(error) < 10 ? 1 : 0)}%`;
}

/** The line that moved most in each cell on most CPUs, and the code that moved it. */
function hotLines(cells: readonly Cell[], style: TableStyle): string | undefined {
  const most = Math.max(...cells.map(({ cpus }) => cpus));
  const rows = cells
    .filter(({ cpus }) => cpus === most)
    .flatMap((cell) =>
      (cell.hottestLines ?? [])
        .slice(0, 2)
        .map((line) => [
          line.symbol,
          style.nameOf(cell),
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
  const table = plainTable([head, ...rows], style.gap, (column) =>
    column < 2 || column === 6 ? "left" : "right",
  );
  const legend = [
    "moves each: transfers of the line per request; wait ns: from request to its end;",
    "most: CPUs that waited at a time; moved by: the function that did most.",
  ];
  return `${table}\n\n${style.dim(legend.join("\n"))}`;
}

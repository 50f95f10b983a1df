/** Where the time went and how far lines came, for the cells on the most CPUs, where strategies differ most. */
import type { Cell } from "../results/schema.ts";
import { stackedBar } from "./blocks.ts";
import { figureTable, type TableStyle } from "./figure-table.ts";
import { figure } from "./numbers.ts";
import { widthOf } from "./plain-table.ts";
import { wrapped } from "./wrapped.ts";

interface Column {
  readonly name: string;
  readonly legend: string;
  readonly value: (cell: Cell) => number | undefined;
}

type Moves = NonNullable<Cell["transfersPerRequest"]>;
type Time = NonNullable<Cell["timeSplitPct"]>;

function moves(name: string, distance: keyof Moves, legend: string): Column {
  return { name, legend, value: ({ transfersPerRequest }) => transfersPerRequest?.[distance] };
}

function time(name: string, part: keyof Time, legend: string): Column {
  return { name, legend, value: ({ timeSplitPct }) => timeSplitPct?.[part] };
}

const distances: readonly Column[] = [
  moves("smt", "smt", "smt: from another thread of the core"),
  moves("L3", "l3", "L3: from another core of the L3 domain"),
  moves("socket", "socket", "socket: from another domain"),
  moves("cross", "cross", "cross: from another socket"),
  moves("memory", "memory", "memory: no cache had it"),
];

const times: readonly Column[] = [
  time("think", "think", "think: outside the kernel"),
  time("slow", "slowdown", "slow: what the machine's own scaling adds to that"),
  time("own", "own", "own: hits and atomic operations"),
  time("lines", "lines", "lines: waiting for cache lines"),
  time("locks", "locks", "locks: waiting for locks"),
  time("grace", "gracePeriods", "grace: waiting for grace periods"),
  time("held", "spin", "held: held up by the script"),
  time("rest", "rest", "rest: done before others"),
];

/** Columns of the bar at most; with fewer than the least it shows nothing. */
const [mostBar, leastBar] = [24, 8];

const barLegend = "the bar: ░ outside the kernel, ▒ own, █ waiting";

/** Where the time went, at a glance: at work outside the kernel, at work in it, waiting for others. */
function timeBar({ timeSplitPct: time }: Cell, columns: number): string {
  if (time === undefined) return "";
  const parts = [
    { fill: "░", value: time.think + time.slowdown },
    { fill: "▒", value: time.own },
    { fill: "█", value: time.lines + time.locks + time.gracePeriods + time.spin },
  ];
  return stackedBar(parts, 100, columns);
}

/** Both tables with their legends; undefined where no cell was simulated. */
export function movementTables(all: readonly Cell[], style: TableStyle): string | undefined {
  const simulated = all.filter(({ timeSplitPct }) => timeSplitPct !== undefined);
  const most = Math.max(...simulated.map(({ cpus }) => cpus));
  const cells = simulated.filter(({ cpus }) => cpus === most);
  if (cells.length === 0) return undefined;
  const tables = [
    table("Cache lines that came from elsewhere, per request", cells, distances, figure, style),
    table("Time of the CPUs, %", cells, times, (value) => value.toFixed(1), style, timeBar),
  ].filter((text) => text !== undefined);
  return tables.length === 0 ? undefined : tables.join("\n\n");
}

/** Columns are there where one cell has something that shows in them, undefined where none has; a bar where there is room behind them. */
function table(
  title: string,
  cells: readonly Cell[],
  columns: readonly Column[],
  text: (value: number) => string,
  style: TableStyle,
  barOf?: (cell: Cell, columns: number) => string,
): string | undefined {
  const used = columns.filter(({ value }) => cells.some((cell) => Number(text(value(cell) ?? 0)) !== 0));
  if (used.length === 0) return undefined;
  const head = used.map(({ name }) => name);
  const row = (cell: Cell): string[] =>
    used.map(({ value }) => {
      const of = value(cell);
      return of === undefined ? "-" : text(of);
    });
  const figures = figureTable(cells, head, row, style);
  const room = style.mostWidth - style.gap - widthOf(figures);
  // Without a bound on the width somebody asks how wide the figures are.
  const bar = room < leastBar || room === Number.POSITIVE_INFINITY ? undefined : barOf;
  const shown =
    bar === undefined
      ? figures
      : figureTable(
          cells,
          [...head, ""],
          (cell) => [...row(cell), bar(cell, Math.min(room, mostBar))],
          style,
        );
  const legends = [...used.map(({ legend }) => legend), ...(bar === undefined ? [] : [barLegend])];
  return `${title}\n${shown}\n\n${style.dim(wrapped(`${legends.join("; ")}.`))}`;
}

/** Where the time went and how far lines came, for the cells on the most CPUs, where strategies differ most. */
import type { Cell } from "../results/schema.ts";
import { figureTable, type TableStyle } from "./figure-table.ts";
import { figure } from "./numbers.ts";
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

/** Both tables with their legends; undefined where no cell was simulated. */
export function movementTables(all: readonly Cell[], style: TableStyle): string | undefined {
  const simulated = all.filter(({ timeSplitPct }) => timeSplitPct !== undefined);
  const most = Math.max(...simulated.map(({ cpus }) => cpus));
  const cells = simulated.filter(({ cpus }) => cpus === most);
  if (cells.length === 0) return undefined;
  return [
    table("Cache lines that came from elsewhere, per request", cells, distances, figure, style),
    table("Time of the CPUs, %", cells, times, (value) => value.toFixed(1), style),
  ].join("\n\n");
}

/** Columns are there where one cell has something that shows in them. */
function table(
  title: string,
  cells: readonly Cell[],
  columns: readonly Column[],
  text: (value: number) => string,
  style: TableStyle,
): string {
  const used = columns.filter(({ value }) => cells.some((cell) => Number(text(value(cell) ?? 0)) !== 0));
  const shown = figureTable(
    cells,
    used.map(({ name }) => name),
    (cell) =>
      used.map(({ value }) => {
        const of = value(cell);
        return of === undefined ? "-" : text(of);
      }),
    style,
  );
  const legend = wrapped(`${used.map(({ legend }) => legend).join("; ")}.`);
  return `${title}\n${shown}\n\n${style.dim(legend)}`;
}

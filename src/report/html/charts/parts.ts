/** Stacked bars of one figure in its parts: where time went, how far lines came, what a label's bytes are. */

import type { Cell } from "../../../results/schema.ts";
import { figure } from "../../numbers.ts";
import { type Bar, type BarAxis, barsPlot } from "../bars.ts";
import type { ChartFigure } from "../figure.ts";
import { quietColor, seriesColor } from "../palette.ts";
import { type Comparison, comparisonOf, engineTitle } from "../series.ts";

interface Part {
  readonly name: string;
  readonly color: string;
  readonly value: (cell: Cell) => number;
}

interface Split {
  readonly id: string;
  readonly title: string;
  readonly axis: BarAxis;
  readonly parts: readonly Part[];
  readonly text: (value: number) => string;
  /** What stands behind a bar's label. */
  readonly value: (cell: Cell) => string;
  finding(cells: readonly Cell[], nameOf: Comparison["nameOf"]): string;
}

type Time = NonNullable<Cell["timeSplitPct"]>;
type Moves = NonNullable<Cell["transfersPerRequest"]>;
type Bytes = NonNullable<Cell["labelBytesByPart"]>;

const time = (name: string, part: keyof Time, color: string): Part => ({
  name,
  color,
  value: ({ timeSplitPct }) => timeSplitPct?.[part] ?? 0,
});
const moves = (name: string, distance: keyof Moves, color: string): Part => ({
  name,
  color,
  value: ({ transfersPerRequest }) => transfersPerRequest?.[distance] ?? 0,
});
const bytes = (name: string, color: string, value: (parts: Bytes) => number): Part => ({
  name,
  color,
  value: ({ labelBytesByPart: parts }) => (parts === undefined ? 0 : value(parts)),
});

const waits = ({ timeSplitPct: split }: Cell): number =>
  split === undefined ? 0 : split.lines + split.locks;

const timeSplit: Split = {
  id: "time",
  title: "where CPUs spent their time",
  axis: { label: "% of the time of all CPUs", percent: true },
  parts: [
    time("outside the kernel", "think", seriesColor(0)),
    time("what the machine's scaling adds to that", "slowdown", seriesColor(9)),
    time("hits and atomic operations", "own", seriesColor(2)),
    time("waiting for cache lines", "lines", seriesColor(1)),
    time("waiting for locks", "locks", seriesColor(4)),
    time("waiting for grace periods", "gracePeriods", seriesColor(3)),
    time("held up by the script", "spin", seriesColor(5)),
    time("done before others", "rest", quietColor),
  ],
  text: (value) => value.toFixed(1),
  value: (cell) => `${waits(cell).toFixed(1)} % waiting for lines and locks`,
  finding(cells, nameOf) {
    const sorted = [...cells].sort((one, other) => waits(other) - waits(one));
    const [most, least] = [sorted[0], sorted.at(-1)];
    if (most === undefined || least === undefined) return "";
    const of = (cell: Cell): string => `${waits(cell).toFixed(1)} % of their time with ${nameOf(cell)}`;
    return of(most).split(" ")[0] === of(least).split(" ")[0]
      ? `CPUs wait for cache lines and locks ${waits(most).toFixed(1)} % of their time.`
      : `CPUs wait for cache lines and locks most, ${of(most)}; least, ${of(least)}.`;
  },
};

const moved = ({ transfersPerRequest }: Cell): number => transfersPerRequest?.all ?? 0;

const movement: Split = {
  id: "moves",
  title: "cache lines that came from elsewhere",
  axis: { label: "lines per request" },
  parts: [
    moves("another thread of the core", "smt", seriesColor(2)),
    moves("another core of the L3 domain", "l3", seriesColor(0)),
    moves("another L3 domain of the socket", "socket", seriesColor(4)),
    moves("another socket", "cross", seriesColor(1)),
    moves("memory", "memory", quietColor),
  ],
  text: (value) => figure(value),
  value: (cell) => `${figure(moved(cell))} a request`,
  finding(cells, nameOf) {
    const sorted = [...cells].sort((one, other) => moved(other) - moved(one));
    const [most, least] = [sorted[0], sorted.at(-1)];
    if (most === undefined || least === undefined) return "";
    const first = `${nameOf(most)} moves ${figure(moved(most))} cache lines per request`;
    return figure(moved(most)) === figure(moved(least))
      ? `CPUs get ${figure(moved(most))} cache lines per request from elsewhere.`
      : `${first}, ${nameOf(least)} ${figure(moved(least))}.`;
  },
};

const memory: Split = {
  id: "bytes",
  title: "bytes of one label, by part",
  axis: { label: "bytes of one label of one profile" },
  parts: [
    bytes("label", quietColor, ({ label }) => label),
    bytes("its vector", seriesColor(2), ({ vectorPerPart }) => 2 * vectorPerPart),
    bytes("the strategy's, in it", seriesColor(0), ({ strategy }) => strategy),
    bytes("the strategy's, on all CPUs", seriesColor(1), ({ perCpu }) => perCpu),
    bytes("the strategy's, apart", seriesColor(4), ({ extra }) => extra),
  ],
  text: (value) => figure(value, 0),
  value: ({ labelBytes }) => `${figure(labelBytes, 0)} B`,
  finding(cells, nameOf) {
    const sorted = [...cells].sort((one, other) => other.labelBytes - one.labelBytes);
    const [most, least] = [sorted[0], sorted.at(-1)];
    if (most === undefined || least === undefined) return "";
    const first = `A label takes ${figure(most.labelBytes, 0)} bytes with ${nameOf(most)}`;
    return most.labelBytes === least.labelBytes
      ? `A label takes ${figure(most.labelBytes, 0)} bytes with each of them.`
      : `${first} and ${figure(least.labelBytes, 0)} with ${nameOf(least)}.`;
  },
};

/** @param cells of one engine */
export function timeFigure(engine: string, cells: readonly Cell[]): ChartFigure | undefined {
  return splitFigure(
    timeSplit,
    engine,
    cells.filter(({ timeSplitPct }) => timeSplitPct !== undefined),
  );
}

/** @param cells of one engine */
export function movesFigure(engine: string, cells: readonly Cell[]): ChartFigure | undefined {
  return splitFigure(
    movement,
    engine,
    cells.filter((cell) => moved(cell) > 0),
  );
}

/** @param cells of one engine */
export function bytesFigure(engine: string, cells: readonly Cell[]): ChartFigure | undefined {
  return splitFigure(
    memory,
    engine,
    cells.filter(({ labelBytesByPart }) => labelBytesByPart !== undefined),
  );
}

function splitFigure(split: Split, engine: string, cells: readonly Cell[]): ChartFigure | undefined {
  if (cells.length === 0) return undefined;
  const { cells: compared, where, nameOf } = comparisonOf(cells);
  const used = split.parts.filter(({ value }) => compared.some((cell) => value(cell) > 0));
  const bars = compared.map(
    (cell): Bar => ({
      label: nameOf(cell),
      value: split.value(cell),
      parts: used.map(({ name, color, value }) => ({
        value: value(cell),
        color,
        title: `${nameOf(cell)}, ${name}: ${split.text(value(cell))}`,
      })),
    }),
  );
  const title = `${engineTitle(engine)}: ${split.title}, ${where}`;
  return {
    id: `${split.id}-${engine}`,
    title,
    finding: split.finding(compared, nameOf),
    legend: used.map(({ name, color }) => ({ name, color })),
    draw: barsPlot(bars, split.axis),
    data: {
      caption: title,
      columns: ["strategy", ...used.map(({ name }) => name)],
      rows: compared.map((cell) => ({
        cells: [nameOf(cell), ...used.map(({ value }) => split.text(value(cell)))],
      })),
    },
  };
}

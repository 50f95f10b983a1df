/** The lines that CPUs waited for, by symbol, with the code that moved them; and who owned the hottest one over time. */
import { axisX, axisY, dot, gridY } from "@observablehq/plot";
import type { Cell } from "../../../results/schema.ts";
import { figure, plural, whole } from "../../numbers.ts";
import { type Bar, barsPlot } from "../bars.ts";
import type { ChartFigure } from "../figure.ts";
import { widePx } from "../figure.ts";
import { quietColor, seriesColor } from "../palette.ts";
import { comparisonOf, engineTitle, fullName } from "../series.ts";

type Line = NonNullable<Cell["hottestLines"]>[number];

/** Lines of each cell; those below this many transfers per request say nothing. */
const [mostLines, leastPerRequest] = [3, 0.01];
const mostBars = 24;
/** Functions that are named beside a bar. */
const mostFunctions = 3;

/** Wait for one line by request, ns, of all CPUs. */
function waitOf({ transfersPerRequest, meanWaitNs }: Line): number {
  return transfersPerRequest * meanWaitNs;
}

function placeOf({ operation, function: name, file, line }: Line["code"][number]): string {
  return `${operation} in ${name}, ${file}:${line}`;
}

/** @param cells of one engine */
export function hotLinesFigure(engine: string, cells: readonly Cell[]): ChartFigure | undefined {
  if (cells.length === 0) return undefined;
  const { cells: compared, where, nameOf } = comparisonOf(cells);
  const found = compared
    .flatMap((cell) =>
      (cell.hottestLines ?? [])
        .filter(({ transfersPerRequest }) => transfersPerRequest >= leastPerRequest)
        .slice(0, mostLines)
        .map((line) => ({ name: nameOf(cell), line })),
    )
    .sort((one, other) => waitOf(other.line) - waitOf(one.line))
    .slice(0, mostBars);
  const [hottest] = found;
  if (hottest === undefined) return undefined;
  const bars = found.map(
    ({ name, line }): Bar => ({
      label: `${name}: ${line.symbol}`,
      value: `${figure(waitOf(line))} ns`,
      more: movedBy(line),
      parts: [
        ...line.code.map((code, index) => ({
          value: (waitOf(line) * code.transfers) / line.transfers,
          color: seriesColor(index),
          title: `${line.symbol}: ${percentOf(code.transfers, line.transfers)} by ${placeOf(code)}`,
        })),
        {
          value: (waitOf(line) * othersOf(line)) / line.transfers,
          color: quietColor,
          title: `${line.symbol}: ${percentOf(othersOf(line), line.transfers)} by other code`,
        },
      ],
    }),
  );
  const ranks = Math.max(...found.map(({ line }) => line.code.length));
  const title = `${engineTitle(engine)}: hottest lines by symbol, ${where}`;
  return {
    id: `hot-${engine}`,
    title,
    finding: findingOf(hottest.name, hottest.line),
    legend: [
      ...["the code that moved it most", "the second", "the third", "the fourth", "the fifth"]
        .slice(0, ranks)
        .map((name, index) => ({ name, color: seriesColor(index) })),
      ...(found.some(({ line }) => othersOf(line) > 0) ? [{ name: "other code", color: quietColor }] : []),
    ],
    draw: barsPlot(bars, {
      label: "ns of waiting per request",
    }),
    data: {
      caption: title,
      columns: ["line", "strategy", "transfers a request", "wait ns", "most waiting", "loads %", "moved by"],
      textColumns: [1, 6],
      rows: found.map(({ name, line }) => ({
        cells: [
          line.symbol,
          name,
          figure(line.transfersPerRequest),
          figure(line.meanWaitNs),
          String(line.mostWaiting),
          percentOf(line.loads, line.transfers).replace(" %", ""),
          line.code.map((code) => `${percentOf(code.transfers, line.transfers)} ${placeOf(code)}`).join("; "),
        ],
      })),
    },
  };
}

/** The functions that moved it, with their parts. */
function movedBy({ code, transfers }: Line): string {
  const parts = new Map<string, number>();
  for (const one of code) parts.set(one.function, (parts.get(one.function) ?? 0) + one.transfers);
  const shown = [...parts]
    .slice(0, mostFunctions)
    .map(([name, part]) => `${name} ${percentOf(part, transfers)}`);
  return shown.length === 0 ? "" : ` by ${shown.join(", ")}`;
}

function othersOf({ transfers, code }: Line): number {
  return Math.max(0, transfers - code.reduce((sum, one) => sum + one.transfers, 0));
}

function percentOf(part: number, of: number): string {
  return of === 0 ? "0 %" : `${Math.round((100 * part) / of)} %`;
}

function findingOf(name: string, line: Line): string {
  const waiting =
    line.mostWaiting === 0
      ? ""
      : `, with at most ${plural(line.mostWaiting, "CPU")} waiting for it at a time`;
  const [code] = line.code;
  const by =
    code === undefined ? "" : ` ${percentOf(code.transfers, line.transfers)} of that is ${placeOf(code)}.`;
  return (
    `CPUs wait longest for ${line.symbol} with ${name}: it moves ${figure(line.transfersPerRequest)} times per request, ` +
    `${figure(line.meanWaitNs)} ns each${waiting}.${by}`
  );
}

const distances = [
  { key: "self", name: "nobody else had it", color: quietColor, symbol: "circle" },
  { key: "smt", name: "another thread of the core", color: seriesColor(2), symbol: "circle" },
  { key: "l3", name: "another core of the L3 domain", color: seriesColor(0), symbol: "triangle" },
  { key: "socket", name: "another L3 domain of the socket", color: seriesColor(4), symbol: "square" },
  { key: "cross", name: "another socket", color: seriesColor(1), symbol: "diamond" },
  { key: "memory", name: "memory", color: seriesColor(3), symbol: "star" },
] as const;

function hottestWait({ hottestLines: [line] = [] }: Cell): number {
  return line === undefined ? 0 : waitOf(line);
}

/** Of the cell, on the most CPUs, whose CPUs wait longest for one line. @param cells of one engine */
export function ownershipFigure(engine: string, cells: readonly Cell[]): ChartFigure | undefined {
  const owned = cells.filter(({ ownership }) => ownership !== undefined && ownership.atNs.length > 1);
  if (owned.length === 0) return undefined;
  const cell = comparisonOf(owned).cells.reduce<Cell | undefined>(
    (best, one) => (best === undefined || hottestWait(one) > hottestWait(best) ? one : best),
    undefined,
  );
  if (cell?.ownership === undefined) return undefined;
  const { symbol, atNs, cpus, distances: texts } = cell.ownership;
  const names = texts.split(" ");
  const startNs = atNs[0] ?? 0;
  const rows = atNs.map((at, index) => {
    const distance = distances.find(({ key }) => key === names[index]) ?? distances[0];
    const us = (at - startNs) / 1000;
    const cpu = cpus[index] ?? 0;
    return { us, cpu, distance, title: `${us.toFixed(3)} us: CPU ${cpu}, from ${distance.name}` };
  });
  const used = distances.filter((one) => rows.some(({ distance }) => distance === one));
  // Few CPUs have a tick each: there is none between them.
  const cpuTicks = cell.cpus > 6 ? 6 : Array.from({ length: cell.cpus }, (_, cpu) => cpu);
  const title = `${engineTitle(engine)}: owners of ${symbol}, ${fullName(cell)} on ${plural(cell.cpus, "CPU")}`;
  return {
    id: `ownership-${engine}`,
    title,
    finding: ownershipFinding(rows, symbol),
    legend: used.map(({ name, color, symbol: shape }) => ({ name: `from ${name} (${shape})`, color })),
    draw: (width) => ({
      height: width === widePx ? 360 : 320,
      marginTop: 30,
      marginLeft: 44,
      marginBottom: 44,
      marginRight: 16,
      x: { nice: true },
      y: { domain: [0, Math.max(1, cell.cpus - 1, ...cpus)] },
      symbol: { domain: distances.map(({ key }) => key), range: distances.map((one) => one.symbol) },
      marks: [
        gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: cpuTicks }),
        axisY({
          ticks: cpuTicks,
          label: "CPU",
          labelArrow: "none",
        }),
        axisX({
          ticks: width === widePx ? 8 : 4,
          label: `us since ${figure(startNs / 1e6)} ms into the run`,
          labelArrow: "none",
          labelAnchor: "center",
        }),
        dot(rows, {
          x: "us",
          y: "cpu",
          r: 3.2,
          fill: { value: ({ distance }: (typeof rows)[number]) => distance.color, scale: null },
          symbol: ({ distance }: (typeof rows)[number]) => distance.key,
          title: "title",
        }),
      ],
    }),
    data: {
      caption: title,
      columns: ["us", "CPU", "came from"],
      textColumns: [2],
      rows: rows.map(({ us, cpu, distance }) => ({ cells: [us.toFixed(3), String(cpu), distance.name] })),
    },
  };
}

function ownershipFinding(
  rows: readonly { us: number; cpu: number; distance: (typeof distances)[number] }[],
  symbol: string,
): string {
  const counts = distances
    .map((distance) => ({ distance, count: rows.filter((row) => row.distance === distance).length }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count)
    .map(({ distance, count }) => `${percentOf(count, rows.length)} from ${distance.name}`);
  const lengthUs = rows.at(-1)?.us ?? 0;
  return (
    `${symbol} goes to another CPU ${whole(rows.length)} times in ${figure(lengthUs)} us, to ` +
    `${plural(new Set(rows.map(({ cpu }) => cpu)).size, "CPU")}: ${counts.join(", ")}.`
  );
}

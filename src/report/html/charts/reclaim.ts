/** Labels that are retired and wait: how many there are over time, and how long it takes until they are freed. */
import { axisX, axisY, gridY, ruleY } from "@observablehq/plot";
import type { Cell } from "../../../results/schema.ts";
import { figure, whole } from "../../numbers.ts";
import { type Bar, barsPlot } from "../bars.ts";
import type { ChartFigure } from "../figure.ts";
import { widePx } from "../figure.ts";
import { type LinePoint, lineMarks, nameRoom } from "../lines.ts";
import { comparisonOf, engineTitle, listed, type Series } from "../series.ts";
import { lookOf } from "./latency.ts";
import { curveOf, percentilesPlot, type Times } from "./percentiles.ts";

type Retiring = Cell & { readonly retirement: NonNullable<Cell["retirement"]> };

/** @param cells of one engine */
export function reclaimFigures(engine: string, cells: readonly Cell[], series: Series): ChartFigure[] {
  const retiring = cells.filter(
    (cell): cell is Retiring =>
      cell.retirement !== undefined && cell.retirement.labels + cell.retirement.waiting > 0,
  );
  if (retiring.length === 0) return [];
  const all = [overTime(engine, retiring, series), waitFigure(engine, retiring, series)];
  return all.filter((one) => one !== undefined);
}

function overTime(engine: string, retiring: readonly Cell[], series: Series): ChartFigure | undefined {
  const { cells, where, nameOf } = comparisonOf(retiring);
  const known = cells.flatMap((cell, index) => {
    const { unreclaimed } = cell;
    if (unreclaimed === undefined || unreclaimed.atNs.length < 2) return [];
    return [{ name: nameOf(cell), ...lookOf(cells, index, series), unreclaimed, endNs: cell.elapsedNs }];
  });
  if (known.length === 0) return undefined;
  const points = known.flatMap(({ name, unreclaimed, endNs }): LinePoint[] => {
    const at = (ns: number, labels: number): LinePoint => ({
      name,
      x: ns / 1e6,
      y: labels,
      title: `${name}: ${labels} after ${figure(ns / 1e6)} ms`,
    });
    const own = unreclaimed.atNs.map((ns, index) => at(ns, unreclaimed.labels[index] ?? 0));
    // As it is until the next point, and at the last one until the run's end.
    const end = Math.max(endNs, unreclaimed.atNs.at(-1) ?? 0);
    return [...own, at(end, unreclaimed.labels.at(-1) ?? 0)];
  });
  const names = known.map(({ name }) => name);
  const style = {
    color: (name: string): string => known.find((one) => one.name === name)?.color ?? "",
    dash: (name: string): string => known.find((one) => one.name === name)?.dash ?? "none",
  };
  const peaks = known.map(({ name, unreclaimed }) => ({ name, peak: Math.max(...unreclaimed.labels) }));
  const mostFirst = [...peaks].sort((one, other) => other.peak - one.peak);
  const domain: [number, number] = [0, Math.max(1, 1.05 * Math.max(...peaks.map(({ peak }) => peak)))];
  const title = `${engineTitle(engine)}: labels retired and not yet freed, over time, ${where}`;
  return {
    id: `unreclaimed-${engine}`,
    title,
    finding: `At most ${listed(mostFirst.map(({ name, peak }) => `${whole(peak)} with ${name}`))}.`,
    draw: (width) => {
      const height = width === widePx ? 340 : 300;
      const [marginTop, marginBottom] = [30, 44];
      return {
        height,
        marginTop,
        marginBottom,
        marginLeft: 48,
        marginRight: nameRoom(width, names).px,
        y: { domain },
        marks: [
          gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: 5 }),
          axisY({ ticks: 5, tickFormat: wholeTick, label: "labels", labelArrow: "none" }),
          axisX({
            ticks: width === widePx ? 8 : 4,
            label: "ms into the run",
            labelArrow: "none",
            labelAnchor: "center",
          }),
          ruleY([0], { stroke: "var(--muted)" }),
          ...lineMarks(points, style, {
            domain,
            innerPx: height - marginTop - marginBottom,
            width,
            steps: true,
            bare: true,
          }),
        ],
      };
    },
    data: {
      caption: title,
      columns: ["strategy", ...quarters.map((part) => `${100 * part}% of the run`), "most"],
      rows: known.map(({ name, unreclaimed, endNs }, index) => ({
        cells: [
          name,
          ...quarters.map((part) => whole(labelsAt(unreclaimed, part * endNs))),
          whole(peaks[index]?.peak ?? 0),
        ],
      })),
    },
  };
}

const quarters = [0.25, 0.5, 0.75, 1];

function wholeTick(value: number): string {
  return Number.isInteger(value) ? figure(value, 0) : "";
}

function labelsAt({ atNs, labels }: NonNullable<Cell["unreclaimed"]>, ns: number): number {
  return labels[atNs.findLastIndex((at) => at <= ns)] ?? 0;
}

function waitFigure(engine: string, retiring: readonly Retiring[], series: Series): ChartFigure | undefined {
  const { cells, where, nameOf } = comparisonOf(retiring);
  const freed = cells.filter((cell): cell is Retiring => (cell.retirement?.freed ?? 0) > 0);
  if (freed.length === 0) return undefined;
  const title = `${engineTitle(engine)}: time from retired to freed, ${where}`;
  const data = {
    caption: title,
    columns: ["strategy", "retired", "freed", "mean ms", "longest ms", "waiting at the end"],
    rows: cells.map((cell) => {
      const { labels = 0, freed: gone = 0, meanMs = 0, maxMs = 0, waiting = 0 } = cell.retirement ?? {};
      return {
        cells: [
          nameOf(cell),
          whole(labels),
          whole(gone),
          gone === 0 ? "-" : figure(meanMs),
          figure(maxMs),
          whole(waiting),
        ],
      };
    }),
  };
  const finding = findingOf(freed, nameOf);
  const times = freed.flatMap((cell, index): Times[] => {
    const { waitHistogram: histogram } = cell.retirement;
    if (histogram === undefined) return [];
    const curve = { upTo: histogram.upToMs, counts: histogram.counts };
    const known = curveOf(curve).slice(-1);
    return [{ name: nameOf(cell), ...lookOf(freed, index, series), known, histogram: curve }];
  });
  const id = `waits-${engine}`;
  if (times.length === freed.length) return { id, title, finding, draw: percentilesPlot(times, "ms"), data };
  const bars = freed.map(
    (cell): Bar => ({
      label: nameOf(cell),
      value: `${figure(cell.retirement.meanMs)} ms on average, ${figure(cell.retirement.maxMs)} at most`,
      parts: [
        {
          value: cell.retirement.meanMs,
          color: series.color(cell.strategy),
          title: `${nameOf(cell)}: ${figure(cell.retirement.meanMs)} ms`,
        },
      ],
    }),
  );
  return {
    id,
    title,
    finding,
    draw: barsPlot(bars, { label: "ms on average" }),
    data,
  };
}

function findingOf(cells: readonly Retiring[], nameOf: (cell: Cell) => string): string {
  const sorted = [...cells].sort((one, other) => one.retirement.meanMs - other.retirement.meanMs);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return "";
  const text = (cell: Retiring): string =>
    `${figure(cell.retirement.meanMs)} ms on average with ${nameOf(cell)}`;
  return first === last
    ? `Labels are freed after ${text(first)}.`
    : `Labels are freed soonest after ${text(first)}, latest after ${text(last)}.`;
}

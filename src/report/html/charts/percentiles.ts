/** Times by percentile, each further 9 with as much room as the one before, so that the long ones can be seen. */
import { axisX, axisY, dot, gridY, type PlotOptions } from "@observablehq/plot";
import { figure } from "../../numbers.ts";
import { widePx } from "../figure.ts";
import { type LinePoint, lineMarks, logTicks, nameRoom } from "../lines.ts";

/** Times of one kind of thing in one cell. */
export interface Times {
  readonly name: string;
  readonly color: string;
  readonly dash: string;
  /** Percentiles that the record tells, 0 to 1, rising, and their times. */
  readonly known: readonly TimeAt[];
  readonly histogram?: Buckets | undefined;
}

export interface TimeAt {
  readonly part: number;
  readonly time: number;
}

export interface Buckets {
  /** Upper edges. */
  readonly upTo: readonly number[];
  readonly counts: readonly number[];
}

/** Times are drawn from here on: 0 has no logarithm. */
const leastTime = { ns: 0.1, ms: 0.001 };

function placeOf(part: number): number {
  return -Math.log10(1 - part);
}

const tickParts = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];

/** Curves where all have a histogram, else straight lines through the known percentiles. */
export function percentilesPlot(times: readonly Times[], unit: "ns" | "ms"): (width: number) => PlotOptions {
  const curves = times.every(({ histogram }) => histogram !== undefined);
  const pointOf = (name: string, { part, time }: TimeAt): LinePoint => {
    const shown = +(100 * part).toPrecision(6);
    const title = `${name}: ${shown} % within ${figure(time)} ${unit}`;
    return { name, x: placeOf(part), y: Math.max(leastTime[unit], time), title };
  };
  const lines = times.flatMap(({ name, known, histogram }) =>
    (histogram === undefined || !curves ? known : curveOf(histogram)).map((at) => pointOf(name, at)),
  );
  const marked = times.flatMap(({ name, known }) => known.map((at) => pointOf(name, at)));
  const names = times.map(({ name }) => name);
  const style = {
    color: (name: string): string => times.find((one) => one.name === name)?.color ?? "",
    dash: (name: string): string => times.find((one) => one.name === name)?.dash ?? "none",
  };
  const places = [...lines, ...marked].map(({ x }) => Number(x));
  const [first, last] = [curves ? 0 : Math.min(...places), Math.max(...places)];
  const all = [...lines, ...marked].map(({ y }) => y);
  const domain: [number, number] = [0.8 * Math.min(...all), 1.25 * Math.max(...all)];
  const ticks = tickParts.map(placeOf).filter((place) => place >= first - 0.01 && place <= last + 0.01);
  return (width) => {
    const height = width === widePx ? 380 : 320;
    const [marginTop, marginBottom] = [30, 44];
    return {
      height,
      marginTop,
      marginBottom,
      marginLeft: 58,
      marginRight: nameRoom(width, names).px,
      x: { domain: [first, Math.max(last, first + 0.01)] },
      y: { type: "log", domain },
      marks: [
        gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: logTicks(domain) }),
        axisY({
          ticks: logTicks(domain),
          tickFormat: (value: number) => figure(value, 0),
          label: unit,
          labelArrow: "none",
        }),
        axisX({
          ticks,
          tickFormat: (place: number) => `${+(100 * (1 - 10 ** -place)).toPrecision(7)}%`,
          label: "percentile",
          labelArrow: "none",
          labelAnchor: "center",
        }),
        ...lineMarks(lines, style, {
          domain,
          logY: true,
          innerPx: height - marginTop - marginBottom,
          width,
          bare: true,
        }),
        dot(marked, {
          x: "x",
          y: "y",
          r: 3.5,
          fill: { value: ({ name }: LinePoint) => style.color(name), scale: null },
          stroke: "var(--page)",
          title: "title",
        }),
      ],
    };
  };
}

/** How many were within each bucket's end; the end of all, which is never reached, stands half a thing before it. */
export function curveOf({ upTo, counts }: Buckets): TimeAt[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return upTo.flatMap((time, index) => {
    const count = counts[index] ?? 0;
    if (count === 0) return [];
    const first = seen === 0 ? [{ part: 0, time }] : [];
    seen += count;
    return [...first, { part: Math.min(seen, total - 0.5) / total, time }];
  });
}

/** The known percentile of `part`. */
export function timeAt({ known }: Pick<Times, "known">, part: number): number {
  return known.find((one) => one.part === part)?.time ?? 0;
}

/** Times by percentile, each further 9 with as much room as the one before, so that the long ones can be seen. */
import { axisX, axisY, dot, gridY, type PlotOptions } from "@observablehq/plot";
import { figure } from "../../numbers.ts";
import { widePx } from "../figure.ts";
import { apart, type LinePoint, lineMarks, logTicks, nameRoom, tickText } from "../lines.ts";

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

function placeOf(part: number): number {
  return -Math.log10(1 - part);
}

/** Those that are asked for first; there is not room for all of them on a narrow page. */
const tickParts = [0.99, 0.9, 0.5, 0.999, 0.9999, 0.99999, 0];
const tickGapPx = 48;

/** Curves where all have a histogram, else straight lines through the known percentiles. */
export function percentilesPlot(times: readonly Times[], unit: "ns" | "ms"): (width: number) => PlotOptions {
  const curves = times.every(({ histogram }) => histogram !== undefined);
  const pointOf = (name: string, { part, time }: TimeAt): LinePoint => {
    const shown = +(100 * part).toPrecision(6);
    const title = `${name}: ${shown} % within ${figure(time)} ${unit}`;
    return { name, x: placeOf(part), y: time > 0 ? time : 0.5, title };
  };
  const drawn = times.map((one) => {
    const curve = one.histogram !== undefined && curves ? curveOf(one.histogram) : one.known;
    return {
      line: curve.map((at) => pointOf(one.name, at)),
      // What is known to the digit stands on the curve, which is as exact as its buckets.
      marks: one.known.flatMap((at) => {
        const point = pointOf(one.name, at);
        const y = curves ? heightAt(curve, at.part) : point.y;
        return y === undefined ? [] : [{ ...point, y }];
      }),
    };
  });
  const lines = drawn.flatMap(({ line }) => line);
  const marked = drawn.flatMap(({ marks }) => marks);
  const names = times.map(({ name }) => name);
  const style = {
    color: (name: string): string => times.find((one) => one.name === name)?.color ?? "",
    dash: (name: string): string => times.find((one) => one.name === name)?.dash ?? "none",
  };
  const places = [...lines, ...marked].map(({ x }) => Number(x));
  const [first, last] = [curves ? 0 : Math.min(...places), Math.max(...places)];
  const all = [...lines, ...marked].map(({ y }) => y);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  // Times that hardly differ are not drawn as if they did.
  const margin = Math.max(1.25, 2 / Math.sqrt(high / low));
  const domain: [number, number] = [low / margin, high * margin];
  const inside = tickParts.map(placeOf).filter((place) => place >= first - 0.01 && place <= last + 0.01);
  return (width) => {
    const height = width === widePx ? 380 : 320;
    const [marginTop, marginBottom, marginLeft] = [30, 44, 58];
    const marginRight = nameRoom(width, names).px;
    const axis = { from: first, to: last, px: width - marginLeft - marginRight };
    return {
      height,
      marginTop,
      marginBottom,
      marginLeft,
      marginRight,
      x: { domain: [first, Math.max(last, first + 0.01)] },
      y: { type: "log", domain },
      marks: [
        gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: logTicks(domain) }),
        axisY({
          ticks: logTicks(domain),
          tickFormat: tickText,
          label: unit,
          labelArrow: "none",
        }),
        axisX({
          ticks: apart(inside, (place) => place, axis, tickGapPx),
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
          lastX: last,
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

/** Height of a curve between two of its points, both axes as they are drawn; undefined beyond its end. */
function heightAt(curve: readonly TimeAt[], part: number): number | undefined {
  const next = curve.findIndex((at) => at.part >= part);
  const [before, after] = [curve[next - 1], curve[next]];
  if (after === undefined) return undefined;
  if (before === undefined || after.part === before.part) return after.time;
  const share = (placeOf(part) - placeOf(before.part)) / (placeOf(after.part) - placeOf(before.part));
  return before.time * (after.time / before.time) ** share;
}

/** How many were within each bucket's end; the end of all, which is never reached, stands half a thing before it. */
export function curveOf({ upTo, counts }: Buckets): TimeAt[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  // 0 has no logarithm: what is below the clock's tick is drawn at half of it.
  const edges = upTo.map((edge) => (edge > 0 ? edge : (upTo.find((other) => other > 0) ?? 1) / 2));
  const ratio = (edges[1] ?? 1) / (edges[0] ?? 1);
  const points: TimeAt[] = [];
  let seen = 0;
  edges.forEach((edge, index) => {
    const count = counts[index] ?? 0;
    if (count === 0) return;
    // From one end of the bucket to the other; the first one's begins as far below as the next is above.
    const from = edges[index - 1] ?? edge / ratio;
    if (points.at(-1)?.time !== from) points.push({ part: seen / total, time: from });
    seen += count;
    points.push({ part: Math.min(seen, total - 0.5) / total, time: edge });
  });
  return points;
}

/** The known percentile of `part`. */
export function timeAt({ known }: Pick<Times, "known">, part: number): number {
  return known.find((one) => one.part === part)?.time ?? 0;
}

/** Lines over numbers of CPUs or over time, each named at its end, so that no legend has to be gone back to. */
import { dot, line, type Markish, text } from "@observablehq/plot";
import { shortName } from "../layout.ts";
import { figure } from "../numbers.ts";
import { widePx } from "./figure.ts";

export interface LinePoint {
  readonly name: string;
  readonly x: number | string;
  readonly y: number;
  /** Tooltip. */
  readonly title: string;
}

export interface LineStyle {
  color(name: string): string;
  dash(name: string): string;
}

export interface LineFrame {
  /** Range of y as it is drawn. */
  readonly domain: readonly [number, number];
  readonly logY?: boolean;
  /** Height between the margins, px. */
  readonly innerPx: number;
  readonly width: number;
  /** Corners instead of straight lines: what is so until it changes. */
  readonly steps?: boolean;
  /** Without points: there are too many. */
  readonly bare?: boolean;
  /** Px between the right end and the names. */
  readonly nameDx?: number;
  /** Where the right end is, where values are names or a line may end before it. */
  readonly lastX?: string | number;
}

/** Px between two names. */
const nameGapPx = 15;

/** Room at the right for names, px, and characters that fit it. */
export function nameRoom(width: number, names: readonly string[]): { px: number; chars: number } {
  const most = width === widePx ? 30 : 15;
  const chars = Math.min(most, Math.max(4, ...names.map((name) => name.length)));
  return { px: 26 + Math.ceil(chars * (width === widePx ? 8.3 : 7.5)), chars };
}

export function lineMarks(points: readonly LinePoint[], style: LineStyle, frame: LineFrame): Markish[] {
  const names = [...new Set(points.map(({ name }) => name))];
  const { chars } = nameRoom(frame.width, names);
  const ends = endsOf(points, names, frame);
  return [
    ...names.map((name) =>
      line(
        points.filter((point) => point.name === name),
        {
          x: "x",
          y: "y",
          stroke: style.color(name),
          strokeWidth: 2,
          ...(style.dash(name) === "none" ? {} : { strokeDasharray: style.dash(name) }),
          ...(frame.steps === true ? { curve: "step-after" as const } : {}),
        },
      ),
    ),
    ...(frame.bare === true
      ? []
      : [
          dot(points, {
            x: "x",
            y: "y",
            r: 3.5,
            fill: { value: ({ name }: LinePoint) => style.color(name), scale: null },
            stroke: "var(--page)",
            strokeWidth: 1,
            title: "title",
          }),
        ]),
    text(ends, {
      x: "x",
      y: "at",
      text: ({ name }: LinePoint) => shortName(name, chars),
      dx: frame.nameDx ?? 9,
      textAnchor: "start",
      fill: { value: ({ name }: LinePoint) => style.color(name), scale: null },
      fontWeight: 600,
    }),
  ];
}

/** Where names stand: beside the ends of their lines, moved up and down as far as it takes that none covers another. */
function endsOf(points: readonly LinePoint[], names: readonly string[], frame: LineFrame) {
  const { domain, innerPx, logY } = frame;
  const toUnit = (y: number): number => (logY === true ? Math.log(y) : y);
  const [low, high] = [toUnit(domain[0]), toUnit(domain[1])];
  const pixelOf = (y: number): number => (innerPx * (high - toUnit(y))) / (high - low);
  const yAt = (pixel: number): number => {
    const unit = high - (pixel * (high - low)) / innerPx;
    return logY === true ? Math.exp(unit) : unit;
  };
  const rightmost = frame.lastX ?? Math.max(...points.map(({ x }) => Number(x)));
  const ends = names
    .flatMap((name) => points.findLast((point) => point.name === name) ?? [])
    .map((point) => ({ name: point.name, x: rightmost, pixel: pixelOf(point.y) }))
    .sort((one, other) => one.pixel - other.pixel);
  return spread(
    ends.map(({ pixel }) => pixel),
    nameGapPx,
    innerPx,
  ).map((pixel, index) => ({
    ...(ends[index] as { name: string; x: number | string }),
    at: yAt(pixel),
  }));
}

/** Rising places at least `gap` apart and as near to `wanted` (rising) as that allows; above `most` only where they do not fit. */
export function spread(wanted: readonly number[], gap: number, most: number): number[] {
  // Blocks of neighbours that touch, each around the mean of what its members want.
  const blocks: { sum: number; count: number }[] = [];
  const startOf = ({ sum, count }: { sum: number; count: number }): number => {
    const start = sum / count - ((count - 1) * gap) / 2;
    return Math.max(0, Math.min(start, most - (count - 1) * gap));
  };
  for (const place of wanted) {
    let block = { sum: place, count: 1 };
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      if (startOf(last) + last.count * gap <= startOf(block)) break;
      block = { sum: last.sum + block.sum, count: last.count + block.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, index) => startOf(block) + index * gap),
  );
}

/** Round values within a logarithmic range: powers of 10, and 2 and 5 times those where there are few. */
export function logTicks([low, high]: readonly [number, number]): number[] {
  const steps = Math.log10(high / low) > 2.5 ? [1] : [1, 2, 5];
  const first = Math.floor(Math.log10(low));
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - first + 1 },
    (_, index) => 10 ** (first + index),
  );
  return powers
    .flatMap((power) => steps.map((step) => step * power))
    .filter((tick) => tick >= low && tick <= high);
}

/** A tick's value: `0.5`, `20`, `2.5`, `1,000`, `100k`. */
export function tickText(value: number): string {
  return Math.abs(value) < 1000 ? String(+value.toPrecision(3)) : figure(value, 0);
}

/**
 * Those of `ticks` that are `gapPx` or more apart, the ones that stand first in the list before others.
 * @param unit where a tick stands on a linear axis
 * @param range the axis's ends in that unit, and its length in px
 */
export function apart(
  ticks: readonly number[],
  unit: (tick: number) => number,
  { from, to, px }: { readonly from: number; readonly to: number; readonly px: number },
  gapPx: number,
): number[] {
  const scale = px / Math.max(Number.MIN_VALUE, unit(to) - unit(from));
  const kept: number[] = [];
  for (const tick of ticks) {
    if (kept.every((other) => Math.abs(unit(other) - unit(tick)) * scale >= gapPx)) kept.push(tick);
  }
  return kept;
}

/** Ticks for numbers of CPUs on a logarithmic axis: the most and the fewest whatever is left out between them. */
export function cpuTicks(counts: readonly number[], axisPx: number): number[] {
  const [fewest = 1, most = 1] = [counts[0], counts.at(-1)];
  const order = [most, fewest, ...counts.slice(1, -1).reverse()];
  return apart([...new Set(order)], Math.log2, { from: fewest, to: most, px: axisPx }, 30);
}

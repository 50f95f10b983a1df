/** Bars with their labels above them, so that long names have room on a narrow page too. */
import { axisX, gridX, type PlotOptions, rect, ruleX, ruleY, text } from "@observablehq/plot";
import { widePx } from "./figure.ts";
import { tickText } from "./lines.ts";

export interface Bar {
  readonly label: string;
  /** What stands behind the label: the value in words. */
  readonly value: string;
  /** What stands behind that where there is room. */
  readonly more?: string;
  /** Drawn one after the other; those of 0 are left out. */
  readonly parts: readonly BarPart[];
  /** From the least to the most of several runs. */
  readonly range?: readonly [number, number];
  /** First of a group: a gap is above it. */
  readonly begins?: boolean;
}

export interface BarPart {
  readonly value: number;
  readonly color: string;
  /** Tooltip. */
  readonly title: string;
}

export interface BarAxis {
  readonly label: string;
  /** Ends at 100. */
  readonly percent?: boolean;
}

/** Height of a row with its label, of the bar in it, and of the gap between groups, px. */
const [rowPx, barPx, gapPx] = [36, 12, 12];
const marginTop = 4;
/** Characters of a label and its value that a narrow picture has room for. */
const narrowChars = 48;
/** The same of a wide one. */
const wideChars = 112;

export function barsPlot(bars: readonly Bar[], axis: BarAxis): (width: number) => PlotOptions {
  const placed = place(bars);
  const end = (placed.at(-1)?.top ?? 0) + rowPx;
  const most = Math.max(Number.MIN_VALUE, ...bars.map((bar) => Math.max(bar.range?.[1] ?? 0, sumOf(bar))));
  const segments = placed.flatMap(segmentsOf);
  const ranges = placed.flatMap(({ bar: { range }, top }) =>
    range === undefined || range[0] === range[1]
      ? []
      : [{ from: range[0], to: range[1], y: top + rowPx - barPx / 2 - 2 }],
  );
  return (width) => {
    const ticks = width === widePx ? 8 : 4;
    return {
      height: end + marginTop + 44,
      marginTop,
      marginBottom: 44,
      marginLeft: 3,
      marginRight: 18,
      x: axis.percent === true ? { domain: [0, 100] } : { domain: [0, most], nice: true },
      // Pixels: rows are as high as their text, however many there are.
      y: { type: "linear", domain: [0, end], range: [marginTop, marginTop + end], axis: null },
      marks: [
        gridX({ ticks, stroke: "var(--line)", strokeOpacity: 1 }),
        axisX({
          ticks,
          tickFormat: tickText,
          label: axis.label,
          labelArrow: "none",
          labelAnchor: "left",
          labelOffset: 38,
        }),
        rect(segments, {
          x1: "from",
          x2: "to",
          y1: "top",
          y2: "bottom",
          fill: { value: "color", scale: null },
          stroke: "var(--page)",
          strokeWidth: 0.5,
          title: "title",
        }),
        ruleX([0], { stroke: "var(--muted)" }),
        ruleY(ranges, { x1: "from", x2: "to", y: "y", stroke: "var(--ink)", strokeWidth: 2 }),
        text(placed, {
          x: () => 0,
          y: "top",
          dy: 13,
          text: ({ bar }: Placed) => labelOf(bar, width),
          textAnchor: "start",
          fill: "var(--ink)",
          stroke: "var(--page)",
          strokeWidth: 5,
        }),
      ],
    };
  };
}

interface Placed {
  readonly bar: Bar;
  readonly top: number;
}

function place(bars: readonly Bar[]): Placed[] {
  let top = 0;
  return bars.map((bar, index) => {
    if (bar.begins === true && index > 0) top += gapPx;
    const placed = { bar, top };
    top += rowPx;
    return placed;
  });
}

function sumOf({ parts }: Bar): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}

function segmentsOf({ bar, top }: Placed) {
  let from = 0;
  const bottom = top + rowPx - 2;
  return bar.parts
    .filter(({ value }) => value > 0)
    .map(({ value, color, title }) => {
      const segment = { from, to: from + value, color, title, top: bottom - barPx, bottom };
      from += value;
      return segment;
    });
}

/** The label gives way, the value stays. */
function labelOf({ label, value, more = "" }: Bar, width: number): string {
  const room = narrowChars - value.length - 2;
  const shown =
    width === widePx || label.length <= room ? label : `${label.slice(0, Math.max(8, room - 1))}…`;
  const whole = `${shown}: ${value}${width === widePx ? more : ""}`;
  return whole.length <= wideChars ? whole : `${whole.slice(0, wideChars - 1)}…`;
}

/** Efficiency over CPUs: how much of a CPU's work is left where there are many, with what others measured. */
import { axisX, axisY, dot, gridY, type Markish, ruleX } from "@observablehq/plot";
import type { Cell } from "../../../results/schema.ts";
import { plural } from "../../numbers.ts";
import type { ChartFigure } from "../figure.ts";
import { widePx } from "../figure.ts";
import { cpuTicks, type LinePoint, lineMarks, nameRoom } from "../lines.ts";
import type { PublishedSeries } from "../published.ts";
import { engineTitle, type Series } from "../series.ts";
import { canTell, certaintyNote, type Range, rangesOf, type Scaled } from "./certainty.ts";

/** Times the largest figure that spreads of runs are drawn up to. */
const mostSpread = 1.25;

/**
 * One picture for each engine and each value of what is varied; none where no strategy ran on several numbers of CPUs.
 * @param cells of one engine
 */
export function scalingFigures(
  engine: string,
  cells: readonly Cell[],
  series: Series,
  published: readonly PublishedSeries[],
): ChartFigure[] {
  const scaled = cells.filter((cell): cell is Scaled => cell.efficiencyPct !== undefined);
  const values = [...new Set(scaled.map(({ varied }) => varied?.value))];
  return values.flatMap((value, index) => {
    const of = scaled.filter(({ varied }) => varied?.value === value);
    const fewest = Math.min(...of.map(({ cpus }) => cpus));
    const fit = published.filter(({ points }) => points[0]?.cpus === fewest);
    // One number of CPUs is no curve.
    if (of.every(({ cpus }) => cpus === of[0]?.cpus)) return [];
    const suffix = value === undefined ? "" : `, ${of[0]?.varied?.parameter} ${value}`;
    return figureOf(
      `scaling-${engine}${value === undefined ? "" : `-${index + 1}`}`,
      engine,
      suffix,
      of,
      series,
      // Percentages of other numbers of CPUs are not comparable.
      engine === "sim" && value === undefined ? fit : [],
    );
  });
}

function figureOf(
  id: string,
  engine: string,
  suffix: string,
  cells: readonly Scaled[],
  series: Series,
  published: readonly PublishedSeries[],
): ChartFigure {
  const counts = [...new Set(cells.map(({ cpus }) => cpus))].sort((one, other) => one - other);
  const names = [...new Set(cells.map(({ strategy }) => strategy))];
  const points = cells.map(
    ({ strategy, cpus, efficiencyPct }): LinePoint => ({
      name: strategy,
      x: cpus,
      y: efficiencyPct,
      title: `${strategy}, ${plural(cpus, "CPU")}: ${efficiencyPct.toFixed(1)} %`,
    }),
  );
  const bands = published.map(({ strategy, points: all }) => ({
    strategy,
    // Percentages begin at the fewest CPUs: 100 there says nothing.
    points: all.filter(({ cpus }) => cpus > (counts[0] ?? 0) && cpus <= (counts.at(-1) ?? 0)),
  }));
  const ranges = rangesOf(cells);
  const figures = [
    ...points.map(({ y }) => y),
    ...bands.flatMap((band) => band.points.flatMap(({ low, high }) => [low, high])),
  ];
  // One disturbed run on the fewest CPUs would press all that the picture is about to its foot.
  const mostDrawn = mostSpread * Math.max(100, ...figures);
  const drawn = new Map(
    [...ranges].map(([cell, { low, high }]): [Scaled, Range] => [
      cell,
      { low, high: Math.min(high, mostDrawn) },
    ]),
  );
  const all = [...figures, ...[...drawn.values()].flatMap(({ low, high }) => [low, high])];
  const domain: [number, number] = [lowEnd(Math.min(...all)), Math.max(100, Math.ceil(Math.max(...all)))];
  const isCut = [...ranges.values()].some(({ high }) => high > mostDrawn);
  const note = [
    certaintyNote(cells, ranges),
    isCut ? "Lines that end at the picture's upper edge go on; the table has their ends." : "",
    ...(bands.length === 0 ? [] : [publishedNote(published)]),
  ]
    .filter((text) => text !== "")
    .join(" ");
  return {
    id,
    title: `${engineTitle(engine)}: efficiency over CPUs${suffix}`,
    finding: findingOf(cells, counts, ranges),
    ...(note === "" ? {} : { note }),
    draw: (width) => {
      const height = width === widePx ? 420 : 340;
      const [marginTop, marginBottom] = [30, 44];
      const marginRight = nameRoom(width, names).px;
      return {
        height,
        marginTop,
        marginBottom,
        marginLeft: 44,
        marginRight,
        x: { type: "log", base: 2, domain: [counts[0] ?? 1, counts.at(-1) ?? 1] },
        y: { domain },
        marks: [
          gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: 8 }),
          axisY({ ticks: 8, label: "% of the work of a CPU on the fewest CPUs", labelArrow: "none" }),
          axisX({
            ticks: cpuTicks(counts, width - marginRight - 44),
            tickFormat: String,
            label: "CPUs",
            labelArrow: "none",
            labelAnchor: "center",
          }),
          ruleX([counts[0] ?? 1], { stroke: "var(--line)" }),
          ...bands.flatMap((band, index) => publishedMarks(band, series, index - (bands.length - 1) / 2)),
          ...whiskers(drawn, series),
          ...lineMarks(points, series, {
            domain,
            innerPx: height - marginTop - marginBottom,
            width,
            nameDx: published.length > 0 ? 20 : 9,
          }),
        ],
      };
    },
    data: {
      caption: `Efficiency, % of the fewest CPUs${suffix}`,
      columns: ["strategy", ...counts.map((count) => plural(count, "CPU"))],
      rows: names.flatMap((name) => {
        const at = (count: number) => cells.find(({ strategy, cpus }) => strategy === name && cpus === count);
        const band = bands.find(({ strategy }) => strategy === name);
        const own = { cells: [name, ...counts.map((count) => at(count)?.efficiencyPct.toFixed(1) ?? "-")] };
        const rangeAt = (count: number): string => {
          const cell = at(count);
          const range = cell === undefined ? undefined : ranges.get(cell);
          return range === undefined ? "-" : `${range.low.toFixed(1)} to ${range.high.toFixed(1)}`;
        };
        const spread = counts.some((count) => rangeAt(count) !== "-")
          ? [{ cells: [`${name}, spread of runs`, ...counts.map(rangeAt)] }]
          : [];
        if (band === undefined) return [own, ...spread];
        const text = (count: number): string => {
          const point = band.points.find(({ cpus }) => cpus === count);
          return point === undefined ? "-" : `${point.runs.join(" / ")} (${point.low} to ${point.high})`;
        };
        return [own, ...spread, { cells: [`${name}, published (bar)`, ...counts.map(text)] }];
      }),
    },
  };
}

function publishedNote(published: readonly PublishedSeries[]): string {
  const sources = [...new Set(published.map(({ source }) => source))].join(" ");
  return `Crosses: published figures; the bar around each is where another run of the same may lie, given the source's noise. ${sources}.`;
}

/** The spread of runs, thin, behind the dots. */
function whiskers(ranges: ReadonlyMap<Scaled, Range>, series: Series): Markish[] {
  const lines = [...ranges].map(([{ cpus, strategy }, { low, high }]) => ({ cpus, strategy, low, high }));
  if (lines.length === 0) return [];
  return [
    ruleX(lines, {
      x: "cpus",
      y1: "low",
      y2: "high",
      stroke: { value: ({ strategy }: { strategy: string }) => series.color(strategy), scale: null },
      strokeOpacity: 0.6,
    }),
  ];
}

/** Px between the bars of two strategies at one number of CPUs. */
const barGapPx = 7;

interface Band {
  readonly strategy: string;
  readonly points: PublishedSeries["points"];
}

/** Crosses and the bars that they stand in, beside those of other strategies. @param place in which bar they stand, 0 in the middle */
function publishedMarks({ strategy, points }: Band, series: Series, place: number): Markish[] {
  const color = series.color(strategy);
  const runs = points.flatMap(({ cpus, runs }) =>
    runs.map((run) => ({
      cpus,
      run,
      title: `${strategy}, ${plural(cpus, "CPU")}: ${run} % published`,
    })),
  );
  const dx = place * barGapPx;
  return [
    ruleX(points, {
      x: "cpus",
      y1: "low",
      y2: "high",
      dx,
      stroke: color,
      strokeOpacity: 0.35,
      strokeWidth: 6,
    }),
    dot(runs, {
      x: "cpus",
      y: "run",
      dx,
      symbol: "times",
      r: 3.5,
      stroke: color,
      strokeWidth: 2,
      title: "title",
    }),
  ];
}

/** A round number below, so that small differences can be seen and are not taken for large ones. */
function lowEnd(least: number): number {
  return Math.max(0, Math.floor((least - 3) / 10) * 10);
}

function findingOf(
  cells: readonly Scaled[],
  counts: readonly number[],
  ranges: ReadonlyMap<Scaled, Range>,
): string {
  const most = counts.at(-1) ?? 0;
  const last = cells
    .filter(({ cpus }) => cpus === most)
    .sort((one, other) => other.efficiencyPct - one.efficiencyPct);
  const [best, worst] = [last[0], last.at(-1)];
  if (best === undefined || worst === undefined) return "";
  const text = ({ strategy, efficiencyPct }: Scaled): string => `${strategy} ${efficiencyPct.toFixed(1)} %`;
  const on = `On ${plural(most, "CPU")} a CPU`;
  const of = `of what one does where there ${counts[0] === 1 ? "is" : "are"} ${counts[0]}`;
  if (best.efficiencyPct.toFixed(1) === worst.efficiencyPct.toFixed(1)) {
    return `${on} still does ${best.efficiencyPct.toFixed(1)} % ${of}.`;
  }
  return canTell(best, worst, ranges)
    ? `${on} still does most with ${text(best)} and least with ${text(worst)} ${of}.`
    : `${on} was seen to do from ${text(worst)} to ${text(best)} ${of}; which strategy is better these runs do not tell.`;
}

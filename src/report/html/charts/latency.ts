/** How long events take: the long ones are what users wait for. */
import type { Cell } from "../../../results/schema.ts";
import { figure, whole } from "../../numbers.ts";
import type { ChartFigure } from "../figure.ts";
import { type Comparison, comparisonOf, engineTitle, type Series } from "../series.ts";
import { percentilesPlot, type Times, timeAt } from "./percentiles.ts";

/** Events that are waits of the script itself, and its end. */
const notTimed = new Set(["think", "end"]);
/** Kinds of events that are shown of a simulated run: those in which strategies differ most. */
const mostEvents = 3;
/** Events whose means differ by less between strategies say nothing: ns, and part of the longer one. */
const [leastDifferenceNs, leastShare] = [1, 0.05];

type CellTimes = Times & { readonly rest: readonly string[] };
type Latency = NonNullable<Cell["latencies"]>[number];

/** @param cells of one engine */
export function latencyFigures(engine: string, cells: readonly Cell[], series: Series): ChartFigure[] {
  if (cells.length === 0) return [];
  const compared = comparisonOf(cells);
  const events = eventsOf(compared.cells);
  const figures = events.map((event) => {
    const title = `${engineTitle(engine)}: time of ${event}, ${compared.where}`;
    return figureOf(`latency-${engine}-${event}`, title, eventTimes(compared, event, series));
  });
  const pairs = pairTimes(compared, series);
  if (figures.length > 0 || pairs.length === 0) return figures;
  const title = `${engineTitle(engine)}: time of an open and its close, ${compared.where}`;
  const note = "Means of sampled batches, without think time; in refscale of a get and a put.";
  return [{ ...figureOf(`latency-${engine}-pair`, title, pairs), note }];
}

/** Names of events, those first in which the cells differ most over the run. */
function eventsOf(cells: readonly Cell[]): string[] {
  const names = new Set(cells.flatMap(({ latencies = [] }) => latencies.map(({ event }) => event)));
  const spreads = [...names].map((name) => {
    const found = cells.flatMap((cell) => latencyOf(cell, name) ?? []);
    const means = found.map(({ meanNs }) => meanNs);
    const most = Math.max(...means);
    const apart = means.length > 1 ? most - Math.min(...means) : most;
    return { name, apart, most, weight: apart * Math.max(...found.map(({ count }) => count)) };
  });
  return spreads
    .filter(
      ({ name, apart, most }) =>
        !notTimed.has(name) && apart >= leastDifferenceNs && apart >= leastShare * most,
    )
    .sort((one, other) => other.weight - one.weight)
    .slice(0, mostEvents)
    .map(({ name }) => name);
}

function latencyOf({ latencies = [] }: Cell, name: string): Latency | undefined {
  return latencies.find(({ event, count }) => event === name && count > 0);
}

function eventTimes({ cells, nameOf }: Comparison, event: string, series: Series): CellTimes[] {
  return cells.flatMap((cell, index): CellTimes[] => {
    const found = latencyOf(cell, event);
    if (found === undefined) return [];
    const known = [
      { part: 0.5, time: found.p50Ns },
      { part: 0.9, time: found.p90Ns },
      { part: 0.99, time: found.p99Ns },
    ];
    const { histogram } = found;
    return [
      {
        name: nameOf(cell),
        ...lookOf(cells, index, series),
        known,
        histogram: histogram && { upTo: histogram.upToNs, counts: histogram.counts },
        rest: [figure(found.maxNs), whole(found.count)],
      },
    ];
  });
}

function pairTimes({ cells, nameOf }: Comparison, series: Series): CellTimes[] {
  return cells.flatMap((cell, index): CellTimes[] => {
    const { pairNs, pairHistogram } = cell;
    if (pairNs === null) return [];
    const known = [
      { part: 0.5, time: pairNs.p50 },
      { part: 0.99, time: pairNs.p99 },
    ];
    return [
      {
        name: nameOf(cell),
        ...lookOf(cells, index, series),
        known,
        histogram: pairHistogram && { upTo: pairHistogram.upToNs, counts: pairHistogram.counts },
        rest: [figure(pairNs.max), "-"],
      },
    ];
  });
}

/** Of cells of one strategy, which are of one colour: the first, the second, ... */
const dashes = ["none", "7,3", "2,3", "7,3,2,3"];

/** How the line of a cell looks among those of all `cells`. */
export function lookOf(cells: readonly Cell[], index: number, series: Series): Pick<Times, "color" | "dash"> {
  const strategy = cells[index]?.strategy ?? "";
  const before = cells.slice(0, index).filter((cell) => cell.strategy === strategy).length;
  const dash = before === 0 ? series.dash(strategy) : (dashes[before % dashes.length] ?? "none");
  return { color: series.color(strategy), dash };
}

function figureOf(id: string, title: string, times: readonly CellTimes[]): ChartFigure {
  const parts = (times[0]?.known ?? []).map(({ part }) => part);
  return {
    id,
    title,
    finding: findingOf(times),
    draw: percentilesPlot(times, "ns"),
    data: {
      caption: title,
      columns: ["strategy", ...parts.map((part) => `p${100 * part} ns`), "max ns", "count"],
      rows: times.map(({ name, known, rest }) => ({
        cells: [name, ...known.map(({ time }) => figure(time)), ...rest],
      })),
    },
  };
}

function findingOf(times: readonly CellTimes[]): string {
  const sorted = [...times].sort((one, other) => timeAt(one, 0.99) - timeAt(other, 0.99));
  const [best, worst] = [sorted[0], sorted.at(-1)];
  if (best === undefined || worst === undefined) return "";
  const text = (one: CellTimes): string =>
    `${one.name} takes ${figure(timeAt(one, 0.5))} ns at the median and ${figure(timeAt(one, 0.99))} ns at the 99th percentile`;
  return best === worst ? `${text(best)}.` : `${text(worst)}; ${text(best)}.`;
}

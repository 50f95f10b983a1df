/** Requests per second side by side, with the spread of the runs. */
import type { Cell } from "../../../results/schema.ts";
import { figure, percent, plural, whole } from "../../numbers.ts";
import { type Bar, barsPlot } from "../bars.ts";
import type { ChartFigure } from "../figure.ts";
import { engineTitle, fullName, type Series } from "../series.ts";

/** More bars than these say less than the table. */
const mostBars = 40;

export function ratesFigure(engine: string, cells: readonly Cell[], series: Series): ChartFigure | undefined {
  if (cells.length < 2) return undefined;
  const unit = cells.find(({ requestUnit }) => requestUnit !== undefined)?.requestUnit ?? "requests";
  const counts = [...new Set(cells.map(({ cpus }) => cpus))].sort((one, other) => one - other);
  const kept = cells.length <= mostBars ? counts : counts.slice(-1);
  const shown = kept.flatMap((count) => cells.filter(({ cpus }) => cpus === count)).slice(0, mostBars);
  const spreads = shown.some(({ requestsPerSecondSpread: { repetitions } }) => repetitions.length > 1);
  const bars = shown.map((cell, index): Bar => {
    const { requestsPerSecond, requestsPerSecondSpread: spread, cpus, strategy } = cell;
    const label = `${fullName(cell)}, ${plural(cpus, "CPU")}${cell.oversubscribed ? "*" : ""}`;
    const value = figure(requestsPerSecond, 0);
    return {
      label,
      value,
      parts: [
        {
          value: requestsPerSecond,
          color: series.color(strategy),
          title: `${label}: ${whole(requestsPerSecond)} ${unit}/s`,
        },
      ],
      ...(spread.repetitions.length > 1 ? { range: [spread.min, spread.max] as const } : {}),
      begins: shown[index - 1]?.cpus !== cpus,
    };
  });
  return {
    id: `rates-${engine}`,
    title: `${engineTitle(engine)}: ${unit} per second`,
    finding: findingOf(shown, unit),
    ...(spreads ? { note: "Thin lines: from the slowest to the fastest run." } : {}),
    draw: barsPlot(bars, {
      label: `${unit} per second, all CPUs`,
    }),
    data: {
      caption: `${unit} per second`,
      columns: ["strategy", "CPUs", "median", "least", "most", "±%", "runs"],
      rows: shown.map((cell, index) => ({
        begins: index > 0 && shown[index - 1]?.cpus !== cell.cpus,
        cells: [
          fullName(cell),
          String(cell.cpus),
          whole(cell.requestsPerSecond),
          whole(cell.requestsPerSecondSpread.min),
          whole(cell.requestsPerSecondSpread.max),
          percent(cell.requestsPerSecondSpread.medianAbsDev, cell.requestsPerSecond),
          String(cell.requestsPerSecondSpread.repetitions.length),
        ],
      })),
    },
  };
}

function findingOf(cells: readonly Cell[], unit: string): string {
  const most = Math.max(...cells.map(({ cpus }) => cpus));
  const last = cells
    .filter(({ cpus }) => cpus === most)
    .sort((one, other) => other.requestsPerSecond - one.requestsPerSecond);
  const [best, worst] = [last[0], last.at(-1)];
  if (best === undefined || worst === undefined || worst.requestsPerSecond === 0) return "";
  const on = `On ${plural(most, "CPU")}`;
  const rate = (cell: Cell): string => `${whole(cell.requestsPerSecond)} ${unit} per second`;
  if (best === worst) return `${on} ${fullName(best)} does ${rate(best)}.`;
  const [spreadOfBest, spreadOfWorst] = [best.requestsPerSecondSpread, worst.requestsPerSecondSpread];
  if (spreadOfBest.min <= spreadOfWorst.max || best.oversubscribed)
    return `${on} ${fullName(best)} was seen to do ${rate(best)} and ${fullName(worst)} ${whole(worst.requestsPerSecond)}; which does more these runs do not tell.`;
  const times = best.requestsPerSecond / worst.requestsPerSecond;
  return `${on} ${fullName(best)} does most, ${rate(best)}: ${times.toFixed(2)} times as many as ${fullName(worst)}, which does least.`;
}

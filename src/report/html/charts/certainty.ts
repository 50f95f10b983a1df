/** How sure efficiencies are: the spread of runs behind each, and one remark beside the picture on what they do not tell. */
import type { Cell } from "../../../results/schema.ts";
import { plural } from "../../numbers.ts";

export type Scaled = Cell & { readonly efficiencyPct: number };

/** Percent: the slowest run against the fastest on the fewest CPUs, and the reverse. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Runs that differ more from their median, by their median distance, are of a busy machine, or too short. */
const busyShare = 0.1;

/**
 * The range of each cell that has several runs; none for others.
 * @param cells of one engine and one value of what is varied
 */
export function rangesOf(cells: readonly Scaled[]): ReadonlyMap<Scaled, Range> {
  return new Map(
    cells.flatMap((cell): [Scaled, Range][] => {
      const own = cells.filter(({ strategy }) => strategy === cell.strategy);
      const base = own.reduce((one, other) => (other.cpus < one.cpus ? other : one));
      const { requestsPerSecondSpread: spread, requestsPerSecond: median } = cell;
      if (spread.repetitions.length < 2 || median === 0) return [];
      // Against itself a run is compared with the median, which is what 100 % is.
      const { min, max } =
        cell === base
          ? { min: base.requestsPerSecond, max: base.requestsPerSecond }
          : base.requestsPerSecondSpread;
      const against = (rate: number, other: number): number =>
        (cell.efficiencyPct * (rate / median)) / (other / base.requestsPerSecond);
      // A run in which nothing was done is no measure of another.
      if (min === 0) return [];
      return [[cell, { low: against(spread.min, max), high: against(spread.max, min) }]];
    }),
  );
}

/** Whether runs tell which of two cells has the higher efficiency; a machine with fewer cores than workers never does. */
export function canTell(one: Scaled, other: Scaled, ranges: ReadonlyMap<Scaled, Range>): boolean {
  const [first, second] = [ranges.get(one), ranges.get(other)];
  if (one.oversubscribed || other.oversubscribed) return false;
  if (first === undefined || second === undefined) return true;
  return first.low > second.high || second.low > first.high;
}

/** Sentences for beside the picture; empty where there is nothing to say. */
export function certaintyNote(cells: readonly Scaled[], ranges: ReadonlyMap<Scaled, Range>): string {
  const spread = [...ranges.values()].some(({ low, high }) => high > low);
  const crowded = [
    ...new Set(cells.filter(({ oversubscribed }) => oversubscribed).map(({ cpus }) => cpus)),
  ].sort((one, other) => one - other);
  const busy = cells.filter(
    ({ requestsPerSecond, requestsPerSecondSpread: { medianAbsDev } }) =>
      medianAbsDev > busyShare * requestsPerSecond,
  );
  const single = cells.every(({ requestsPerSecondSpread: { repetitions } }) => repetitions.length < 2);
  return [
    ...(spread
      ? [
          "Thin lines: from the slowest run against the fastest on the fewest CPUs to the fastest against the slowest.",
        ]
      : []),
    ...(single ? [singleNote(cells)] : []),
    ...(crowded.length === 0
      ? []
      : [
          `On ${crowded.join(", ")} CPUs workers share cores (oversubscribed): figures there say little of strategies.`,
        ]),
    ...(busy.length === 0
      ? []
      : [
          `In ${busy.length} of ${plural(cells.length, "cell")} runs differ by more than ${100 * busyShare} % of their median: ${
            cells[0]?.engine === "sim" ? "they are too short" : "the machine was busy, or runs are too short"
          }.`,
        ]),
  ].join(" ");
}

/** What chance does to a figure of one run. */
function singleNote(cells: readonly Scaled[]): string {
  if (cells[0]?.engine !== "sim") return "One run for each figure: how far runs differ is not known.";
  const counts = cells.map(({ requests }) => requests);
  const [least, most] = [Math.min(...counts), Math.max(...counts)].map((count) =>
    count.toLocaleString("en-US"),
  );
  const requests = `${least === most ? most : `${least} to ${most}`} ${cells[0].requestUnit ?? "requests"}`;
  return `One seed, ${requests} for each figure: differences of about half a point are chance (at 40,000; more with fewer). Several repetitions show the spread.`;
}

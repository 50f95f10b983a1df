/** Figures that only the simulator has, as results show them: where time went, what moved how far, latencies, slow windows. */
import type { SimMachine, SimSlowWindows, TimeSplit } from "../engines/sim/types.ts";
import { Event } from "../kernel/events.ts";
import { kebab } from "../names.ts";
import type { Cell } from "../results/schema.ts";
import { histogramNs } from "./distributions.ts";
import { byDistance } from "./sim-evidence.ts";
import type { SimReport } from "./sim-request.ts";

type Latencies = NonNullable<Cell["latencies"]>;

/** Line transfers per request; undefined where the program counts no requests. */
export function transfersPerRequest({
  requests,
  transfersByDistance,
}: Pick<SimReport, "requests" | "transfersByDistance">): Pick<Cell, "transfersPerRequest"> {
  if (requests === 0) return {};
  const each = transfersByDistance.map((transfers) => transfers / requests);
  return { transfersPerRequest: { ...byDistance(each), all: each.reduce((sum, one) => sum + one, 0) } };
}

/** Percent of the time of all CPUs with scripts; what is not accounted for they had nothing to do. */
export function timeSplitPct(
  time: TimeSplit,
  cpus: number,
  elapsedNs: number,
): NonNullable<Cell["timeSplitPct"]> {
  const all = cpus * elapsedNs;
  const pct = (ns: number): number => (all === 0 ? 0 : (100 * ns) / all);
  const split = {
    think: pct(time.thinkNs),
    slowdown: pct(time.slowdownNs),
    own: pct(time.ownNs),
    lines: pct(time.linesNs),
    locks: pct(time.locksNs),
    gracePeriods: pct(time.gracePeriodsNs),
    spin: pct(time.spinNs),
  };
  const known = Object.values(split).reduce((sum, one) => sum + one, 0);
  return { ...split, rest: Math.max(0, 100 - known) };
}

/** Latencies with the events' names. @param names of the events of the program that ran */
export function namedLatencies(
  { latencies }: Pick<SimReport, "latencies">,
  names: Readonly<Record<number, string>> = Event,
): Latencies {
  return latencies.map(({ event, histogram, ...figures }) => ({
    event: kebab(names[event] ?? `event ${event}`),
    ...figures,
    histogram: histogramNs(histogram),
  }));
}

/**
 * Time of a pair: that of the script event of that name, or of an open and of a close together (the sum of two percentiles, since the
 * two are apart in a script). null where the script has neither.
 */
export function pairOf(latencies: Latencies): Cell["pairNs"] {
  const of = (name: string) => latencies.find(({ event }) => event === name);
  const [pair, open, close] = [of("pair"), of("open"), of("close")];
  if (pair !== undefined) return { p50: pair.p50Ns, p99: pair.p99Ns, max: pair.maxNs };
  if (open === undefined || close === undefined) return null;
  return { p50: open.p50Ns + close.p50Ns, p99: open.p99Ns + close.p99Ns, max: open.maxNs + close.maxNs };
}

/** How maintenance came about in a run. */
export interface MaintenancePlan {
  /** Times at which the config has it begin, ns; none: at the strategy's interval. */
  readonly atNs: readonly number[];
  /** The strategy's interval; 0: without pause. */
  readonly intervalNs: number;
}

/**
 * Slow windows, and what they come to in the long run. A run is milliseconds long and a scan comes every few seconds, so where the config
 * starts scans inside the run, the part of the time that they take is their length against the interval.
 */
export function slowFigures(
  slow: SimSlowWindows | null,
  elapsedNs: number,
  { atNs, intervalNs }: MaintenancePlan,
): Pick<Cell, "slowWindows"> {
  if (slow === null || slow.windows === 0) return {};
  const { windows, openNs, longestNs, insideRequests, outsideRequests } = slow;
  const rate = (requests: number, ns: number): number | null => (ns > 0 ? (1e9 * requests) / ns : null);
  const inside = rate(insideRequests, openNs);
  const outside = rate(outsideRequests, elapsedNs - openNs);
  const planned = atNs.length > 0 && intervalNs > 0;
  const dutyCycle = Math.min(1, planned ? openNs / (atNs.length * intervalNs) : openNs / elapsedNs);
  const steady = inside === null || outside === null ? null : dutyCycle * inside + (1 - dutyCycle) * outside;
  return {
    slowWindows: {
      windows,
      openShare: openNs / elapsedNs,
      longestMs: longestNs / 1e6,
      insidePerSecond: inside,
      outsidePerSecond: outside,
      dutyCycle,
      steadyPerSecond: steady,
    },
  };
}

/** What a reader must know of slow windows that the run's end cut off. */
export function slowNotes(
  slow: SimSlowWindows | null,
  elapsedNs: number,
  { atNs }: MaintenancePlan,
): string[] {
  const last = atNs.findLast((at) => at < elapsedNs);
  if (atNs.length > 0 && last === undefined) {
    return ["the run ended before its maintenance began: raise `requests`, or lower `maintenanceAtUs`"];
  }
  if (slow === null || slow.windows === 0 || last === undefined) return [];
  return last + slow.longestNs >= 0.999 * elapsedNs
    ? ["a slow window was open when the run ended, so it is longer than told: raise `requests`"]
    : [];
}

/** The machine with the grace periods of the config, where that sets them. */
export function withGracePeriod(machine: SimMachine, gracePeriodUs: number): SimMachine {
  return gracePeriodUs === 0 ? machine : { ...machine, gracePeriodNs: gracePeriodUs * 1000 };
}

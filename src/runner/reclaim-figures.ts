/**
 * What a run says of a strategy's weak points, the same for all strategies: how long labels that were retired wait to be freed, and
 * how much of its counting hits the task's or the CPU's own line, where a strategy tells the two apart.
 */
import type { Buckets } from "../engines/histogram.ts";
import type { Repetition } from "../engines/threads/index.ts";
import type { Cell } from "../results/schema.ts";
import { waitCounters } from "./audited.ts";
import type { CountedRun } from "./counted-run.ts";
import { histogramMs } from "./distributions.ts";

/**
 * Retired labels of one run, until its end but for the longest wait, which the tear-down ends at the latest.
 * @param labelBytes of one label, all CPUs together
 * @param msPerTick milliseconds of a tick of the engine's `now`
 * @param waits of those freed, ms; null where none was
 */
export function retirementFigures(
  { atEnd, atTeardown, unreclaimed }: Pick<Repetition, "atEnd" | "atTeardown" | "unreclaimed">,
  labelBytes: number,
  msPerTick: number,
  waits: Buckets | null,
): Pick<Cell, "retirement" | "peakUnreclaimed" | "unreclaimed"> {
  const of = (counter: string): number => atEnd[counter] ?? 0;
  // On sim the clock starts anew behind a set-up, and labels that were retired in it would seem to come from the future.
  const mean = (ticks: number, labels: number): number =>
    labels === 0 ? 0 : (Math.max(0, ticks) * msPerTick) / labels;
  return {
    retirement: {
      labels: of("retired"),
      freed: of("retiredFreed"),
      meanMs: mean(of("retiredTicks"), of("retiredFreed")),
      maxMs: Math.max(0, atTeardown.longestRetiredTicks ?? 0) * msPerTick,
      ...(waits === null ? {} : { waitHistogram: histogramMs(waits) }),
      waiting: of("waiting"),
      waitingMeanMs: mean(of("waitingTicks"), of("waiting")),
      peakWaitingBytes: of("mostWaiting") * labelBytes,
      peakLabels: of("mostLabels"),
    },
    peakUnreclaimed: of("mostWaiting"),
    ...(unreclaimed === undefined
      ? {}
      : { unreclaimed: { atNs: [...unreclaimed.atNs], labels: [...unreclaimed.labels] } }),
  };
}

/**
 * Times that labels freed in the run had waited for it, ms, as the program counted them; null where none was freed.
 * @param msPerTick milliseconds of a tick of the engine's `now`
 */
export function countedWaits({ atEnd }: Pick<Repetition, "atEnd">, msPerTick: number): Buckets | null {
  const all = Object.keys(waitCounters).map((name) => atEnd[name] ?? 0);
  const first = all.findIndex((count) => count > 0);
  if (first < 0) return null;
  const counts = all.slice(first, all.findLastIndex((count) => count > 0) + 1);
  return { upTo: counts.map((_, index) => (2 ** (first + index) - 1) * msPerTick), counts };
}

/** Labels that came to have counters per CPU and lost them; nothing where the strategy tells of none. */
export function switchFigures({ atEnd }: Pick<Repetition, "atEnd">): Pick<Cell, "switches"> {
  const of = (counter: string): number => atEnd[counter] ?? 0;
  const switches = {
    labels: of("percpuLabels"),
    most: of("mostPercpuLabels"),
    toPercpu: of("toPercpu"),
    toAtomic: of("toAtomic"),
    refused: of("percpuRefused"),
  };
  return Object.values(switches).every((figure) => figure === 0) ? {} : { switches };
}

/** Own and shared counts of the counted run; nothing where the strategy marks neither. */
export function countFigures({ ownCounts, sharedCounts }: CountedRun): Pick<Cell, "counts"> {
  const all = ownCounts + sharedCounts;
  return all === 0 ? {} : { counts: { own: ownCounts, shared: sharedCounts, ownShare: ownCounts / all } };
}

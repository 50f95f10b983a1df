/**
 * Several runs of the same config and code as one, with the run for the repetition: on threads one start differs from the next by more
 * than repetitions within it, and only this shows it.
 */
import { RefplayError } from "../errors.ts";
import { type Cell, isComplete, type ResultsRecord } from "../results/schema.ts";
import { figuresOf } from "./figures.ts";

export interface MergedRuns {
  readonly record: ResultsRecord;
  /** Runs that are in it. */
  readonly starts: number;
}

/**
 * Complete runs with the newest's fingerprint: config, seed, code and host are the same. Others are left out.
 * @param records oldest first, at least one
 * @throws RefplayError `one-run-only`, `runs-simulated`
 */
export function mergeRuns(records: readonly ResultsRecord[], shown: string): MergedRuns {
  const newest = records.at(-1);
  const same = records.filter((one) => one.fingerprint === newest?.fingerprint && isComplete(one));
  const last = same.at(-1);
  if (last === undefined || same.length < 2) {
    const message = `--all-runs takes several complete runs of the same code, and \`${shown}\` has ${same.length} like its newest`;
    throw new RefplayError("one-run-only", message, {
      hint: "Give the same `refplay run ... --out` several times: each finished run gets a file of its own.",
    });
  }
  if (last.cells.some(({ engine }) => engine !== "threads")) {
    throw new RefplayError(
      "runs-simulated",
      `--all-runs is about threads, and \`${shown}\` has simulated cells`,
      {
        hint: "Simulated runs of one seed are all the same: their repetitions are seeds already.",
      },
    );
  }
  const cells = last.cells.map((cell) => {
    const twins = same.map((record) => record.cells.find(({ id }) => id === cell.id));
    return mergedCell(
      cell,
      twins.filter((twin) => twin !== undefined),
    );
  });
  return { record: { ...last, cells }, starts: same.length };
}

/** Medians of the runs; faults are those of the worst. */
function mergedCell(cell: Cell, runs: readonly Cell[]): Cell {
  const rates = runs.map(({ requestsPerSecond }) => requestsPerSecond);
  const rate = median(rates);
  const valuesOf = (name: string): (number | null)[] =>
    runs.map((run) => figuresOf(run, [run]).find((figure) => figure.name === name)?.value ?? null);
  const figures = figuresOf(cell, [cell]).filter(({ exact, name }) => !exact && name !== "requestsPerSecond");
  const byRepetition = Object.fromEntries(figures.map(({ name }) => [name, valuesOf(name)]));
  const middle = (name: string, value: number): number => {
    const known = (byRepetition[name] ?? []).filter((one) => one !== null);
    return known.length === 0 ? value : median(known);
  };
  const { peakUnreclaimed, pairNs, retirement } = cell;
  return {
    ...cell,
    requestsPerSecond: rate,
    requestsPerSecondSpread: {
      min: Math.min(...rates),
      max: Math.max(...rates),
      medianAbsDev: median(rates.map((one) => Math.abs(one - rate))),
      repetitions: rates,
    },
    byRepetition,
    pairNs:
      pairNs === null
        ? null
        : { ...pairNs, p50: middle("pairNsP50", pairNs.p50), p99: middle("pairNsP99", pairNs.p99) },
    ...(peakUnreclaimed === undefined ? {} : { peakUnreclaimed: middle("peakUnreclaimed", peakUnreclaimed) }),
    ...(retirement === undefined
      ? {}
      : { retirement: { ...retirement, meanMs: middle("retiredMeanMs", retirement.meanMs) } }),
    ...(cell.figures === undefined
      ? {}
      : {
          figures: cell.figures.map((one) =>
            one.value === null ? one : { ...one, value: middle(one.name, one.value) },
          ),
        }),
    leaked: Math.max(...runs.map(({ leaked }) => leaked)),
    violations: Math.max(...runs.map(({ violations }) => violations)),
    oversubscribed: runs.some(({ oversubscribed }) => oversubscribed),
    notes: [...new Set(runs.flatMap(({ notes }) => notes))],
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

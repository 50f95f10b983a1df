/** Holds two sides against each other, cell by cell and figure by figure. */
import { RefplayError } from "../errors.ts";
import type { Cell } from "../results/schema.ts";
import { differencesOf } from "./differences.ts";
import { efficiencyBase, figuresOf } from "./figures.ts";
import { fewestRepetitions, type Interval, type Samples, shiftIntervals } from "./intervals.ts";
import { matchCells, type Pair } from "./match.ts";
import { missingInB, unfinishedRuns } from "./missing.ts";
import { comparisonNotes } from "./notes.ts";
import type {
  CellChange,
  Comparison,
  FigureChange,
  FigureValue,
  Side,
  Unfinished,
  Verdict,
} from "./types.ts";

export interface CompareOptions {
  /** Wanted confidence of the intervals, 0 to 1. */
  readonly confidence: number;
  /** Compare even what differs for another reason. */
  readonly anyway: boolean;
}

type GivenRecord = Pick<Side, "name" | "record"> & Partial<Pick<Side, "starts">>;

/** Two results files. Throws RefplayError `not-comparable`, `nothing-to-compare`. */
export function compareRecords(a: GivenRecord, b: GivenRecord, options: CompareOptions): Comparison {
  const whole = (side: GivenRecord): Side => ({
    starts: 1,
    ...side,
    file: side.name,
    cells: side.record.cells,
  });
  return compareSides(whole(a), whole(b), "cells", options);
}

/**
 * Two strategies of one results file.
 * @param file where it was read from, for messages
 * @throws RefplayError `nothing-to-compare`
 */
export function compareStrategies(
  { file, record, starts = 1 }: Pick<Side, "file" | "record"> & Partial<Pick<Side, "starts">>,
  a: string,
  b: string,
  options: CompareOptions,
): Comparison {
  const side = (name: string): Side => ({
    name,
    file,
    record,
    starts,
    cells: record.cells.filter(({ strategy }) => strategy === name),
  });
  return compareSides(side(a), side(b), "strategies", options);
}

function compareSides(
  a: Side,
  b: Side,
  what: "cells" | "strategies",
  { anyway, confidence }: CompareOptions,
): Comparison {
  const unfinished = unfinishedRuns(a, b);
  if (a.cells.length === 0 || b.cells.length === 0) throw nothingToCompare(a, b, unfinished);
  const differences = differencesOf(a, b);
  const decisive = differences.filter((difference) => difference.decisive);
  if (decisive.length > 0 && !anyway) {
    const list = decisive.map((one) => `  ${one.what}: ${one.a} in A, ${one.b} in B`);
    throw new RefplayError(
      "not-comparable",
      `\`${a.name}\` and \`${b.name}\` differ in more than what is compared:\n${list.join("\n")}`,
      { hint: "Run both the same way, or add --anyway." },
    );
  }
  const matching = matchCells(a, b, {
    strategies: what === "cells",
    hooks: what === "cells" && !anyway,
  });
  const { pairs, onlyInA, onlyInB } = matching;
  if (pairs.length === 0) {
    throw nothingToCompare(a, b, unfinished);
  }
  const sameSeed = a.record.seed === b.record.seed;
  const cells = pairs.map((pair) => cellChange(pair, a, b, sameSeed, confidence));
  const missing = missingInB(a, b, matching, what === "strategies");
  const comparison = { a, b, confidence, cells, onlyInA, onlyInB, missing, unfinished, differences };
  return { ...comparison, notes: comparisonNotes(comparison, pairs) };
}

function nothingToCompare(a: Side, b: Side, unfinished: readonly Unfinished[]): RefplayError {
  const ids = (cells: readonly Cell[]): string => cells.map(({ id }) => id).join(", ") || "none";
  const ends = unfinished.map(({ file, text }) => `\n  The run of \`${file}\` ${text}`).join("");
  const empty = [a, b].filter(({ cells }) => cells.length === 0).map(({ name }) => `\`${name}\``);
  const message =
    empty.length > 0
      ? `${empty.join(" and ")} ${empty.length === 1 ? "has" : "have"} no cells`
      : `\`${a.name}\` and \`${b.name}\` have no cell in common`;
  return new RefplayError("nothing-to-compare", `${message}${ends}`, {
    hint: `A has: ${ids(a.cells)}. B has: ${ids(b.cells)}.`,
  });
}

function cellChange(pair: Pair, a: Side, b: Side, sameSeed: boolean, confidence: number): CellChange {
  const [one, other] = [pair.a, pair.b];
  const [before, after] = [figuresOf(one, a.cells), figuresOf(other, b.cells)];
  const sameBase = efficiencyBase(one, a.cells).cpus === efficiencyBase(other, b.cells).cpus;
  const paired = one.engine === "sim" && sameSeed;
  const isFew = Math.min(...[one, other].map(runsOf)) < fewestRepetitions(confidence);
  const isOneStart = one.engine === "threads" && Math.min(a.starts, b.starts) < 2;
  const figures = before.flatMap((figure) => {
    const twin = after.find(({ name, unit }) => name === figure.name && unit === figure.unit);
    if (twin === undefined || (figure.name === "efficiency" && !sameBase)) return [];
    const ofOtherLoad = figure.ofLoad && !sameSeed;
    const change = figureChange({ ...figure, exact: figure.exact && !ofOtherLoad }, twin, paired, confidence);
    const { exact, interval } = change;
    if (interval !== null) return [{ ...change, oneStart: isOneStart && !exact }];
    return [{ ...change, noInterval: ofOtherLoad ? "seeds" : isFew ? "few" : "one-run" } as const];
  });
  return {
    id: pair.id,
    strategies: [one.strategy, other.strategy],
    engine: one.engine,
    cpus: one.cpus,
    ...(one.varied === undefined ? {} : { varied: one.varied }),
    oversubscribed: one.oversubscribed || other.oversubscribed,
    unsteady: [
      ...unsteadyNotes(one).map((note) => `A: ${note}`),
      ...unsteadyNotes(other).map((note) => `B: ${note}`),
    ],
    figures,
    lost: before.map(({ name }) => name).filter((name) => !figures.some((figure) => figure.name === name)),
  };
}

function runsOf(cell: Cell): number {
  return cell.requestsPerSecondSpread.repetitions.length;
}

/** Notes of a cell that say how unsteady its machine was. */
function unsteadyNotes({ notes }: Cell): string[] {
  return notes.filter((note) => /^repetitions differ by|\bbusy\b|more CPUs than/.test(note));
}

/** The change of one figure. `paired`: runs of the same number have the same seed on a simulated machine. */
export function figureChange(
  before: FigureValue,
  after: FigureValue,
  paired: boolean,
  confidence: number,
): FigureChange {
  const { value: a, repetitions, ofLoad: _, ...about } = before;
  const b = after.value;
  const difference = b - a;
  const percent = a === 0 ? (b === 0 ? 0 : null) : (100 * difference) / a;
  const samples = { a: repetitions, b: after.repetitions, paired };
  const identical = difference === 0 && (about.exact || (paired && String(samples.a) === String(samples.b)));
  const { interval, percentInterval } =
    about.exact || identical
      ? { interval: point(difference), percentInterval: percent === null ? null : point(percent) }
      : intervalsOf(samples, difference, percent, confidence);
  return {
    ...about,
    a,
    b,
    difference,
    percent,
    interval,
    percentInterval,
    oneStart: false,
    verdict: identical ? "same" : verdictOf(about.better, interval),
  };
}

function intervalsOf(
  samples: Samples,
  difference: number,
  percent: number | null,
  confidence: number,
): Pick<FigureChange, "interval" | "percentInterval"> {
  const found = shiftIntervals(samples, confidence);
  if (found === null) return { interval: null, percentInterval: null };
  const interval = holding(found.difference, difference);
  // Nothing of nothing is no change, where all runs have nothing.
  if (interval.low === 0 && interval.high === 0) return { interval, percentInterval: point(0) };
  const known = percent !== null && found.percent !== null;
  return { interval, percentInterval: known ? holding(found.percent, percent) : null };
}

function point(value: number): Interval {
  return { low: value, high: value };
}

/**
 * The interval with the difference in it that reports show. For a rate and its medians it always is; of other figures a report shows
 * one run's, or all runs' together, which need not lie between the runs' own.
 */
function holding({ low, high }: Interval, value: number): Interval {
  return { low: Math.min(low, value), high: Math.max(high, value) };
}

function verdictOf(better: FigureValue["better"], interval: Interval | null): Verdict {
  if (interval === null || (interval.low <= 0 && interval.high >= 0)) return "unclear";
  if (better === "neither") return "different";
  return interval.low > 0 === (better === "more") ? "better" : "worse";
}

/** What a comparison of two sides says: the same for every way to print it. */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import type { Interval } from "./intervals.ts";

/** One of the two that are compared. */
export interface Side {
  /** As it is called in the report: a file, or a strategy. */
  readonly name: string;
  /** Where it was read from, as a report names it. */
  readonly file: string;
  readonly record: ResultsRecord;
  /** The cells of it that take part. */
  readonly cells: readonly Cell[];
  /** Runs whose medians are the cells' repetitions; 1: a cell's repetitions are of one run. */
  readonly starts: number;
}

/** Which way a figure is better; `neither`: nobody can say. */
export type Better = "more" | "less" | "neither";

/** One figure of one cell. */
export interface FigureValue {
  readonly name: string;
  /** `1/s`, `ns`, `%`, ...; empty for plain counts. */
  readonly unit: string;
  /** Unit of a difference, where it is another: percent differ by points. */
  readonly differenceUnit?: string;
  readonly better: Better;
  /** It follows from the program and the load, so every run has the same. */
  readonly exact: boolean;
  /** It is exact, and from the load: only for one seed. */
  readonly ofLoad: boolean;
  /** As the report of the cell has it. */
  readonly value: number;
  /** Of every measured run, in their order; empty where only the value is known. */
  readonly repetitions: readonly number[];
}

/**
 * `same`: equal to the last digit in every run; `unclear`: the interval has 0 in it, or there is none; the others are sure, as far as
 * the interval is, and `different` is what nobody can call better or worse.
 */
export type Verdict = "better" | "worse" | "different" | "unclear" | "same";

/** `few`: more repetitions would help; `one-run`: the files have the figure of one run only; `seeds`: it comes from the load, and seeds differ. */
export type NoInterval = "few" | "one-run" | "seeds";

/** A figure on both sides. Differences are B - A. */
export interface FigureChange extends Omit<FigureValue, "value" | "repetitions" | "ofLoad"> {
  readonly a: number;
  readonly b: number;
  readonly difference: number;
  /** Of `a`; null where that is 0 and `b` is not. */
  readonly percent: number | null;
  /** null: too few repetitions, or only the value is known. Both ends the same for exact figures. */
  readonly interval: Interval | null;
  readonly percentInterval: Interval | null;
  /** Why there is no interval, where there is none. */
  readonly noInterval?: NoInterval;
  /** The interval holds what differs within one start of a program on threads; the next start may differ by more. */
  readonly oneStart: boolean;
  readonly verdict: Verdict;
}

/** A cell on both sides. */
export interface CellChange {
  /** `kref@192`, with what else tells it from others. */
  readonly id: string;
  /** Of A and of B; the same where runs are compared. */
  readonly strategies: readonly [string, string];
  readonly engine: string;
  readonly cpus: number;
  readonly varied?: NonNullable<Cell["varied"]>;
  readonly oversubscribed: boolean;
  /** What its records say of an unsteady machine, A's first. */
  readonly unsteady: readonly string[];
  readonly figures: readonly FigureChange[];
  /** Names of figures that A's cell has and B's has not, or holds against other CPUs. */
  readonly lost: readonly string[];
}

/** A cell that B has not although A has it or B's run meant to measure it. */
export interface MissingCell {
  readonly id: string;
  /** Whose it is; of A and B where strategies are compared. */
  readonly strategies: readonly string[];
  readonly cpus: number;
  /** Names of those that A's cell has; absent where A has none either. */
  readonly figures?: readonly string[];
  readonly why: string;
}

/** A run that ended before its last cell. */
export interface Unfinished {
  /** `both`: two strategies of it are compared. */
  readonly side: "A" | "B" | "both";
  readonly file: string;
  /** What became of it: goes on behind "the run". */
  readonly text: string;
  readonly failure?: NonNullable<ResultsRecord["failure"]>;
}

/** Something in which the two sides differ beside what is compared. */
export interface Difference {
  readonly what: string;
  readonly a: string;
  readonly b: string;
  /** It would be the reason of any difference between the figures. */
  readonly decisive: boolean;
}

export interface Comparison {
  readonly a: Side;
  readonly b: Side;
  /** Wanted confidence of the intervals, 0 to 1. */
  readonly confidence: number;
  readonly cells: readonly CellChange[];
  /** Ids of cells that the other side has not. */
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  readonly missing: readonly MissingCell[];
  readonly unfinished: readonly Unfinished[];
  readonly differences: readonly Difference[];
  /** Sentences: what a reader should know. */
  readonly notes: readonly string[];
}

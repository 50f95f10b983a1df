/** What a program of the catalogue is, what is asked of the checker, and what it reports. */
import type {
  CheckProblem,
  ExploreProgress,
  ExploreResult,
  MemoryModel,
  Replay,
} from "../engines/check/types.ts";
import type { Verdict } from "../engines/reference/types.ts";
import type { PartChoices } from "../link/link.ts";
import type { StrategyDescription } from "../link/meta.ts";
import type { SteppedProgram } from "../link/stepped/index.ts";

/** A number that decides how large a program is: readers, rounds, writers. Whole numbers. */
export interface Bound {
  readonly default: number;
  /** Default where the strategy needs maintenance, whose actor multiplies what there is to look at; `default` unless given. */
  readonly maintained?: number;
  readonly min: number;
  readonly max: number;
  /** What there are that many of, as a phrase. */
  readonly doc: string;
}

/** A checked program but for what the catalogue does for all of them: model, memory, names, verdicts of marks. */
export type ProgramShape = Omit<
  CheckProblem,
  "model" | "memoryBytes" | "symbol" | "kinds" | "structs" | "verdictOfMark" | "textOfMark"
> & {
  /** Bytes of memory where it is more than the CPU areas. */
  readonly memoryBytes?: number;
};

type Releases = StrategyDescription["capabilities"]["releases"];

/** A deliberate bug of a program that needs no strategy: link option `broken` with that value must get this verdict. */
export interface BrokenVariant {
  readonly value: number;
  /** What is wrong, as a phrase. */
  readonly title: string;
  readonly verdict: Verdict;
  /** `tso`: only a store buffer shows it, and under `sc` the program passes. */
  readonly model: MemoryModel;
  /** Bounds under which it shows, where the defaults do not. */
  readonly bounds?: Readonly<Record<string, number>>;
}

/** A commit of the Linux kernel that fixed the bug whose shape a program has. */
export interface KernelBug {
  /** Hash in Linus Torvalds's tree, 12 digits. */
  readonly commit: string;
  /** First line of its message. */
  readonly subject: string;
}

export interface CheckProgram {
  /** In kebab case: `put-vs-look-up`. */
  readonly name: string;
  /** One sentence: what happens in it. */
  readonly title: string;
  /**
   * `bare`: strategy calls and small portable functions. `hooks`: through the kernel's hooks, driven by scripts. `kernel bug`: a
   * published bug (`bug`), which is the first of `broken`.
   */
  readonly kind: "bare" | "hooks" | "kernel bug";
  readonly bug?: KernelBug;
  /** Entry module from the package's folder: `test/programs/check/label.ts`, `src/kernel/program.ts`. */
  readonly source: string;
  /** Whether it is checked once for each strategy; a program that needs none is checked once. */
  readonly strategy: boolean;
  /** Strategies that it makes sense for; it is skipped with a reason for others. All unless given. */
  readonly needs?: {
    readonly releases?: readonly Releases[];
    /** Titles of strategies; a title followed by a comma and more words counts too. */
    readonly strategies?: readonly string[];
    /** `false`: strategies without maintenance, because with its actor the program is too large to be searched. */
    readonly maintenance?: false;
  };
  readonly bounds: Readonly<Record<string, Bound>>;
  /** Names of its kinds of objects by number, where they are not the kernel's. */
  readonly kinds?: Readonly<Record<number, string>>;
  /** Link options of the program beside `watched`. */
  readonly options?: Readonly<Record<string, number>>;
  /** Actors and calls for bounds that are complete and in range. */
  build(bounds: Readonly<Record<string, number>>): ProgramShape;
  /** States of the stateful search, executions of DPOR with the default bounds, where they are known exactly. */
  readonly exact?: Readonly<Partial<Record<MemoryModel, ExactCounts>>>;
  readonly broken?: readonly BrokenVariant[];
}

export interface ExactCounts {
  readonly states?: number;
  readonly traces?: number;
  /** Built-in strategy for which they hold, where the program needs one. */
  readonly strategy?: string;
}

/** A strategy as a check uses it. */
export interface StrategyChoice {
  /** Path of its file, as the host knows it. */
  readonly path: string;
  readonly options?: Readonly<Record<string, number>>;
  /** Strategies for its parts, where they are not the declared defaults. */
  readonly parts?: PartChoices;
}

export interface CheckChoice {
  readonly model: MemoryModel;
  /** Those that differ from their defaults. */
  readonly bounds?: Readonly<Record<string, number>>;
  /** Link options of the program that differ from the catalogue's: `broken`. */
  readonly options?: Readonly<Record<string, number>>;
}

/** A program linked and laid out, ready for any number of searches and replays. */
export interface PreparedCheck {
  readonly program: CheckProgram;
  readonly model: MemoryModel;
  /** Complete with defaults. */
  readonly bounds: Readonly<Record<string, number>>;
  /** File name without `.ts`; null where the program needs no strategy. */
  readonly strategyName: string | null;
  readonly stepped: SteppedProgram;
  readonly problem: CheckProblem;
}

/** States: breadth first, shortest counterexample. DPOR: depth first, no state kept. Naive: every interleaving, for tests. */
export type ExplorerName = "states" | "dpor" | "naive";

export interface RunOptions {
  /** `states` unless given. */
  readonly explorer?: ExplorerName;
  /** Bytes at which the search gives up. */
  readonly memoryBytes?: number;
  /** States or executions at which the search gives up. */
  readonly stateLimit?: number;
  /** Ends the search between two portions of work: the report then says `limit-exceeded`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExploreProgress) => void;
}

/** A finding, minimised, as people and machines read it. */
export interface ReportedFinding {
  /** For `--replay` and `replayCheck`. */
  readonly schedule: string;
  readonly replay: Replay;
  readonly breach: NonNullable<Replay["breach"]>;
}

export interface CheckReport {
  readonly strategy: string | null;
  readonly program: string;
  readonly model: MemoryModel;
  readonly bounds: Readonly<Record<string, number>>;
  /** `limit-exceeded`: neither passed nor failed; the search did not end. */
  readonly verdict: "pass" | Verdict;
  readonly finding: ReportedFinding | null;
  readonly result: ExploreResult;
  /** Milliseconds of search, linking and minimising excluded. */
  readonly searchMs: number;
}

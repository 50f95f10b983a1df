/**
 * What `refplay bench` measures: the hot paths of strategies side by side on this machine's threads, all of them once in every
 * round, and beside them the C peers of the same names where there are any.
 */
import { availableParallelism } from "node:os";
import { RefplayError } from "../errors.ts";
import { KernelSide } from "./kernel-side.ts";
import { LinkedSide } from "./linked-side.ts";
import { PeerProcess } from "./peer-process.ts";
import { buildPeers } from "./peers.ts";
import { type Compile, strategyFile } from "./programs.ts";
import { type Entrant, type Figures, figuresOf, type RoundOptions, runRounds } from "./rounds.ts";
import type { Side } from "./side.ts";

/** What is measured, in this order. */
export const measures = [
  {
    name: "getPut",
    title: "get+put",
    doc: "An open and a close of a task's own label, only the strategy's part; one thread, 64 labels in turn.",
    threads: 1,
    labels: 64,
  },
  {
    name: "tryGetPut",
    title: "tryGet+put",
    doc: "A look-up and a put; one thread, 64 labels in turn.",
    threads: 1,
    labels: 64,
  },
  {
    name: "borrowUnborrow",
    title: "borrow+unborrow",
    doc: "A short use, within one hook; one thread, 64 labels in turn.",
    threads: 1,
    labels: 64,
  },
  {
    name: "getPutShared",
    title: "get+put, 2 threads",
    doc: "The same as get+put with two threads on one label; first quartile.",
    threads: 2,
    labels: 1,
  },
  {
    name: "openClose",
    title: "open+close",
    doc: "Through interpreter and hooks of the kernel at v6.11, one thread; what it takes longer than with `none`.",
    threads: 1,
    labels: 1,
  },
] as const;
type Measure = (typeof measures)[number];
export type MeasureName = Measure["name"];

/** Hooks of the kernel that `openClose` runs. */
const hooks = 611;

export interface BenchStrategy {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export interface BenchRequest {
  /** In the order of the report. Names are unique. */
  readonly strategies: readonly BenchStrategy[];
  /** Rounds of each measure, 1 or more. */
  readonly rounds: number;
  /** Length of one run in ms. */
  readonly runMs: number;
  /** Aborted: what is finished so far is returned. */
  readonly signal: AbortSignal;
  /** Told what is being done, and how much of the whole is behind it: 0 to 1. */
  readonly onProgress: (doing: string, fraction: number) => void;
}

export interface StrategyFigures {
  readonly strategy: string;
  /** ns per turn; a measure is missing where it was not finished. */
  readonly figures: Readonly<Partial<Record<MeasureName, Figures>>>;
  /** The C peer of the same name for `getPut`, or null. */
  readonly inC: Figures | null;
}

export interface BenchReport {
  readonly results: readonly StrategyFigures[];
  /** Rounds of the measure that was done least; fewer than asked for where the benchmark was stopped. */
  readonly rounds: number;
  readonly interrupted: boolean;
  /** First line of the C compiler's version; null where there are no peers. */
  readonly compiler: string | null;
  /** What could not be had, a sentence each. */
  readonly notes: readonly string[];
}

interface Peers {
  readonly program: string | null;
  readonly compiler: string | null;
  readonly note: string | null;
}

function findPeers(): Peers {
  try {
    const { program, compiler } = buildPeers();
    return { program, compiler, note: null };
  } catch (error) {
    if (!(error instanceof RefplayError)) throw error;
    return { program: null, compiler: null, note: noteOf(error) };
  }
}

/** Why there is nothing in C, and what would help. */
function noteOf({ hint, message }: RefplayError): string {
  const help =
    hint === undefined ? "" : ` ${hint.charAt(0).toUpperCase()}${hint.slice(1).replace(/\.$/, "")}.`;
  return `No column for C: ${message}.${help}`;
}

/** Measures; `compile` makes what threads run of a linked program. */
export async function measureStrategies(request: BenchRequest, compile: Compile): Promise<BenchReport> {
  const peers = findPeers();
  const notes = peers.note === null ? [] : [peers.note];
  const figures = new Map<string, Partial<Record<MeasureName, Figures>>>();
  const inC = new Map<string, Figures>();
  let rounds = request.rounds;
  for (const [index, measure] of measures.entries()) {
    if (request.signal.aborted) break;
    if (measure.threads > availableParallelism()) {
      notes.push(`${measure.title} is left out: this machine has one processor.`);
      continue;
    }
    const done = await measureOne(measure, index, request, compile, peers.program);
    for (const [name, times] of done.ours) {
      if (times.length === 0) continue;
      figures.set(name, { ...figures.get(name), [measure.name]: figuresOf(times) });
      rounds = Math.min(rounds, times.length);
    }
    for (const [name, times] of done.theirs) if (times.length > 0) inC.set(name, figuresOf(times));
  }
  return {
    results: request.strategies.map(({ name }) => ({
      strategy: name,
      figures: figures.get(name) ?? {},
      inC: inC.get(name) ?? null,
    })),
    rounds: figures.size === 0 ? 0 : rounds,
    interrupted: request.signal.aborted,
    compiler: peers.compiler,
    notes,
  };
}

interface Times {
  /** ns per turn by strategy, and by C peer. */
  readonly ours: ReadonlyMap<string, readonly number[]>;
  readonly theirs: ReadonlyMap<string, readonly number[]>;
}

async function measureOne(
  measure: Measure,
  index: number,
  { strategies, signal, onProgress, ...request }: BenchRequest,
  compile: Compile,
  peerProgram: string | null,
): Promise<Times> {
  const sides: Side[] = [];
  const opened = async (side: Promise<Side>): Promise<Side> => {
    sides.push(await side);
    return side;
  };
  // Linking and starting take about as long as the rounds.
  const fraction = (part: number): number => (index + part) / measures.length;
  try {
    const ours: Entrant[] = [];
    for (const [at, { name, path }] of strategies.entries()) {
      if (signal.aborted) return { ours: new Map(), theirs: new Map() };
      onProgress(`${measure.title}: starting ${name}`, fraction(at / strategies.length / 2));
      const kernel = measure.name === "openClose";
      const side = await opened(
        kernel
          ? KernelSide.open(path, hooks, measure.threads, { compile })
          : LinkedSide.open({ module: "pairs", strategy: path }, measure.threads, { compile }),
      );
      ours.push({ side, name: kernel ? "run" : entryOf(measure.name) });
    }
    const theirs: Entrant[] = [];
    if (measure.name === "getPut" && peerProgram !== null) {
      const peers = new PeerProcess(peerProgram);
      sides.push(peers);
      const known = new Set((await peers.list()).map(({ name }) => name));
      for (const { name, path } of strategies) {
        // Another file of a built-in strategy's name is something else.
        if (known.has(name) && path === strategyFile(name)) theirs.push({ side: peers, name });
      }
    }
    const { threads, labels } = measure;
    const contest = { threads, labels, pin: false, entrants: [...ours, ...theirs] };
    const options: RoundOptions = {
      ...request,
      signal,
      onRound: (done) => onProgress(measure.title, fraction(0.5 + done / request.rounds / 2)),
    };
    onProgress(`${measure.title}: warming up`, fraction(0.5));
    const [times = []] = await runRounds([contest], options);
    return {
      ours: new Map(strategies.map(({ name }, at) => [name, times[at] ?? []])),
      theirs: new Map(theirs.map(({ name }, at) => [name, times[ours.length + at] ?? []])),
    };
  } finally {
    for (const side of sides) await side.close();
  }
}

/** The entry of bench/programs/pairs.ts. */
function entryOf(measure: MeasureName): string {
  return measure === "getPutShared" ? "getPut" : measure;
}

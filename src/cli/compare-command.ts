/** `refplay compare`: two results files, two strategies of one, or two strategies that are run for it. */
import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { mergeRuns } from "../compare/all-runs.ts";
import { type CompareOptions, compareRecords, compareStrategies } from "../compare/compare.ts";
import { conditionHelp, parseCondition } from "../compare/condition.ts";
import { expectedFigures, figureNames } from "../compare/figures.ts";
import { jsonComparison } from "../compare/json.ts";
import { markdownComparison } from "../compare/markdown.ts";
import { terminalComparison } from "../compare/terminal.ts";
import { checkConditions, type Judgement, judge } from "../compare/thresholds.ts";
import type { Comparison } from "../compare/types.ts";
import { RefplayError } from "../errors.ts";
import { didYouMean } from "../names.ts";
import { newestFile } from "../results/folder.ts";
import type { ResultsRecord } from "../results/schema.ts";
import { readResults } from "../results/store.ts";
import type { CellSpec } from "../runner/cell-spec.ts";
import { findProgramScenario } from "../scenarios/index.ts";
import { type CompareRunFlags, type RunForComparison, runForComparison, twice } from "./compare-run.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";

export const compareFormats = ["terminal", "markdown", "json"] as const;

export interface CompareFlags extends CompareRunFlags {
  /** Results file or folder that has both strategies. */
  readonly in?: string;
  readonly failIf?: readonly string[];
  /** Conditions count only where the whole interval meets them. */
  readonly sure?: boolean;
  /** With conditions, what B has not is no failure. */
  readonly allowMissing?: boolean;
  /** Percent. */
  readonly confidence?: number;
  readonly anyway?: boolean;
  /** All complete runs of a folder, with the run for the repetition. */
  readonly allRuns?: boolean;
  /** Every figure of every cell. */
  readonly all?: boolean;
  readonly format: string;
  readonly json?: boolean;
}

/** Percent; the interval of less is no interval, and more takes hundreds of repetitions. */
const [leastConfidence, mostConfidence, standardConfidence] = [50, 99.9, 95];

/**
 * Returns the exit status: 1 where a condition of `--fail-if` is met, or where a run that was made for it broke a rule.
 * Throws RefplayErrors for everything that is wrong with files, strategies and conditions.
 */
export async function compareCommand(
  [a, b]: readonly [string, string],
  flags: CompareFlags,
  io: CliIo,
  services: CliServices,
): Promise<number> {
  const format = chosenFormat(flags);
  const options = { confidence: confidenceOf(flags) / 100, anyway: flags.anyway === true };
  const sure = flags.sure === true;
  // Runs take minutes: what can be known to be wrong is told before.
  const written = flags.failIf ?? [];
  if (sure && written.length === 0) {
    throw new RefplayError("bad-usage", "--sure is about --fail-if, which is missing", {
      hint: conditionHelp,
    });
  }
  for (const text of written) parseCondition(text);
  const outcome = await compared([a, b], flags, options, io, services);
  if (typeof outcome === "number") return outcome;
  const { compare, status, shown } = outcome;
  const { comparison, judgement } = compare();
  if (format === "json") io.stdout(jsonComparison(comparison, judgement));
  else if (format === "markdown") io.stdout(markdownComparison(comparison, judgement));
  else {
    io.stdout(terminalComparison(comparison, judgement, { color: io.color, all: flags.all === true }));
    if (shown !== undefined) io.stdout(`\nResults: ${shown}\n`);
  }
  return judgement.failed ? exitStatus.failed : status;
}

/** Holds conditions, whose figures must be there, against a comparison. */
function judged(comparison: Comparison, { allowMissing, failIf, sure }: CompareFlags): Judgement {
  const known = new Set([
    ...figureNames,
    ...comparison.cells.flatMap(({ figures }) => figures.map(({ name }) => name)),
  ]);
  const conditions = (failIf ?? []).map((text) => parseCondition(text, [...known]));
  return judge(conditions, comparison, { sure: sure === true, allowMissing: allowMissing === true });
}

/** What is wrong with conditions where the cells are planned: a run of minutes ends with no such message. */
function checkWritten(written: readonly string[], cells: readonly CellSpec[]): void {
  for (const text of written) {
    // A program of its own has figures that only its runs tell.
    const isOwn = cells.some(({ workload }) => findProgramScenario(workload.scenario) !== undefined);
    const condition = parseCondition(text, isOwn ? undefined : figureNames);
    const names = [...new Set(cells.map(({ strategy }) => strategy.instance))];
    const fewest = Math.min(...cells.map(({ cpus }) => cpus));
    const expected = cells.map(({ cpus, engine }) => {
      const figures = expectedFigures(engine, cpus, fewest).concat(isOwn ? [condition.figure] : []);
      return { strategies: names, cpus, figures: figures.map((name) => ({ name })) };
    });
    checkConditions([condition], expected);
  }
}

/** An error that comes after a run says where its results are, so that nobody runs it again. */
function keeping(error: unknown, { shown, strategies: [a, b] }: RunForComparison): unknown {
  if (!(error instanceof RefplayError)) return error;
  const again = `The results are in ${shown}: \`refplay compare ${a} ${b} --in ${shown}\` takes them without another run.`;
  const hint = error.hint === undefined ? again : `${error.hint}\n${again}`;
  return new RefplayError(error.code, error.message, { hint, cause: error });
}

interface Compared {
  /** Throws RefplayErrors for sides that cannot be compared, and for conditions. */
  readonly compare: () => { readonly comparison: Comparison; readonly judgement: Judgement };
  readonly status: number;
  /** Where the results of a run are that was made for it. */
  readonly shown?: string;
}

async function compared(
  [a, b]: readonly [string, string],
  flags: CompareFlags,
  options: CompareOptions,
  io: CliIo,
  services: CliServices,
): Promise<Compared | number> {
  const withJudgement = (comparison: Comparison) => ({ comparison, judgement: judged(comparison, flags) });
  const ofRun = (["config", "cpus", "seed", "repetitions", "out"] as const).filter(
    (flag) => flags[flag] !== undefined,
  );
  const refuseRunFlags = (why: string): void => {
    const [flag] = ofRun;
    if (flag !== undefined) throw new RefplayError("bad-usage", `--${flag} is for a run, and ${why}`);
  };
  if (flags.in !== undefined) {
    refuseRunFlags("--in takes results that are there");
    if (a === b) throw twice(a);
    const { name, record, starts } = readSide(flags.in, io, flags.allRuns);
    checkStrategies(record, name, [a, b]);
    const compare = () => withJudgement(compareStrategies({ file: name, record, starts }, a, b, options));
    return { compare, status: exitStatus.fine };
  }
  const files = [a, b].filter((given) => isResultsPath(given, io));
  if (files.length === 1 && ofRun.length === 0) {
    const [file] = files;
    const other = file === a ? b : a;
    throw new RefplayError(
      "results-missing",
      `\`${file}\` is of results, and there are no results \`${other}\``,
      {
        hint: "Name two results files or folders, two strategies with --in FILE, or two strategies to be run.",
      },
    );
  }
  if (files.length === 2) {
    refuseRunFlags("both sides are results");
    const side = (given: string) => readSide(given, io, flags.allRuns);
    const compare = () => withJudgement(compareRecords(side(a), side(b), options));
    return { compare, status: exitStatus.fine };
  }
  if (flags.allRuns) throw new RefplayError("bad-usage", "--all-runs is about folders of results");
  const check = (cells: readonly CellSpec[]): void => checkWritten(flags.failIf ?? [], cells);
  const run = await runForComparison([a, b], flags, options.confidence, io, services, check);
  if (typeof run === "number") return run;
  const compare = () => {
    try {
      const file = { file: run.shown, record: run.record };
      return withJudgement(compareStrategies(file, ...run.strategies, options));
    } catch (error) {
      throw keeping(error, run);
    }
  };
  return { compare, status: run.status, shown: run.shown };
}

/** Whether an argument means results: a JSON file, there or not, or a folder. Anything else is a strategy. */
function isResultsPath(given: string, io: CliIo): boolean {
  if (given.endsWith(".json")) return true;
  return statSync(resolve(io.workingFolder, given), { throwIfNoEntry: false })?.isDirectory() === true;
}

interface ReadSide {
  readonly name: string;
  readonly record: ResultsRecord;
  readonly starts: number;
}

/** A results file, or the newest of a folder, or all of it; its name is that of the file. */
function readSide(given: string, io: CliIo, allRuns = false): ReadSide {
  const path = resolve(io.workingFolder, given);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (allRuns && !isFolder) {
    throw new RefplayError("bad-usage", `--all-runs takes folders of results, and \`${given}\` is none`);
  }
  const file = isFolder ? newestFile(path, given) : path;
  const name = isFolder ? join(given, basename(file)) : given;
  if (!allRuns) return { name, record: readResults(file, name), starts: 1 };
  const numbers = Array.from({ length: Number(/\d+/.exec(basename(file))?.[0]) }, (_, index) => index + 1);
  const records = numbers
    .map((number) => `run-${number}.json`)
    .filter((one) => existsSync(join(path, one)))
    .map((one) => readResults(join(path, one), join(given, one)));
  const merged = mergeRuns(records, given);
  return { name: `${given}, ${merged.starts} runs`, ...merged };
}

function checkStrategies(record: ResultsRecord, file: string, names: readonly string[]): void {
  const known = [...new Set(record.cells.map(({ strategy }) => strategy))];
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new RefplayError(
      "unknown-strategy",
      `\`${file}\` has no strategy \`${name}\`${didYouMean(name, known)}`,
      { hint: `It has: ${known.join(", ") || "no cell at all"}.` },
    );
  }
}

function chosenFormat({ format, json }: CompareFlags): (typeof compareFormats)[number] {
  if (json) return "json";
  const known = compareFormats.find((one) => one === format);
  if (known !== undefined) return known;
  const message = `unknown format \`${format}\`${didYouMean(format, compareFormats)}`;
  throw new RefplayError("unknown-format", message, { hint: `There is: ${compareFormats.join(", ")}.` });
}

function confidenceOf({ confidence = standardConfidence }: CompareFlags): number {
  if (confidence >= leastConfidence && confidence <= mostConfidence) return confidence;
  throw new RefplayError(
    "bad-number",
    `--confidence takes ${leastConfidence} to ${mostConfidence} percent, not ${confidence}`,
  );
}

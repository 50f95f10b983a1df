/** `refplay bench`: what a get and a put cost with each strategy, on this machine's threads, in one table. */

import { describeMachine } from "../bench/machine.ts";
import { type BenchReport, type BenchRequest, measures } from "../bench/measure.ts";
import { benchRows, benchText, references } from "../bench/report.ts";
import { builtinStrategies } from "../config/strategies.ts";
import { RefplayError } from "../errors.ts";
import { chooseStrategies } from "./check-plan.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";
import { stepsProgressView } from "./progress.ts";
import { textColumns } from "./text-columns.ts";

export interface BenchFlags {
  /** Names or paths; none: all built-in ones. */
  readonly strategy?: readonly string[];
  readonly rounds?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly list?: boolean;
}

export interface BenchServices {
  measure(request: BenchRequest): Promise<BenchReport>;
}

const [defaultRounds, mostRounds] = [30, 10_000];
/** Shorter than a scheduler's slice, so that the best rounds ran undisturbed. */
const runMs = 4;

/**
 * Returns the exit status: 0, or 130 where Ctrl-C stopped it; what was measured until then is shown. Throws RefplayErrors for wrong
 * strategies and counts.
 */
export async function benchCommand(flags: BenchFlags, io: CliIo, services: CliServices): Promise<number> {
  const strategies = chosen(flags.strategy ?? [], io, services);
  if (flags.list) {
    io.stdout(listText(strategies, services, flags.json === true));
    return exitStatus.fine;
  }
  const rounds = flags.rounds ?? defaultRounds;
  if (rounds < 1 || rounds > mostRounds)
    throw new RefplayError("bad-number", `--rounds takes 1 to ${mostRounds}, not ${rounds}`);
  const abort = new AbortController();
  const stopListening = io.onInterrupt(() => abort.abort(new Error("interrupted")));
  const view = stepsProgressView(flags.quiet ? undefined : io.terminal);
  let report: BenchReport;
  try {
    const { signal } = abort;
    report = await services.bench.measure({ strategies, rounds, runMs, signal, onProgress: view.show });
  } finally {
    view.close();
    stopListening();
  }
  const machine = describeMachine(report.compiler);
  if (flags.json) {
    const { notes, interrupted } = report;
    const document = { machine, rounds: report.rounds, interrupted, results: benchRows(report), notes };
    io.stdout(`${JSON.stringify(document, null, 2)}\n`);
  } else if (report.rounds > 0) io.stdout(benchText(report, machine));
  if (!report.interrupted) return exitStatus.fine;
  io.stderr(
    report.rounds > 0 ? "Stopped: not everything was measured.\n" : "Stopped. Nothing was measured.\n",
  );
  return exitStatus.interrupted;
}

interface Chosen {
  readonly name: string;
  readonly path: string;
}

/** The references, which the others are compared with, come first, whatever is asked for. */
function chosen(given: readonly string[], io: CliIo, services: CliServices): Chosen[] {
  const named = given.length === 0 ? [...builtinStrategies(services.strategiesFolder).keys()] : given;
  const strategies = chooseStrategies([...Object.values(references), ...named], io, services);
  // A file of the same name as another one is shown by its path.
  return strategies.map(({ name, given: shown, path }) => ({
    name: strategies.some((other) => other.name === name && other.path !== path) ? shown : name,
    path,
  }));
}

function listText(strategies: readonly Chosen[], services: CliServices, json: boolean): string {
  const summaries = strategies.map(({ name, path }) => ({ name, title: services.describe(path).title }));
  const listed = measures.map(({ name, title, doc }) => ({ name, title, doc }));
  if (json) return `${JSON.stringify({ strategies: summaries, measures: listed }, null, 2)}\n`;
  const rows = (pairs: readonly (readonly [string, string])[]): string => textColumns(pairs, 2);
  const ours = rows(summaries.map(({ name, title }) => [name, title]));
  return `Strategies:\n${ours}Measured:\n${rows(listed.map(({ title, doc }) => [title, doc]))}`;
}

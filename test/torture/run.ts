/**
 * `npm run torture`: strategies on threads for minutes, round after round with new seeds, by turns. docs/torture.md says what a
 * round is. Exit code 1 where something was lost, 2 for options that are wrong, 130 after Ctrl-C.
 */
import { RefplayError } from "../../src/errors.ts";
import { TortureLog } from "./log.ts";
import { parseTortureOptions, type TortureOptions } from "./options.ts";
import { strategyNamed, type TortureStrategy } from "./program.ts";
import { type RoundResult, runRound } from "./round.ts";
import { failureText, minutesText, roundText } from "./text.ts";

/** How far a strategy is. */
interface Progress {
  readonly strategy: TortureStrategy;
  ms: number;
  rounds: number;
  next: number;
  failed: boolean;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function repeatCommand(options: TortureOptions, strategy: string, seed: string): string {
  const { cpus, labels } = options;
  const given = [
    `--strategy ${strategy}`,
    `--round-seed ${seed}`,
    ...(cpus === undefined ? [] : [`--cpus ${cpus}`]),
    ...(labels === undefined ? [] : [`--labels ${labels}`]),
  ];
  return `npm run torture -- ${given.join(" ")} --times 20`;
}

/** Whether the round went well; the log and the terminal are told. */
function note(
  options: TortureOptions,
  log: TortureLog,
  progress: Progress,
  number: number,
  result: RoundResult,
  leftMs: () => number,
): boolean {
  const { name } = progress.strategy;
  log.add(name, number, result);
  progress.ms += result.ms;
  progress.rounds++;
  say(roundText(name, result, leftMs()));
  if (Object.keys(result.wrong).length === 0) return true;
  progress.failed = true;
  say(failureText(name, result, repeatCommand(options, name, result.plan.seed)));
  return false;
}

async function torture(options: TortureOptions, signal: AbortSignal): Promise<boolean> {
  const { cpus, labels, msPerStrategy, round, seed } = options;
  const all = options.strategies.map(
    (name): Progress => ({ strategy: strategyNamed(name), ms: 0, rounds: 0, next: 0, failed: false }),
  );
  const header = {
    torture: 1 as const,
    seed: round?.run ?? seed,
    ...(cpus === undefined ? {} : { cpus }),
    ...(labels === undefined ? {} : { labels }),
  };
  const log = new TortureLog(options.out, header, options.resume);
  for (const line of log.before) {
    const progress = all.find(({ strategy }) => strategy.name === line.strategy);
    if (progress === undefined) continue;
    progress.ms += line.ms;
    progress.rounds++;
    progress.next = Math.max(progress.next, line.round + 1);
    progress.failed ||= Object.keys(line.wrong).length > 0;
  }
  const begun = performance.now();
  const doneBefore = all.reduce((sum, { ms }) => sum + ms, 0);
  /** By how long the machines' time took so far, with building and writing scripts. */
  const leftMs = (): number => {
    const done = all.reduce((sum, { ms }) => sum + ms, 0) - doneBefore;
    const left = all.reduce((sum, { failed, ms }) => sum + (failed ? 0 : Math.max(0, msPerStrategy - ms)), 0);
    return done === 0 ? left : (left * (performance.now() - begun)) / done;
  };
  const limits = { cpus, labels };
  try {
    if (round !== undefined) {
      for (const progress of all) {
        for (let time = 0; time < round.times && !progress.failed; time++) {
          const result = await runRound(progress.strategy, round.run, round.number, limits, signal);
          note(options, log, progress, round.number, result, () => 0);
        }
      }
    } else {
      for (;;) {
        const [progress] = all
          .filter(({ failed, ms }) => !failed && ms < msPerStrategy)
          .sort((a, b) => a.ms - b.ms);
        if (progress === undefined) break;
        const number = progress.next++;
        const result = await runRound(progress.strategy, seed, number, limits, signal);
        note(options, log, progress, number, result, leftMs);
      }
    }
  } finally {
    for (const { failed, ms, rounds, strategy } of all) {
      say(`${strategy.name}: ${rounds} rounds, ${minutesText(ms)} minutes, ${failed ? "FAILED" : "clean"}`);
    }
  }
  return all.every(({ failed }) => !failed);
}

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());
process.once("SIGTERM", () => interrupt.abort());
try {
  const options = parseTortureOptions(process.argv.slice(2));
  if (!(await torture(options, interrupt.signal))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof RefplayError)) throw error;
  process.stderr.write(`${error.format()}\n`);
  process.exitCode = error.code === "interrupted" ? 130 : 2;
}

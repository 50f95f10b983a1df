/** The command line of `npm run torture`. */
import { Command, InvalidArgumentError, Option } from "commander";
import { RefplayError } from "../../src/errors.ts";
import { splitSeed } from "./plan.ts";
import { strategyNames } from "./program.ts";

export interface TortureOptions {
  /** Milliseconds that the machines of each strategy shall live. */
  readonly msPerStrategy: number;
  readonly seed: string;
  readonly strategies: readonly string[];
  readonly cpus: number | undefined;
  readonly labels: number | undefined;
  /** Repeats one round instead, so many times. */
  readonly round: { readonly run: string; readonly number: number; readonly times: number } | undefined;
  readonly out: string | undefined;
  /** Goes on where the log in `out` ends. */
  readonly resume: boolean;
}

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  };
}

function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 100_000) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

function roundSeed(text: string): string {
  if (splitSeed(text) !== undefined) return text;
  throw new InvalidArgumentError("It is as a round prints it: <seed>/<number>.");
}

interface Given {
  readonly minutes: number;
  readonly seed: string;
  readonly strategy?: string;
  readonly cpus?: number;
  readonly labels?: number;
  readonly roundSeed?: string;
  readonly times: number;
  readonly out?: string;
  readonly resume?: boolean;
}

/**
 * Options without the program's name. A wrong one ends the process as commander does, or throws with `exit: false`.
 * @throws RefplayError `torture-options` where they do not go together
 */
export function parseTortureOptions(args: readonly string[], { exit = true } = {}): TortureOptions {
  const command = new Command("torture")
    .description(
      "Strategies under random load on threads for minutes; everything must be accounted for after each round.",
    )
    .option("--minutes <n>", "minutes that machines run, for each strategy", minutes, 10)
    .option("--seed <text>", "decides everything but the order in which processors do it", "torture")
    .option(
      "--strategy <names>",
      "comma-separated; names of strategies/, broken/<name>, or files; all unless given",
    )
    .option("--cpus <n>", "CPUs of every round; drawn for each unless given", wholeNumber(1, 64))
    .option(
      "--labels <n>",
      "labels that every round begins with; drawn unless given",
      wholeNumber(10, 50_000),
    )
    .option("--round-seed <seed>", "repeats this round alone, as a log line names it", roundSeed)
    .option("--times <n>", "how often, with --round-seed", wholeNumber(1, 100_000), 1)
    .option("--out <file>", "a line of JSON for each round goes there")
    .addOption(new Option("--resume", "goes on where the log of --out ends").conflicts("roundSeed"))
    .showHelpAfterError();
  if (!exit) command.exitOverride().configureOutput({ writeErr: () => {} });
  command.parse(args, { from: "user" });
  const given = command.opts<Given>();
  const { cpus, labels, out, resume = false, times } = given;
  if (resume && out === undefined) {
    throw new RefplayError("torture-options", "--resume needs the log to go on with", {
      hint: "give it with --out",
    });
  }
  const round = given.roundSeed === undefined ? undefined : splitSeed(given.roundSeed);
  return {
    msPerStrategy: given.minutes * 60_000,
    seed: given.seed,
    strategies: given.strategy === undefined ? strategyNames() : [...new Set(given.strategy.split(","))],
    cpus,
    labels,
    round: round === undefined ? undefined : { ...round, times },
    out,
    resume,
  };
}

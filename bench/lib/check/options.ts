/** The command line of `npm run bench:check`. */
import { Command, InvalidArgumentError } from "commander";
import { limitAimS } from "./aims.ts";

export const checkParts = ["reach", "broken", "litmus", "dpor", "spin"] as const;
export type CheckPart = (typeof checkParts)[number];

export interface CheckOptions {
  readonly parts: ReadonlySet<CheckPart>;
  /** Seconds that one search may take. */
  readonly limitS: number;
  /** Larger bounds than those that are promised, as far as the limit lets it get. */
  readonly beyond: boolean;
  /** Measured searches of a series. */
  readonly rounds: number;
  readonly json: boolean;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("It must be a whole number from 1.");
}

function part(text: string, before: readonly CheckPart[] | undefined): readonly CheckPart[] {
  const known = checkParts.find((name) => name === text);
  if (known === undefined) throw new InvalidArgumentError(`There are: ${checkParts.join(", ")}.`);
  return [...(before ?? []), known];
}

/** Options without the program's name. A wrong one ends the process as commander does, or throws with `exit: false`. */
export function parseCheckOptions(args: readonly string[], { exit = true } = {}): CheckOptions {
  const command = new Command("bench:check")
    .description("How far the checker reaches, how soon it finds bugs, and how it compares with SPIN.")
    .option("--only <parts...>", `only these parts: ${checkParts.join(", ")}`, part)
    .option("--limit-s <seconds>", "seconds that one search may take", wholeNumber, limitAimS)
    .option("--beyond", "try larger bounds than those that are promised", false)
    .option("--rounds <n>", "measured searches of a series", wholeNumber, 5)
    .option("--json", "print one JSON document", false)
    .showHelpAfterError();
  if (!exit) command.exitOverride().configureOutput({ writeErr: () => {} });
  command.parse(args, { from: "user" });
  const given = command.opts<{
    only?: readonly CheckPart[];
    limitS: number;
    beyond: boolean;
    rounds: number;
    json: boolean;
  }>();
  const { limitS, beyond, rounds, json } = given;
  return { parts: new Set(given.only ?? checkParts), limitS, beyond, rounds, json };
}

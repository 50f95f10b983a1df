/**
 * Conditions of `--fail-if`: `kref:efficiency@192 < -3`. A strategy, if all others are no matter, the figure, the CPUs, and which
 * difference B - A is too much.
 */
import { RefplayError } from "../errors.ts";
import { didYouMean } from "../names.ts";

type Operator = "<" | "<=" | ">" | ">=";

export interface Condition {
  /** As it was written. */
  readonly text: string;
  /** Undefined: any. */
  readonly strategy?: string;
  readonly figure: string;
  /** Undefined: any. */
  readonly cpus?: number;
  readonly operator: Operator;
  readonly bound: number;
  /** Of A's value; otherwise in the figure's own unit. */
  readonly percent: boolean;
}

export const conditionHelp =
  "A condition is `[strategy:]figure[@cpus] < number[%]`, with <, <=, > or >=, as in " +
  "`kref:efficiency@192 < -3` (points) or `pairNsP99 > 10%`.";

const pattern =
  /^(?:(?<strategy>[^@<>]*):)?(?<figure>[^@<>:]*)(?:@(?<cpus>[^<>=]*))?(?<operator><=|>=|<|>)?(?<amount>.*)$/dsu;
const amountPattern = /^(?<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*(?<percent>%?)$/iu;

/**
 * Reads a condition.
 * @param figures names that the compared cells have, where they are known
 * @throws RefplayError `bad-condition` with the column of what is wrong
 */
export function parseCondition(text: string, figures?: readonly string[]): Condition {
  const match = pattern.exec(text);
  const part = (name: string): string | undefined => match?.groups?.[name]?.trim();
  const wrong = (name: string, message: string, hint?: string): RefplayError => {
    const [from = 0, to = text.length] = match?.indices?.groups?.[name] ?? [];
    // At its first letter, or where it would begin.
    const space = text.slice(from, to).search(/\S/);
    return badCondition(text, from + Math.max(0, space), message, hint);
  };
  const strategy = part("strategy");
  const figure = part("figure") ?? "";
  const cpus = part("cpus");
  const operator = part("operator");
  const amount = part("amount") ?? "";

  if (strategy === "") throw wrong("strategy", "a strategy's name is missing before the colon");
  if (figure === "") throw wrong("figure", "the name of a figure is missing");
  if (figures?.includes(figure) === false) {
    const message = `there is no figure \`${figure}\`${didYouMean(figure, figures)}`;
    throw wrong("figure", message, `There is: ${figures.join(", ")}.`);
  }
  if (cpus !== undefined && !/^[1-9]\d{0,5}$/.test(cpus)) {
    throw wrong("cpus", cpus === "" ? "the number of CPUs is missing" : `\`${cpus}\` is no number of CPUs`);
  }
  if (operator === undefined) {
    throw wrong("amount", amount === "" ? "a comparison is missing" : `\`${amount}\` is no comparison`);
  }
  const found = amountPattern.exec(amount)?.groups;
  if (found === undefined) {
    throw wrong(
      "amount",
      amount === "" ? "a number is missing" : `\`${amount}\` is no number, nor one with %`,
    );
  }
  return {
    text: text.trim(),
    ...(strategy === undefined ? {} : { strategy }),
    figure,
    ...(cpus === undefined ? {} : { cpus: Number(cpus) }),
    operator: operator as Operator,
    bound: Number(found.number),
    percent: found.percent === "%",
  };
}

/** Whether the value is what the condition is about. */
export function meets({ bound, operator }: Condition, value: number): boolean {
  switch (operator) {
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case ">":
      return value > bound;
    case ">=":
      return value >= bound;
  }
}

function badCondition(text: string, at: number, message: string, hint = conditionHelp): RefplayError {
  const caret = `  ${text.replace(/\s/g, " ")}\n  ${" ".repeat(at)}^`;
  return new RefplayError("bad-condition", `--fail-if, column ${at + 1}: ${message}\n${caret}`, { hint });
}

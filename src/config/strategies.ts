/**
 * Finds the strategies that a config names: the built-in ones are the files of strategies/, anything that looks like a
 * path is the user's own. Options are checked against what the strategy declares in its default export.
 */
import { readdirSync, statSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";
import { RefplayError, type SourceLocation } from "../errors.ts";
import { didYouMean } from "../names.ts";
import { shownValue } from "./describe.ts";
import type { ConfigPath } from "./positions.ts";
import type { StrategyEntry } from "./schema.ts";

/** An option as a strategy declares it: an integer with unit, default and range. */
interface StrategyOption {
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly doc: string;
}

/** The part of a strategy's default export that configs and lists need. */
export interface StrategyDescription {
  readonly title: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, StrategyOption>>;
}

/** Reads a strategy's default export; throws RefplayErrors where the file does not parse or says something wrong. */
export type DescribeStrategy = (path: string) => StrategyDescription;

/** One strategy of a run, ready to link. */
export interface StrategySelection {
  /** Unique in the run, used in cell ids: the name, or name#2 for the second use of one name. */
  readonly instance: string;
  /** Name shown in tables: that of the built-in strategy, or of the user's file without `.ts`. */
  readonly name: string;
  /** Absolute path of the source. */
  readonly path: string;
  /** The options that the config sets; the others have the strategy's defaults. */
  readonly options: Readonly<Record<string, number>>;
}

/** Built-in strategies, name to absolute path, sorted by name. `folder` is the package's strategies/. */
export function builtinStrategies(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
    .map((entry) => entry.name)
    .sort();
  return new Map(files.map((file) => [basename(file, ".ts"), join(folder, file)]));
}

/** Whether an entry names a file and not a built-in strategy. */
export function isStrategyPath(use: string): boolean {
  return use.includes("/") || use.includes("\\") || use.endsWith(".ts");
}

export interface SelectionContext {
  readonly builtins: ReadonlyMap<string, string>;
  /** Folder that relative paths start from: the config's. */
  readonly baseFolder: string;
  readonly describe: DescribeStrategy;
  locate(path: ConfigPath): SourceLocation;
  locateKey(path: ConfigPath, key: string): SourceLocation;
}

/**
 * The strategies of a config, in its order. Throws RefplayError: `unknown-strategy`, `strategy-file`, `strategy-twice`,
 * `unknown-option`, `bad-value`, and whatever reading a strategy's file throws.
 */
export function selectStrategies(
  entries: readonly StrategyEntry[],
  context: SelectionContext,
): StrategySelection[] {
  const selections: StrategySelection[] = [];
  entries.forEach((entry, index) => {
    const { use, ...options } = typeof entry === "string" ? { use: entry } : entry;
    const path = typeof entry === "string" ? ["strategies", index] : ["strategies", index, "use"];
    const file = findStrategy(use, path, context);
    checkOptions(use, options, context.describe(file), ["strategies", index], context);

    const name = isStrategyPath(use) ? basename(use).replace(/\.ts$/, "") : use;
    const same = selections.find((other) => other.path === file && sameOptions(other.options, options));
    if (same !== undefined) {
      throw new RefplayError("strategy-twice", `strategy \`${use}\` is listed twice with the same options`, {
        location: context.locate(path),
      });
    }
    const before = selections.filter((other) => other.name === name).length;
    const instance = before === 0 ? name : `${name}#${before + 1}`;
    selections.push({ instance, name, path: file, options });
  });
  return selections;
}

function findStrategy(use: string, path: ConfigPath, context: SelectionContext): string {
  const location = context.locate(path);
  if (!isStrategyPath(use)) {
    const builtin = context.builtins.get(use);
    if (builtin !== undefined) return builtin;
    const names = [...context.builtins.keys()];
    throw new RefplayError("unknown-strategy", `unknown strategy \`${use}\`${didYouMean(use, names)}`, {
      location,
      hint: `Built in: ${names.join(", ")}. Your own file is named by a path, as in ./${use}.ts.`,
    });
  }
  const file = isAbsolute(use) ? use : resolve(context.baseFolder, use);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) {
    const problem = stat === undefined ? "there is no such file" : "that is not a file";
    throw new RefplayError("strategy-file", `strategy \`${use}\`: ${problem}`, {
      location,
      hint: `Looked for ${file}; relative paths start from ${context.baseFolder}.`,
    });
  }
  return file;
}

function checkOptions(
  use: string,
  options: Readonly<Record<string, number>>,
  description: StrategyDescription,
  path: ConfigPath,
  context: SelectionContext,
): void {
  const known = Object.keys(description.options);
  for (const [name, value] of Object.entries(options)) {
    const option = Object.hasOwn(description.options, name) ? description.options[name] : undefined;
    if (option === undefined) {
      const list = known.length === 0 ? "It has no options." : `Its options: ${known.join(", ")}.`;
      throw new RefplayError(
        "unknown-option",
        `strategy \`${use}\` has no option \`${name}\`${didYouMean(name, known)}`,
        { location: context.locateKey(path, name), hint: list },
      );
    }
    if (value < option.min || value > option.max) {
      const takes = `it takes a whole number, ${option.min} to ${option.max} ${option.unit}`;
      throw new RefplayError(
        "bad-value",
        `option \`${name}\` of \`${use}\` is ${shownValue(value)}; ${takes}`,
        {
          location: context.locate([...path, name]),
          hint: `${option.doc} (default ${option.default})`,
        },
      );
    }
  }
}

function sameOptions(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
}

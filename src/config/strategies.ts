/**
 * Finds the strategies that a config names: the built-in ones are the files of strategies/, anything that looks like a
 * path is the user's own. Options are checked against what the strategy declares in its default export, and so are the parts of
 * one that is made of others.
 */
import { readdirSync, statSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";
import { RefplayError, type SourceLocation } from "../errors.ts";
import { shownValue } from "../input/describe.ts";
import type { ValuePath } from "../input/positions.ts";
import { didYouMean } from "../names.ts";
import type { HookLevel, PartEntry, StrategyEntry } from "./schema.ts";

/** An option as a strategy declares it: an integer with unit, default and range. */
interface StrategyOption {
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly doc: string;
  /** Not 0: every part is that strategy. */
  readonly allParts?: { readonly strategy: string; readonly option: string } | undefined;
}

/** The part of a strategy's default export that configs and lists need. */
export interface StrategyDescription {
  readonly title: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, StrategyOption>>;
  /** Other strategies that it is made of. */
  readonly parts?: Readonly<Record<string, { readonly default: string; readonly doc: string }>> | undefined;
}

/** Reads a strategy's default export; throws RefplayErrors where the file does not parse or says something wrong. */
export type DescribeStrategy = (path: string) => StrategyDescription;

/** One strategy of a run, ready to link. */
export interface StrategySelection {
  /**
   * Unique in the run, used in cell ids: the name, with the hooks where they are not the config's, as in `kref (v6.7)`; with #2 for
   * the second use of one of these.
   */
  readonly instance: string;
  /** Name shown in tables: that of the built-in strategy, or of the user's file without `.ts`. */
  readonly name: string;
  /** Absolute path of the source. */
  readonly path: string;
  /** The options that the config sets; the others have the strategy's defaults. */
  readonly options: Readonly<Record<string, number>>;
  /** The parts that the config sets, by name, where the strategy is made of others; the rest have its defaults. */
  readonly parts?: Readonly<Record<string, PartSelection>>;
  /** Hooks that it runs under, where they are not the config's. */
  readonly hooks?: HookLevel;
}

/** A strategy for a part of another. */
export type PartSelection = Pick<StrategySelection, "path" | "options">;

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
  /** The config's. */
  readonly hooks: HookLevel;
  readonly describe: DescribeStrategy;
  locate(path: ValuePath): SourceLocation;
  locateKey(path: ValuePath, key: string): SourceLocation;
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
    const { use, hooks = context.hooks, ...settings } = typeof entry === "string" ? { use: entry } : entry;
    const at = ["strategies", index];
    const path = typeof entry === "string" ? at : [...at, "use"];
    const file = findStrategy(use, path, context);
    const description = context.describe(file);
    const { options, parts: chosen } = sortSettings(use, settings, description, at, context);
    checkOptions(use, options, description, at, context);
    const parts = selectParts(use, chosen, description, at, context);
    checkAllParts(options, chosen, description, at, context);
    const name = isStrategyPath(use) ? basename(use).replace(/\.ts$/, "") : use;
    const same = selections.find(
      (other) =>
        other.path === file &&
        (other.hooks ?? context.hooks) === hooks &&
        sameOptions(other.options, options) &&
        sameParts(other.parts ?? {}, parts),
    );
    if (same !== undefined) {
      throw new RefplayError("strategy-twice", `strategy \`${use}\` is listed twice with the same options`, {
        hint: "Leave one out, or give it other options or hooks: `{ use: NAME, option: value }`.",
        location: context.locate(path),
      });
    }
    const own = hooks === context.hooks ? {} : { hooks };
    const before = selections.filter((other) => other.name === name && other.hooks === own.hooks).length;
    const underHooks = own.hooks === undefined ? name : `${name} (${own.hooks})`;
    const instance = before === 0 ? underHooks : `${underHooks}#${before + 1}`;
    const more = Object.keys(parts).length === 0 ? {} : { parts };
    selections.push({ instance, name, path: file, options, ...own, ...more });
  });
  return selections;
}

function findStrategy(use: string, path: ValuePath, context: SelectionContext): string {
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

type Settings = Readonly<Record<string, number | PartEntry>>;

/** Numbers are options, the rest parts; what is the other way round for this strategy is refused. */
function sortSettings(
  use: string,
  settings: Settings,
  { options: declared, parts: declaredParts = {} }: StrategyDescription,
  path: ValuePath,
  context: SelectionContext,
): { options: Record<string, number>; parts: Record<string, PartEntry> } {
  const options: Record<string, number> = {};
  const parts: Record<string, PartEntry> = {};
  for (const [name, value] of Object.entries(settings)) {
    const shown = shownValue(value);
    if (typeof value === "number") {
      if (Object.hasOwn(declaredParts, name)) {
        throw new RefplayError(
          "bad-value",
          `part \`${name}\` of \`${use}\` is ${shown}; it takes a strategy`,
          {
            location: context.locate([...path, name]),
            hint: `${declaredParts[name]?.doc} (default ${declaredParts[name]?.default})`,
          },
        );
      }
      options[name] = value;
    } else if (Object.hasOwn(declaredParts, name)) parts[name] = value;
    else if (Object.hasOwn(declared, name)) {
      throw new RefplayError(
        "bad-value",
        `option \`${name}\` of \`${use}\` is ${shown}; it takes a whole number`,
        {
          location: context.locate([...path, name]),
          hint: `${declared[name]?.doc} (default ${declared[name]?.default})`,
        },
      );
    } else {
      const known = Object.keys(declaredParts);
      if (known.length === 0) throw unknownOption(use, name, declared, path, context);
      throw new RefplayError(
        "unknown-part",
        `strategy \`${use}\` has no part \`${name}\`${didYouMean(name, known)}`,
        { location: context.locateKey(path, name), hint: `Its parts: ${known.join(", ")}.` },
      );
    }
  }
  return { options, parts };
}

/** The strategies for parts, found and checked as those of the list are. */
function selectParts(
  owner: string,
  entries: Readonly<Record<string, PartEntry>>,
  description: StrategyDescription,
  path: ValuePath,
  context: SelectionContext,
): Record<string, PartSelection> {
  const selected = Object.entries(entries).map(([name, entry]): [string, PartSelection] => {
    const at = [...path, name];
    const { use, ...options } = typeof entry === "string" ? { use: entry } : entry;
    const file = findStrategy(use, typeof entry === "string" ? at : [...at, "use"], context);
    const part = context.describe(file);
    if (part.parts !== undefined) {
      throw new RefplayError(
        "part-of-parts",
        `part \`${name}\` of \`${owner}\` cannot be \`${use}\`, which has parts itself`,
        {
          location: context.locate(at),
          hint: `Name a strategy that counts by itself; the default is ${description.parts?.[name]?.default}.`,
        },
      );
    }
    checkOptions(use, options, part, at, context);
    return [name, { path: file, options }];
  });
  return Object.fromEntries(selected);
}

/** An option that makes all parts one strategy leaves nothing to choose. */
function checkAllParts(
  options: Readonly<Record<string, number>>,
  parts: Readonly<Record<string, PartEntry>>,
  description: StrategyDescription,
  path: ValuePath,
  context: SelectionContext,
): void {
  const [part] = Object.keys(parts);
  for (const [name, value] of Object.entries(options)) {
    const all = description.options[name]?.allParts;
    if (all === undefined || value === 0 || part === undefined) continue;
    throw new RefplayError(
      "option-conflict",
      `\`${name}\` makes every part ${all.strategy}, so \`${part}\` cannot be chosen as well`,
      { location: context.locateKey(path, part), hint: `Leave \`${part}\` out, or \`${name}\`.` },
    );
  }
}

function unknownOption(
  use: string,
  name: string,
  declared: StrategyDescription["options"],
  path: ValuePath,
  context: SelectionContext,
): RefplayError {
  const known = Object.keys(declared);
  const own = known.length === 0 ? "It has no options" : `Its options: ${known.join(", ")}`;
  const hint = `${own}; \`hooks\` beside them chooses the kernel version for this strategy.`;
  const message = `strategy \`${use}\` has no option \`${name}\`${didYouMean(name, [...known, "hooks"])}`;
  return new RefplayError("unknown-option", message, { location: context.locateKey(path, name), hint });
}

function checkOptions(
  use: string,
  options: Readonly<Record<string, number>>,
  description: StrategyDescription,
  path: ValuePath,
  context: SelectionContext,
): void {
  for (const [name, value] of Object.entries(options)) {
    const option = Object.hasOwn(description.options, name) ? description.options[name] : undefined;
    if (option === undefined) throw unknownOption(use, name, description.options, path, context);
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

function sameParts(
  a: Readonly<Record<string, PartSelection>>,
  b: Readonly<Record<string, PartSelection>>,
): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => {
    const [one, other] = [a[name], b[name]];
    return one?.path === other?.path && sameOptions(one?.options ?? {}, other?.options ?? {});
  });
}

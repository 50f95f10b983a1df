/**
 * Strategies that are made of others: which strategy each part is, and which instances a program needs for them. Two parts that
 * are the same strategy with the same options are one instance.
 */
import { RefplayError } from "../errors.ts";
import { type OwnDescription, readDescription } from "./description.ts";
import {
  didYouMean,
  type LinkedStrategy,
  type PartChoice,
  type PartChoices,
  type StrategyUse,
} from "./front/graph.ts";
import { completeOptions } from "./options.ts";
import type { SourceHost } from "./source-host.ts";

/** What decides the parts of a strategy. */
export type PartedUse = Pick<StrategyUse, "path"> & Partial<Pick<StrategyUse, "options" | "parts">>;

/** Path of the strategy that a default export names: a built-in one, or a file beside the one that names it. */
function partPath(named: string, owner: string, host: SourceHost): string {
  const isPath = named.includes("/") || named.endsWith(".ts");
  const path = host.resolve(isPath ? named : `refplay/source/strategies/${named}.ts`, owner);
  // A built-in strategy has a path whether or not there is such a file.
  if (path !== undefined && host.read(path) !== undefined) return path;
  throw new RefplayError("unknown-strategy", `there is no strategy \`${named}\` to be a part`, {
    hint: "name a built-in strategy, or the path of a file",
    location: { file: host.display(owner) },
  });
}

/** What the options of the owner make of its parts, where one of them does. */
function partsByOption(
  { path, options = {}, parts = {} }: PartedUse,
  description: OwnDescription,
  host: SourceHost,
): PartChoices | null {
  for (const [name, { allParts, default: preset }] of Object.entries(description.options)) {
    const value = options[name] ?? preset;
    if (allParts === undefined || value === 0) continue;
    const [given] = Object.keys(parts);
    if (given !== undefined) {
      throw new RefplayError(
        "option-conflict",
        `\`${name}\` makes every part ${allParts.strategy}, so \`${given}\` cannot be chosen as well`,
        { hint: `leave \`${given}\` out, or set \`${name}\` to 0` },
      );
    }
    const choice = {
      path: partPath(allParts.strategy, path, host),
      options: { [allParts.option]: value },
    };
    return Object.fromEntries(Object.keys(description.parts ?? {}).map((part) => [part, choice]));
  }
  return null;
}

/**
 * The strategy that each part of a strategy is, in the order in which it declares them; none for one without parts.
 * @throws RefplayError `unknown-part`, `unknown-strategy`, `part-of-parts`, `option-conflict`
 */
export function partsOf(use: PartedUse, host: SourceHost): Map<string, Required<PartChoice>> {
  const description = readDescription(use.path, host);
  const declared = Object.entries(description.parts ?? {});
  const names = declared.map(([name]) => name);
  for (const name of Object.keys(use.parts ?? {})) {
    if (names.includes(name)) continue;
    const list = names.length === 0 ? "it has no parts" : `its parts: ${names.join(", ")}`;
    throw new RefplayError("unknown-part", `the strategy has no part \`${name}\``, {
      hint: didYouMean(name, names) ?? list,
      location: { file: host.display(use.path) },
    });
  }
  const all = partsByOption(use, description, host);
  return new Map(
    declared.map(([name, { default: preset }]) => {
      const chosen = all?.[name] ?? use.parts?.[name] ?? { path: partPath(preset, use.path, host) };
      if (readDescription(chosen.path, host).parts !== undefined) {
        throw new RefplayError(
          "part-of-parts",
          `\`${name}\` cannot be ${host.display(chosen.path)}: that strategy has parts itself`,
          { hint: "choose a strategy that counts by itself" },
        );
      }
      return [name, { path: chosen.path, options: chosen.options ?? {} }];
    }),
  );
}

/** Whether two parts are one instance: the same file, with the same options when defaults are filled in. */
function identity({ path, options }: Required<PartChoice>, host: SourceHost): string {
  const { options: declared } = readDescription(path, host);
  const complete = completeOptions(declared, options, `strategy ${host.display(path)}`);
  return JSON.stringify([path, [...complete].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function withoutParts(use: StrategyUse): LinkedStrategy {
  return { ...use, owner: null, partInstances: new Map() };
}

/** A strategy and the instances that its parts are, each once, in the order of the parts. */
function withParts(use: StrategyUse, host: SourceHost): LinkedStrategy[] {
  const instances = new Map<string, LinkedStrategy>();
  const partInstances = new Map<string, string>();
  for (const [name, part] of partsOf(use, host)) {
    const key = identity(part, host);
    const known = instances.get(key) ?? {
      ...withoutParts({ instance: `${use.instance}.${name}`, ...part }),
      owner: use.instance,
    };
    instances.set(key, known);
    partInstances.set(name, known.instance);
  }
  return [{ ...use, owner: null, partInstances }, ...instances.values()];
}

/**
 * The instances of a program: each strategy that it uses, with its parts behind it. A file whose description cannot be read has
 * none: whoever links it is told what is wrong with it, beside the mistakes in other files.
 */
export function linkedStrategies(uses: readonly StrategyUse[], host: SourceHost): LinkedStrategy[] {
  const hasParts = ({ path }: StrategyUse): boolean => {
    try {
      return readDescription(path, host).parts !== undefined;
    } catch (error) {
      if (error instanceof RefplayError) return false;
      throw error;
    }
  };
  return uses.flatMap((use) =>
    hasParts(use) || use.parts !== undefined ? withParts(use, host) : [withoutParts(use)],
  );
}

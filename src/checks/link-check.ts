/** From a program of the catalogue, a strategy and bounds to what the searches take. Files come through the host. */

import type { CheckProblem } from "../engines/check/types.ts";
import { RefplayError } from "../errors.ts";
import { linkProgram } from "../link/link.ts";
import { describeUse } from "../link/meta.ts";
import type { SourceHost } from "../link/source-host.ts";
import { buildStepped, type SteppedProgram } from "../link/stepped/index.ts";
import { structsOf, symbolsOf } from "../link/symbols.ts";
import { lineBytes } from "../machine/memory-map.ts";
import { didYouMean } from "../names.ts";
import { maintained } from "./maintenance.ts";
import type { CheckChoice, CheckProgram, PreparedCheck, StrategyChoice } from "./types.ts";
import { kindNames, textOfMark, verdictOfMark } from "./verdicts.ts";

/**
 * Bytes of each CPU for counters and objects. Small, since all of memory is looked after; enough for the labels of any
 * program here, and `limit-exceeded` where it is not.
 */
const smallMemory = { percpuBytes: 256, heapBytes: 1024 };

/**
 * The bounds of a program, complete with defaults and in the order in which it declares them; `maintained`: with the defaults for
 * strategies that need maintenance.
 * @throws RefplayError `unknown-bound`, `bound-range`
 */
export function completeBounds(
  program: CheckProgram,
  given: Readonly<Record<string, number>> = {},
  maintained = false,
): Readonly<Record<string, number>> {
  const known = Object.keys(program.bounds);
  for (const [name, value] of Object.entries(given)) {
    const bound = Object.hasOwn(program.bounds, name) ? program.bounds[name] : undefined;
    if (bound === undefined) {
      const list = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
      const message = `program \`${program.name}\` has no bound \`${name}\`${didYouMean(name, known)}`;
      throw new RefplayError("unknown-bound", message, { hint: list });
    }
    if (!Number.isInteger(value) || value < bound.min || value > bound.max) {
      throw new RefplayError("bound-range", `bound \`${name}\` of \`${program.name}\` is ${value}`, {
        hint: `a whole number from ${bound.min} to ${bound.max}${bound.doc === name ? "" : `: ${bound.doc}`}`,
      });
    }
  }
  return Object.fromEntries(
    Object.entries(program.bounds).map(([name, bound]) => [
      name,
      given[name] ?? (maintained ? bound.maintained : undefined) ?? bound.default,
    ]),
  );
}

/** The file's name without folder and ending, as tables show it. */
export function strategyNameOf(path: string): string {
  return path.replace(/^.*[\\/]/, "").replace(/\.ts$/, "");
}

/**
 * Programs that were linked already, by everything that they were linked from but the text of the sources: whoever keeps one
 * over several calls keeps the sources as they are, too. Many programs of the catalogue are one source with other actors.
 */
export type LinkedPrograms = Map<string, SteppedProgram>;

/** Links the program for a watching engine. */
function linkChecked(
  program: CheckProgram,
  strategy: StrategyChoice | null,
  options: Readonly<Record<string, number>>,
  host: SourceHost,
  linked: LinkedPrograms,
): SteppedProgram {
  const module = host.resolve(`refplay/source/${program.source}`, "");
  if (module === undefined) throw new Error(`the host does not provide ${program.source}`);
  const strategies = strategy === null ? [] : [{ options: {}, ...strategy, instance: "strategy" }];
  const all = { ...smallMemory, ...program.options, ...options, watched: 1 };
  const key = JSON.stringify([
    module,
    strategies.map(({ path, options: given, parts = {} }) => [path, Object.entries(given).sort(), parts]),
    Object.entries(all).sort(),
  ]);
  const known = linked.get(key);
  if (known !== undefined) return known;
  const stepped = buildStepped(
    linkProgram({ module, entries: "all", strategies, options: all, steppedOnly: true }, host),
  );
  linked.set(key, stepped);
  return stepped;
}

/** The kernel's kinds, or those that the program has in place of some of them. */
function namesOfKinds({ kinds = {} }: CheckProgram): ReadonlyMap<number, string> {
  const own = Object.entries(kinds).map(([kind, name]) => [Number(kind), name] as const);
  return new Map([...kindNames, ...own]);
}

/**
 * Everything that a search or a replay of one program needs.
 * @param strategy null for a program that needs none; ignored there
 * @param linked takes programs linked before from there, and adds new ones
 * @throws RefplayErrors for mistakes in the strategy's source, RefplayError for `needs-strategy`, `unknown-bound`,
 *   `bound-range` and wrong options
 */
export function prepareCheck(
  program: CheckProgram,
  strategy: StrategyChoice | null,
  choice: CheckChoice,
  host: SourceHost,
  linked: LinkedPrograms = new Map(),
): PreparedCheck {
  if (program.strategy && strategy === null) {
    throw new RefplayError("needs-strategy", `program \`${program.name}\` needs a strategy`, {
      hint: "name one, or the path of your own file",
    });
  }
  const used = program.strategy ? strategy : null;
  const maintenance = used !== null && describeUse(used, host).capabilities.needsMaintenance;
  const bounds = completeBounds(program, choice.bounds, maintenance);
  const stepped = linkChecked(program, used, choice.options ?? {}, host, linked);
  const shape = maintenance ? maintained(program, program.build(bounds)) : program.build(bounds);
  const base = stepped.constants.get("cpuAreaBase") ?? 0;
  const areas = base + shape.cpus * (stepped.constants.get("cpuAreaBytes") ?? 0);
  const problem: CheckProblem = {
    ...shape,
    model: choice.model,
    memoryBytes: Math.ceil(Math.max(areas, shape.memoryBytes ?? 0) / lineBytes) * lineBytes,
    symbol: symbolsOf(stepped, shape.cpus),
    kinds: namesOfKinds(program),
    structs: structsOf(stepped),
    verdictOfMark,
    textOfMark,
  };
  return {
    program,
    model: choice.model,
    bounds,
    strategyName: used === null ? null : strategyNameOf(used.path),
    stepped,
    problem,
  };
}

/** What `refplay check` checks: which strategies, each in which programs, and why others are left out. */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BrokenVariant, type CheckProgram, completeBounds } from "../checks/index.ts";
import { builtinStrategies, isStrategyPath } from "../config/strategies.ts";
import type { MemoryModel } from "../engines/check/types.ts";
import { RefplayError } from "../errors.ts";
import type { StrategyDescription } from "../link/meta.ts";
import { didYouMean } from "../names.ts";
import type { CheckServices } from "./check-services.ts";
import type { CliIo } from "./io.ts";

export interface CheckedStrategy {
  /** File name without `.ts`. */
  readonly name: string;
  /** As the user wrote it, for commands. */
  readonly given: string;
  /** Absolute. */
  readonly path: string;
  readonly description: StrategyDescription;
}

export interface PlannedCheck {
  readonly strategy: CheckedStrategy | null;
  readonly program: CheckProgram;
  readonly model: MemoryModel;
  /** Those of the program that differ from their defaults. */
  readonly bounds: Readonly<Record<string, number>>;
  /** The program's deliberate bug that is checked instead of the program itself. */
  readonly broken?: BrokenVariant;
}

export interface SkippedCheck {
  readonly strategy: CheckedStrategy | null;
  readonly program: CheckProgram;
  readonly reason: string;
}

export interface CheckPlan {
  /** In the order in which they run: by strategy, program, model. Skipped programs stand where they would have run. */
  readonly items: readonly (PlannedCheck | SkippedCheck)[];
}

export function isSkipped(item: PlannedCheck | SkippedCheck): item is SkippedCheck {
  return "reason" in item;
}

/** What is named on the command line. */
export interface Chosen {
  /** Names or paths; none: all built-in strategies that are not deliberately broken. */
  readonly strategies: readonly string[];
  /** Names; none: all that apply. */
  readonly programs: readonly string[];
}

export interface PlanRequest extends Chosen {
  readonly models: readonly MemoryModel[];
  readonly bounds: ReadonlyMap<string, number>;
  /** Number of a deliberate bug that every chosen program must have. */
  readonly broken?: number | undefined;
  /** Kernel bugs that are named are checked before and after their fixes, unless `broken` says which. */
  readonly besideFix?: boolean;
}

/**
 * @throws RefplayError `unknown-strategy`, `strategy-file`, `unknown-program`, `unknown-bound`, `bound-range`,
 *   `unknown-variant`, `no-strategy-taken`, `nothing-to-check`, and whatever reading a strategy's description throws
 */
export function planChecks(request: PlanRequest, io: CliIo, services: PlanServices): CheckPlan {
  const programs = choosePrograms(request, services.checks.programs);
  const needed = programs.some(({ strategy }) => strategy);
  if (!needed) refuseStrategies(request, programs);
  const strategies = needed ? chooseStrategies(request.strategies, io, services) : [];
  const variants = variantsByProgram(programs, request.broken, request.programs.length > 0);
  const boundsOf = boundsByProgram(programs, request.bounds);
  const items = strategies.flatMap((strategy) =>
    programs
      .filter((program) => program.strategy)
      .flatMap((program): (PlannedCheck | SkippedCheck)[] => {
        const reason = services.checks.appliesTo(program, strategy.description);
        return reason === null ? perModel(strategy, program) : [{ strategy, program, reason }];
      }),
  );
  const alone = programs.filter(({ strategy }) => !strategy);
  const before = request.besideFix && request.programs.length > 0 && request.broken === undefined;
  const others = alone.filter(({ bug }) => bug === undefined);
  const bugs = alone.filter(({ bug }) => bug !== undefined);
  const all = [
    ...items,
    ...others.flatMap((program) => perModel(null, program)),
    ...(before ? bugs.flatMap((program) => perModel(null, program, program.broken?.[0])) : []),
    ...bugs.flatMap((program) => perModel(null, program)),
  ];
  if (all.every(isSkipped)) {
    const [first] = all;
    const why =
      first === undefined ? "no program fits" : `\`${first.program.name}\` is skipped: ${first.reason}`;
    throw new RefplayError("nothing-to-check", `nothing to check: ${why}`, {
      hint: "`refplay check --list` says which programs apply to which strategies.",
    });
  }
  return { items: all };

  function perModel(
    strategy: CheckedStrategy | null,
    program: CheckProgram,
    broken = variants.get(program),
  ): PlannedCheck[] {
    const bounds = { ...broken?.bounds, ...boundsOf.get(program) };
    const variant = broken === undefined ? {} : { broken };
    return request.models.map((model) => ({ strategy, program, model, bounds, ...variant }));
  }
}

export interface PlanServices {
  /** Folder of the built-in strategies. */
  readonly strategiesFolder: string;
  readonly checks: CheckServices;
}

/** Programs that need no strategy are left out where strategies are named and programs are not. */
export function choosePrograms(request: Chosen, known: readonly CheckProgram[]): readonly CheckProgram[] {
  if (request.programs.length === 0) {
    return request.strategies.length === 0 ? known : known.filter(({ strategy }) => strategy);
  }
  const names = known.map(({ name }) => name);
  const chosen = request.programs.map((name) => {
    const program = known.find((entry) => entry.name === name);
    if (program !== undefined) return program;
    throw new RefplayError("unknown-program", `unknown program \`${name}\`${didYouMean(name, names)}`, {
      hint: "`refplay check --list` names them all.",
    });
  });
  return known.filter((program) => chosen.includes(program));
}

/** A strategy that no chosen program takes would not be checked, and a pass would look like one of it. */
function refuseStrategies({ strategies }: Chosen, programs: readonly CheckProgram[]): void {
  if (strategies.length === 0) return;
  const names = programs.map(({ name }) => `\`${name}\``).join(", ");
  const what = strategies.map((name) => `\`${name}\``).join(", ");
  const take = programs.length === 1 ? `program ${names} takes` : `programs ${names} take`;
  throw new RefplayError("no-strategy-taken", `${take} no strategy, so ${what} would not be checked`, {
    hint: `Leave ${what} out, or name a program that takes a strategy; \`refplay check --list\` says which do.`,
  });
}

/** The deliberate bug of that number of each program; none has one where no number is given. */
function variantsByProgram(
  programs: readonly CheckProgram[],
  value: number | undefined,
  named: boolean,
): ReadonlyMap<CheckProgram, BrokenVariant> {
  if (value === undefined) return new Map();
  if (!named) {
    const having = programs.filter(({ broken }) => broken?.some((entry) => entry.value === value));
    const names = having.map(({ name }) => name).join(", ");
    throw new RefplayError(
      "unknown-variant",
      "--broken needs a program: each has deliberate bugs of its own",
      {
        hint: `Name one with --program. ${names === "" ? "None has" : "Those with"} a bug ${value}${names === "" ? "" : `: ${names}`}.`,
      },
    );
  }
  return new Map(
    programs.map((program) => {
      const known = program.broken ?? [];
      const variant = known.find((entry) => entry.value === value);
      if (variant !== undefined) return [program, variant];
      const list = known.map((entry) => `${entry.value} ${entry.title}`).join(", ");
      const message = `program \`${program.name}\` has no deliberate bug ${value}`;
      throw new RefplayError("unknown-variant", message, {
        hint: list === "" ? "It has none; name a program with --program." : `There is: ${list}.`,
      });
    }),
  );
}

/** Bounds by program: each takes those that it has. One that none of them has is a mistake. */
function boundsByProgram(
  programs: readonly CheckProgram[],
  given: ReadonlyMap<string, number>,
): ReadonlyMap<CheckProgram, Readonly<Record<string, number>>> {
  const known = [...new Set(programs.flatMap((program) => Object.keys(program.bounds)))];
  for (const name of given.keys()) {
    if (known.includes(name)) continue;
    const [only] = programs;
    const owner = programs.length === 1 ? `program \`${only?.name}\` has no` : "no chosen program has a";
    throw new RefplayError("unknown-bound", `${owner} bound \`${name}\`${didYouMean(name, known)}`, {
      hint: known.length === 0 ? "There are none." : `There is: ${known.join(", ")}.`,
    });
  }
  return new Map(
    programs.map((program) => {
      const own = [...given].filter(([name]) => Object.hasOwn(program.bounds, name));
      const bounds = Object.fromEntries(own);
      completeBounds(program, bounds);
      return [program, bounds];
    }),
  );
}

/** @throws RefplayError `unknown-strategy`, `strategy-file` */
export function chooseStrategies(
  given: readonly string[],
  io: CliIo,
  services: PlanServices,
): CheckedStrategy[] {
  const correct = builtinStrategies(services.strategiesFolder);
  const chosen = new Map<string, CheckedStrategy>();
  for (const name of given.length === 0 ? correct.keys() : given) {
    const path = findStrategy(name, correct, io, services);
    if (chosen.has(path)) continue;
    const file = path.replace(/^.*[\\/]/, "").replace(/\.ts$/, "");
    chosen.set(path, { name: file, given: name, path, description: services.checks.describe(path) });
  }
  return [...chosen.values()];
}

function findStrategy(
  given: string,
  correct: ReadonlyMap<string, string>,
  io: CliIo,
  services: PlanServices,
): string {
  const broken = builtinStrategies(join(services.strategiesFolder, "broken"));
  const builtin = correct.get(given) ?? broken.get(given.replace(/^(strategies\/)?broken\//, ""));
  if (!isStrategyPath(given)) {
    if (builtin !== undefined) return builtin;
    const names = [...correct.keys()];
    // `README.md` is no name with a slip, and `README.md.ts` no file that anybody has.
    const ending = /\.[A-Za-z]\w*$/.exec(given)?.[0];
    if (ending !== undefined) {
      throw new RefplayError(
        "strategy-file",
        `strategy \`${given}\`: a strategy is a .ts file, not ${ending}`,
        {
          hint: `Name such a file by its path, as in ./my-strategy.ts, or a built-in one: ${names.join(", ")}.`,
        },
      );
    }
    const near = didYouMean(given, [...names, ...broken.keys()]);
    throw new RefplayError("unknown-strategy", `unknown strategy \`${given}\`${near}`, {
      hint: `Built in: ${names.join(", ")}; deliberately broken: strategies/broken/. Your own file is named by a path, as in ./${given}.ts.`,
    });
  }
  const path = resolve(io.workingFolder, given);
  for (const candidate of [path, `${path}.ts`]) {
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile()) return candidate;
  }
  // `broken/x` names a built-in one from anywhere.
  if (builtin !== undefined) return builtin;
  const exists = statSync(path, { throwIfNoEntry: false }) !== undefined;
  throw new RefplayError(
    "strategy-file",
    `strategy \`${given}\`: ${exists ? "that is not a file" : "there is no such file"}`,
    { hint: `Looked for ${path}; relative paths start from ${io.workingFolder}.` },
  );
}

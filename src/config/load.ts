/**
 * From a config's text to a run that is known to make sense: syntax, fields, the scenario's parameters, strategies and
 * their options, the trace. All mistakes are reported with their place in the file before anything is linked or written.
 */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import type { z } from "zod";
import { RefplayError, RefplayErrors, type SourceLocation } from "../errors.ts";
import { toInputSchema } from "../input/describe.ts";
import { issuesToErrors } from "../input/issues.ts";
import { type InputText, parseInputText, type ValuePath } from "../input/positions.ts";
import { machineFiles } from "../machines/files.ts";
import { type ResolvedMachine, resolveMachine } from "../machines/resolve.ts";
import { didYouMean } from "../names.ts";
import { checkEngineFields } from "./engine-fields.ts";
import { type Scenario, scenarioNames } from "./scenarios.ts";
import { type Config, configSchema, enginesOf, notYet } from "./schema.ts";
import {
  builtinStrategies,
  type DescribeStrategy,
  type StrategySelection,
  selectStrategies,
} from "./strategies.ts";
import { type ChosenLists, selectVariants } from "./variants.ts";

/** Fields that the command line sets over the config's; `undefined` leaves the config's. */
export interface ConfigOverrides {
  readonly seed?: string;
  readonly strategies?: readonly string[];
  readonly variants?: readonly string[];
  readonly cpus?: readonly unknown[];
  readonly repetitions?: unknown;
}

/** What loading needs from outside: where built-in strategies are, how to read one, which scenarios there are. */
export interface ConfigContext {
  readonly workingFolder: string;
  readonly strategiesFolder: string;
  readonly describe: DescribeStrategy;
  readonly scenarios: readonly Scenario[];
}

/** A config that was found right, with everything that it refers to. */
export interface ResolvedConfig {
  /** The file's name without extension; names the folder of the results. */
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  /** All fields with defaults filled in, the scenario's parameters included. */
  readonly config: Config;
  readonly strategies: readonly StrategySelection[];
  /** The workload's parameters, once for each value of the one that is varied. */
  readonly variants: readonly WorkloadVariant[];
  /** The recorded trace that the scenario replays, where it replays one. */
  readonly trace: TraceFile | undefined;
  /** Where cells run on sim. */
  readonly machine: ResolvedMachine | undefined;
}

/** All parameters of the scenario, and which value this is of what the config varies. */
export interface WorkloadVariant {
  readonly workload: Readonly<Record<string, unknown>>;
  readonly varied?: { readonly parameter: string; readonly value: number | string | boolean };
}

export interface TraceFile {
  readonly path: string;
  readonly text: string;
}

/** Loads and checks a config. Throws RefplayError(s); writes nothing. */
export function loadConfig(path: string, overrides: ConfigOverrides, context: ConfigContext): ResolvedConfig {
  const file = resolve(context.workingFolder, path);
  const text = parseInputText(readConfig(file, path), path, "config-syntax");
  const places = overriddenPlaces(text, overrides);
  const { config, variants, scenario, chosen } = checkFields(text, overrides, places, context.scenarios);
  const baseFolder = dirname(file);
  const machine = enginesOf(config).includes("sim")
    ? resolveMachine(config.machine, { ...places, path: ["machine"], readFile: machineFiles(baseFolder) })
    : undefined;
  checkEngineFields(config, machine?.machine, places.locate);
  const strategies =
    selectVariants(config, scenario, chosen, places.locate) ??
    selectStrategies(config.strategies, {
      ...places,
      builtins: builtinStrategies(context.strategiesFolder),
      baseFolder: overrides.strategies === undefined ? baseFolder : context.workingFolder,
      hooks: config.hooks,
      describe: context.describe,
    });
  const name = basename(file, extname(file));
  const trace = readTrace(config, baseFolder, places);
  return { name, file, config, variants, strategies, trace, machine };
}

function readConfig(file: string, shown: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT")
      throw new RefplayError("config-missing", `there is no config \`${shown}\``, {
        hint: "A path begins at the working folder. `refplay new strategy NAME` writes a config to begin with.",
        cause: error,
      });
    const why = code === "EISDIR" ? "it is a folder" : (error as Error).message;
    throw new RefplayError("config-unreadable", `cannot read config \`${shown}\`: ${why}`, { cause: error });
  }
}

interface Places {
  locate(path: ValuePath): SourceLocation;
  locateKey(path: ValuePath, key: string): SourceLocation;
}

/** Places in the file, but the flag's name for what a flag sets. */
function overriddenPlaces(text: InputText, overrides: ConfigOverrides): Places {
  const flags: Record<string, string | undefined> = {
    seed: overrides.seed === undefined ? undefined : "--seed",
    strategies: overrides.strategies === undefined ? undefined : "--strategy",
    variants: overrides.variants === undefined ? undefined : "--variant",
    cpus: overrides.cpus === undefined ? undefined : "--cpus",
    repetitions: overrides.repetitions === undefined ? undefined : "--repetitions",
  };
  const flag = (path: ValuePath): string | undefined => flags[String(path[0])];
  const orFlag = (path: ValuePath, otherwise: () => SourceLocation): SourceLocation => {
    const name = flag(path);
    return name === undefined ? otherwise() : { file: name };
  };
  return {
    locate: (path) => orFlag(path, () => text.locate(path)),
    locateKey: (path, key) => orFlag(path, () => text.locateKey(path, key)),
  };
}

function checkFields(
  text: InputText,
  overrides: ConfigOverrides,
  places: Places,
  scenarios: readonly Scenario[],
): Pick<ResolvedConfig, "config" | "variants"> & { scenario: Scenario; chosen: ChosenLists } {
  const schema = configSchema(scenarioNames(scenarios));
  const isMapping = typeof text.data === "object" && text.data !== null && !Array.isArray(text.data);
  const set = Object.entries(overrides).filter(([, value]) => value !== undefined);
  const data = isMapping ? { ...text.data, ...Object.fromEntries(set) } : text.data;
  const config = check(schema, data, [], places);
  const scenario = scenarios.find((known) => known.name === config.scenario) as Scenario;
  const workload = check(scenario.parameters, config.workload, ["workload"], places);
  // The default list of strategies is none of a scenario that compares variants.
  const lists = scenario.variants === undefined ? {} : { strategies: [] };
  const whole = { ...config, ...lists, workload: workload as Record<string, unknown> };
  const has = (key: string): boolean => isMapping && Object.hasOwn(data as object, key);
  const chosen = { strategies: has("strategies"), variants: has("variants") };
  return {
    config: whole,
    variants: checkVariants(config, whole.workload, scenario, places),
    scenario,
    chosen,
  };
}

/** Each value of the varied parameter is checked as if the workload had it, and blamed where it stands. */
function checkVariants(
  config: Config,
  workload: Readonly<Record<string, unknown>>,
  scenario: Scenario,
  places: Places,
): readonly WorkloadVariant[] {
  const [entry] = Object.entries(config.vary);
  if (entry === undefined) return [{ workload }];
  const [parameter, values] = entry;
  const known = Object.keys(workload);
  if (!known.includes(parameter)) {
    throw new RefplayError(
      "unknown-parameter",
      `\`${scenario.name}\` has no parameter \`${parameter}\` to vary${didYouMean(parameter, known)}`,
      { location: places.locateKey(["vary"], parameter) },
    );
  }
  const twice = values.findIndex((value, index) => values.indexOf(value) !== index);
  if (twice >= 0) {
    throw new RefplayError("bad-value", `\`vary.${parameter}\` has ${String(values[twice])} twice`, {
      location: places.locate(["vary", parameter, twice]),
    });
  }
  return values.map((value, index) => {
    const there: Places = {
      locate: (path) => places.locate(path[1] === parameter ? ["vary", parameter, index] : path),
      locateKey: places.locateKey,
    };
    const parameters = check(
      scenario.parameters,
      { ...config.workload, [parameter]: value },
      ["workload"],
      there,
    );
    return { workload: parameters as Record<string, unknown>, varied: { parameter, value } };
  });
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  prefix: ValuePath,
  places: Places,
): z.output<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const context = {
    data,
    schema: toInputSchema(schema),
    prefix,
    whole: "the config",
    valuesNotYet: notYet,
    ...places,
  };
  throw new RefplayErrors(issuesToErrors(result.error.issues, context));
}

function readTrace(config: Config, baseFolder: string, places: Places): TraceFile | undefined {
  const trace = config.workload.trace;
  if (typeof trace !== "string") return undefined;
  const path = resolve(baseFolder, trace);
  return { path, text: readTraceFile(path, trace, places.locate(["workload", "trace"])) };
}

/** Reads a recorded trace; throws RefplayError `trace-missing` or `trace-unreadable`. */
export function readTraceFile(path: string, shown: string, location?: SourceLocation): string {
  const place = location === undefined ? {} : { location };
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    const hint = `Looked for ${path}; a relative path starts from the config's folder.`;
    throw new RefplayError(
      "trace-missing",
      `there is no trace \`${shown}\``,
      location ? { ...place, hint } : {},
    );
  }
  if (!stat.isFile()) throw new RefplayError("trace-unreadable", `trace \`${shown}\` is not a file`, place);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const message = `cannot read trace \`${shown}\`: ${(error as Error).message}`;
    throw new RefplayError("trace-unreadable", message, { ...place, cause: error });
  }
}

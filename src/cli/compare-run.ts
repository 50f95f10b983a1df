/** Runs a config with two strategies only, for `refplay compare`. */
import { join, resolve } from "node:path";
import { fewestPairs } from "../compare/intervals.ts";
import { type ConfigOverrides, loadConfig, type ResolvedConfig } from "../config/load.ts";
import { errorColumns, RefplayError } from "../errors.ts";
import { chooseFile, prepareFolder } from "../results/folder.ts";
import { lockResults } from "../results/lock.ts";
import { hasFaults, type ResultsRecord } from "../results/schema.ts";
import { type CellSpec, planCells } from "../runner/cell-spec.ts";
import { runFingerprint } from "../runner/run-cells.ts";
import { checkTrace } from "./check-trace.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";
import { displayPath, measure } from "./run-command.ts";

export interface CompareRunFlags {
  readonly config?: string;
  readonly cpus?: readonly number[];
  readonly seed?: string;
  readonly repetitions?: number;
  /** Folder of the results; default results/<config name>-compare below the working folder. */
  readonly out?: string;
  readonly quiet?: boolean;
}

export interface RunForComparison {
  readonly record: ResultsRecord;
  /** Names that the two have in the record. */
  readonly strategies: readonly [string, string];
  readonly status: number;
  /** The results file. */
  readonly shown: string;
}

/**
 * Measures both; a run of the same that was stopped goes on. An exit status alone where not every cell was measured: half a
 * comparison is none.
 * @param checkPlan throws for what is wrong with conditions, before anything is linked or run
 * Throws RefplayErrors for what is wrong with the config or a strategy.
 */
export async function runForComparison(
  names: readonly [string, string],
  flags: CompareRunFlags,
  confidence: number,
  io: CliIo,
  services: CliServices,
  checkPlan: (cells: readonly CellSpec[]) => void,
): Promise<RunForComparison | number> {
  const resolved = resolveFor(names, flags, confidence, io, services);
  const [a, b] = resolved.strategies;
  if (a === undefined || b === undefined) throw new Error("a comparison without its strategies");
  if (flags.config === undefined && !flags.quiet) {
    const question = displayPath(services.standardConfig, io);
    io.stderr(`No config is named: this is the nginx question, ${question}\n`);
  }
  const cells = planCells(resolved);
  checkPlan(cells);
  checkTrace(cells, io.workingFolder);
  const programs = await services.prepare(cells);
  const fingerprint = runFingerprint(resolved, services.host, programs);
  const folder = resolve(io.workingFolder, flags.out ?? join("results", `${resolved.name}-compare`));
  prepareFolder(folder);
  const place = chooseFile(folder, fingerprint, false);
  const shown = displayPath(place.path, io);
  const unlock = lockResults(place.path);
  try {
    const { record, end, error } = await measure(resolved, { ...place, fingerprint }, flags, io, services);
    if (end === "complete") {
      const status = hasFaults(record) ? exitStatus.failed : exitStatus.fine;
      return { record, strategies: [a.instance, b.instance], status, shown };
    }
    const kept =
      record.cells.length === 0
        ? "No cell was finished; nothing is written."
        : `${record.cells.length} of ${record.planned.length} cells are in ${shown};\nthe same command goes on from there.`;
    const why =
      end === "failed" ? `error: ${record.failure?.cell}: ${error?.format(errorColumns)}` : "Stopped.";
    io.stderr(`${why} Nothing is compared. ${kept}\n`);
    return end === "failed" ? exitStatus.failed : exitStatus.interrupted;
  } finally {
    unlock();
  }
}

/** A strategy differs in nothing from itself. */
export function twice(name: string): RefplayError {
  return new RefplayError("strategy-twice", `\`${name}\` is on both sides`, {
    hint: "To compare its options or hooks, list it twice in a config, run that, and name both as its table does: `--in FILE kref kref#2`.",
  });
}

/** The config with these two strategies, or variants where its scenario compares those, and enough runs for an interval. */
function resolveFor(
  names: readonly [string, string],
  { config, cpus, repetitions, seed }: CompareRunFlags,
  confidence: number,
  io: CliIo,
  services: CliServices,
): ResolvedConfig {
  const context = { ...services, workingFolder: io.workingFolder };
  const given = Object.fromEntries(
    Object.entries({ cpus, repetitions, seed }).filter(([, value]) => value !== undefined),
  );
  if (names[0] === names[1]) throw twice(names[0]);
  const path = config ?? services.standardConfig;
  let lists: ConfigOverrides = { strategies: names };
  const load = (more: ConfigOverrides = {}): ResolvedConfig =>
    loadConfig(path, { ...given, ...lists, ...more }, context);
  let resolved: ResolvedConfig;
  try {
    resolved = load();
  } catch (error) {
    if (!(error instanceof RefplayError) || error.code !== "no-strategies") throw error;
    lists = { variants: names };
    resolved = load();
  }
  const isAuto = resolved.config.repetitions === "auto";
  return isAuto ? load({ repetitions: fewestPairs(confidence) }) : resolved;
}

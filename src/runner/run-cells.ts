/**
 * Runs the cells of a config one after the other and keeps each as soon as it is there: whatever ends a run (Ctrl-C, a
 * worker that hangs, a kill), the finished cells are in the results file and the next run of the same config goes on
 * behind them.
 */
import type { ResolvedConfig } from "../config/load.ts";
import { enginesOf } from "../config/schema.ts";
import { RefplayError } from "../errors.ts";
import { withEfficiency } from "../results/efficiency.ts";
import { fingerprint } from "../results/fingerprint.ts";
import { type Cell, type Host, type ResultsRecord, resultsVersion } from "../results/schema.ts";
import { writeResults } from "../results/store.ts";
import { type CellProgress, type CellSpec, planCells, type RunCell } from "./cell-spec.ts";

export interface RunProgress extends CellProgress {
  readonly cell: CellSpec;
  /** Cells that are finished, those of an earlier run included. */
  readonly done: number;
  readonly total: number;
}

export interface RunOptions {
  readonly runCell: RunCell;
  readonly signal: AbortSignal;
  /** Where the record is written after each finished cell. */
  readonly resultPath: string;
  readonly host: Host;
  /** What makes this run the same as another: `runFingerprint`. */
  readonly fingerprint: string;
  /** Cells of an earlier, stopped run of the same config. */
  readonly resume?: ResultsRecord | undefined;
  /** Time stamp of the record, ISO 8601; not called where the record of an earlier run has one. */
  now(): string;
  onProgress?(progress: RunProgress): void;
}

export interface RunOutcome {
  readonly record: ResultsRecord;
  /** `interrupted`: the signal was aborted; `failed`: a cell could not be measured, `error` says why. */
  readonly end: "complete" | "interrupted" | "failed";
  readonly error?: RefplayError;
}

/**
 * What makes two runs the same: config echo with seed, the linked programs, trace, host, versions.
 * @param programs hash of everything that was linked: strategies with the files they import, kernel, options
 */
export function runFingerprint(resolved: ResolvedConfig, host: Host, programs: string): string {
  const { config, machine, strategies, trace } = resolved;
  const uses = strategies.map(({ instance, options, parts }) => ({ instance, options, parts }));
  return fingerprint({
    resultsVersion,
    config,
    uses,
    programs,
    trace: trace && fingerprint(trace.text),
    machine: machine?.description,
    host,
  });
}

/** Measures what is still to be measured. Rejects only where a record cannot be written, or with a defect. */
export async function runConfig(resolved: ResolvedConfig, options: RunOptions): Promise<RunOutcome> {
  const plan = planCells(resolved);
  const { failure: _before, ...resumed } = options.resume ?? startRecord(resolved, plan, options);
  let record: ResultsRecord = resumed;

  for (const spec of plan) {
    if (record.cells.some((cell) => cell.id === spec.id)) continue;
    if (options.signal.aborted) return { record, end: "interrupted" };
    try {
      const cell = await measure(spec, record.cells.length, plan.length, options);
      record = {
        ...record,
        createdAt: record.createdAt ?? options.now(),
        cells: withEfficiency(inOrder(plan, [...record.cells, cell])),
      };
    } catch (error) {
      if (options.signal.aborted) return { record, end: "interrupted" };
      if (!(error instanceof RefplayError)) throw error;
      record = { ...record, failure: { cell: spec.id, code: error.code, message: error.message } };
      if (record.cells.length > 0) writeResults(options.resultPath, record);
      return { record, end: "failed", error };
    }
    writeResults(options.resultPath, record);
  }
  return { record, end: "complete" };
}

function startRecord(
  resolved: ResolvedConfig,
  plan: readonly CellSpec[],
  { fingerprint, host }: RunOptions,
): ResultsRecord {
  return {
    version: resultsVersion,
    name: resolved.name,
    fingerprint,
    config: resolved.config,
    seed: resolved.config.seed,
    engine: enginesOf(resolved.config).join(", "),
    ...(resolved.machine === undefined ? {} : { machine: resolved.machine.description }),
    host,
    planned: plan.map((spec) => spec.id),
    cells: [],
  };
}

function inOrder(plan: readonly CellSpec[], cells: readonly Cell[]): Cell[] {
  return plan.flatMap((spec) => cells.filter((cell) => cell.id === spec.id));
}

/** One cell; does not wait for a cell that ignores the signal. */
async function measure(spec: CellSpec, done: number, total: number, options: RunOptions): Promise<Cell> {
  const { signal, runCell, onProgress } = options;
  const report = (state: CellProgress): void => onProgress?.({ ...state, cell: spec, done, total });
  report({ doing: "starting", fraction: 0 });
  let abandon = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abandon = () => reject(signal.reason);
    signal.addEventListener("abort", abandon, { once: true });
  });
  try {
    return await Promise.race([runCell(spec, { signal, progress: report }), aborted]);
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

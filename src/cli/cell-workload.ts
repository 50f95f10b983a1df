/** Tries out a trace before a run. */
import { relative } from "node:path";
import { findWorkload, type Workload } from "../workloads/index.ts";
import type { CellSpec } from "./cell-spec.ts";

/** The workload of a cell; same spec, same bytes. RefplayError for a trace that cannot be replayed. */
function buildCellWorkload(spec: CellSpec, workingFolder: string): Workload {
  const { scenario, parameters, trace } = spec.workload;
  const definition = findWorkload(scenario);
  if (definition === undefined) throw new Error(`no workload is named ${scenario}`);
  const context = { cpus: spec.cpus, seed: spec.seed };
  if (trace === undefined) return definition.build(parameters, context);
  const shown = relative(workingFolder, trace.path);
  const file = shown.startsWith("..") ? trace.path : shown;
  return definition.build(parameters, { ...context, readTrace: () => ({ text: trace.text, file }) });
}

/** Builds the replay of a run's trace once, on most CPUs, so that an unusable trace is refused before anything runs. */
export function checkTrace(cells: readonly CellSpec[], workingFolder: string): void {
  const replays = cells.filter((cell) => cell.workload.trace !== undefined);
  const largest = replays.reduce<CellSpec | undefined>(
    (most, cell) => (most === undefined || cell.cpus > most.cpus ? cell : most),
    undefined,
  );
  if (largest !== undefined) buildCellWorkload(largest, workingFolder);
}

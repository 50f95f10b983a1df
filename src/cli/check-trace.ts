/** Tries out a trace before a run. */
import { relative } from "node:path";
import type { CellSpec } from "../runner/cell-spec.ts";
import { buildWorkload } from "../runner/scripts-of-cell.ts";

/** Builds the replay of a run's trace once, on most CPUs, so that an unusable trace is refused before anything runs. */
export function checkTrace(cells: readonly CellSpec[], workingFolder: string): void {
  const replays = cells.filter((cell) => cell.workload.trace !== undefined);
  const largest = replays.reduce<CellSpec | undefined>(
    (most, cell) => (most === undefined || cell.cpus > most.cpus ? cell : most),
    undefined,
  );
  if (largest?.workload.trace === undefined) return;
  const shown = relative(workingFolder, largest.workload.trace.path);
  buildWorkload(largest, { traceName: shown.startsWith("..") ? largest.workload.trace.path : shown });
}

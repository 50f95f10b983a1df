/** Tries out a trace before a run. */
import { relative } from "node:path";
import { RefplayError } from "../errors.ts";
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
  const file = shown.startsWith("..") ? largest.workload.trace.path : shown;
  const { expected } = buildWorkload(largest, { traceName: file });
  if (expected.requests > 0) return;
  throw new RefplayError(
    "nothing-to-measure",
    "this trace has no request: nothing is opened, and nothing answered on an accepted connection",
    {
      hint: "Record a server under load with strace -f -ttt -T; `refplay import` lists what was skipped.",
      location: { file },
    },
  );
}

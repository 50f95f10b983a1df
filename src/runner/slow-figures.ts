/** Slow windows of a cell's measured runs, with what the CPUs' batches say turned into requests. */
import type { SlowWindows } from "../engines/threads/index.ts";
import type { Cell } from "../results/schema.ts";

/** Nothing where no label was in a slow window. @param requestsPerSecond of the whole runs */
export function slowFigures(slow: SlowWindows | null, requestsPerSecond: number): Pick<Cell, "slowWindows"> {
  if (slow === null) return {};
  const rate = (speed: number | null) => (speed === null ? null : speed * requestsPerSecond);
  return {
    slowWindows: {
      windows: slow.windows,
      openShare: slow.share,
      longestMs: slow.longestNs / 1e6,
      insidePerSecond: rate(slow.insideSpeed),
      outsidePerSecond: rate(slow.outsideSpeed),
    },
  };
}

/** The steady part of a simulated run, as the published figures were taken of machines that had been busy for long. */
import type { SimResult } from "../engines/sim/types.ts";

/**
 * Part of the time until the first CPU is done that is left out: workers that all open their first files at once wait for the heap's
 * lock, for about a tenth of a run of 40,000 requests on 192 CPUs.
 */
const startUpShare = 0.25;

/** Requests by second from the first checkpoint behind the start-up to the first CPU's end. */
export function steadyRate({ checkpoints, window }: Pick<SimResult, "checkpoints" | "window">): number {
  const begin = checkpoints.find(({ atNs }) => atNs >= window.endNs * startUpShare && atNs < window.endNs);
  if (begin === undefined || begin.atNs < window.startNs) return window.requestsPerSecond;
  const beforeWindow = checkpoints.findLast(({ atNs }) => atNs <= window.startNs)?.requests ?? 0;
  const requests = beforeWindow + window.requests - begin.requests;
  return (1e9 * requests) / (window.endNs - begin.atNs);
}

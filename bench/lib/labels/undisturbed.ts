/**
 * Rounds in which nobody else had a processor: with every processor busy, two threads that wait for each other are timed rightly
 * only while both run. Linux tells how long each thread was ready and had to wait.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Second number of a thread's `schedstat`: ns on a run queue. 0 for a text that has none. */
export function waitedNsIn(schedstat: string): number {
  const waited = Number(schedstat.trim().split(" ")[1]);
  return Number.isFinite(waited) ? waited : 0;
}

/**
 * Time in ns that the threads of this process ever waited for a processor, but for the main one, which keeps the clock and has to
 * wait while workers run; of another process, all of its threads. Null where the system does not say.
 */
export function waitedNs(other?: number): number | null {
  const folder = `/proc/${other ?? "self"}/task`;
  try {
    return readdirSync(folder)
      .filter((thread) => Number(thread) !== process.pid)
      .reduce((sum, thread) => sum + waitedNsOf(`${folder}/${thread}/schedstat`), 0);
  } catch {
    return null;
  }
}

function waitedNsOf(file: string): number {
  try {
    return waitedNsIn(readFileSync(file, "utf8"));
  } catch {
    // It ended since the folder was read.
    return 0;
  }
}

/** Share of a round that threads may wait: the main one takes some. */
const mostWaiting = 0.05;

/** Whether a round of `ns` was undisturbed, by what was waited before and after it; true where the system does not say. */
export function isUndisturbed(ns: number, before: number | null, after: number | null): boolean {
  return before === null || after === null || after - before <= ns * mostWaiting;
}

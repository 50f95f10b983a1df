/** Entries of a program around its run: each is called where the program has it, and maintenance until it is idle. */
import type { Threads } from "./threads.ts";

/**
 * Turns of maintenance at the end; a strategy that still has something to do then is not let go on for ever, and what it keeps
 * counts as leaked.
 */
const mostSettlingRounds = 100_000;

/** Calls an entry on CPU 0, where the program has it: a bare program needs `run` only. */
export async function one(threads: Threads, entry: string, args: readonly number[]): Promise<void> {
  if (threads.has(entry)) await threads.callOne(0, entry, args);
}

/** Calls an entry on all CPUs, maintenance included, with the CPU's number. */
export async function all(threads: Threads, entry: string): Promise<void> {
  if (threads.has(entry)) await threads.callAll(entry, (cpu) => [cpu], "workers");
}

/**
 * Maintenance until it is idle. What it releases is freed by callbacks, and a label that goes may have kept another: both by
 * turns, until a turn did nothing.
 */
export async function settle(threads: Threads): Promise<void> {
  if (threads.workers === threads.cpus || !threads.has("maintain")) return;
  for (let round = 0; round < mostSettlingRounds; round++) {
    const { value } = await threads.callOne(threads.cpus, "maintain", [threads.cpus]);
    await all(threads, "drain");
    if (value === 0) return;
  }
}

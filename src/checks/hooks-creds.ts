/**
 * Some of the programs through the kernel's hooks once more, with creds that tasks count themselves. How creds are counted has
 * nothing to do with the strategy, so they are checked with one.
 */
import { hookPrograms } from "./hooks.ts";
import type { CheckProgram } from "./types.ts";

/** Those in which creds are shared, left while others use them, or put by somebody who does not bear them. */
const again = ["open-close-vs-remove", "open-vs-change-profile", "pass-file", "fork-exit"];

export const credHookPrograms: readonly CheckProgram[] = hookPrograms
  .filter(({ name }) => again.includes(name))
  .map(({ name, title, options, ...program }) => ({
    ...program,
    name: `${name}-task-creds`,
    title: `${title.slice(0, -1)}; creds are counted in tasks.`,
    needs: { strategies: ["kref"] },
    options: { ...options, creds: 1 },
  }));

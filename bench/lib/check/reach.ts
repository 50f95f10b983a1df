/** The "must reach" part: every program of the list in a process of its own, one after the other. */
import type { Bounds, ReachAim } from "./aims.ts";
import type { SearchAnswer } from "./job.ts";
import { searchAlone } from "./search-process.ts";
import { type Failure, failureOf, strategyPath } from "./sources.ts";

export interface ReachResult {
  readonly row: string;
  readonly program: string;
  readonly strategy: string | null;
  readonly bounds: Bounds;
  /** Whether the project promises these bounds, or they are tried because the smaller ones were reached. */
  readonly promised: boolean;
  /** Every state was visited within the limits and no rule was broken. */
  readonly reached: boolean;
  readonly search: SearchAnswer | Failure;
}

export interface ReachOptions {
  readonly limitS: number;
  readonly memoryBytes: number;
  /** Go on to larger bounds until one is not reached. */
  readonly beyond: boolean;
  say(text: string): void;
}

export async function measureReach(
  aims: readonly ReachAim[],
  options: ReachOptions,
): Promise<readonly ReachResult[]> {
  const results: ReachResult[] = [];
  for (const aim of aims) {
    const { row, program, strategy } = aim;
    const all = options.beyond ? [aim.bounds, ...aim.beyond] : [aim.bounds];
    for (const [index, bounds] of all.entries()) {
      options.say(`${row}: ${strategy ?? program} ${boundsText(bounds)}`);
      const search = await searchAlone({
        program,
        strategy: strategy === null ? null : strategyPath(strategy),
        model: "tso",
        bounds,
        explorer: "states",
        limitS: options.limitS,
        memoryBytes: options.memoryBytes,
      }).catch(failureOf);
      const reached = !("failed" in search) && search.verdict === "pass";
      results.push({ row, program, strategy, bounds, promised: index === 0, reached, search });
      if (!reached) break;
    }
  }
  return results;
}

/** "actors 6, pairs 3", or "default bounds". */
export function boundsText(bounds: Bounds): string {
  const entries = Object.entries(bounds);
  return entries.length === 0
    ? "default bounds"
    : entries.map(([name, value]) => `${name} ${value}`).join(", ");
}

/** Figures of every run of a cell beside their rates: comparisons take their intervals from them. */
import type { Latency, Repetition, ThreadsResult } from "../engines/threads/index.ts";
import type { Cell } from "../results/schema.ts";
import type { ProgramScenario, ScenarioOutcome } from "../scenarios/index.ts";
import { retirementFigures } from "./reclaim-figures.ts";
import { namedLatencies, pairOf, transfersPerRequest } from "./sim-figures.ts";
import type { SimReport } from "./sim-request.ts";

type RunFigures = Readonly<Record<string, number | null>>;

/** Of cells on threads; without pair times where those were taken in a run of their own. */
export function threadsByRepetition(
  { pairNsByRepetition, repetitions }: Pick<ThreadsResult, "pairNsByRepetition" | "repetitions">,
  msPerTick: number,
): Pick<Cell, "byRepetition"> {
  return listed(
    repetitions.map((run, index) => ({
      ...pairFigures(pairNsByRepetition[index]),
      ...reclaimFigures(run, msPerTick),
    })),
  );
}

/** Of simulated cells, one run for each seed. */
export function simByRepetition(
  runs: readonly { readonly report: SimReport; readonly repetition: Repetition }[],
  msPerTick: number,
): Pick<Cell, "byRepetition"> {
  return listed(
    runs.map(({ report, repetition }) => ({
      ...pairFigures(pairOf(namedLatencies(report)) ?? undefined),
      rmwPerRequest: report.requests === 0 ? null : report.strategyRmws / report.requests,
      transfersPerRequest: transfersPerRequest(report).transfersPerRequest?.all ?? null,
      ...reclaimFigures(repetition, msPerTick),
    })),
  );
}

/** Of scenarios with a program of their own: what the scenario tells of each run, and what moved where that is known. */
export function scenarioByRepetition(
  scenario: ProgramScenario,
  runs: readonly { readonly outcome: ScenarioOutcome; readonly evidence: Partial<Cell> }[],
): Pick<Cell, "byRepetition"> {
  return listed(
    runs.map(({ evidence, outcome }) => ({
      ...Object.fromEntries(scenario.figures(outcome).map(({ name, value }) => [name, known(value)])),
      transfersPerRequest: evidence.transfersPerRequest?.all ?? null,
    })),
  );
}

function pairFigures(pair: Pick<Latency, "p50" | "p99"> | null | undefined): RunFigures {
  return { pairNsP50: pair?.p50 ?? null, pairNsP99: pair?.p99 ?? null };
}

function reclaimFigures(run: Repetition, msPerTick: number): RunFigures {
  const { peakUnreclaimed = null, retirement } = retirementFigures(run, 0, msPerTick, null);
  const isFreed = retirement !== undefined && retirement.freed > 0;
  return { peakUnreclaimed, retiredMeanMs: isFreed ? retirement.meanMs : null };
}

/** A figure that a run cannot tell, as a mean of nothing, is none. */
export function known(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

/** A list for each figure that some run can tell; nothing of a single run, whose figures the cell has already. */
function listed(runs: readonly RunFigures[]): Pick<Cell, "byRepetition"> {
  if (runs.length < 2) return {};
  const names = [...new Set(runs.flatMap((run) => Object.keys(run)))];
  const known = names.filter((name) => runs.some((run) => run[name] !== null));
  if (known.length === 0) return {};
  return {
    byRepetition: Object.fromEntries(known.map((name) => [name, runs.map((run) => run[name] ?? null)])),
  };
}

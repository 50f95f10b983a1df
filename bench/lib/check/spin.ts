/**
 * Ours beside SPIN's: the three shared models, sequential consistency, the same bounds, interleaved. Times are of the search
 * alone on both sides: SPIN's model compiler, the C compiler, our linker and the start of a process are left out.
 */
import {
  type PanResult,
  type PromelaModel,
  promelaModels,
  type SpinTools,
  Verifier,
} from "../../peers/promela.ts";
import type { Bounds } from "./aims.ts";
import type { SearchAnswer, SearchJob } from "./job.ts";
import { SearchProcess } from "./search-process.ts";
import { strategyPath } from "./sources.ts";
import { type Times, timesOf } from "./times.ts";

export interface SpinComparison {
  /** Name of the program and of the model. */
  readonly program: string;
  readonly bounds: Bounds;
  readonly ours: {
    readonly states: number;
    readonly transitions: number;
    /** The first search of a fresh process. */
    readonly coldMs: number;
    readonly warm: Times;
    readonly cpu: Times;
  };
  readonly spin: {
    readonly states: number;
    readonly transitions: number;
    readonly warm: Times;
    readonly cpu: Times;
  };
}

export interface SpinReport {
  readonly spin: string;
  readonly comparisons: readonly SpinComparison[];
  /** Our times over SPIN's, both added up over all models. */
  readonly totalRatio: number;
  /** The same in processor time, for machines that do other things beside. */
  readonly cpuRatio: number;
  readonly coldTotalRatio: number;
  /** Geometric mean of the models' ratios, in which none weighs more for being larger. */
  readonly meanRatio: number;
}

class Series {
  readonly #wall: number[] = [];
  readonly #cpu: number[] = [];

  add(run: { readonly searchMs: number; readonly cpuMs: number }): void {
    this.#wall.push(run.searchMs);
    this.#cpu.push(run.cpuMs);
  }

  times(): { readonly warm: Times; readonly cpu: Times } {
    return { warm: timesOf(this.#wall), cpu: timesOf(this.#cpu) };
  }
}

function mustPass(model: string, pan: PanResult, search: SearchAnswer): void {
  if (pan.errors !== 0) throw new Error(`${model}.pml breaks a property`);
  if (search.verdict !== "pass") throw new Error(`${model}: our search ended with ${search.verdict}`);
}

async function compareOne(
  tools: SpinTools,
  model: PromelaModel,
  bounds: Bounds,
  rounds: number,
): Promise<SpinComparison> {
  const job: SearchJob = {
    program: model.name,
    strategy: model.strategy === null ? null : strategyPath(model.strategy),
    model: "sc",
    bounds: { ...model.fixed, ...bounds },
    explorer: "states",
    limitS: 600,
    memoryBytes: 8 * 2 ** 30,
  };
  const verifier = Verifier.build(tools, model, bounds);
  const searches = new SearchProcess();
  try {
    const cold = await searches.run(job);
    let pan = verifier.run();
    mustPass(model.name, pan, cold);
    const [ours, theirs] = [new Series(), new Series()];
    for (let round = 0; round < rounds; round++) {
      if (round % 2 === 0) ours.add(await searches.run(job));
      pan = verifier.run();
      theirs.add(pan);
      if (round % 2 === 1) ours.add(await searches.run(job));
    }
    const { states, transitions, searchMs: coldMs } = cold;
    return {
      program: model.name,
      bounds,
      ours: { states, transitions, coldMs, ...ours.times() },
      spin: { states: pan.states, transitions: pan.transitions, ...theirs.times() },
    };
  } finally {
    searches.close();
    verifier.remove();
  }
}

export async function compareWithSpin(
  tools: SpinTools,
  rounds: number,
  say: (text: string) => void,
): Promise<SpinReport> {
  const comparisons: SpinComparison[] = [];
  for (const model of promelaModels) {
    say(`SPIN and ours: ${model.name}`);
    comparisons.push(await compareOne(tools, model, model.bounds, rounds));
  }
  return { spin: tools.spin, comparisons, ...ratios(comparisons) };
}

/** Ours to SPIN's over all models. */
export function ratios(
  comparisons: readonly SpinComparison[],
): Pick<SpinReport, "totalRatio" | "cpuRatio" | "coldTotalRatio" | "meanRatio"> {
  const sum = (of: (comparison: SpinComparison) => number): number =>
    comparisons.reduce((total, comparison) => total + of(comparison), 0);
  const theirs = sum(({ spin }) => spin.warm.medianMs);
  const logs = sum(({ ours, spin }) => Math.log(ours.warm.medianMs / spin.warm.medianMs));
  return {
    totalRatio: sum(({ ours }) => ours.warm.medianMs) / theirs,
    cpuRatio: sum(({ ours }) => ours.cpu.medianMs) / sum(({ spin }) => spin.cpu.medianMs),
    coldTotalRatio: sum(({ ours }) => ours.coldMs) / theirs,
    meanRatio: Math.exp(logs / comparisons.length),
  };
}

/** What one cell of a run is: one strategy, on one number of CPUs, with everything else from the config. */
import type { ResolvedConfig, TraceFile, WorkloadVariant } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { StrategySelection } from "../config/strategies.ts";
import type { Cell } from "../results/schema.ts";

export interface CellSpec
  extends Omit<Config, "scenario" | "workload" | "vary" | "strategies" | "cpus" | "engine"> {
  /** Unique in the run and the same in every run of the config: `percpu-ref@2`. */
  readonly id: string;
  readonly strategy: StrategySelection;
  /** Of a config that varies a parameter of its workload: which one, and what it is here. */
  readonly varied?: NonNullable<WorkloadVariant["varied"]>;
  readonly engine: string;
  readonly cpus: number;
  readonly workload: {
    /** Name of the scenario in the workload registry. */
    readonly scenario: string;
    /** Checked, defaults filled in. */
    readonly parameters: Readonly<Record<string, unknown>>;
    /** Text and absolute path of the trace that `parameters.trace` names, where it names one. */
    readonly trace: TraceFile | undefined;
  };
}

/** How far a cell is: shown beside the bar. */
export interface CellProgress {
  /** What is being done: `linking`, `counted run`, `run 3 of 5`. */
  readonly doing: string;
  /** 0 to 1 of this cell. */
  readonly fraction: number;
}

export interface CellControl {
  /** Aborted at Ctrl-C: stop the workers and reject. The cell is not kept. */
  readonly signal: AbortSignal;
  progress(state: CellProgress): void;
}

/** Measures one cell. Rejects with a RefplayError where a worker died or hung; the finished cells are kept. */
export type RunCell = (spec: CellSpec, control: CellControl) => Promise<Cell>;

/** All cells of a config in the order in which they run: for each value of what is varied and each CPU count, the strategies in the config's order. */
export function planCells(resolved: ResolvedConfig): CellSpec[] {
  const {
    scenario,
    workload: _workload,
    vary: _vary,
    strategies: _entries,
    cpus,
    ...settings
  } = resolved.config;
  return resolved.variants.flatMap(({ workload, varied }) =>
    cpus.flatMap((count) =>
      resolved.strategies.map((strategy) => ({
        ...settings,
        id: `${strategy.instance}@${count}${varied === undefined ? "" : ` ${varied.parameter}=${varied.value}`}`,
        strategy,
        cpus: count,
        workload: { scenario, parameters: workload, trace: resolved.trace },
        ...(varied === undefined ? {} : { varied }),
      })),
    ),
  );
}

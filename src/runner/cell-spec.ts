/** What one cell of a run is: one strategy, on one engine and number of CPUs, with everything else from the config. */
import { cpusOn } from "../config/engine-fields.ts";
import type { ResolvedConfig, TraceFile, WorkloadVariant } from "../config/load.ts";
import { type Config, type EngineName, enginesOf } from "../config/schema.ts";
import type { StrategySelection } from "../config/strategies.ts";
import type { ResolvedMachine } from "../machines/resolve.ts";
import type { Cell } from "../results/schema.ts";

export interface CellSpec
  extends Omit<
    Config,
    | "scenario"
    | "workload"
    | "vary"
    | "strategies"
    | "cpus"
    | "threadsCpus"
    | "engine"
    | "machine"
    | "repetitions"
    | "memoryMiB"
  > {
  /** Unique in the run and the same in every run of the config: `percpu-ref@2`; with the engine in a run on several. */
  readonly id: string;
  readonly strategy: StrategySelection;
  /** Of a config that varies a parameter of its workload: which one, and what it is here. */
  readonly varied?: NonNullable<WorkloadVariant["varied"]>;
  readonly engine: EngineName;
  /** Of a cell on sim. */
  readonly machine?: ResolvedMachine;
  readonly cpus: number;
  /** Measured runs: on sim one for each of so many seeds. */
  readonly repetitions: number;
  /** Of runs on this machine; on sim, unless `chosenMemory` is true, the simulated machine has what its CPUs need. */
  readonly memoryMiB: number;
  /** Whether the config sets the memory. */
  readonly chosenMemory: boolean;
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

/** Measured runs of a cell, unless the config says how many: simulated ones differ by their seed alone. */
const standardRepetitions = { sim: 1, threads: 5 } as const;
const standardMemoryMiB = 256;

/**
 * All cells of a config in the order in which they run: for each value of what is varied, each engine and each CPU count, the
 * strategies in the config's order.
 */
export function planCells(resolved: ResolvedConfig): CellSpec[] {
  const {
    scenario,
    workload: _workload,
    vary: _vary,
    strategies: _entries,
    cpus: _cpus,
    threadsCpus: _threadsCpus,
    engine: _engine,
    machine: _machine,
    repetitions,
    memoryMiB,
    ...settings
  } = resolved.config;
  const engines = enginesOf(resolved.config);
  const { machine } = resolved;
  return resolved.variants.flatMap(({ workload, varied }) =>
    engines.flatMap((engine) =>
      cpusOn(engine, resolved.config).flatMap((count) =>
        resolved.strategies.map((strategy): CellSpec => {
          const value = varied === undefined ? "" : ` ${varied.parameter}=${varied.value}`;
          const where = engines.length === 1 ? "" : ` ${engine}`;
          return {
            ...settings,
            id: `${strategy.instance}@${count}${value}${where}`,
            strategy,
            hooks: strategy.hooks ?? settings.hooks,
            engine,
            ...(engine === "sim" && machine !== undefined ? { machine } : {}),
            cpus: count,
            repetitions: repetitions === "auto" ? standardRepetitions[engine] : repetitions,
            memoryMiB: memoryMiB === "auto" ? standardMemoryMiB : memoryMiB,
            chosenMemory: memoryMiB !== "auto",
            workload: { scenario, parameters: workload, trace: resolved.trace },
            ...(varied === undefined ? {} : { varied }),
          };
        }),
      ),
    ),
  );
}

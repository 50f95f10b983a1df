/** Predicts the cells of tables: simulates each run that they need once. Pure, deterministic for a seed, no Node. */
import { simulate } from "../engines/sim/index.ts";
import type { SimMachine } from "../engines/sim/types.ts";
import { judge } from "./bounds.ts";
import { figureOf, runsOf } from "./figures.ts";
import { kernelJob, loopJob, pingPongJob } from "./jobs.ts";
import { FidelityPrograms, type Sources } from "./programs.ts";
import type { Cell, FidelityTable, Measured, PredictedTable, RunSpec } from "./types.ts";

export interface PredictContext {
  readonly sources: Sources;
  /** A machine of src/machines. */
  machine(name: string): SimMachine;
  /** Changes to every machine, for asking how much a constant matters; none unless given. */
  readonly vary?: (machine: SimMachine) => SimMachine;
  readonly seed: string;
  /** Before each simulation: how many are done, and how many there are. */
  readonly onRun?: (done: number, of: number) => void;
}

/** The seed of the published table in docs/fidelity.md. */
export const fidelitySeed = "fidelity";

export class Predictor {
  private readonly context: PredictContext;
  private readonly programs: FidelityPrograms;
  private readonly measured = new Map<string, Measured>();

  constructor(context: PredictContext) {
    this.context = context;
    this.programs = new FidelityPrograms(context.sources);
  }

  /** What a run comes to; equal runs are simulated once. */
  measure(spec: RunSpec): Measured {
    const key = JSON.stringify(spec);
    const known = this.measured.get(key);
    if (known !== undefined) return known;
    const made = this.simulated(spec);
    this.measured.set(key, made);
    return made;
  }

  predictCell(cell: Cell, unit: string): ReturnType<typeof judge> {
    const [of, base] = runsOf(cell.figure);
    if (of === undefined) throw new RangeError("a figure without a run");
    const figure = figureOf(
      cell.figure,
      this.measure(of),
      base === undefined ? undefined : this.measure(base),
    );
    return judge(cell, unit, figure);
  }

  predict(table: FidelityTable): PredictedTable {
    return {
      ...table,
      seed: this.context.seed,
      cells: table.cells.map((cell) => this.predictCell(cell, table.unit)),
    };
  }

  private simulated({ machine: { name, changes }, cpus, load }: RunSpec): Measured {
    const described: SimMachine = { ...this.context.machine(name), ...changes };
    const machine = this.context.vary?.(described) ?? described;
    const { seed } = this.context;
    switch (load.kind) {
      case "kernel": {
        const result = simulate(kernelJob(load, machine, cpus, seed, this.programs));
        refuseViolations(result.violations);
        return {
          perSecond: result.window.requestsPerSecond * load.perRequest,
          elapsedNs: result.elapsedNs,
          operations: result.requests * load.perRequest,
          cpus,
        };
      }
      case "loop": {
        const result = simulate(loopJob(load, machine, cpus, seed, this.programs));
        refuseViolations(result.violations);
        return {
          perSecond: result.window.requestsPerSecond * load.batch,
          elapsedNs: result.elapsedNs,
          operations: result.requests * load.batch,
          cpus,
        };
      }
      case "ping-pong": {
        const { elapsedNs, violations } = simulate(pingPongJob(load, machine, this.programs));
        refuseViolations(violations);
        // Each round trip is two ways.
        const operations = 2 * load.roundTrips;
        return { perSecond: (1e9 * operations) / elapsedNs, elapsedNs, operations, cpus };
      }
    }
  }
}

/** A run that broke a rule predicts nothing. */
function refuseViolations(
  violations: readonly { readonly verdict: string; readonly detail: string }[],
): void {
  const [first] = violations;
  if (first !== undefined) throw new Error(`a simulated run broke a rule: ${first.verdict}, ${first.detail}`);
}

/** All tables, in their order. */
export function predictTables(tables: readonly FidelityTable[], context: PredictContext): PredictedTable[] {
  const runs = new Set(
    tables.flatMap(({ cells }) =>
      cells.flatMap(({ figure }) => runsOf(figure).map((run) => JSON.stringify(run))),
    ),
  );
  let done = 0;
  const predictor = new Predictor(context);
  for (const run of runs) {
    context.onRun?.(done, runs.size);
    predictor.measure(JSON.parse(run) as RunSpec);
    done++;
  }
  context.onRun?.(done, runs.size);
  return tables.map((table) => predictor.predict(table));
}

/** Links the program of a scenario that has one of its own, as a cell's variant wants it. */
import { cacheKey } from "../link/cache.ts";
import type { IrProgram } from "../link/ir.ts";
import { linkProgram } from "../link/link.ts";
import type { SourceHost } from "../link/source-host.ts";
import { findProgramScenario, type ProgramScenario, type ScenarioRun } from "../scenarios/index.ts";
import type { CellSpec } from "./cell-spec.ts";

/** Per-CPU memory of these programs: none has counters of its own there. */
const percpuBytes = 64;

/** What a program is linked for. */
export interface ScenarioBuild {
  /** Memory is poisoned and every object's books are kept; never for measured runs. */
  readonly verify: boolean;
  /** Script records are marked, for latencies of events. */
  readonly eventMarks: boolean;
  readonly gracePeriodUs: number;
}

/** The scenario of a cell, which must have a program of its own. */
export function scenarioOf({ workload }: CellSpec): ProgramScenario {
  const scenario = findProgramScenario(workload.scenario);
  if (scenario === undefined) throw new Error(`${workload.scenario} has no program of its own`);
  return scenario;
}

/** The scripts of a cell, or few requests without pauses on that many CPUs. */
export function scenarioRun(spec: CellSpec, size: "full" | "small" = "full", cpus = spec.cpus): ScenarioRun {
  const { seed, strategy, workload } = spec;
  return scenarioOf(spec).build(workload.parameters, { cpus, seed, variant: strategy.name, size });
}

/** Links programs of scenarios, each once. */
export class ScenarioPrograms {
  private readonly linked = new Map<string, IrProgram>();

  constructor(private readonly host: SourceHost) {}

  link(spec: CellSpec, run: ScenarioRun, build: ScenarioBuild): IrProgram {
    const scenario = scenarioOf(spec);
    const variant = scenario.variants.find(({ name }) => name === spec.strategy.name);
    if (variant === undefined) throw new Error(`no variant ${spec.strategy.name}`);
    const options = {
      percpuBytes,
      ...variant.options,
      ...run.options,
      verify: build.verify ? 1 : 0,
      eventMarks: build.eventMarks ? 1 : 0,
      gracePeriodUs: build.gracePeriodUs,
    };
    const key = cacheKey({ program: scenario.program, options });
    const known = this.linked.get(key);
    if (known !== undefined) return known;
    const program = linkProgram(
      {
        module: this.source(scenario.program),
        callbacks: this.source(scenario.callbacks),
        entries: "all",
        strategies: [],
        options,
      },
      this.host,
    );
    this.linked.set(key, program);
    return program;
  }

  private source(path: string): string {
    const found = this.host.resolve(`refplay/source/${path}`, "");
    if (found === undefined) throw new Error(`the host does not provide ${path}`);
    return found;
  }
}

/** Measures one cell on this machine's threads: links the program, counts it on the reference engine, verifies it, runs it. */

import { dirname } from "node:path";
import type { Violation } from "../engines/reference/index.ts";
import { runThreads, type ThreadsResult } from "../engines/threads/index.ts";
import { RefplayError } from "../errors.ts";
import { bootArguments } from "../kernel/boot-arguments.ts";
import { cacheKey } from "../link/cache.ts";
import type { IrProgram } from "../link/ir.ts";
import { describeUse } from "../link/meta.ts";
import type { SourceHost } from "../link/source-host.ts";
import type { Cell } from "../results/schema.ts";
import type { Workload } from "../workloads/index.ts";
import { auditCounters, countersOfRun, waitCounters } from "./audited.ts";
import type { CellControl, CellSpec } from "./cell-spec.ts";
import { type CountedRun, countedRun } from "./counted-run.ts";
import { makeCell } from "./make-cell.ts";
import { policyCounters } from "./policy-figures.ts";
import { type ProgramChoice, type Programs, programChoice } from "./programs.ts";
import {
  batchLimits,
  measuredWorkload,
  mostCountedCpus,
  pairsPerRecord,
  smallWorkload,
  tinyWorkload,
  withoutPauses,
} from "./scripts-of-cell.ts";
import { setupCounts } from "./setup-phase.ts";
import { isStuck, strategyFailure } from "./strategy-failure.ts";
import { strategyPartsOf } from "./strategy-parts.ts";
import { trialBoot } from "./trial.ts";

/** Schedules that are tried to explain a worker's death. */
const explainingSchedules = 4;

const mebibyte = 2 ** 20;

/** Share of a cell's time that its steps take, roughly; for the progress bar. */
const measuringStartsAt = 0.3;

/** Measures cells with the programs of one run. */
export class ThreadCells {
  constructor(
    private readonly programs: Programs,
    private readonly host: SourceHost,
    /** Folder of the built-in strategies, which the project's own tests cover. */
    private readonly strategiesFolder: string,
  ) {}

  /**
   * Links every program that the cells need and boots it once, so that a mistake in the last strategy is told before the
   * first is measured.
   * @returns a hash of the programs, in the order of the cells
   * @throws RefplayErrors for mistakes in a strategy's source, RefplayError for one that hangs or fails at boot
   */
  prepare(specs: readonly CellSpec[]): string {
    const hashes: string[] = [];
    for (const spec of specs) {
      const workload = tinyWorkload(spec);
      const choice = programChoice(spec, workload);
      hashes.push(this.programs.hash(this.programs.link(choice, false)));
      // The verify build takes all steps of the other and needs more memory.
      const program = this.programs.steppedProgram(this.programs.link(choice, true));
      trialBoot(program, workload, spec.strategy.name, spec.memoryMiB);
    }
    return cacheKey(hashes);
  }

  /**
   * Measures one cell.
   * @throws RefplayError where a worker died or hung, or the run was interrupted
   */
  async run(spec: CellSpec, control: CellControl): Promise<Cell> {
    control.progress({ doing: "linking", fraction: 0 });
    const workload = measuredWorkload(spec);
    const choice = programChoice(spec, workload);
    const program = this.programs.link(choice, false);

    control.progress({ doing: "counted run", fraction: 0.05 });
    const counted = countedRun(
      this.programs.steppedProgram(program),
      smallWorkload(spec, Math.min(spec.cpus, mostCountedCpus)),
      spec.seed,
      spec.memoryMiB * mebibyte,
    );

    const stuck = counted.violations.find(isStuck);
    if (stuck !== undefined) throw strategyFailure(stuck, spec.strategy.name, "under load");

    control.progress({ doing: "verified run", fraction: 0.15 });
    try {
      const small = smallWorkload(spec);
      const verified = await this.verify(spec, choice, small, control);
      const measured = await this.measure(spec, program, workload, control);
      const meta = describeUse(spec.strategy, this.host);
      const isOwn = dirname(spec.strategy.path) !== this.strategiesFolder;
      const parts = strategyPartsOf(spec, program, this.host);
      return makeCell(spec, meta, { program, workload, counted, small, verified, measured, parts }, isOwn);
    } catch (error) {
      throw this.explain(error, spec, choice, counted);
    }
  }

  /**
   * What a broken rule leads to on threads (a trap somewhere else) says less than the rule and the line that broke it: the
   * reference engine looks for it in the verify build, under a few schedules. The error itself where it finds nothing.
   */
  private explain(error: unknown, spec: CellSpec, choice: ProgramChoice, counted: CountedRun): unknown {
    if (!(error instanceof RefplayError) || !["worker-died", "worker-hung"].includes(error.code))
      return error;
    const program = this.programs.steppedProgram(this.programs.link(choice, true));
    const workload = smallWorkload(spec, Math.max(2, Math.min(spec.cpus, mostCountedCpus)));
    let found: Violation | undefined;
    for (let schedule = 0; schedule < explainingSchedules && found === undefined; schedule++) {
      const seed = `${spec.seed}/${schedule}`;
      [found] = countedRun(program, workload, seed, spec.memoryMiB * mebibyte).violations;
    }
    found ??= counted.violations[0];
    return found === undefined ? error : strategyFailure(found, spec.strategy.name, "under load");
  }

  private job(
    spec: CellSpec,
    workload: Workload,
    module: WebAssembly.Module,
    program: IrProgram,
    signal: AbortSignal,
  ) {
    return {
      wasm: module,
      cpus: spec.cpus,
      memoryBytes: spec.memoryMiB * mebibyte,
      constants: program.constants,
      scripts: workload.scripts,
      population: bootArguments(workload.population),
      setupRecords: setupCounts(workload).records,
      countedInRun: [...countersOfRun, ...Object.keys(waitCounters)],
      maintenance: this.capabilities(spec).needsMaintenance,
      audit: { ...auditCounters, ...waitCounters, ...policyCounters(workload) },
      signal,
    };
  }

  private capabilities(spec: CellSpec) {
    return describeUse(spec.strategy, this.host).capabilities;
  }

  /** The verify build over a short script on the same threads: poison, quarantine, books of every holder. */
  private async verify(
    spec: CellSpec,
    choice: ProgramChoice,
    small: Workload,
    control: CellControl,
  ): Promise<ThreadsResult> {
    const program = this.programs.link(choice, true);
    const module = await this.programs.module(program);
    const job = this.job(spec, small, module, program, control.signal);
    return runThreads({ ...job, length: { kind: "fixedWork" }, repetitions: 1, warmups: 0 });
  }

  private async measure(
    spec: CellSpec,
    program: IrProgram,
    workload: Workload,
    control: CellControl,
  ): Promise<ThreadsResult> {
    const module = await this.programs.module(program);
    const pairs = pairsPerRecord(workload);
    const pauseless = withoutPauses(spec, workload);
    const latency =
      pairs === 0
        ? {}
        : {
            latency: {
              pairsPerRecord: pairs,
              ...(pauseless === undefined
                ? {}
                : { scripts: pauseless.scripts, setupRecords: setupCounts(pauseless).records }),
            },
          };
    return runThreads({
      ...this.job(spec, workload, module, program, control.signal),
      ...latency,
      batchLimits: batchLimits(workload),
      pin: spec.pin !== "never",
      length: spec.runMs === 0 ? { kind: "fixedWork" } : { kind: "fixedTime", ms: spec.runMs },
      repetitions: spec.repetitions,
      warmups: spec.warmupRuns,
      onRun: (done, all) => {
        const fraction = measuringStartsAt + (1 - measuringStartsAt) * (done / all);
        control.progress({ doing: `run ${done + 1} of ${all}`, fraction });
      },
    });
  }
}

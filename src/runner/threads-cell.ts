/** Measures one cell on this machine's threads: links the program, counts it on the reference engine, verifies it, runs it. */

import { dirname } from "node:path";
import type { Violation } from "../engines/reference/index.ts";
import { runThreads, type ThreadsResult } from "../engines/threads/index.ts";
import { RefplayError } from "../errors.ts";
import { cacheKey } from "../link/cache.ts";
import type { IrProgram } from "../link/ir.ts";
import { completeOptions, readStrategyMeta } from "../link/meta.ts";
import type { SourceHost } from "../link/source-host.ts";
import type { Cell } from "../results/schema.ts";
import type { Workload } from "../workloads/index.ts";
import {
  addCounts,
  auditCounters,
  countersOfRun,
  leaksOf,
  leftOver,
  mostCounts,
  releaseNotes,
  spreadNotes,
  total,
  unfaithful,
  violationsOf,
} from "./audited.ts";
import { bootArguments } from "./boot-arguments.ts";
import type { CellControl, CellSpec } from "./cell-spec.ts";
import { type CountedRun, countedRun } from "./counted-run.ts";
import type { ProgramChoice, Programs } from "./programs.ts";
import {
  measuredWorkload,
  mostCountedCpus,
  pairsPerRecord,
  smallWorkload,
  tinyWorkload,
  withoutPauses,
} from "./scripts-of-cell.ts";
import { setupCounts } from "./setup-phase.ts";
import { isStuck, strategyFailure } from "./strategy-failure.ts";
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
      const choice = choiceOf(spec, workload);
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
    const choice = choiceOf(spec, workload);
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
      return this.cell(spec, { program, workload, counted, small, verified, measured });
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
      population: bootArguments(workload),
      setupRecords: setupCounts(workload).records,
      countedInRun: countersOfRun,
      maintenance: this.capabilities(spec).needsMaintenance,
      audit: auditCounters,
      signal,
    };
  }

  private capabilities(spec: CellSpec) {
    return readStrategyMeta(spec.strategy.path, this.host).capabilities;
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

  private cell(
    spec: CellSpec,
    parts: {
      program: IrProgram;
      workload: Workload;
      counted: CountedRun;
      /** What the verified run executed. */
      small: Workload;
      verified: ThreadsResult;
      measured: ThreadsResult;
    },
  ): Cell {
    const { counted, measured, small, verified, workload } = parts;
    const rates = measured.perSecond.requests;
    const middle = medianRun(measured);
    const runs = [...measured.repetitions, ...verified.repetitions];
    const meta = readStrategyMeta(spec.strategy.path, this.host);
    const { releases } = meta.capabilities;
    const leaks = addCounts(
      mostCounts(...runs.map((run) => leaksOf(run.atTeardown, releases))),
      leftOver(counted.leftByKind, releases),
    );
    const violations = addCounts(
      mostCounts(
        ...runs.map((run) => violationsOf(run.atTeardown)),
        ...measured.repetitions.map((run) => unfaithful(run, workload)),
        ...verified.repetitions.map((run) => unfaithful(run, small)),
      ),
      countedViolations(counted),
    );
    const perRequest = (count: number): number | null =>
      counted.requests === 0 ? null : count / counted.requests;
    return {
      id: spec.id,
      strategy: spec.strategy.instance,
      strategyOptions: Object.fromEntries(
        completeOptions(meta.options, spec.strategy.options, spec.strategy.name),
      ),
      engine: spec.engine,
      workload: spec.workload.scenario,
      cpus: spec.cpus,
      requestsPerSecond: rates?.median ?? 0,
      requestsPerSecondSpread: {
        min: rates?.min ?? 0,
        max: rates?.max ?? 0,
        medianAbsDev: rates?.medianAbsDev ?? 0,
        repetitions: [...(rates?.values ?? [])],
      },
      requests: middle?.atEnd.requests ?? 0,
      elapsedNs: Math.round(middle?.elapsedNs ?? 0),
      pairNs:
        measured.pairNs === null
          ? null
          : { p50: measured.pairNs.p50, p99: measured.pairNs.p99, max: measured.pairNs.max },
      rmwPerRequest: perRequest(counted.strategyRmws),
      rmwPerRequestTotal: perRequest(counted.rmws),
      labelBytes: labelBytesOf(parts.program, spec.cpus),
      memoryByClass: {
        heap: middle?.atEnd.heapBytes ?? 0,
        percpu: (middle?.atEnd.percpuBytesInUse ?? 0) * spec.cpus,
      },
      leaked: total(leaks),
      leakedByKind: leaks,
      openAtEnd: (middle?.atEnd.openDescriptors ?? 0) + (middle?.atEnd.filesInFlight ?? 0),
      violations: total(violations),
      violationsByVerdict: violations,
      oversubscribed: measured.oversubscribed,
      pinned: measured.pinned,
      verify: false,
      events: eventsOf(workload),
      gracePeriods: middle?.atTeardown.gracePeriods ?? 0,
      notes: [
        ...workload.notes,
        ...measured.notes,
        ...releaseNotes(releases),
        ...(rates === undefined ? [] : spreadNotes(rates)),
        ...this.ownStrategyNotes(spec),
      ],
    };
  }

  /** No faults under this load is no proof, which matters most for a strategy that nobody else has tested. */
  private ownStrategyNotes(spec: CellSpec): string[] {
    if (dirname(spec.strategy.path) === this.strategiesFolder) return [];
    return [
      "this load replaces no policy, so a look-up that meets a dying label never happens: 0 faults is no proof; " +
        "the conformance suite tries it",
    ];
  }
}

function choiceOf(spec: CellSpec, { population }: Workload): ProgramChoice {
  return { ...spec, labels: population.totalLabels ?? population.profiles + 1 };
}

/** The repetition whose length is the median's, or the first behind it. */
function medianRun(result: ThreadsResult): ThreadsResult["repetitions"][number] | undefined {
  const sorted = [...result.repetitions].sort((a, b) => a.elapsedNs - b.elapsedNs);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

function countedViolations(counted: CountedRun): Record<string, number> {
  return addCounts(...counted.violations.map((violation) => ({ [violation.verdict]: 1 })));
}

/** Bytes of a plain profile's label: the object, the strategy's counters on all CPUs, and what it allocates apart. */
function labelBytesOf(program: IrProgram, cpus: number): number {
  const constant = (name: string): number => program.constants.get(name) ?? 0;
  return (
    constant("labelObjectBytes") +
    constant("strategy.labelCpuBytes") * cpus +
    constant("strategy.labelExtraBytes")
  );
}

/** Script events of one run over all CPUs, by name; those that never occur left out. */
function eventsOf({ expected }: Workload): Record<string, number> {
  const {
    requests: _requests,
    records: _records,
    thinkNs: _thinkNs,
    openAtCut: _openAtCut,
    ...counts
  } = expected;
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

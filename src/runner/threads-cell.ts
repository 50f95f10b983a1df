/** Measures one cell on this machine's threads: links the program, counts it on the reference engine, verifies it, runs it. */

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
  leaksOf,
  leftOver,
  mostCounts,
  releaseNotes,
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
import { isStuck, strategyFailure } from "./strategy-failure.ts";
import { trialBoot } from "./trial.ts";

const mebibyte = 2 ** 20;

/** Share of a cell's time that its steps take, roughly; for the progress bar. */
const measuringStartsAt = 0.3;

/** Measures cells with the programs of one run. */
export class ThreadCells {
  constructor(
    private readonly programs: Programs,
    private readonly host: SourceHost,
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
      hashes.push(this.programs.hash(this.programs.link(choiceOf(spec), false)));
      // The verify build takes all steps of the other and needs more memory.
      const program = this.programs.steppedProgram(this.programs.link(choiceOf(spec), true));
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
    const program = this.programs.link(choiceOf(spec), false);
    const workload = measuredWorkload(spec);

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
    const verified = await this.verify(spec, control).catch((error: unknown) => {
      // What a broken rule leads to on threads says less than the rule and the line that broke it.
      const [first] = counted.violations;
      const died = error instanceof RefplayError && ["worker-died", "worker-hung"].includes(error.code);
      throw died && first !== undefined ? strategyFailure(first, spec.strategy.name, "under load") : error;
    });

    const measured = await this.measure(spec, program, workload, control);
    return this.cell(spec, { program, workload, counted, verified, measured });
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
      maintenance: this.capabilities(spec).needsMaintenance,
      audit: auditCounters,
      signal,
    };
  }

  private capabilities(spec: CellSpec) {
    return readStrategyMeta(spec.strategy.path, this.host).capabilities;
  }

  /** The verify build over a short script on the same threads: poison, quarantine, books of every holder. */
  private async verify(spec: CellSpec, control: CellControl): Promise<ThreadsResult> {
    const program = this.programs.link(choiceOf(spec), true);
    const module = await this.programs.module(program);
    const job = this.job(spec, smallWorkload(spec), module, program, control.signal);
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
              ...(pauseless === undefined ? {} : { scripts: pauseless.scripts }),
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
      verified: ThreadsResult;
      measured: ThreadsResult;
    },
  ): Cell {
    const { counted, measured, verified, workload } = parts;
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
        ...verified.repetitions.map((run) => unfaithful(run, smallWorkload(spec))),
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
      notes: [...workload.notes, ...measured.notes, ...releaseNotes(releases)],
    };
  }
}

function choiceOf(spec: CellSpec): ProgramChoice {
  const { profiles } = spec.workload.parameters;
  return { ...spec, profiles: typeof profiles === "number" ? profiles : 0 };
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

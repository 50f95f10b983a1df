/** Measures cells on the simulator: links the program, watches it in small on the reference engine, simulates it for each seed. */
import { dirname } from "node:path";
import { bootArguments } from "../kernel/boot-arguments.ts";
import { cacheKey } from "../link/cache.ts";
import type { IrProgram } from "../link/ir.ts";
import { describeUse, type StrategyDescription } from "../link/meta.ts";
import type { SourceHost } from "../link/source-host.ts";
import type { ResolvedMachine } from "../machines/resolve.ts";
import { fingerprint } from "../results/fingerprint.ts";
import type { Cell } from "../results/schema.ts";
import type { Workload } from "../workloads/index.ts";
import { warmRecords } from "../workloads/warm-up.ts";
import { auditCounters } from "./audited.ts";
import type { CellControl, CellSpec } from "./cell-spec.ts";
import { type CountedRun, countedRun } from "./counted-run.ts";
import { policyCounters } from "./policy-figures.ts";
import { type ProgramChoice, type Programs, programChoice } from "./programs.ts";
import { measuredWorkload, mostCountedCpus, smallWorkload, tinyWorkload } from "./scripts-of-cell.ts";
import { setupCounts } from "./setup-phase.ts";
import { checkEnded, makeSimCell, type SimRun } from "./sim-cell.ts";
import { type MaintenancePlan, withGracePeriod } from "./sim-figures.ts";
import { simMemoryBytes, simPercpuBytes } from "./sim-memory.ts";
import type { SimRequest } from "./sim-request.ts";
import type { RunSim } from "./sim-thread.ts";
import { isStuck, strategyFailure } from "./strategy-failure.ts";
import { strategyPartsOf } from "./strategy-parts.ts";
import { trialBoot } from "./trial.ts";

const mebibyte = 2 ** 20;

/** Share of a cell's time after which its runs begin, roughly; for the progress bar. */
const runsStartAt = 0.2;

/** Simulates cells with the programs of one run. */
export class SimCells {
  /** A strategy behaves alike on as many CPUs: cells that differ only beyond what is counted share one counted run. */
  private readonly counted = new Map<string, CountedRun>();
  /** The scripts that were built last: strategies of one CPU count follow each other and have the same. */
  private built: { readonly key: string; readonly workload: Workload } | undefined;

  constructor(
    private readonly programs: Programs,
    private readonly host: SourceHost,
    /** Folder of the built-in strategies, which the project's own tests cover. */
    private readonly strategiesFolder: string,
    private readonly simulate: RunSim,
  ) {}

  /**
   * Links every program that the cells need and boots each once, as `ThreadCells.prepare` does.
   * @returns a hash of the programs, in the order of the cells
   * @throws RefplayErrors for mistakes in a strategy's source, RefplayError for one that hangs or fails at boot
   */
  prepare(specs: readonly CellSpec[]): string {
    const tried = new Set<string>();
    const hashes = specs.map((spec) => {
      const program = this.link(spec, this.workload(spec));
      const tiny = tinyWorkload({ ...spec, cpus: countedCpus(spec) });
      const verified = this.verifyBuild(spec, tiny);
      const key = fingerprint({
        program: this.programs.hash(verified),
        workload: spec.workload,
        cpus: tiny.cpus,
      });
      if (!tried.has(key)) {
        tried.add(key);
        trialBoot(this.programs.steppedProgram(verified), tiny, spec.strategy.name, spec.memoryMiB);
      }
      return this.programs.hash(program);
    });
    return cacheKey(hashes);
  }

  /**
   * Simulates one cell. Same spec, same cell, to the last digit.
   * @throws RefplayError where a run did not come to its end, or was interrupted
   */
  async run(spec: CellSpec, control: CellControl): Promise<Cell> {
    const { machine } = spec;
    if (machine === undefined) throw new Error("a simulated cell without a machine");
    control.progress({ doing: "counted run", fraction: 0 });
    const counted = this.countedRunOf(spec);
    const stuck = counted.violations.find(isStuck);
    if (stuck !== undefined) throw strategyFailure(stuck, spec.strategy.name, "under load");

    const program = this.link(spec, this.workload(spec));
    const meta = describeUse(spec.strategy, this.host);
    const runs: SimRun[] = [];
    for (let index = 0; index < spec.repetitions; index++) {
      const workload = this.workload({ ...spec, seed: seedOf(spec, index) });
      const request = requestOf(spec, workload, program, machine, meta);
      const report = await this.simulate({ hash: this.programs.hash(program), typed: program }, request, {
        signal: control.signal,
        progress(share) {
          const fraction = runsStartAt + (1 - runsStartAt) * ((index + share) / spec.repetitions);
          const doing = spec.repetitions === 1 ? "simulating" : `seed ${index + 1} of ${spec.repetitions}`;
          control.progress({ doing, fraction });
        },
      });
      checkEnded(spec, report);
      runs.push({ workload, report });
    }
    const plan = maintenancePlan(spec, program, meta);
    const parts = strategyPartsOf(spec, program, this.host);
    const isOwn = dirname(spec.strategy.path) !== this.strategiesFolder;
    return makeSimCell(spec, meta, { program, machine, plan, counted, runs, parts }, isOwn);
  }

  private workload(spec: CellSpec): Workload {
    const { cpus, maxLabelParts, seed, workload } = spec;
    const key = fingerprint({ cpus, maxLabelParts, seed, workload });
    if (this.built?.key !== key) this.built = { key, workload: measuredWorkload(spec) };
    return this.built.workload;
  }

  /** The program that is simulated; grace periods are the machine's, and latencies come from marks. */
  private link(spec: CellSpec, workload: Workload): IrProgram {
    const choice: ProgramChoice = {
      ...programChoice(spec, workload),
      percpuBytes: simPercpuBytes(workload),
      gracePeriodUs: 0,
      eventMarks: true,
    };
    return this.programs.link(choice, false);
  }

  /** The verify build in small, step by step: it finds broken rules that a simulated run only suffers from. */
  private countedRunOf(spec: CellSpec): CountedRun {
    const { seed, memoryMiB, workload } = spec;
    const cpus = countedCpus(spec);
    const program = this.verifyBuild(spec, tinyWorkload({ ...spec, cpus }));
    const key = fingerprint({ program: this.programs.hash(program), seed, memoryMiB, workload, cpus });
    const known = this.counted.get(key);
    if (known !== undefined) return known;
    const small = smallWorkload(spec, cpus);
    const made = countedRun(this.programs.steppedProgram(program), small, seed, memoryMiB * mebibyte);
    this.counted.set(key, made);
    return made;
  }

  private verifyBuild(spec: CellSpec, workload: Workload): IrProgram {
    return this.programs.link(programChoice(spec, workload), true);
  }
}

function countedCpus({ cpus }: CellSpec): number {
  return Math.min(cpus, mostCountedCpus);
}

/** The first run has the config's seed, so that more repetitions leave it as it was. */
function seedOf({ seed }: CellSpec, index: number): string {
  return index === 0 ? seed : `${seed}/${index + 1}`;
}

function maintenancePlan(
  spec: CellSpec,
  { constants }: IrProgram,
  { capabilities }: StrategyDescription,
): MaintenancePlan {
  return {
    atNs: capabilities.needsMaintenance ? spec.maintenanceAtUs.map((us) => us * 1000) : [],
    intervalNs: 1e6 * (constants.get("strategy.maintenanceIntervalMs") ?? 0),
  };
}

function requestOf(
  spec: CellSpec,
  workload: Workload,
  program: IrProgram,
  { machine }: ResolvedMachine,
  meta: StrategyDescription,
): SimRequest {
  const needed = simMemoryBytes(program, workload);
  const memoryBytes = spec.chosenMemory ? spec.memoryMiB * mebibyte : needed;
  const { scripts, population } = workload;
  return {
    machine: withGracePeriod(machine, spec.gracePeriodUs),
    scripts,
    memoryBytes,
    boot: bootArguments(population),
    setupRecords: setupCounts(workload).records,
    warmRecords: warmRecords(workload.scripts, workload.setupRecords),
    maintenance: meta.capabilities.needsMaintenance,
    maintenanceAtNs: maintenancePlan(spec, program, meta).atNs,
    audit: { ...auditCounters, ...policyCounters(workload) },
    requests: workload.expected.requests,
    profiles: population.profiles,
  };
}

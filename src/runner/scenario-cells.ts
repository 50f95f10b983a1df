/** Measures cells of scenarios with a program of their own, on threads and on the simulator. */
import { setImmediate } from "node:timers/promises";
import { capacity } from "../engines/sim/topology.ts";
import { runThreads } from "../engines/threads/index.ts";
import { RefplayError } from "../errors.ts";
import { cacheKey } from "../link/cache.ts";
import type { IrProgram } from "../link/ir.ts";
import type { SourceHost } from "../link/source-host.ts";
import type { ResolvedMachine } from "../machines/resolve.ts";
import type { Cell } from "../results/schema.ts";
import type { ScenarioOutcome, ScenarioRun } from "../scenarios/index.ts";
import { assumptionsOf } from "./assumptions.ts";
import { addCounts } from "./audited.ts";
import type { CellControl, CellSpec } from "./cell-spec.ts";
import type { Programs } from "./programs.ts";
import { makeScenarioCell, type ScenarioCellRuns, type ScenarioMeasured } from "./scenario-cell.ts";
import { ScenarioPrograms, scenarioOf, scenarioRun } from "./scenario-program.ts";
import { watchedRun } from "./scenario-watched.ts";
import { checkEnded } from "./sim-cell.ts";
import { namedLatencies, timeSplitPct, transfersPerRequest, withGracePeriod } from "./sim-figures.ts";
import type { SimReport } from "./sim-request.ts";
import type { RunSim } from "./sim-thread.ts";
import { isStuck, strategyFailure } from "./strategy-failure.ts";

const mebibyte = 2 ** 20;
/** What the allocator needs beside objects: a page for each kind and class that a CPU uses, and magazines. */
const heapBytesPerCpu = 192 * 1024;
/** CPUs beside those with scripts: callbacks and maintenance. */
const backgroundCpus = 2;
/** CPUs of a watched run: more would repeat what these show. */
const mostWatchedCpus = 4;
/** A verify build's blocks are larger, by a header each, and kept back for a while. */
const verifyFactor = 3;

/** Measures cells with the programs of one run. */
export class ScenarioCells {
  private readonly scenarioPrograms: ScenarioPrograms;

  constructor(
    private readonly programs: Programs,
    host: SourceHost,
    private readonly simulate: RunSim,
  ) {
    this.scenarioPrograms = new ScenarioPrograms(host);
  }

  /**
   * Links every program that the cells need.
   * @returns a hash of the programs, in the order of the cells
   * @throws RefplayError `memory-too-small` for a cell whose objects do not fit
   */
  prepare(specs: readonly CellSpec[]): string {
    return cacheKey(
      specs.map((spec) => {
        const run = scenarioRun(spec);
        const program = this.link(spec, run, false);
        if (spec.engine === "threads") memoryOf(spec, program, run);
        return this.programs.hash(program);
      }),
    );
  }

  /**
   * Measures one cell.
   * @throws RefplayError where a worker died or hung, a simulated run did not come to its end, or the run was interrupted
   */
  async run(spec: CellSpec, control: CellControl): Promise<Cell> {
    control.progress({ doing: "watched run", fraction: 0 });
    const scenario = scenarioOf(spec);
    const small = scenarioRun(spec, "small", Math.min(spec.cpus, mostWatchedCpus));
    // What follows takes this thread for a while: Ctrl-C and the bar come first.
    await setImmediate(undefined, { signal: control.signal });
    const verifyBuild = this.link(spec, small, true);
    await setImmediate(undefined, { signal: control.signal });
    const watched = watchedRun(
      this.programs.steppedProgram(verifyBuild),
      small,
      spec.seed,
      verifyFactor * neededBytes(verifyBuild, small),
      scenario.audit.requests ?? 0,
    );
    const stuck = watched.violations.find(isStuck);
    if (stuck !== undefined) throw strategyFailure(stuck, spec.strategy.name, "under load");
    const runs =
      spec.engine === "sim" ? await this.simulated(spec, control) : await this.measured(spec, control);
    return makeScenarioCell(spec, scenario, { ...runs, watched });
  }

  private link(spec: CellSpec, run: ScenarioRun, verify: boolean): IrProgram {
    const isSim = spec.engine === "sim";
    // The machine has the grace period there.
    const gracePeriodUs = isSim ? 0 : spec.gracePeriodUs;
    return this.scenarioPrograms.link(spec, run, { verify, eventMarks: isSim && !verify, gracePeriodUs });
  }

  private async simulated(spec: CellSpec, control: CellControl): Promise<Omit<ScenarioCellRuns, "watched">> {
    const { machine } = spec;
    if (machine === undefined) throw new Error("a simulated cell without a machine");
    const scenario = scenarioOf(spec);
    const runs: ScenarioMeasured[] = [];
    for (let index = 0; index < spec.repetitions; index++) {
      const run = scenarioRun(index === 0 ? spec : { ...spec, seed: `${spec.seed}/${index + 1}` });
      const program = this.link(spec, run, false);
      const request = {
        machine: withGracePeriod(machine.machine, spec.gracePeriodUs),
        scripts: run.scripts,
        memoryBytes: spec.chosenMemory ? spec.memoryMiB * mebibyte : neededBytes(program, run),
        boot: run.boot,
        setupRecords: run.setupRecords,
        maintenance: false,
        maintenanceAtNs: [],
        audit: scenario.audit,
        requests: run.requests,
        profiles: 0,
        objects: { kinds: scenario.kinds, called: scenario.objects ?? {} },
      };
      const doing = spec.repetitions === 1 ? "simulating" : `seed ${index + 1} of ${spec.repetitions}`;
      control.progress({ doing, fraction: index / spec.repetitions });
      const report = await this.simulate({ hash: this.programs.hash(program), typed: program }, request, {
        signal: control.signal,
        progress: (share) => control.progress({ doing, fraction: (index + share) / spec.repetitions }),
      });
      checkEnded(spec, report);
      runs.push({
        outcome: simOutcome(spec, machine, run, report),
        evidence: simEvidence(spec, machine, report),
        broken: addCounts(...report.violations.map(({ verdict, count }) => ({ [verdict]: count }))),
      });
    }
    return { runs, notes: [] };
  }

  private async measured(spec: CellSpec, control: CellControl): Promise<Omit<ScenarioCellRuns, "watched">> {
    const small = scenarioRun(spec, "small");
    control.progress({ doing: "verified run", fraction: 0.1 });
    const verified = await this.onThreads(spec, small, true, control, 1, 0);
    const run = scenarioRun(spec);
    const result = await this.onThreads(spec, run, false, control, spec.repetitions, spec.warmupRuns);
    const [check] = outcomesOf(spec, small, verified);
    const evidence = { oversubscribed: result.oversubscribed, pinned: result.pinned };
    return {
      runs: outcomesOf(spec, run, result).map((outcome) => ({ outcome, evidence, broken: {} })),
      ...(check === undefined ? {} : { verified: check }),
      notes: result.notes,
    };
  }

  private async onThreads(
    spec: CellSpec,
    run: ScenarioRun,
    verify: boolean,
    control: CellControl,
    repetitions: number,
    warmups: number,
  ) {
    const scenario = scenarioOf(spec);
    const program = this.link(spec, run, verify);
    return runThreads({
      wasm: await this.programs.module(program),
      cpus: spec.cpus,
      memoryBytes: verify
        ? Math.max(verifyFactor * neededBytes(program, run), mebibyte)
        : memoryOf(spec, program, run),
      constants: program.constants,
      scripts: run.scripts,
      population: run.boot,
      setupRecords: run.setupRecords,
      countedInRun: scenario.countedInRun,
      audit: scenario.audit,
      signal: control.signal,
      length: verify || spec.runMs === 0 ? { kind: "fixedWork" } : { kind: "fixedTime", ms: spec.runMs },
      batchRecords: 16,
      repetitions,
      warmups,
      pin: !verify && spec.pin !== "never",
      ...(verify || run.sampleCpus === undefined ? {} : { sampleCpus: run.sampleCpus }),
      onRun: (done, all) => {
        if (!verify)
          control.progress({ doing: `run ${done + 1} of ${all}`, fraction: 0.2 + (0.8 * done) / all });
      },
    });
  }
}

/** Bytes of a machine for that run, a multiple of 64. */
function neededBytes({ constants }: IrProgram, run: ScenarioRun): number {
  const cpus = run.scripts.length + backgroundCpus;
  const areas = (constants.get("cpuAreaBase") ?? 0) + cpus * (constants.get("cpuAreaBytes") ?? 0);
  return Math.ceil((areas + cpus * heapBytesPerCpu + run.heapBytes + mebibyte) / 64) * 64;
}

/** The memory that the config gives a cell on threads. */
function memoryOf(spec: CellSpec, program: IrProgram, run: ScenarioRun): number {
  const needed = Math.ceil(neededBytes(program, run) / mebibyte);
  if (needed <= spec.memoryMiB) return spec.memoryMiB * mebibyte;
  throw new RefplayError(
    "memory-too-small",
    `${spec.memoryMiB} MiB do not hold the objects of ${spec.strategy.name} on ${spec.cpus} CPUs`,
    { hint: `Raise \`memoryMiB\` to ${needed}, or ask for a smaller scenario.` },
  );
}

function simOutcome(
  spec: CellSpec,
  machine: ResolvedMachine,
  run: ScenarioRun,
  report: SimReport,
): ScenarioOutcome {
  const { countedInRun } = scenarioOf(spec);
  const ofRun = countedInRun.map((name): [string, number] => [
    name,
    ((report.atEnd[name] ?? 0) - (report.atSetup[name] ?? 0)) >>> 0,
  ]);
  return {
    engine: "sim",
    machine: machine.machine.name,
    ...shared(spec, run),
    finished: true,
    requestsPerSecond: report.window.requestsPerSecond,
    elapsedNs: report.elapsedNs,
    cpuNs: report.cpuNs,
    atSetup: report.atSetup,
    atEnd: { ...report.atEnd, ...Object.fromEntries(ofRun) },
    atTeardown: report.atTeardown,
    latencies: report.latencies,
    cpuTimes: [],
    time: report.time,
  };
}

function shared({ cpus, strategy, workload }: CellSpec, run: ScenarioRun) {
  return { cpus, variant: strategy.name, parameters: workload.parameters, run };
}

/** Evidence that only the simulator has, as cells of other scenarios tell it. */
function simEvidence(
  spec: CellSpec,
  machine: ResolvedMachine,
  report: SimReport,
): ScenarioMeasured["evidence"] {
  const { events } = scenarioOf(spec);
  const { endNs, requests, startNs } = report.window;
  return {
    oversubscribed: spec.cpus > capacity(machine.machine),
    pinned: true,
    rmwPerRequestTotal: report.requests === 0 ? null : report.rmws / report.requests,
    ...transfersPerRequest(report),
    timeSplitPct: timeSplitPct(report.time, spec.cpus, report.elapsedNs),
    hottestLines: [...report.hottestLines],
    ...(report.ownership === undefined ? {} : { ownership: report.ownership }),
    latencies: namedLatencies(report, events),
    checkpoints: {
      atNs: report.checkpoints.map(({ atNs }) => atNs),
      requests: report.checkpoints.map((point) => point.requests),
    },
    rateWindow: { startNs, endNs, requests },
    gracePeriods: report.gracePeriods.count,
    gracePeriodTimes: {
      meanMs: report.gracePeriods.meanNs / 1e6,
      longestMs: report.gracePeriods.longestNs / 1e6,
    },
    assumptions: assumptionsOf(machine, spec.cpus),
  };
}

function outcomesOf(
  spec: CellSpec,
  run: ScenarioRun,
  result: Awaited<ReturnType<typeof runThreads>>,
): ScenarioOutcome[] {
  return result.repetitions.map((one) => ({
    engine: "threads",
    ...shared(spec, run),
    finished: one.finished,
    requestsPerSecond: one.elapsedNs === 0 ? 0 : (1e9 * (one.atEnd.requests ?? 0)) / one.elapsedNs,
    elapsedNs: one.elapsedNs,
    cpuNs: one.cpuNs,
    atSetup: one.atSetup,
    atEnd: one.atEnd,
    atTeardown: one.atTeardown,
    latencies: [],
    cpuTimes: result.cpuTimes,
  }));
}

/**
 * A scenario's program in small on the reference engine, in its verify build: every access is watched, so that a rule that is
 * broken shows as such and not as a figure that is a little off.
 */
import { type ActorSpec, ReferenceEngine, type Violation } from "../engines/reference/index.ts";
import type { SteppedProgram } from "../link/stepped/index.ts";
import type { ScenarioRun } from "../scenarios/index.ts";
import { verdictOfMark } from "./audited.ts";

export interface WatchedRun {
  /** Atomic read-modify-writes of the scripts. */
  readonly rmws: number;
  readonly requests: number;
  /** Broken rules; objects that are left over are in `left`. */
  readonly violations: readonly Violation[];
  /** Objects that are alive after the tear-down, by number of their kind. */
  readonly left: ReadonlyMap<number, number>;
}

const leastSteps = 10_000_000;
const stepsPerRecord = 20_000;

/** Boot, set-up, run, tear-down. `counter` is that of requests. */
export function watchedRun(
  program: SteppedProgram,
  run: ScenarioRun,
  seed: string,
  memoryBytes: number,
  counter: number,
): WatchedRun {
  const { scripts } = run;
  // Callbacks run beside the scripts, on a CPU of their own.
  const softirqCpu = scripts.length;
  const cpus = scripts.length + 1;
  const engine = new ReferenceEngine(program, {
    memoryBytes,
    cpus,
    scripts,
    seed,
    stepLimit: leastSteps + stepsPerRecord * run.records,
    record: false,
    verdictOfMark,
  });
  const softirq: ActorSpec = { cpu: softirqCpu, entry: "softirq", args: [softirqCpu], role: "softirq" };
  const one = (entry: string, args: readonly number[]): boolean =>
    engine.run([{ cpu: 0, entry, args, role: "script" }, softirq]);
  const each = (entry: string, more: readonly number[] = [], count = scripts.length): boolean => {
    const actors = Array.from({ length: count }, (_, cpu): ActorSpec => {
      return { cpu, entry, args: [cpu, ...more], role: "script" };
    });
    return engine.run(count === cpus ? actors : [...actors, softirq]);
  };
  const ask = (): number => {
    engine.run([{ cpu: 0, entry: "audit", args: [counter], role: "script" }]);
    return engine.returnedBy(0);
  };
  let fine = one("boot", run.boot) && each("bootCpu", [], cpus);
  if (run.setupRecords > 0) fine = fine && one("run", [0, run.setupRecords]);
  const before = engine.world.counters().rmws;
  const requestsBefore = fine ? ask() : 0;
  fine = fine && each("run", [0]);
  const { rmws } = engine.world.counters();
  const requests = fine ? ask() - requestsBefore : 0;
  fine = fine && each("teardown") && one("dismantle", []);
  const left = new Map<number, number>();
  for (const { kind } of fine ? (engine.world.shadow?.live() ?? []) : [])
    left.set(kind, (left.get(kind) ?? 0) + 1);
  const { violations } = engine.finish();
  return {
    rmws: rmws - before,
    requests,
    violations: violations.filter(({ verdict }) => verdict !== "leak"),
    left,
  };
}

/**
 * The counted run: the cell's workload on the reference engine, in small, to count its atomic operations and to watch every
 * access. Measured runs on threads cannot do either without slowing down what they measure.
 */
import { type ActorSpec, ReferenceEngine, type Violation } from "../engines/reference/index.ts";
import { bootArguments } from "../kernel/boot-arguments.ts";
import type { Kind } from "../kernel/core/kinds.ts";
import { Mark } from "../kernel/core/marks.ts";
import { Event } from "../kernel/events.ts";
import type { SteppedProgram } from "../link/stepped/index.ts";
import type { Workload } from "../workloads/index.ts";
import { verdictOfMark } from "./audited.ts";
import { policySteps, setupCounts } from "./setup-phase.ts";

export interface CountedRun {
  readonly requests: number;
  /** Atomic read-modify-writes in strategy functions while the scripts ran; boot, set-up and tear-down left out. */
  readonly strategyRmws: number;
  /** All of them: locks, cred and file counts included. */
  readonly rmws: number;
  /** Counts that the strategy changed where nobody else writes, and where all do; 0 where it does not tell. */
  readonly ownCounts: number;
  readonly sharedCounts: number;
  /** Broken rules; what was left over at the end is in `leftByKind`. */
  readonly violations: readonly Violation[];
  /** Objects still alive after everything was taken down, by kind; none where the run did not come that far. */
  readonly leftByKind: ReadonlyMap<Kind, number>;
}

/** Operations after which a strategy is said to hang: a script record takes some tens, booting an object some hundreds. */
const stepsPerRecord = 1000;
const leastSteps = 5_000_000;

function actor(entry: string, cpu: number, args: readonly number[]): ActorSpec {
  return { cpu, entry, args, role: "script" };
}

/** Everything but the scripts themselves, as the threads engine does it: boot, set-up, run, tear down, drain, dismantle. */
export function countedRun(
  program: SteppedProgram,
  workload: Workload,
  seed: string,
  memoryBytes: number,
): CountedRun {
  const { scripts } = workload;
  // RCU callbacks and maintenance run beside the scripts, so they need CPUs (areas of per-CPU cells) of their own.
  const [softirqCpu, maintenanceCpu] = [workload.cpus, workload.cpus + 1];
  const cpus = workload.cpus + 2;
  const stepLimit = leastSteps + stepsPerRecord * workload.expected.records + policySteps(workload);
  const options = { memoryBytes, cpus, scripts, seed, stepLimit, record: false, verdictOfMark };
  const engine = new ReferenceEngine(program, options);
  const each = (entry: string, count: number, more: readonly number[] = []): ActorSpec[] =>
    Array.from({ length: count }, (_, cpu) => actor(entry, cpu, [cpu, ...more]));
  const background: ActorSpec[] = [
    { cpu: softirqCpu, entry: "softirq", args: [softirqCpu], role: "softirq" },
    { cpu: maintenanceCpu, entry: "maintain", args: [maintenanceCpu], role: "maintenance" },
  ];
  const boot = bootArguments(workload.population);
  const phase = (actors: readonly ActorSpec[]): boolean => engine.run([...actors, ...background]);

  let fine = phase([actor("boot", 0, boot)]) && phase(each("bootCpu", cpus));
  const setup = setupCounts(workload);
  if (setup.records > 0) fine = fine && phase([actor("run", 0, [0, setup.records])]);
  const before = engine.world.counters();
  fine = fine && phase(each("run", workload.cpus, [0]));
  const after = engine.world.counters();
  // Only CPUs of scripts: those of the background actors are theirs, and two actors on one CPU would spoil its counters. What is
  // left of the other CPUs' tasks exits in `dismantle`.
  fine = fine && phase(each("teardown", workload.cpus)) && phase([actor("dismantle", 0, [])]);
  const leftByKind = new Map<Kind, number>();
  // What a run that a broken rule ended had not come to yet is not lost.
  for (const { kind } of fine ? (engine.world.shadow?.live() ?? []) : [])
    leftByKind.set(kind, (leftByKind.get(kind) ?? 0) + 1);
  const { violations } = engine.finish();
  const marked = (mark: Mark): number => (after.marks.get(mark) ?? 0) - (before.marks.get(mark) ?? 0);
  return {
    requests: workload.expected.requests - (setup.byEvent[Event.request] ?? 0),
    strategyRmws: after.strategyRmws - before.strategyRmws,
    rmws: after.rmws - before.rmws,
    ownCounts: marked(Mark.ownCount),
    sharedCounts: marked(Mark.sharedCount),
    violations: violations.filter((violation) => violation.verdict !== "leak"),
    leftByKind,
  };
}

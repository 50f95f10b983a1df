/**
 * Tries a strategy out before anything is measured or written: boots the cell's population on the reference engine and
 * executes the set-up. What hangs, faults or blocks there would hang a worker thread, where nobody can say at which line.
 */

import { type ActorSpec, ReferenceEngine } from "../engines/reference/index.ts";
import { RefplayError } from "../errors.ts";
import { Audit, ScriptError } from "../kernel/audit.ts";
import { bootArguments } from "../kernel/boot-arguments.ts";
import { Mark } from "../kernel/core/marks.ts";
import type { SteppedProgram } from "../link/stepped/index.ts";
import type { Workload } from "../workloads/index.ts";
import { policySteps, setupCounts } from "./setup-phase.ts";
import { strategyFailure } from "./strategy-failure.ts";

/** Operations that one object of the population may take; a strategy takes some tens. */
const stepsPerObject = 20_000;
const leastSteps = 5_000_000;
/** The same for one record of a set-up beside what it does to each label. */
const stepsPerRecord = 20_000;

/**
 * Boots a program once and executes the set-up.
 * @throws RefplayError naming the line of the strategy that hung or faulted, or the memory that was too small
 */
export function trialBoot(
  program: SteppedProgram,
  workload: Workload,
  strategy: string,
  memoryMiB: number,
): void {
  const { population } = workload;
  const setupRecords = setupCounts(workload).records;
  const { tasks, channels } = population;
  const profiles = population.profiles + (population.namedProfiles ?? 0);
  const stepLimit =
    leastSteps +
    stepsPerObject * (profiles + tasks + channels) +
    stepsPerRecord * setupRecords +
    (setupRecords > 0 ? policySteps(workload) : 0);
  const memoryBytes = memoryMiB * 2 ** 20;
  // Callbacks of a set-up run beside it, on a CPU of their own.
  const softirqCpu = workload.cpus;
  const cpus = workload.cpus + (setupRecords > 0 ? 1 : 0);
  const scripts = setupRecords > 0 ? workload.scripts.slice(0, 1) : [];
  const options = { memoryBytes, cpus, scripts, seed: "trial", stepLimit, record: false };
  const engine = new ReferenceEngine(program, options);
  const phase = (...actors: readonly ActorSpec[]): void => {
    engine.run(actors);
    const violation = engine.world.violations[0];
    if (violation !== undefined) throw strategyFailure(violation, strategy, "while labels are made");
  };
  const call = (entry: string, args: readonly number[]): number => {
    phase({ cpu: 0, entry, args, role: "script" });
    return engine.returnedBy(0);
  };
  call("boot", bootArguments(workload.population));
  if (setupRecords > 0) {
    for (let cpu = 0; cpu < cpus; cpu++) phase({ cpu, entry: "bootCpu", args: [cpu], role: "script" });
    phase(
      { cpu: 0, entry: "run", args: [0, setupRecords], role: "script" },
      { cpu: softirqCpu, entry: "softirq", args: [softirqCpu], role: "softirq" },
    );
  }
  const missing = [
    Audit.scriptErrors + ScriptError.noMemory,
    Audit.warnings + Mark.heapExhausted,
    Audit.warnings + Mark.percpuExhausted,
  ];
  if (missing.some((counter) => call("audit", [counter]) > 0)) {
    const load = `${profiles} profiles and ${tasks} tasks on ${workload.cpus} CPUs`;
    throw new RefplayError(
      "memory-too-small",
      `${memoryMiB} MiB do not hold ${load} with strategy ${strategy}`,
      {
        hint: "raise `memoryMiB` (to 2047 at most), or ask for fewer profiles",
      },
    );
  }
}

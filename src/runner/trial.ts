/**
 * Tries a strategy out before anything is measured or written: boots the cell's population on the reference engine. What
 * hangs, faults or blocks there would hang a worker thread, where nobody can say at which line.
 */

import { ReferenceEngine } from "../engines/reference/index.ts";
import type { SteppedProgram } from "../link/stepped/index.ts";
import type { Workload } from "../workloads/index.ts";
import { bootArguments } from "./boot-arguments.ts";
import { strategyFailure } from "./strategy-failure.ts";

const memoryBytes = 64 * 2 ** 20;

/** Operations that one object of the population may take; a strategy takes some tens. */
const stepsPerObject = 20_000;
const leastSteps = 5_000_000;

/**
 * Boots a program once.
 * @throws RefplayError naming the line of the strategy that hung or faulted
 */
export function trialBoot(program: SteppedProgram, workload: Workload, strategy: string): void {
  const { profiles, tasks, channels } = workload.population;
  const stepLimit = leastSteps + stepsPerObject * (profiles + tasks + channels);
  const engine = new ReferenceEngine(program, {
    memoryBytes,
    cpus: workload.cpus,
    seed: "trial",
    stepLimit,
    record: false,
  });
  engine.run([{ cpu: 0, entry: "boot", args: bootArguments(workload), role: "script" }]);
  const violation = engine.world.violations[0];
  if (violation !== undefined) throw strategyFailure(violation, strategy, "while labels are made");
}

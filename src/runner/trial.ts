/**
 * Tries a strategy out before anything is measured or written: boots the cell's population on the reference engine. What
 * hangs, faults or blocks there would hang a worker thread, where nobody can say at which line.
 */

import { ReferenceEngine } from "../engines/reference/index.ts";
import { RefplayError } from "../errors.ts";
import { Audit, ScriptError } from "../kernel/audit.ts";
import { Mark } from "../kernel/core/marks.ts";
import type { SteppedProgram } from "../link/stepped/index.ts";
import type { Workload } from "../workloads/index.ts";
import { bootArguments } from "./boot-arguments.ts";
import { strategyFailure } from "./strategy-failure.ts";

/** Operations that one object of the population may take; a strategy takes some tens. */
const stepsPerObject = 20_000;
const leastSteps = 5_000_000;

/**
 * Boots a program once.
 * @throws RefplayError naming the line of the strategy that hung or faulted, or the memory that was too small
 */
export function trialBoot(
  program: SteppedProgram,
  workload: Workload,
  strategy: string,
  memoryMiB: number,
): void {
  const { profiles, tasks, channels } = workload.population;
  const stepLimit = leastSteps + stepsPerObject * (profiles + tasks + channels);
  const memoryBytes = memoryMiB * 2 ** 20;
  const options = { memoryBytes, cpus: workload.cpus, seed: "trial", stepLimit, record: false };
  const engine = new ReferenceEngine(program, options);
  const call = (entry: string, args: readonly number[]): number => {
    engine.run([{ cpu: 0, entry, args, role: "script" }]);
    const violation = engine.world.violations[0];
    if (violation !== undefined) throw strategyFailure(violation, strategy, "while labels are made");
    return engine.returnedBy(0);
  };
  call("boot", bootArguments(workload));
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

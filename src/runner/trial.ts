/**
 * Tries a strategy out before anything is measured or written: boots the cell's population on the reference engine. What
 * hangs, faults or blocks there would hang a worker thread, where nobody can say at which line.
 */

import { ReferenceEngine, type Violation } from "../engines/reference/index.ts";
import { RefplayError } from "../errors.ts";
import type { SteppedProgram } from "../link/stepped/index.ts";
import type { Workload } from "../workloads/index.ts";
import { bootArguments } from "./boot-arguments.ts";

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
  if (violation !== undefined) throw refusal(violation, strategy);
}

function refusal(violation: Violation, strategy: string): RefplayError {
  const innermost = violation.chain.at(-1);
  const where =
    innermost === undefined
      ? {}
      : { location: { file: innermost.file, line: innermost.line, column: innermost.column } };
  const inside = innermost === undefined ? "" : ` in \`${innermost.function}\``;
  if (violation.verdict === "limit-exceeded") {
    return new RefplayError(
      "strategy-hangs",
      `strategy ${strategy} does not come to an end while labels are made${inside}`,
      {
        ...where,
        hint: "end the loop, or wait for a cell with `awaitEqual`, `awaitNotEqual` or `awaitAtLeast`",
      },
    );
  }
  return new RefplayError(
    "strategy-fails",
    `strategy ${strategy} fails while labels are made${inside}: ${violation.verdict}: ${violation.detail}`,
    {
      ...where,
      hint: "`boot`, `init` and `publish` run before any load: try them with a unit test in direct mode",
    },
  );
}

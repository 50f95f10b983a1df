/** Short stories for lifetime tests: what tasks do, step by step, with looks at the labels in between. */
import { expect } from "vitest";
import { createDirect, type Direct } from "../../src/engines/reference/index.ts";
import { Audit } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { kernel, type Line, scriptOf, smallPopulation } from "../kernel/support.ts";

type StoryStrategy = Parameters<typeof kernel>[0];

/** Strategies that release labels: every story is told with each of them. */
export const countingStrategies = [
  "kref",
  "percpu-ref",
  "percpu-managed",
  "percpu-dynamic",
  "cred-local",
  "rcuref",
  "hazard-pointer",
] as const satisfies readonly StoryStrategy[];

/** What can be asked and done between two steps. */
export class Moment {
  private readonly machine: Direct;
  private readonly releasedSoFar: () => number;

  constructor(machine: Direct, releasedSoFar: () => number) {
    this.machine = machine;
    this.releasedSoFar = releasedSoFar;
  }

  /** Labels that are not freed; 4 from the start: `unconfined` and profiles 1 to 3. */
  get labels(): number {
    return this.machine.call("audit", [Audit.labels]);
  }

  /** Labels whose last reference is gone, freed or not. */
  get released(): number {
    return this.releasedSoFar();
  }

  audit(counter: Audit): number {
    return this.machine.call("audit", [counter]);
  }

  /** One grace period with its callbacks, then the strategy's maintenance; how much was done. */
  gracePeriod(): number {
    const callbacks = this.machine.gracePeriod(0);
    return callbacks + this.machine.call("maintain", [0]);
  }

  /** Grace periods until no callback is left and maintenance finds nothing to do. */
  settle(): void {
    while (this.gracePeriod() > 0);
  }
}

/** A step of a task, or a look. */
export type Act = Line | ((now: Moment) => void);

/**
 * Tells a story on one CPU: task 0 runs from the start, unconfined as all of them. Afterwards everything is taken down,
 * and nothing may be left, broken or warned of.
 */
export function tell(strategy: StoryStrategy, acts: readonly Act[]): void {
  let released = 0;
  const lines: Line[] = [["switchTask", 0], ...acts.filter((act) => typeof act !== "function")];
  const machine = createDirect(kernel(strategy, { verify: 1 }), {
    scripts: [scriptOf(lines)],
    memoryWords: 1 << 18,
    onMark: ({ event }) => {
      if (event === Mark.released) released++;
    },
  });
  const now = new Moment(machine, () => released);
  machine.call("boot", bootArguments(smallPopulation));
  machine.call("bootCpu", [0]);
  machine.call("run", [0, 1]);
  for (const act of acts) {
    if (typeof act === "function") act(now);
    else machine.call("run", [0, 1]);
  }
  machine.call("teardown", [0]);
  now.settle();
  machine.call("dismantle");
  now.settle();
  for (const counter of [
    Audit.objects,
    Audit.percpuBytesInUse,
    Audit.allViolations,
    Audit.allScriptErrors,
    Audit.allWarnings,
  ])
    expect(now.audit(counter), `${Audit[counter]} at the end`).toBe(0);
  expect(machine.liveObjects()).toEqual([]);
}

/**
 * Steps of a round, one CPU's at a time, drawn in an order that is one possible order of the whole. Whoever waits (for a file, for
 * room in a channel, for a task that another CPU hands over) waits for a step that stands earlier in that order, so a round
 * cannot deadlock, whatever order the processors make of it.
 */
import { Event } from "../../src/kernel/events.ts";
import { FileSteps } from "./file-steps.ts";
import { LabelSteps } from "./label-steps.ts";
import type { Mix } from "./plan.ts";
import { PolicySteps } from "./policy-steps.ts";
import type { Stage, WeightedStep } from "./stage.ts";
import type { ModelCpu } from "./task-model.ts";
import { TaskSteps } from "./task-steps.ts";

/** Time outside the kernel, but online for RCU: a grace period that begins meanwhile waits for it. */
const longThinkNs = 1_000_000;

export class Steps {
  readonly files: FileSteps;
  readonly tasks: TaskSteps;
  readonly labels: LabelSteps;
  readonly #stage: Stage;
  readonly #weighted: readonly WeightedStep[];
  readonly #sum: number;

  constructor(stage: Stage, mix: Mix) {
    this.#stage = stage;
    this.files = new FileSteps(stage);
    this.tasks = new TaskSteps(stage);
    this.labels = new LabelSteps(stage, this.files);
    const { random } = stage;
    const time: readonly WeightedStep[] = [
      [1, (cpu) => stage.add(cpu, Event.think, 1 + random.below(30_000))],
      [0.02, (cpu) => stage.add(cpu, Event.think, longThinkNs + random.below(4 * longThinkNs))],
    ];
    const kinds = [
      [mix.files, this.files.steps],
      [mix.tasks, this.tasks.steps],
      [mix.labels, this.labels.steps],
      [mix.policy, new PolicySteps(stage).steps],
      [mix.time, time],
    ] as const;
    this.#weighted = kinds.flatMap(([factor, steps]) =>
      steps.map(([weight, write]): WeightedStep => [factor * weight, write]),
    );
    this.#sum = this.#weighted.reduce((sum, [weight]) => sum + weight, 0);
  }

  /** Draws a step of that CPU; one that is not possible now is left out. */
  draw(cpu: ModelCpu): void {
    let at = this.#stage.random.unit() * this.#sum;
    for (const [weight, write] of this.#weighted) {
      at -= weight;
      if (at >= 0) continue;
      write(cpu);
      return;
    }
  }
}

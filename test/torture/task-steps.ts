/** Tasks that come, go, run by turns and change their CPU. */
import { Event } from "../../src/kernel/events.ts";
import type { Stage, WeightedStep } from "./stage.ts";
import type { ModelCpu, ModelTask } from "./task-model.ts";

export class TaskSteps {
  readonly #stage: Stage;
  readonly steps: readonly WeightedStep[];

  constructor(stage: Stage) {
    this.#stage = stage;
    this.steps = [
      [3, (cpu) => this.#switch(cpu)],
      [2, (cpu) => this.#fork(cpu)],
      [1, (cpu) => this.#exit(cpu)],
      [0.5, (cpu) => this.#handOver(cpu)],
      [4, (cpu) => stage.add(cpu, Event.signalTask, stage.random.below(stage.tasks.tasks))],
      [1, (cpu) => stage.add(cpu, Event.secid)],
      [1, (cpu) => stage.add(cpu, Event.request)],
    ];
  }

  /** The CPU goes on with that task. */
  run(cpu: ModelCpu, task: ModelTask): void {
    cpu.current = task;
    this.#stage.add(cpu, Event.switchTask, task.number);
  }

  #switch(cpu: ModelCpu): void {
    const task = this.#stage.anyOf(cpu.tasks.filter((one) => one.alive && one !== cpu.current));
    if (task !== undefined) this.run(cpu, task);
  }

  #fork(cpu: ModelCpu): void {
    const others = cpu.tasks.filter((one) => one !== cpu.current);
    const dead = others.filter(({ alive }) => !alive);
    const child = this.#stage.anyOf(dead.length > 0 && this.#stage.random.chance(0.8) ? dead : others);
    if (child === undefined) return;
    this.#stage.add(cpu, Event.fork, child.number, this.#stage.random.below(2));
    this.#stage.tasks.fork(cpu.current, child);
  }

  #exit(cpu: ModelCpu): void {
    const next = this.#stage.anyOf(cpu.tasks.filter((one) => one.alive && one !== cpu.current));
    if (next === undefined) return;
    this.#stage.add(cpu, Event.exit);
    this.#stage.tasks.exit(cpu.current);
    this.run(cpu, next);
  }

  /** A task that the CPU does not run, alive or dead, belongs to another one from now on. */
  #handOver(cpu: ModelCpu): void {
    const task = this.#stage.anyOf(cpu.tasks.filter((one) => one !== cpu.current));
    const others = this.#stage.tasks.cpus.filter((other) => other !== cpu);
    if (task === undefined || others.length === 0) return;
    const to = this.#stage.random.pick(others);
    cpu.posts++;
    this.#stage.add(cpu, Event.post);
    this.#stage.add(to, Event.waitFor, cpu.number, cpu.posts);
    cpu.tasks.splice(cpu.tasks.indexOf(task), 1);
    to.tasks.push(task);
  }
}

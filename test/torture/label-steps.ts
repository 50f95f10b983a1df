/** Tasks that change their labels, and whoever keeps, looks up and reads labels. */
import { Event } from "../../src/kernel/events.ts";
import type { FileSteps } from "./file-steps.ts";
import type { Stage, WeightedStep } from "./stage.ts";
import type { ModelCpu } from "./task-model.ts";

export class LabelSteps {
  readonly #stage: Stage;
  readonly #files: FileSteps;
  readonly steps: readonly WeightedStep[];

  constructor(stage: Stage, files: FileSteps) {
    this.#stage = stage;
    this.#files = files;
    this.steps = [
      [6, (cpu) => this.#change(cpu)],
      [5, (cpu) => stage.add(cpu, Event.stackProfile, stage.profile())],
      [2, (cpu) => this.#hat(cpu)],
      [4, (cpu) => this.#keep(cpu)],
      [3, (cpu) => this.#drop(cpu)],
      [3, (cpu) => this.#lookUp(cpu)],
      [2, (cpu) => this.#pair(cpu)],
    ];
  }

  #change(cpu: ModelCpu): void {
    const event = this.#stage.random.chance(0.3) ? Event.exec : Event.changeProfile;
    this.#stage.add(cpu, event, this.#stage.profile());
  }

  /** Into a hat, with some work in it, and out again. Where there is no such hat all of that is refused, the work is not. */
  #hat(cpu: ModelCpu): void {
    const parent = this.#stage.profile();
    const hat = this.#stage.anyOf(this.#stage.policy.numbers.descendants(parent));
    if (hat === undefined) return;
    this.#stage.add(cpu, Event.changeProfile, parent);
    this.#stage.add(cpu, Event.changeHat, hat);
    this.#files.use(cpu);
    if (this.#stage.random.chance(0.7)) this.#stage.add(cpu, Event.changeHat, 0);
  }

  #keep(cpu: ModelCpu): void {
    const slot = this.#stage.anyOf(cpu.slots.filter(({ full }) => !full));
    if (slot === undefined) return;
    slot.full = true;
    this.#stage.add(cpu, Event.keepLabel, slot.number);
  }

  #drop(cpu: ModelCpu): void {
    const slot = this.#stage.anyOf(cpu.slots.filter(({ full }) => full));
    if (slot === undefined) return;
    slot.full = false;
    this.#stage.add(cpu, Event.dropLabel, slot.number);
  }

  #lookUp(cpu: ModelCpu): void {
    const own = this.#stage.anyOf(cpu.slots.filter(({ full }) => full));
    const slot =
      own === undefined || this.#stage.random.chance(0.5)
        ? this.#stage.random.below(this.#stage.keptBefore + 1)
        : own.number;
    // A population without compounds has no slot that is always full.
    if (slot === this.#stage.keptBefore && own?.number !== slot) return;
    this.#stage.add(cpu, this.#stage.random.chance(0.5) ? Event.lookUpLabel : Event.parseLabel, slot);
  }

  /** A get and a put of a profile's label, which nobody else may replace between the look at the list and the get. */
  #pair(cpu: ModelCpu): void {
    const profile = this.#stage.ownProfile(cpu);
    const listed = profile !== undefined && this.#stage.policy.isListed(profile) ? profile : 0;
    this.#stage.add(
      cpu,
      Event.pair,
      listed,
      this.#stage.random.chance(0.9) ? 0 : this.#stage.random.below(20_000),
    );
  }

  /** Drops all labels that the CPU keeps, and closes its texts. */
  dropAll(cpu: ModelCpu): void {
    for (const slot of cpu.slots) if (slot.full) this.#stage.add(cpu, Event.dropLabel, slot.number);
    for (const text of cpu.texts) if (text.full) this.#stage.add(cpu, Event.closeRawdata, text.number);
    for (const one of [...cpu.slots, ...cpu.texts]) one.full = false;
  }
}

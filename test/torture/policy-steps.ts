/** Changes of policy: profiles loaded, replaced and removed, namespaces created and destroyed, texts opened. */
import { Event, LoadFlags, PolicyMode } from "../../src/kernel/events.ts";
import type { Stage, WeightedStep } from "./stage.ts";
import type { ModelCpu } from "./task-model.ts";

/** Profiles of a set at most. */
const largestSet = 4;

export class PolicySteps {
  readonly #stage: Stage;
  readonly steps: readonly WeightedStep[];

  constructor(stage: Stage) {
    this.#stage = stage;
    this.steps = [
      [4, (cpu) => this.#replace(cpu)],
      [1, (cpu) => this.#remove(cpu)],
      [2, (cpu) => this.#loadMissing(cpu)],
      [0.15, (cpu) => this.#namespace(cpu)],
      [1, (cpu) => this.#text(cpu)],
    ];
  }

  #load(cpu: ModelCpu, set: readonly number[], replace: boolean): void {
    const modes = [PolicyMode.enforce, PolicyMode.enforce, PolicyMode.complain, PolicyMode.unconfined];
    for (const [place, profile] of set.entries()) {
      const flags = (replace ? LoadFlags.replace : 0) | (place < set.length - 1 ? LoadFlags.more : 0);
      this.#stage.add(cpu, Event.loadProfile, profile, this.#stage.random.pick(modes), flags);
    }
    this.#stage.policy.load(set, replace);
  }

  /** One or several; now and then a set that must be refused, because of one that is there or is not. */
  #replace(cpu: ModelCpu): void {
    const set: number[] = [];
    do {
      const profile = this.#stage.ownProfile(cpu);
      if (profile === undefined) return;
      const fits =
        set.length === 0 ||
        this.#stage.policy.namespaceOf(profile) === this.#stage.policy.namespaceOf(set[0] ?? 0);
      if (fits || this.#stage.random.chance(0.1)) set.push(profile);
    } while (set.length < largestSet && this.#stage.random.chance(0.3));
    if (set.length > 0) this.#load(cpu, set, this.#stage.random.chance(0.95));
  }

  #remove(cpu: ModelCpu): void {
    const profile = this.#stage.ownProfile(cpu);
    if (profile === undefined) return;
    this.#stage.add(cpu, Event.removeProfile, profile);
    this.#stage.policy.remove(profile);
    // The same name at once, but another profile.
    if (this.#stage.random.chance(0.4)) this.#load(cpu, [profile], true);
  }

  /** A profile that is not there, with its parents. */
  #loadMissing(cpu: ModelCpu): void {
    const own = this.#stage.policy.own[cpu.number]?.profiles ?? [];
    const missing = this.#stage.anyOf(
      own.filter(
        (one) =>
          !this.#stage.policy.isListed(one) &&
          this.#stage.policy.isThere(this.#stage.policy.namespaceOf(one)),
      ),
    );
    if (missing === undefined) return;
    const set: number[] = [];
    for (let at: number | null = missing; at !== null; at = this.#stage.policy.numbers.parent(at)) {
      if (!this.#stage.policy.isListed(at)) set.unshift(at);
    }
    this.#load(cpu, set, false);
  }

  #namespace(cpu: ModelCpu): void {
    const namespace = this.#stage.anyOf(this.#stage.policy.own[cpu.number]?.namespaces ?? []);
    if (namespace === undefined) return;
    if (this.#stage.policy.isThere(namespace) && this.#stage.random.chance(0.9)) {
      this.#stage.add(cpu, Event.destroyNamespace, namespace);
      this.#stage.policy.destroy(namespace);
      return;
    }
    const path = this.#stage.policy.numbers.namespaces[namespace] ?? [];
    const unconfined = this.#stage.policy.numbers.unconfined(path);
    this.#stage.add(
      cpu,
      Event.createNamespace,
      namespace,
      this.#stage.policy.parentOf(namespace),
      unconfined,
    );
    this.#stage.policy.create(namespace);
    const inside = (this.#stage.policy.own[cpu.number]?.profiles ?? []).filter(
      (profile) => this.#stage.policy.namespaceOf(profile) === namespace,
    );
    // Some stay away, and come one by one.
    for (let at = 0; at < inside.length; at += largestSet) {
      if (this.#stage.random.chance(0.8)) this.#load(cpu, inside.slice(at, at + largestSet), false);
    }
  }

  /** Opens the text of a profile, or closes one. */
  #text(cpu: ModelCpu): void {
    const text = this.#stage.anyOf(cpu.texts);
    if (text === undefined) return;
    if (text.full) {
      this.#stage.add(cpu, Event.closeRawdata, text.number);
      text.full = false;
      return;
    }
    const profile = this.#stage.random.chance(0.9) ? this.#stage.ownProfile(cpu) : 0;
    if (profile === undefined) return;
    this.#stage.add(cpu, Event.openRawdata, profile, text.number);
    text.full = this.#stage.policy.isListed(profile);
  }
}

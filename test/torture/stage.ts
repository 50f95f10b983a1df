/** What all kinds of step draw from and write to. */
import type { Event } from "../../src/kernel/events.ts";
import type { Random } from "../../src/workloads/random.ts";
import type { ScriptBuilder } from "../../src/workloads/script.ts";
import type { TorturePolicy } from "./policy-model.ts";
import type { ModelCpu, TaskModel } from "./task-model.ts";

export interface StageOptions {
  readonly random: Random;
  readonly tasks: TaskModel;
  readonly policy: TorturePolicy;
  /** One for each CPU. */
  readonly scripts: readonly ScriptBuilder[];
  /** Profiles that most steps are about. */
  readonly hot: readonly number[];
  /** Slots that are full from the beginning to the end: 0 to this. */
  readonly keptBefore: number;
}

const hotShare = 0.7;

export class Stage {
  readonly random: Random;
  readonly tasks: TaskModel;
  readonly policy: TorturePolicy;
  readonly keptBefore: number;
  readonly #scripts: readonly ScriptBuilder[];
  readonly #hot: readonly number[];
  /** By CPU, the hot profiles that it may change. */
  readonly #ownHot: readonly (readonly number[])[];

  constructor({ hot, keptBefore, policy, random, scripts, tasks }: StageOptions) {
    this.random = random;
    this.tasks = tasks;
    this.policy = policy;
    this.keptBefore = keptBefore;
    this.#scripts = scripts;
    this.#hot = hot;
    this.#ownHot = policy.own.map(({ profiles }) => {
      const own = new Set(profiles);
      return hot.filter((profile) => own.has(profile));
    });
  }

  add(cpu: ModelCpu, event: Event, a = 0, b = 0, c = 0): void {
    this.script(cpu).add(event, a, b, c);
  }

  script(cpu: ModelCpu): ScriptBuilder {
    const script = this.#scripts[cpu.number];
    if (script === undefined) throw new RangeError(`no script for CPU ${cpu.number}`);
    return script;
  }

  anyOf<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : this.random.pick(items);
  }

  /** Any profile, mostly a hot one. */
  profile(): number {
    return this.random.chance(hotShare)
      ? this.random.pick(this.#hot)
      : this.random.below(this.policy.numbers.profiles.length);
  }

  /** One that the CPU may change, mostly a hot one. */
  ownProfile(cpu: ModelCpu): number | undefined {
    const hot = this.#ownHot[cpu.number] ?? [];
    const own = this.policy.own[cpu.number]?.profiles ?? [];
    return this.anyOf(this.random.chance(hotShare) && hot.length > 0 ? hot : own);
  }
}

/** A kind of step: how often it is drawn, relative to others of its file, and what it writes; nothing where it is not possible. */
export type WeightedStep = readonly [weight: number, write: (cpu: ModelCpu) => void];

/** Changes of policy, drawn in the proportion of their rates: what the last CPU of the churn load does. */
import { Event } from "../kernel/events.ts";
import type { ChurnParameters } from "./churn-parameters.ts";
import { policyEvents } from "./parameters.ts";
import { PolicyScript, type SetUpPopulation } from "./policy-script.ts";
import type { Random } from "./random.ts";
import type { ScriptBuilder } from "./script.ts";

type Change = "replace" | "compound" | "remove";

/** Longest pause in a script, in ns. */
const longestPauseNs = 2_000_000_000;

/** Most profiles of a compound that is made while the load runs. */
const mostParts = 4;

/** The changes of a run: `period` of them in an order of their own, `rounds` times. */
export class PolicyChurn {
  readonly period: readonly Change[];
  readonly rounds: number;
  readonly #parameters: ChurnParameters;
  readonly #setUp: SetUpPopulation;
  /** Profiles that changes are about: 1 to this. */
  readonly #profiles: number;
  readonly #random: Random;
  /** Of the slots that this CPU changes: how many are full, and the oldest. */
  #kept = 0;
  #oldest = 0;

  /** `requests`: how many one worker serves meanwhile. `random` is used up by the changes. */
  constructor(
    parameters: ChurnParameters,
    setUp: SetUpPopulation,
    options: { readonly profiles: number; readonly requests: number; readonly random: Random },
  ) {
    this.#parameters = parameters;
    this.#setUp = setUp;
    this.#profiles = options.profiles;
    this.#random = options.random;
    const rates: readonly (readonly [Change, number])[] = [
      ["replace", parameters.replacePerSecond],
      ["compound", parameters.compoundsPerSecond],
      ["remove", parameters.removePerSecond],
    ];
    const rate = rates.reduce((sum, [, perSecond]) => sum + perSecond, 0);
    const derived = rates.reduce(
      (sum, [, perSecond]) => sum + policyEvents(perSecond, options.requests, parameters.thinkUs),
      0,
    );
    const all = rate === 0 ? 0 : parameters.policyEvents || derived;
    const distinct = Math.min(all, parameters.distinctRequests);
    const changes = rates.flatMap(([change, perSecond]) =>
      // Each of them at least once where there is room.
      new Array<Change>(perSecond === 0 ? 0 : Math.max(1, Math.round((distinct * perSecond) / rate))).fill(
        change,
      ),
    );
    this.period = this.#random.shuffle(all === 0 ? [] : changes);
    this.rounds = this.period.length === 0 ? 0 : Math.max(1, Math.round(all / this.period.length));
  }

  /** Mean pause before a change, in ns; 0: none. */
  get meanPauseNs(): number {
    const { compoundsPerSecond, pauseScale, removePerSecond, replacePerSecond } = this.#parameters;
    const rate = compoundsPerSecond + removePerSecond + replacePerSecond;
    return rate === 0 ? 0 : Math.min(longestPauseNs, Math.round((pauseScale * 1e9) / rate));
  }

  pause(script: ScriptBuilder): void {
    if (this.meanPauseNs === 0) return;
    const ns = Math.min(longestPauseNs, this.#random.exponentialNs(this.meanPauseNs));
    if (ns > 0) script.add(Event.think, ns);
  }

  /** Writes one change. The task must be unconfined and is so afterwards, unless it is `confined`, which it then becomes. */
  write(script: ScriptBuilder, change: Change, confined = 0): void {
    const policy = new PolicyScript(script, this.#setUp.numbers);
    if (change === "compound") this.#makeCompound(script, confined);
    else {
      const profile = 1 + this.#random.below(this.#profiles);
      const part = this.#setUp.numbers.profiles[profile];
      if (part === undefined) throw new RangeError(`no profile ${profile}`);
      if (change === "replace") {
        policy.load([{ part }], true);
      } else {
        policy.remove(part);
        // Its children went with it.
        const gone = [profile, ...this.#setUp.numbers.descendants(profile)];
        policy.load(
          gone.map((index) => ({ part: this.#setUp.numbers.profiles[index] ?? part })),
          true,
        );
      }
    }
  }

  /** Drops what the changes keep, so that they can be repeated. */
  drain(script: ScriptBuilder): void {
    while (this.#kept > 0) this.#dropOldest(script);
  }

  #makeCompound(script: ScriptBuilder, confined: number): void {
    const random = this.#random;
    const { keptCompounds } = this.#parameters;
    if (this.#kept === keptCompounds) this.#dropOldest(script);
    script.add(Event.changeProfile, 1 + random.below(this.#profiles));
    let parts = 1;
    do {
      script.add(Event.stackProfile, 1 + random.below(this.#profiles));
      parts++;
    } while (parts < mostParts && random.chance(0.5));
    const slot = (this.#oldest + this.#kept) % keptCompounds;
    script.add(Event.keepLabel, this.#setUp.keptLabels + slot);
    script.add(Event.changeProfile, confined);
    this.#kept++;
  }

  #dropOldest(script: ScriptBuilder): void {
    script.add(Event.dropLabel, this.#setUp.keptLabels + this.#oldest);
    this.#oldest = (this.#oldest + 1) % this.#parameters.keptCompounds;
    this.#kept--;
  }
}

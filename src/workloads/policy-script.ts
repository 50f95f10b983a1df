/**
 * Policy as script records: names, namespaces, loads, and how a compound label comes about, which no single event makes.
 */
import { Event, LoadFlags, PolicyMode } from "../kernel/events.ts";
import type { LabelPart, LabelParts } from "../policy/label-parts.ts";
import type { ProfileMode } from "../policy/modes.ts";
import { parseLabel } from "../policy/parse-label.ts";
import type { LabelPopulation } from "../policy/population.ts";
import { PolicyNumbers } from "./policy-names.ts";
import type { ScriptBuilder } from "./script.ts";
import type { Population } from "./workload.ts";

/** One profile of a set to be loaded. */
export interface LoadedProfile {
  readonly part: LabelPart;
  /** `enforce` unless given. */
  readonly mode?: ProfileMode;
}

/** Writes policy events by name. Expects that `boot` loads no profiles, so that all indices are `numbers`'s. */
export class PolicyScript {
  readonly script: ScriptBuilder;
  readonly numbers: PolicyNumbers;

  constructor(script: ScriptBuilder, numbers: PolicyNumbers) {
    this.script = script;
    this.numbers = numbers;
  }

  /** Tells the kernel all names; before everything else. */
  nameAll(): void {
    const { numbers, script } = this;
    for (const [index, { namespace }] of numbers.profiles.entries()) {
      script.add(Event.nameProfile, index, numbers.namespace(namespace), numbers.rank(index));
    }
    for (const index of numbers.profiles.keys()) {
      const parent = numbers.parent(index);
      if (parent !== null) script.add(Event.nameChild, index, parent, numbers.isHat(index) ? 1 : 0);
    }
  }

  /** The root's name is in no directory: its creation is that of an index which is there, EEXIST. */
  createNamespace(path: readonly string[]): void {
    const { numbers } = this;
    const parent = path.length === 0 ? path : path.slice(0, -1);
    this.script.add(
      Event.createNamespace,
      numbers.namespace(path),
      numbers.namespace(parent),
      numbers.unconfined(path),
    );
  }

  destroyNamespace(path: readonly string[]): void {
    this.script.add(Event.destroyNamespace, this.numbers.namespace(path));
  }

  /** A set, whole or not at all; at least one profile. */
  load(set: readonly LoadedProfile[], replace: boolean): void {
    for (const [place, { part, mode = "enforce" }] of set.entries()) {
      const more = place < set.length - 1 ? LoadFlags.more : 0;
      const flags = (replace ? LoadFlags.replace : 0) | more;
      this.script.add(Event.loadProfile, this.numbers.profile(part), PolicyMode[mode], flags);
    }
  }

  remove(part: LabelPart): void {
    this.script.add(Event.removeProfile, this.numbers.profile(part));
  }

  answer(index: number): void {
    this.script.add(Event.answer, index);
  }

  /** The running task gets that label and nothing of what it had. */
  enter(parts: LabelParts): void {
    const [first, ...others] = parts.map((part) => this.numbers.profile(part));
    if (first === undefined) throw new RangeError("a label has at least one profile");
    this.script.add(Event.changeProfile, first);
    for (const profile of others) this.script.add(Event.stackProfile, profile);
  }

  /** Makes a label with the running task, keeps it in a slot that is empty, and leaves the task unconfined. */
  keep(parts: LabelParts, slot: number): void {
    this.enter(parts);
    this.script.add(Event.keepLabel, slot);
    this.script.add(Event.changeProfile, 0);
  }
}

/** What `populationSetup` wrote. */
export interface SetUpPopulation {
  readonly numbers: PolicyNumbers;
  /** Records written: `Workload.setupRecords` where nothing stands before them. */
  readonly records: number;
  /** Slots 0 to `keptLabels` - 1 hold the labels that were kept, in the order of the population's texts. */
  readonly keptLabels: number;
  /** Of those, from which one on they are compounds. */
  readonly firstCompound: number;
  /** For the workload's population. */
  readonly population: Pick<
    Population,
    "profiles" | "namedProfiles" | "namespaces" | "labelSlots" | "totalLabels"
  >;
}

export interface SetupOptions {
  /** Which labels are kept in slots: those of one profile live as long as their profile does. `compounds` unless given. */
  readonly keep?: "all" | "compounds";
  /** Slots to have beside those of the kept labels; 0 unless given. */
  readonly moreSlots?: number;
  /** Task that makes the labels and is unconfined before and after; 0 unless given. */
  readonly task?: number;
}

/** Writes a population's whole set-up: names, namespaces, profiles, then its labels made and kept. For CPU 0's script. */
export function populationSetup(
  script: ScriptBuilder,
  population: LabelPopulation,
  options: SetupOptions = {},
): SetUpPopulation {
  const { keep = "compounds", moreSlots = 0, task = 0 } = options;
  const before = script.records;
  const numbers = new PolicyNumbers(population);
  const policy = new PolicyScript(script, numbers);
  policy.nameAll();
  for (const path of population.namespaces) policy.createNamespace(path);
  // One by one: a set is for policies that must not be seen in part, and nobody looks yet.
  for (const part of population.profiles) policy.load([{ part }], false);
  const singles = population.profiles.length;
  const kept = keep === "all" ? population.texts : population.texts.slice(singles);
  if (kept.length > 0) {
    script.add(Event.switchTask, task);
    for (const [slot, text] of kept.entries()) policy.keep(parseLabel(text), slot);
  }
  return {
    numbers,
    records: script.records - before,
    keptLabels: kept.length,
    firstCompound: keep === "all" ? singles : 0,
    population: {
      profiles: 0,
      namedProfiles: numbers.namedProfiles,
      namespaces: numbers.namedNamespaces,
      labelSlots: kept.length + moreSlots,
      totalLabels: population.texts.length + numbers.namespaces.length,
    },
  };
}

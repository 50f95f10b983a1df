/**
 * Reads a history of policy against the model and says, step by step, what the kernel is to execute and what it should answer.
 *
 * Only names can tell that a text is malformed or a name too long: the kernel program, which knows indices, never sees such a
 * step. Every other step goes to the kernel, those that must fail, too; where an event of several would change something before
 * the one that fails, only the one that fails is sent.
 */
import type { PolicyErrno } from "../policy/label-error.ts";
import {
  compareParts,
  type LabelPart,
  type LabelParts,
  levelSeparator,
  unconfinedName,
} from "../policy/label-parts.ts";
import { parseLabel } from "../policy/parse-label.ts";
import { PolicyModel } from "../policy/policy-model.ts";
import { type ModelLabel, partsOf } from "../policy/policy-objects.ts";
import { printLabel } from "../policy/print-label.ts";
import { splitFullName } from "../policy/splitting.ts";
import { isReadable, kernelLoadErrors, plannedSet } from "./planned-load.ts";
import {
  fails,
  type Outcome,
  outcomeOf,
  type PlannedEvent,
  type PlannedStep,
  type Refusal,
  refusalOf,
  works,
} from "./planned-steps.ts";
import { isHatName } from "./policy-names.ts";
import { type PolicyStepInput, stepText } from "./policy-steps.ts";

/** Profiles that a step loads are hats where it says so, others by their names. */
export interface PolicyPlan {
  readonly steps: readonly PlannedStep[];
  readonly isHat: (part: LabelPart) => boolean;
  readonly labelSlots: number;
}

/** Reads all steps, in order. `maxLabelParts`: the kernel's limit, which is configured. */
export function planPolicy(steps: readonly PolicyStepInput[], maxLabelParts: number): PolicyPlan {
  const reader = new HistoryReader(maxLabelParts);
  return {
    steps: steps.map((step) => reader.read(step)),
    isHat: (part) => reader.isHat(part),
    labelSlots: steps.filter((step) => step.label !== undefined).length,
  };
}

const rootUnconfined: LabelPart = { namespace: [], profile: unconfinedName };

class HistoryReader {
  readonly #model = new PolicyModel();
  readonly #maxLabelParts: number;
  readonly #hats = new Map<string, boolean>();
  /** The task's label, which may be stale; the one before its hat, while it is in one. */
  #label: ModelLabel;
  #outsideHat: ModelLabel | null = null;
  readonly #open = new Set<number>();
  /** By slot; true while it is kept. */
  readonly #kept: boolean[] = [];

  constructor(maxLabelParts: number) {
    this.#maxLabelParts = maxLabelParts;
    this.#label = this.#model.root.unconfined.label;
  }

  isHat(part: LabelPart): boolean {
    return this.#hats.get(printLabel([part])) ?? isHatName(part.profile);
  }

  read(step: PolicyStepInput): PlannedStep {
    const outcome = this.#outcome(step);
    return { text: stepText(step), ...outcome };
  }

  #outcome(step: PolicyStepInput): Outcome {
    if (step.create !== undefined) return this.#create(levels(step.create));
    if (step.destroy !== undefined) return this.#destroy(levels(step.destroy));
    if (step.load !== undefined) return this.#load(step.load, levels(step.in ?? ""), false);
    if (step.replace !== undefined) return this.#load(step.replace, levels(step.in ?? ""), true);
    if (step.remove !== undefined) return this.#remove(step.remove, levels(step.in ?? ""));
    if (step.change !== undefined) return this.#change(step.change);
    if (step.stack !== undefined) return this.#stack(step.stack);
    if (step.hat !== undefined) return this.#hat(step.hat);
    if (step.label !== undefined) return this.#keep(step.label);
    if (step.drop !== undefined) return this.#drop(step.drop);
    if (step.open !== undefined) return this.#openFile(step.open);
    if (step.close !== undefined) return this.#closeFile(step.close);
    throw new RangeError("a step without an action");
  }

  #create(namespace: readonly string[]): Outcome {
    const result = this.#model.createNamespace(namespace);
    // The root is made by no event.
    const executed: PolicyErrno[] =
      namespace.length === 0 || namespace.includes("") ? [] : ["EEXIST", "ENOENT"];
    return outcomeOf(result, executed, { do: "create", namespace });
  }

  #destroy(namespace: readonly string[]): Outcome {
    const result = this.#model.destroyNamespace(namespace);
    const executed: PolicyErrno[] = namespace.includes("") ? [] : ["ENOENT", "EBUSY"];
    return outcomeOf(result, executed, { do: "destroy", namespace });
  }

  #load(loaded: NonNullable<PolicyStepInput["load"]>, view: readonly string[], replace: boolean): Outcome {
    const entries = (Array.isArray(loaded) ? loaded : [loaded]).map((entry) =>
      typeof entry === "string" ? { name: entry } : entry,
    );
    const set = plannedSet(entries, view);
    const namespace = set[0]?.part.namespace ?? view;
    const isNew = this.#model.namespace(namespace) === undefined;
    const event: PlannedEvent = { do: "load", set, replace };
    const result = this.#model.load(view, entries, replace);
    if (result.ok) {
      for (const [index, { part }] of set.entries()) {
        const hat = (entries[index] as { readonly hat?: boolean }).hat;
        if (hat !== undefined) this.#hats.set(printLabel([part]), hat);
      }
      return isNew ? works({ do: "create", namespace }, event) : works(event);
    }
    return outcomeOf(result, isReadable(set) ? kernelLoadErrors(set, isNew) : [], event);
  }

  #remove(text: string, view: readonly string[]): Outcome {
    const { namespace: name, profile } = splitFullName(text);
    const namespace = name === null ? view : [...view, ...levels(name)];
    if (profile === null) {
      if (name !== null) return this.#destroy(namespace);
      return fails({ errno: "ENOENT", why: "no profile is named" });
    }
    const result = this.#model.removeProfile(namespace, profile);
    const event: PlannedEvent = { do: "remove", part: { namespace, profile } };
    return outcomeOf(result, isReadable([{ part: event.part }]) ? ["ENOENT"] : [], event);
  }

  #change(text: string): Outcome {
    const read = this.#parse(text, false);
    if (!read.ok) return read.outcome("change");
    this.#label = read.label;
    this.#outsideHat = null;
    return works(...enter(partsOf(read.label)));
  }

  #stack(text: string): Outcome {
    const read = this.#parse(text, true);
    if (!read.ok) return read.outcome("stack");
    const before = this.#newest().profiles;
    const added = read.label.profiles.filter((profile) => !before.includes(profile));
    const again = read.label.profiles[0];
    this.#label = read.label;
    this.#outsideHat = null;
    const parts = partsOf(read.label).filter((_, index) =>
      added.includes(read.label.profiles[index] as (typeof added)[number]),
    );
    // A stack of nothing new is an event, too.
    if (parts.length === 0 && again !== undefined) parts.push(partsOf(again.label)[0] ?? rootUnconfined);
    return works(...parts.map((part): PlannedEvent => ({ do: "stack", part })));
  }

  /** A hat of one of the profiles of the task's label; who is in a hat leaves it before the next one. */
  #hat(name: string | null): Outcome {
    if (name === null) {
      const leave: PlannedEvent = { do: "hat", part: null };
      if (this.#outsideHat === null) return fails({ errno: "EACCES", why: "the task is in no hat" }, leave);
      this.#label = this.#outsideHat;
      this.#outsideHat = null;
      return works(leave);
    }
    const part = this.#hatNamed(name);
    const hatLevels = part.profile.split(levelSeparator);
    if (hatLevels.includes("")) return fails({ errno: "ENOENT", why: "a hat has no name" });
    const event: PlannedEvent = { do: "hat", part };
    const hat = this.#model.profile(part.namespace, part.profile);
    if (hat === undefined)
      return fails({ errno: "ENOENT", why: `no profile \`${printLabel([part])}\`` }, event);
    if (this.#outsideHat !== null)
      return fails({ errno: "EACCES", why: "the task is in a hat already" }, event);
    const own = this.#newest();
    const parent: LabelPart = {
      namespace: part.namespace,
      profile: hatLevels.slice(0, -1).join(levelSeparator),
    };
    if (!this.isHat(part) || !partsOf(own).some((one) => compareParts(one, parent) === 0)) {
      const why = `\`${printLabel([part])}\` is no hat of \`${printLabel(partsOf(own))}\``;
      return fails({ errno: "EACCES", why }, event);
    }
    this.#outsideHat = own;
    this.#label = hat.label;
    return works(event);
  }

  /** The whole name of a hat: of the first profile of the task's label that has such a child, or of its first. */
  #hatNamed(name: string): LabelPart {
    const parents = partsOf(this.#outsideHat ?? this.#newest());
    const { namespace, profile } = parents[0] ?? rootUnconfined;
    if (name.includes(levelSeparator)) return { namespace, profile: name };
    const hats = [...parents, { namespace, profile }].map(
      (parent): LabelPart => ({
        namespace: parent.namespace,
        profile: parent.profile + levelSeparator + name,
      }),
    );
    return hats.find((hat) => this.#exists(hat)) ?? (hats.at(-1) as LabelPart);
  }

  #keep(text: string): Outcome {
    const slot = this.#kept.length;
    const read = this.#parse(text, false);
    this.#kept.push(read.ok);
    if (!read.ok) return read.outcome("change", true);
    return works(
      ...this.#onMaker(enter(partsOf(read.label)), [
        { do: "keep", slot },
        { do: "parse", slot },
      ]),
    );
  }

  #drop(number: number): Outcome {
    const slot = number - 1;
    if (this.#kept[slot] !== true) return fails({ errno: "ENOENT", why: `label ${number} is not kept` });
    this.#kept[slot] = false;
    return works({ do: "drop", slot });
  }

  #openFile(fd: number): Outcome {
    if (this.#open.has(fd)) return fails({ errno: "EBADF", why: `descriptor ${fd} is open already` });
    this.#open.add(fd);
    return works({ do: "open", fd });
  }

  #closeFile(fd: number): Outcome {
    if (!this.#open.delete(fd)) return fails({ errno: "EBADF", why: `descriptor ${fd} is not open` });
    return works({ do: "close", fd });
  }

  /** The label that a text names, seen from the task, or how the step fails. */
  #parse(
    text: string,
    stack: boolean,
  ):
    | { readonly ok: true; readonly label: ModelLabel }
    | { readonly ok: false; outcome(verb: "change" | "stack", onMaker?: boolean): Outcome } {
    const base = this.#newest();
    const options = { base: partsOf(base), stack };
    let parts: LabelParts;
    try {
      parts = parseLabel(text, options);
    } catch (error) {
      const refusal = refusalOf(error);
      return { ok: false, outcome: () => fails(refusal) };
    }
    const found = this.#model.parse(text, { base, stack });
    if (!found.ok) {
      const part = parts.find((one) => !this.#exists(one));
      const refusal =
        found.error === undefined ? { errno: found.errno, why: found.why } : refusalOf(found.error);
      return {
        ok: false,
        outcome: (verb, onMaker = false) => {
          const events: PlannedEvent[] = part === undefined ? [] : [{ do: verb, part }];
          return fails(refusal, ...(onMaker ? this.#onMaker(events) : events));
        },
      };
    }
    if (found.value.profiles.length <= this.#maxLabelParts) return { ok: true, label: found.value };
    const tooMany = this.#tooMany(text, options);
    // Made elsewhere: the task would keep what could be stacked.
    const all = enter(partsOf(found.value)).slice(0, this.#maxLabelParts + 1);
    return { ok: false, outcome: () => fails(tooMany, ...this.#onMaker(all)) };
  }

  #tooMany(text: string, options: { readonly base: LabelParts; readonly stack: boolean }): Refusal {
    try {
      parseLabel(text, { ...options, maxParts: this.#maxLabelParts });
    } catch (error) {
      return { ...refusalOf(error), errno: "E2BIG" };
    }
    return { errno: "E2BIG", why: `a label has more than ${this.#maxLabelParts} profiles` };
  }

  /** Whether a look-up of that name ends anywhere. */
  #exists({ namespace, profile }: LabelPart): boolean {
    const there = this.#model.namespace(namespace) !== undefined;
    return there && this.#model.names().resolve(namespace, profile) !== undefined;
  }

  #newest(): ModelLabel {
    return this.#model.newest(this.#label);
  }

  /** Events of the task that makes labels, which is unconfined before and after. */
  #onMaker(making: readonly PlannedEvent[], keeping: readonly PlannedEvent[] = []): PlannedEvent[] {
    if (making.length === 0) return [];
    const leave: PlannedEvent = { do: "change", part: rootUnconfined };
    return [{ do: "useMaker" }, ...making, ...keeping, leave, { do: "useTask" }];
  }
}

/** `a//b` as levels; an empty text is the root. */
function levels(path: string): readonly string[] {
  return path === "" ? [] : path.split(levelSeparator);
}

/** Change to the first, stack the others. */
function enter(parts: LabelParts): PlannedEvent[] {
  return parts.map((part, index): PlannedEvent => ({ do: index === 0 ? "change" : "stack", part }));
}

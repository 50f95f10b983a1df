/**
 * What a history comes to by the plain model of policy: beside it the tasks, files and slots that have labels. A step that would
 * be a script's mistake (a descriptor that is not open, a slot that is full) is left out.
 */
import { type LabelPart, partsKey } from "../../src/policy/label-parts.ts";
import { PolicyModel } from "../../src/policy/policy-model.ts";
import { type ModelLabel, type ModelProfile, partOf, partsOf } from "../../src/policy/policy-objects.ts";
import {
  administrator,
  channels,
  descriptors,
  type LoadedProfile,
  labelSlots,
  maxLabelParts,
  numbers,
  profileNames,
  type Step,
  tasks,
  textSlots,
} from "./policy-history.ts";

/** The kernel's errors, by the names that they have in the kernel program and here. */
export type Answer = "done" | "notPermitted" | "noEntry" | "noAccess" | "busy" | "exists" | "tooManyParts";

const answers: ReadonlyMap<string, Answer> = new Map([
  ["EPERM", "notPermitted"],
  ["ENOENT", "noEntry"],
  ["EACCES", "noAccess"],
  ["EBUSY", "busy"],
  ["EEXIST", "exists"],
]);

const answerTo = (result: { readonly ok: true } | { readonly ok: false; readonly errno: string }): Answer => {
  if (result.ok) return "done";
  const answer = answers.get(result.errno);
  if (answer === undefined) throw new Error(`no history comes to ${result.errno}`);
  return answer;
};

/** A label as numbers of its profiles' versions, in canonical order. */
export type Versions = readonly number[];

/** What there is after a step, as plain data. */
export interface ModelState {
  /** By number: the version of the profile that has the name now, 0 for none. */
  readonly listed: readonly number[];
  /** By number: whether the namespace is there. */
  readonly namespaces: readonly boolean[];
  /** Who has a label, and which; what is the newest version of it. */
  readonly labels: ReadonlyMap<string, { readonly held: Versions; readonly newest: Versions }>;
  /** A label that the step had to find or make. */
  readonly made: Versions | null;
}

interface ModelFile {
  label: ModelLabel;
  allowed: number;
}

interface ModelTask {
  alive: boolean;
  label: ModelLabel;
  /** The label to go back to from a hat. */
  previous: ModelLabel | null;
  readonly files: (ModelFile | null)[];
}

const read = 4;

/** The names by which states tell holders apart. */
export const holderNames = {
  task: (task: number): string => `task ${task}`,
  previous: (task: number): string => `task ${task} before its hat`,
  file: (task: number, fd: number): string => `descriptor ${fd} of task ${task}`,
  slot: (slot: number): string => `slot ${slot}`,
};

export class HistoryModel {
  readonly policy = new PolicyModel();
  readonly #versions = new Map<ModelProfile, number>();
  readonly #tasks: readonly ModelTask[];
  readonly #slots: (ModelLabel | null)[] = new Array<null>(labelSlots).fill(null);
  readonly #texts: boolean[] = new Array<boolean>(textSlots).fill(false);
  readonly #channels: readonly ModelFile[][] = Array.from({ length: channels }, () => []);
  #made: ModelLabel | null = null;
  /** Files that should have got a label of too many profiles. */
  refusedFileLabels = 0;

  constructor() {
    const { label } = this.policy.root.unconfined;
    this.#tasks = Array.from({ length: tasks }, () => ({
      alive: true,
      label,
      previous: null,
      files: new Array<null>(descriptors).fill(null),
    }));
  }

  /** Does a step; what it comes to, or null where it is left out. */
  take(step: Step): Answer | null {
    this.#made = null;
    switch (step.do) {
      case "create":
        return answerTo(this.policy.createNamespace(pathOf(step.namespace)));
      case "destroy":
        return answerTo(this.policy.destroyNamespace(pathOf(step.namespace)));
      case "load":
        return this.#load(step.set, step.replace);
      case "remove": {
        const { namespace, profile } = profileNames[step.profile] as LabelPart;
        return answerTo(this.policy.removeProfile(namespace, profile));
      }
      case "openText":
        return this.#openText(step.profile, step.slot);
      case "closeText":
        if (this.#texts[step.slot] !== true) return null;
        this.#texts[step.slot] = false;
        return "done";
      case "drop":
        if (this.#slots[step.slot] === null) return null;
        this.#slots[step.slot] = null;
        return "done";
      case "parse":
        return this.#parse(step.slot);
      case "lookUp":
        return this.#slots[step.slot] === null ? null : "done";
      case "grace":
        return "done";
      default:
        return this.#tasks[step.task]?.alive === true ? this.#ofTask(step, this.#task(step.task)) : null;
    }
  }

  isAlive(task: number): boolean {
    return this.#task(task).alive;
  }

  isListed(profile: number): boolean {
    const { namespace, profile: name } = profileNames[profile] as LabelPart;
    return this.policy.profile(namespace, name) !== undefined;
  }

  /** Files that were passed through a channel and not received. */
  inChannel(channel: number): number {
    return this.#channels[channel]?.length ?? 0;
  }

  #task(task: number): ModelTask {
    return this.#tasks[task] as ModelTask;
  }

  /** The first record at fault decides, then the model. A set of several namespaces is none that the model can be told. */
  #load(set: readonly LoadedProfile[], replace: boolean): Answer {
    const first = profileNames[set[0]?.profile ?? 0] as LabelPart;
    const before = new Set<number>();
    for (const { profile } of set) {
      const { namespace, profile: name } = profileNames[profile] as LabelPart;
      const there = this.policy.namespace(namespace) !== undefined;
      if (there && name === "unconfined") return "notPermitted";
      if (numbers.namespace(namespace) !== numbers.namespace(first.namespace)) return "noAccess";
      if (before.has(profile)) return "exists";
      before.add(profile);
      if (!there) return "noEntry";
    }
    const entries = set.map(({ profile, mode }) => ({
      name: (profileNames[profile] as LabelPart).profile,
      mode,
    }));
    return answerTo(this.policy.load(first.namespace, entries, replace));
  }

  #openText(profile: number, slot: number): Answer | null {
    if (this.#texts[slot] === true) return null;
    const { namespace, profile: name } = profileNames[profile] as LabelPart;
    // An unconfined profile comes from no text.
    if (name === "unconfined" || this.policy.profile(namespace, name) === undefined) return "noEntry";
    this.#texts[slot] = true;
    return "done";
  }

  #parse(slot: number): Answer | null {
    const label = this.#slots[slot] ?? null;
    if (label === null) return null;
    const found = this.policy.findOrCreate(partsOf(label));
    if (found.ok) this.#made = found.value;
    return answerTo(found);
  }

  #ofTask(step: Extract<Step, { readonly task: number }>, task: ModelTask): Answer | null {
    const { policy } = this;
    switch (step.do) {
      case "change":
      case "stack":
      case "hat":
        return this.#changeLabel(step.do, step.profile, task);
      case "exit":
        if (step.task === administrator) return null;
        task.alive = false;
        task.previous = null;
        task.files.fill(null);
        return "done";
      case "fork": {
        if (step.child === step.task || step.child === administrator) return null;
        const child = this.#task(step.child);
        child.alive = true;
        child.label = step.thread ? task.label : policy.newest(task.label);
        child.previous = task.previous;
        for (let fd = 0; fd < descriptors; fd++) child.files[fd] = task.files[fd] ?? null;
        return "done";
      }
      case "signal":
        return "done";
      case "keep":
        if (this.#slots[step.slot] !== null) return null;
        this.#slots[step.slot] = policy.newest(task.label);
        return "done";
      default:
        return this.#ofFile(step, task);
    }
  }

  #changeLabel(how: "change" | "stack" | "hat", number: number, task: ModelTask): Answer {
    const { policy } = this;
    if (how === "hat" && number === 0) {
      if (task.previous === null) return "noAccess";
      task.label = policy.newest(task.previous);
      task.previous = null;
      return "done";
    }
    const { namespace, profile } = profileNames[number] as LabelPart;
    const found = policy.profile(namespace, profile);
    if (how === "hat") task.label = policy.newest(task.label);
    if (found === undefined) return "noEntry";
    if (how === "hat") {
      const parent = numbers.parent(number);
      const isOurs = partsOf(task.label).some((part) => numbers.profile(part) === parent);
      if (task.previous !== null || !numbers.isHat(number) || !isOurs) return "noAccess";
      task.previous = task.label;
      task.label = found.label;
      return "done";
    }
    const label = how === "change" ? found.label : this.#merge(task.label, found.label);
    if (label === null) return "tooManyParts";
    task.label = label;
    task.previous = null;
    return "done";
  }

  /** The merged label, or null where it would have too many profiles: the model knows no limit. */
  #merge(a: ModelLabel, b: ModelLabel): ModelLabel | null {
    const { policy } = this;
    const profiles = new Set([...policy.newest(a).profiles, ...policy.newest(b).profiles]);
    return profiles.size > maxLabelParts ? null : policy.merge(a, b);
  }

  #ofFile(
    step: Extract<Step, { readonly do: "open" | "socket" | "close" | "use" | "dup" | "pass" | "receive" }>,
    task: ModelTask,
  ): Answer | null {
    const { files } = task;
    const file = files[step.fd] ?? null;
    switch (step.do) {
      case "open":
      case "socket":
        if (file !== null) return null;
        task.label = this.policy.newest(task.label);
        files[step.fd] = {
          label: task.label,
          allowed: step.do === "open" && !isUnconfined(task.label) ? read : 0,
        };
        return "done";
      case "receive": {
        const queue = this.#channels[step.channel] as ModelFile[];
        if (file !== null || queue.length === 0) return null;
        const received = queue.shift() as ModelFile;
        this.#use(task, received, read);
        files[step.fd] = received;
        return "done";
      }
      default:
        if (file === null) return null;
    }
    switch (step.do) {
      case "close":
        files[step.fd] = null;
        return "done";
      case "dup":
        files[step.to] = file;
        return "done";
      case "pass": {
        const queue = this.#channels[step.channel] as ModelFile[];
        if (queue.length === mostInChannel) return null;
        queue.push(file);
        return "done";
      }
      case "use":
        this.#use(task, file, step.mask);
        return "done";
    }
  }

  /** apparmor_file_permission: the file gets the label of who uses it, merged with its own, unless it has that already. */
  #use(task: ModelTask, file: ModelFile, mask: number): void {
    const label = this.policy.newest(task.label);
    const isAllowed = (mask & ~file.allowed) === 0;
    if (isUnconfined(label) || (file.label === label && isAllowed)) return;
    const isIn = isSubset(label, file.label);
    if (isUnconfined(file.label) || (isIn && isAllowed)) return;
    const merged = isIn ? file.label : this.#merge(file.label, label);
    if (merged === null) this.refusedFileLabels++;
    else file.label = merged;
    file.allowed |= mask;
  }

  #version(profile: ModelProfile): number {
    let version = this.#versions.get(profile);
    if (version === undefined) {
      version = this.#versions.size + 1;
      this.#versions.set(profile, version);
    }
    return version;
  }

  #versionsOf(label: ModelLabel): Versions {
    return label.profiles.map((profile) => this.#version(profile));
  }

  state(): ModelState {
    const { policy } = this;
    const labels = new Map<string, { held: Versions; newest: Versions }>();
    const note = (name: string, label: ModelLabel | null | undefined): void => {
      if (label === null || label === undefined) return;
      labels.set(name, {
        held: this.#versionsOf(label),
        newest: this.#versionsOf(policy.newest(label)),
      });
    };
    for (const [number, task] of this.#tasks.entries()) {
      if (!task.alive) continue;
      note(holderNames.task(number), task.label);
      note(holderNames.previous(number), task.previous);
      for (const [fd, file] of task.files.entries()) note(holderNames.file(number, fd), file?.label);
    }
    for (const [slot, label] of this.#slots.entries()) note(holderNames.slot(slot), label);
    return {
      listed: profileNames.map(({ namespace, profile }) => {
        const found = policy.profile(namespace, profile);
        return found === undefined ? 0 : this.#version(found);
      }),
      namespaces: numbers.namespaces.map((path) => policy.namespace(path) !== undefined),
      labels,
      made: this.#made === null ? null : this.#versionsOf(this.#made),
    };
  }
}

/** Fewer than a channel has room for. */
const mostInChannel = 8;

const pathOf = (namespace: number): readonly string[] => numbers.namespaces[namespace] as readonly string[];

const isUnconfined = (label: ModelLabel): boolean =>
  label.profiles.every(({ mode }) => mode === "unconfined");

/** Whether all profiles of `a` are among those of `b`, in whatever versions. */
function isSubset(a: ModelLabel, b: ModelLabel): boolean {
  if (a === b) return true;
  const there = new Set(b.profiles.map((profile) => partsKey([partOf(profile)])));
  return a.profiles.every((profile) => there.has(partsKey([partOf(profile)])));
}

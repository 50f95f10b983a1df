/**
 * Short stories of policy on one CPU, as unit tests tell them: steps with the answers that they must get, and looks at the machine in
 * between. At the end everything is taken down, and nothing may be left.
 */
import { expect } from "vitest";
import { createDirect, type Direct } from "../../src/engines/reference/index.ts";
import { Audit, PolicyError } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { RbFault } from "../../src/kernel/core/rb-check.ts";
import type { SteppedProgram } from "../../src/link/stepped/index.ts";
import { Boot } from "../../src/machine/memory-map.ts";
import type { LabelPart } from "../../src/policy/label-parts.ts";
import { parseLabel } from "../../src/policy/parse-label.ts";
import { printLabel } from "../../src/policy/print-label.ts";
import {
  type LoadedProfile,
  naming,
  numbers,
  population,
  profileNames,
  type Step,
  stepText,
} from "./policy-history.ts";
import { Complaints, checkRules } from "./policy-history-check.ts";
import { hasAnswer, recordsOf, taskOf } from "./policy-history-records.ts";
import { policyStage } from "./policy-history-run.ts";
import { labelsAmong, PolicyView } from "./policy-history-view.ts";
import { type Line, type Population, scriptOf } from "./support.ts";

/** Number of a profile by its text, such as `:a//b:s`. */
export const profile = (text: string): number => numbers.profile(parseLabel(text)[0] as LabelPart);

/** Number of a namespace by its path; none is the root. */
export const namespace = (...path: string[]): number => numbers.namespace(path);

const enforced = (text: string): LoadedProfile => ({ profile: profile(text), mode: "enforce" });

// Steps, as a person would write them down.
export const create = (...path: string[]): Step => ({ do: "create", namespace: namespace(...path) });
export const destroy = (...path: string[]): Step => ({ do: "destroy", namespace: namespace(...path) });
export const load = (...names: string[]): Step => ({ do: "load", set: names.map(enforced), replace: false });
export const replace = (...names: string[]): Step => ({
  do: "load",
  set: names.map(enforced),
  replace: true,
});
export const remove = (name: string): Step => ({ do: "remove", profile: profile(name) });
export const change = (task: number, name: string): Step => ({ do: "change", task, profile: profile(name) });
export const stack = (task: number, name: string): Step => ({ do: "stack", task, profile: profile(name) });
export const hat = (task: number, name: string): Step => ({ do: "hat", task, profile: profile(name) });
export const leaveHat = (task: number): Step => ({ do: "hat", task, profile: 0 });
export const open = (task: number, fd: number): Step => ({ do: "open", task, fd });
export const close = (task: number, fd: number): Step => ({ do: "close", task, fd });
export const use = (task: number, fd: number, mask: number): Step => ({ do: "use", task, fd, mask });
export const pass = (task: number, fd: number): Step => ({ do: "pass", task, fd, channel: 0 });
export const receive = (task: number, fd: number): Step => ({ do: "receive", task, fd, channel: 0 });
export const fork = (task: number, child: number): Step => ({ do: "fork", task, child, thread: false });
export const keep = (task: number, slot: number): Step => ({ do: "keep", task, slot });
export const drop = (slot: number): Step => ({ do: "drop", slot });
export const parse = (slot: number): Step => ({ do: "parse", slot });
export const lookUp = (slot: number): Step => ({ do: "lookUp", slot });
export const openText = (name: string, slot: number): Step => ({
  do: "openText",
  profile: profile(name),
  slot,
});
export const closeText = (slot: number): Step => ({ do: "closeText", slot });
export const grace: Step = { do: "grace" };

/** A label by its text as everything here writes it, with ` (stale)` behind one that is. */
export class Story {
  readonly machine: Direct;
  readonly view: PolicyView;

  constructor(machine: Direct, view: PolicyView) {
    this.machine = machine;
    this.view = view;
  }

  audit(counter: Audit): number {
    return this.machine.call("audit", [counter]);
  }

  #text(address: number | undefined): string {
    if (address === undefined) return "none";
    const label = this.view.label(address);
    const parts = label.profiles.map((one) => profileNames[this.view.nameOf(one)] as LabelPart);
    return printLabel(parts) + (label.stale ? " (stale)" : "");
  }

  /** The label that `holderNames` says somebody has. */
  label(holder: string): string {
    return this.#text(this.view.holders().get(holder));
  }

  newest(holder: string): string {
    const address = this.view.holders().get(holder);
    return this.#text(address === undefined ? undefined : this.view.newest(address));
  }

  /** Texts of labels that are in the sets of namespaces that are there, stale ones too; those of one profile only by number. */
  compounds(): string[] {
    const members = this.view.members().filter(({ profiles }) => profiles.length > 1);
    return members.map(({ address }) => this.#text(address)).sort();
  }

  /** Address of the profile that has the name now, 0 for none. */
  listed(name: string): number {
    return this.view.listed()[profile(name)] ?? 0;
  }

  /** Grace periods until no callback is left. */
  settle(): void {
    while (this.machine.gracePeriod(0) > 0);
  }

  /** No page of memory is left from now on; what is free in pages that are taken stays so. */
  takeMemory(): void {
    const next = this.machine.read(this.view.constant("globalHeapNext"));
    this.machine.write(Boot.heapEnd, next);
  }

  /** The rules of policy-history-check.ts hold now. */
  expectSound(): void {
    const wrong = new Complaints();
    checkRules(this.view, labelsAmong(this.machine.liveObjects()), wrong);
    expect(wrong.lines).toEqual([]);
    expect(RbFault[this.machine.call("checkSets")]).toBe(RbFault[RbFault.none]);
  }
}

type Answer = keyof typeof PolicyError;

/** A step that gets another answer than `done`. */
export const refused = (step: Step, answer: Answer): { readonly step: Step; readonly answer: Answer } => ({
  step,
  answer,
});

/** A step whose answer the story looks at itself, as `story.audit(Audit.answers + ...)` cannot know it. */
export const anyhow = (step: Step): { readonly step: Step; readonly answer: null } => ({
  step,
  answer: null,
});

type Scene = Step | { readonly step: Step; readonly answer: Answer | null } | ((story: Story) => void);

export interface StoryOptions {
  readonly program?: SteppedProgram;
  readonly population?: Partial<Population>;
  readonly memoryBytes?: number;
  /** Script errors that the story makes on purpose. */
  readonly scriptErrors?: number;
  /** Whether memory is used up on purpose, which is a warning. */
  readonly exhausts?: boolean;
  /** Hears of every mark. */
  readonly onMark?: (mark: { readonly event: number; readonly argument: number }) => void;
}

/** Tells a story from the beginning to the end, where nothing may be left. */
export function tell(scenes: readonly Scene[], options: StoryOptions = {}): void {
  const {
    program = policyStage("kref", 2),
    memoryBytes = 1 << 20,
    scriptErrors = 0,
    exhausts = false,
    onMark,
  } = options;
  const lines: Line[] = naming();
  const beginning = lines.length;
  const records = scenes.map((scene, at) => {
    if (typeof scene === "function") return 0;
    const step = "step" in scene ? scene.step : scene;
    if (step.do === "grace") return 0;
    const own: Line[] = [["switchTask", taskOf(step)], ...recordsOf(step)];
    if (hasAnswer(step)) own.push(["answer", at]);
    lines.push(...own);
    return own.length;
  });
  const machine = createDirect(program, {
    scripts: [scriptOf(lines)],
    memoryWords: memoryBytes / 4,
    ...(onMark === undefined ? {} : { onMark }),
  });
  machine.call("boot", bootArguments({ ...population(scenes.length), ...options.population }));
  machine.call("run", [0, beginning]);
  const names = profileNames.map((_, index) => machine.call("nameAt", [index]));
  const { constants } = program;
  const story = new Story(machine, new PolicyView({ read: (at) => machine.read(at), constants }, names));
  for (const [at, scene] of scenes.entries()) {
    if (typeof scene === "function") {
      scene(story);
      continue;
    }
    const { step, answer } = "step" in scene ? scene : { step: scene, answer: "done" as const };
    if (step.do === "grace") machine.gracePeriod(0);
    else machine.call("run", [0, records[at] ?? 0]);
    if (hasAnswer(step) && answer !== null) {
      expect(PolicyError[story.audit(Audit.answers + at)], `scene ${at + 1}, ${stepText(step)}`).toBe(answer);
    }
  }
  expect(story.audit(Audit.allScriptErrors), "script errors").toBe(scriptErrors);
  machine.call("teardown", [0]);
  story.settle();
  machine.call("dismantle");
  story.settle();
  expect(machine.liveObjects()).toEqual([]);
  expect(story.audit(Audit.objects)).toBe(0);
  expect(story.audit(Audit.percpuBytesInUse)).toBe(0);
  expect(story.audit(Audit.allViolations)).toBe(0);
  if (!exhausts) expect(story.audit(Audit.allWarnings)).toBe(0);
}

/** Histories of policy for property tests: a small world of names, what can happen in it, and a text that a person can read. */
import type { PolicyMode } from "../../src/kernel/events.ts";
import { type LabelPart, levelSeparator } from "../../src/policy/label-parts.ts";
import type { ProfileMode } from "../../src/policy/modes.ts";
import { printLabel } from "../../src/policy/print-label.ts";
import { PolicyNumbers } from "../../src/workloads/policy-names.ts";
import type { Line, Population } from "./support.ts";

/** Two namespaces, one inside the other, and one beside them. */
export const namespacePaths = [["a"], ["a", "b"], ["c"]] as const satisfies readonly (readonly string[])[];

/** Upper case makes a hat. The order is no order of names. */
const named: readonly LabelPart[] = [
  { namespace: [], profile: "q" },
  { namespace: [], profile: "p" },
  { namespace: [], profile: "p//HAT" },
  { namespace: [], profile: "p//child" },
  { namespace: ["a"], profile: "r" },
  { namespace: ["a"], profile: "r//HAT" },
  { namespace: ["a", "b"], profile: "s" },
  { namespace: ["c"], profile: "t" },
];

export const numbers = new PolicyNumbers({ namespaces: namespacePaths, profiles: named });

/** All names; a profile's place is its number. */
export const profileNames = numbers.profiles;

/** The last task makes changes of policy and never exits; the others are what histories are about. */
export const tasks = 5;
export const administrator = tasks - 1;
export const descriptors = 4;
export const channels = 2;
export const labelSlots = 6;
export const textSlots = 3;
/** So few that histories come to it. */
export const maxLabelParts = 4;

export const population = (answers: number): Population => ({
  profiles: 0,
  tasks,
  descriptorsPerTask: descriptors,
  threadsPerProcess: 1,
  channels,
  namedProfiles: numbers.namedProfiles,
  namespaces: numbers.namedNamespaces,
  labelSlots,
  rawdataSlots: textSlots,
  answers,
});

export interface LoadedProfile {
  readonly profile: number;
  readonly mode: ProfileMode & keyof typeof PolicyMode;
}

/** Namespaces, profiles and tasks by number. */
export type Step =
  | { readonly do: "create" | "destroy"; readonly namespace: number }
  | { readonly do: "load"; readonly set: readonly LoadedProfile[]; readonly replace: boolean }
  | { readonly do: "remove"; readonly profile: number }
  | { readonly do: "change" | "stack" | "hat"; readonly task: number; readonly profile: number }
  | { readonly do: "fork"; readonly task: number; readonly child: number; readonly thread: boolean }
  | { readonly do: "exit"; readonly task: number }
  | { readonly do: "open" | "socket" | "close"; readonly task: number; readonly fd: number }
  | { readonly do: "use"; readonly task: number; readonly fd: number; readonly mask: number }
  | { readonly do: "dup"; readonly task: number; readonly fd: number; readonly to: number }
  | { readonly do: "pass" | "receive"; readonly task: number; readonly fd: number; readonly channel: number }
  | { readonly do: "signal"; readonly task: number; readonly target: number }
  | { readonly do: "keep"; readonly task: number; readonly slot: number }
  | { readonly do: "drop" | "parse" | "lookUp"; readonly slot: number }
  | { readonly do: "openText"; readonly profile: number; readonly slot: number }
  | { readonly do: "closeText"; readonly slot: number }
  /** A grace period passes. */
  | { readonly do: "grace" };

const nameOf = (profile: number): string => printLabel([profileNames[profile] as LabelPart]);
const pathOf = (namespace: number): string =>
  (numbers.namespaces[namespace] as readonly string[]).join(levelSeparator) || "the root";

/** One step, for people. */
export function stepText(step: Step): string {
  switch (step.do) {
    case "create":
    case "destroy":
      return `${step.do} namespace ${pathOf(step.namespace)}`;
    case "load": {
      const set = step.set.map(({ profile, mode }) => `${nameOf(profile)} (${mode})`);
      return `${step.replace ? "replace" : "load"} ${set.join(", ")}`;
    }
    case "remove":
      return `remove ${nameOf(step.profile)}`;
    case "hat":
      return `task ${step.task}: ${step.profile === 0 ? "leave the hat" : `hat ${nameOf(step.profile)}`}`;
    case "change":
    case "stack":
      return `task ${step.task}: ${step.do} ${nameOf(step.profile)}`;
    case "fork":
      return `task ${step.task}: fork ${step.thread ? "thread" : "task"} ${step.child}`;
    case "exit":
      return `task ${step.task}: exit`;
    case "open":
    case "socket":
    case "close":
      return `task ${step.task}: ${step.do} ${step.fd}`;
    case "use":
      return `task ${step.task}: use ${step.fd} with mask ${step.mask}`;
    case "dup":
      return `task ${step.task}: dup ${step.fd} to ${step.to}`;
    case "pass":
      return `task ${step.task}: pass ${step.fd} through channel ${step.channel}`;
    case "receive":
      return `task ${step.task}: receive ${step.fd} from channel ${step.channel}`;
    case "signal":
      return `task ${step.task}: signal task ${step.target}`;
    case "keep":
      return `task ${step.task}: keep label in slot ${step.slot}`;
    case "drop":
    case "parse":
    case "lookUp":
      return `${step.do} slot ${step.slot}`;
    case "openText":
      return `open text ${step.slot} of ${nameOf(step.profile)}`;
    case "closeText":
      return `close text ${step.slot}`;
    case "grace":
      return "a grace period passes";
  }
}

/** A whole history, one step a line. */
export const historyText = (steps: readonly Step[]): string =>
  steps.map((step, at) => `${String(at + 1).padStart(3)}  ${stepText(step)}`).join("\n");

/** Records that tell the kernel all names. */
export function naming(): Line[] {
  const all = [...profileNames.keys()];
  return [
    ...all.map((index): Line => {
      const part = profileNames[index] as LabelPart;
      return ["nameProfile", index, numbers.namespace(part.namespace), numbers.rank(index)];
    }),
    ...all.flatMap((index): Line[] => {
      const parent = numbers.parent(index);
      return parent === null ? [] : [["nameChild", index, parent, numbers.isHat(index) ? 1 : 0]];
    }),
  ];
}

const enforced = (profile: number): LoadedProfile => ({ profile, mode: "enforce" });

/** Everything that has a name is there, parents first. */
export const everythingThere: readonly Step[] = [
  ...namespacePaths.map((path): Step => ({ do: "create", namespace: numbers.namespace(path) })),
  ...named.map((part): Step => ({ do: "load", set: [enforced(numbers.profile(part))], replace: false })),
];

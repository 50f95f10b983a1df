/**
 * A history split over CPUs. Each namespace is changed by one CPU only, so the policy that it ends with does not depend on the
 * schedule; which labels tasks have meanwhile does. CPU 0 changes policy and nothing else, CPU 1 changes namespace `c` between what
 * its tasks do, CPU 2 has tasks alone. All tasks have files in common, and CPU 1 sends some to CPU 2.
 */
import fc from "fast-check";
import type { LabelPart } from "../../src/policy/label-parts.ts";
import {
  administrator,
  everythingThere,
  historyText,
  naming,
  numbers,
  profileNames,
  type Step,
} from "./policy-history.ts";
import { otherStep, policyStep } from "./policy-history-arbitrary.ts";
import { HistoryModel } from "./policy-history-model.ts";
import { recordsOf } from "./policy-history-records.ts";
import type { Line } from "./support.ts";

export const cpus = 3;

/** Of CPUs 1 and 2, two tasks and three slots each. */
const ownTask = (cpu: number, task: number): number => (cpu - 1) * 2 + (task % 2);
const ownSlot = (cpu: number, slot: number): number => (cpu - 1) * 3 + (slot % 3);

const inC = (profile: number): boolean => (profileNames[profile] as LabelPart).namespace[0] === "c";

/** Whether a step changes the policy of a CPU's own namespaces, or none. */
function isOwnPolicy(cpu: number, step: Step): boolean {
  const own = (isC: boolean): boolean => cpu === (isC ? 1 : 0);
  switch (step.do) {
    case "create":
    case "destroy":
      // The root cannot go; its look-up is in everybody's way alike.
      return own(numbers.namespaces[step.namespace]?.[0] === "c");
    case "load":
      return step.set.every(({ profile }) => own(inC(profile)));
    case "remove":
    case "openText":
      return own(inC(step.profile));
    default:
      return true;
  }
}

/** The step as a CPU may do it, with what is its own; null where it may not. */
function asOwn(cpu: number, step: Step): Step | null {
  if (!isOwnPolicy(cpu, step)) return null;
  if (cpu === 0) return "task" in step || "slot" in step ? null : step;
  let own: Step = step;
  if ("task" in own) own = { ...own, task: ownTask(cpu, own.task) };
  switch (own.do) {
    case "exit":
      // The first one changes policy, too.
      return { ...own, task: ownTask(cpu, 1) };
    case "fork":
      return { ...own, child: ownTask(cpu, own.child) };
    case "keep":
    case "drop":
    case "parse":
    case "lookUp":
      return { ...own, slot: ownSlot(cpu, own.slot) };
    case "pass":
      return cpu === 1 ? { ...own, channel: 0 } : null;
    case "receive":
      return cpu === 2 ? { ...own, channel: 0 } : null;
    case "openText":
    case "closeText":
      // Whether a slot is full would depend on the schedule.
      return null;
    case "grace":
      return null;
    default:
      return own;
  }
}

/** Before anybody else runs: all profiles, and files of different labels that all tasks have open. */
const preparation: readonly Step[] = [
  ...everythingThere,
  { do: "change", task: 0, profile: numbers.profile({ namespace: [], profile: "p" }) },
  { do: "open", task: 0, fd: 0 },
  { do: "stack", task: 0, profile: numbers.profile({ namespace: ["c"], profile: "t" }) },
  { do: "open", task: 0, fd: 1 },
  { do: "fork", task: 0, child: 1, thread: true },
  { do: "fork", task: 0, child: 2, thread: false },
  { do: "fork", task: 0, child: 3, thread: true },
];

/** What each task does last, when policy rests: the label is then known, whatever it was. */
const lastStacked = [
  { namespace: ["a", "b"], profile: "s" },
  { namespace: ["c"], profile: "t" },
  { namespace: [], profile: "q" },
].map((part) => numbers.profile(part));

export interface SplitScripts {
  readonly scripts: readonly (readonly Line[])[];
  /** Records that CPU 0 executes alone, then those that each CPU executes before policy rests. */
  readonly preparing: number;
  readonly running: readonly number[];
  /** The policy that is left, whatever the schedule. */
  readonly policy: HistoryModel;
  /** The label of every task that is left, by numbers of names; by task. */
  readonly labels: ReadonlyMap<number, readonly number[]>;
}

const linesOf = (step: Step, others: number): Line[] => [
  ["switchTask", "task" in step ? step.task : others],
  ...recordsOf(step),
];

/** The scripts of steps that were drawn for CPUs 0, 1 and 2. */
export function splitScripts(drawn: readonly (readonly Step[])[]): SplitScripts {
  const policy = new HistoryModel();
  for (const step of preparation) policy.take(step);
  const prepared: Line[] = [
    ...naming(),
    ...preparation.flatMap((step) => linesOf(step, administrator)),
    ["switchTask", administrator],
  ];
  const scripts: Line[][] = Array.from({ length: cpus }, (_, cpu) => (cpu === 0 ? [...prepared] : []));
  const running: number[] = [];
  const labels = new Map<number, readonly number[]>();
  const models: HistoryModel[] = [];
  for (let cpu = 0; cpu < cpus; cpu++) {
    const lines = scripts[cpu] as Line[];
    const before = lines.length;
    // Only for what is possible: which task lives, which descriptor is open, which slot full.
    const model = new HistoryModel();
    for (const step of preparation) model.take(step);
    for (let sent = models[1]?.inChannel(0) ?? 0; sent > 0; sent--) {
      model.take({ do: "pass", task: 0, fd: 0, channel: 0 });
    }
    models.push(model);
    for (const step of drawn[cpu] ?? []) {
      const own = asOwn(cpu, step);
      if (own === null || model.take(own) === null) continue;
      if (isPolicy(own)) policy.take(own);
      lines.push(...linesOf(own, cpu === 0 ? administrator : ownTask(cpu, 0)));
    }
    running.push(lines.length - before);
  }
  for (let cpu = 1; cpu < cpus; cpu++) {
    for (const task of [ownTask(cpu, 0), ownTask(cpu, 1)]) {
      if (!(models[cpu] as HistoryModel).isAlive(task)) continue;
      const steps = [
        { do: "change", task, profile: 0 } as const,
        ...lastStacked.map((profile) => ({ do: "stack", task, profile }) as const),
      ];
      (scripts[cpu] as Line[]).push(...steps.flatMap((step) => linesOf(step, task)));
      labels.set(task, [0, ...lastStacked.filter((profile) => policy.isListed(profile))]);
    }
  }
  labels.set(administrator, [0]);
  return { scripts, preparing: prepared.length, running, policy, labels };
}

const isPolicy = (step: Step): boolean => ["create", "destroy", "load", "remove"].includes(step.do);

/** Steps for each CPU, and how fast-check prints them. */
export class SplitHistory {
  readonly drawn: readonly (readonly Step[])[];

  constructor(drawn: readonly (readonly Step[])[]) {
    this.drawn = drawn;
  }

  [fc.toStringMethod](): string {
    return this.drawn
      .map((steps, cpu) => {
        const own = steps.flatMap((step) => asOwn(cpu, step) ?? []);
        return `\nCPU ${cpu}:\n${historyText(own)}`;
      })
      .join("");
  }
}

/** Up to so many steps on each CPU; some are not possible and left out. */
export function splitHistory(limits: {
  readonly minLength?: number;
  readonly maxLength: number;
}): fc.Arbitrary<SplitHistory> {
  const some = (step: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> => fc.array(step, { ...limits, size: "max" });
  return fc
    .tuple(
      some(policyStep),
      some(fc.oneof({ weight: 1, arbitrary: policyStep }, { weight: 3, arbitrary: otherStep })),
      some(otherStep),
    )
    .map((drawn) => new SplitHistory(drawn));
}

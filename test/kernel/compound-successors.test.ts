/**
 * Two who make the successor of one compound at the same time, while another of its profiles is replaced: schedules that chance does
 * not come to, driven by what is in memory. Who holds the oldest version must come to the newest, and nothing may be left.
 */
import { describe, expect, it } from "vitest";
import { type ActorSpec, ReferenceEngine } from "../../src/engines/reference/index.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import type { SteppedProgram } from "../../src/link/stepped/index.ts";
import { everythingThere, naming, numbers, population, profileNames, type Step } from "./policy-history.ts";
import { Complaints, checkRules } from "./policy-history-check.ts";
import { holderNames } from "./policy-history-model.ts";
import { recordsOf, taskOf } from "./policy-history-records.ts";
import { policyStage } from "./policy-history-run.ts";
import { labelsAmong, PolicyView } from "./policy-history-view.ts";
import { type Line, scriptOf } from "./support.ts";

const p = numbers.profile({ namespace: [], profile: "p" });
const q = numbers.profile({ namespace: [], profile: "q" });

const both = (task: number): Step[] => [
  { do: "change", task, profile: p },
  { do: "stack", task, profile: q },
];
const replaced = (profile: number): Step => ({
  do: "load",
  set: [{ profile, mode: "enforce" }],
  replace: true,
});
const linesOf = (step: Step): Line[] => [["switchTask", taskOf(step)], ...recordsOf(step)];

/** Where a set has its lock: a line behind the tree (`LabelSet.lock`). */
const lockInSet = 64;

/** What the scripts of CPU 0, who replaces p and then q, and of CPUs 1 and 2, who merge the two, may be stopped at. */
interface Moment {
  /** References to the compound that was there before. */
  holders(): number;
  isStale(profile: number): boolean;
  /** Whether the compound is in the set. */
  isMember(): boolean;
  /** Whether nobody has the lock of the set, or of the compound's proxy. */
  isFree(): boolean;
  /** Whether that task has a label of two profiles. */
  hasBoth(task: number): boolean;
  /** Versions that were made since, and are stale. */
  staleSuccessors(): number;
}

/** One CPU goes on until something is so; nothing happens where it already is. */
type Stage = readonly [cpu: number, until: (moment: Moment, steps: number) => boolean];

/** Runs the stages, then everything to its end under the schedule of `seed`; what is wrong. */
function wrongAfter(program: SteppedProgram, stages: readonly Stage[], seed: string): string[] {
  const before = [...everythingThere, ...both(0)].flatMap(linesOf);
  const prepared = [...naming(), ...before];
  const scripts = [
    [...prepared, ...[replaced(p), replaced(q)].flatMap(linesOf)],
    both(1).flatMap(linesOf),
    both(2).flatMap(linesOf),
  ];
  const left: Stage[] = [];
  let moment: Moment | undefined;
  let began = 0;
  const schedule = new Proxy([] as number[], {
    get(_, key): unknown {
      while (moment !== undefined && left[0]?.[1](moment, engine.world.steps - began) === true) {
        left.shift();
        began = engine.world.steps;
      }
      if (key === "length") return left.length === 0 ? 0 : Number.MAX_SAFE_INTEGER;
      return left[0]?.[0];
    },
  });
  const cpus = scripts.length;
  const engine = new ReferenceEngine(program, {
    memoryBytes: 1 << 20,
    cpus: cpus + 1,
    seed,
    scripts: scripts.map(scriptOf),
    record: false,
    stepLimit: 200_000,
    schedule,
  });
  const softirq: ActorSpec = { cpu: cpus, entry: "softirq", args: [cpus], role: "softirq" };
  const one = (entry: string, ...args: number[]): ActorSpec => ({ cpu: 0, entry, args, role: "script" });
  const each = (entry: string, ...args: number[]): ActorSpec[] =>
    scripts.map((_, cpu) => ({ cpu, entry, args: [cpu, ...args], role: "script" }));
  engine.run([one("boot", ...bootArguments(population(0)))]);
  for (let cpu = 0; cpu <= cpus; cpu++) engine.run([{ cpu, entry: "bootCpu", args: [cpu], role: "script" }]);
  engine.run([one("run", 0, prepared.length), softirq]);
  const names = profileNames.map((_, index) => {
    engine.run([one("nameAt", index)]);
    return engine.returnedBy(0);
  });
  const { constants } = program;
  const read = (address: number): number => engine.memory[address >> 2] ?? 0;
  const view = new PolicyView({ read, constants }, names);
  const first = view.listed();
  const compound = view.holders().get(holderNames.task(0)) ?? 0;
  const proxy = read(compound + (constants.get("labelProxy") ?? 0));
  const lock = (view.namespaces()[0] ?? 0) + (constants.get("setTree") ?? 0) + lockInSet;
  const stale = new Set<number>();
  moment = {
    holders: () => view.label(compound).holders,
    isStale: (profile) => view.profileIsStale(first[profile] ?? 0),
    isMember: () => view.label(compound).inTree,
    isFree: () => read(lock) === 0 && read(lock + 4) === 0 && read(proxy + 4) === 0,
    hasBoth: (task) => view.label(view.holders().get(holderNames.task(task)) ?? 0).profiles.length === 2,
    staleSuccessors: () => {
      for (const address of labelsAmong(engine.world.shadow?.live() ?? [])) {
        const label = view.label(address);
        if (label.stale && label.profiles.length === 2 && address !== compound) stale.add(address);
      }
      return stale.size;
    },
  };
  left.push(...stages);
  began = engine.world.steps;
  engine.run([...each("run", 0), softirq]);
  const wrong = new Complaints();
  if (!engine.world.halted) checkRules(view, labelsAmong(engine.world.shadow?.live() ?? []), wrong);
  engine.run([...each("teardown"), softirq]);
  // Before policy goes, which would make the last versions anew.
  for (const address of labelsAmong(engine.world.shadow?.live() ?? [])) {
    const label = view.label(address);
    wrong.unless(label.profiles.length === 1, () => `nobody has it, but it is there: ${view.text(label)}`);
  }
  engine.run([one("dismantle"), softirq]);
  for (const { verdict, detail } of engine.finish().violations) wrong.lines.push(`${verdict}: ${detail}`);
  return wrong.lines;
}

/** How far CPU 1 gets, after the replacement that makes its compound out of date, before others go on: each step of the way. */
const distances = Array.from({ length: 40 }, (_, steps) => steps);

describe.each([
  ["rwlock", 0],
  ["seqlock", 1],
  ["rcu-list", 2],
] as const)("with the label set %s", (_, labelSet) => {
  describe.each(["kref", "percpu-ref"] as const)("and %s", (strategy) => {
    const program = policyStage(strategy, labelSet);
    /** CPU 1 has found the compound, and its profile is replaced before it looks again. */
    const foundBefore: readonly Stage[] = [
      [1, (moment) => moment.holders() > 1 && moment.isFree()],
      [0, (moment) => moment.isStale(p)],
    ];

    it("a successor that is replaced before it has taken the place leads on", () => {
      for (const distance of distances.slice(0, 25)) {
        const stages: readonly Stage[] = [
          ...foundBefore,
          [1, (moment) => !moment.isMember() && moment.isFree()],
          [1, (moment, steps) => steps >= distance && moment.isFree()],
          [0, (moment) => moment.staleSuccessors() > 0],
        ];
        expect([distance, ...wrongAfter(program, stages, "rest")]).toEqual([distance]);
      }
    });

    it("a successor that comes after another one keeps nothing alive", () => {
      for (const distance of distances) {
        const stages: readonly Stage[] = [
          ...foundBefore,
          [1, (moment, steps) => steps >= distance && moment.isFree()],
          [2, (moment) => moment.hasBoth(2)],
          [0, (moment) => moment.isStale(q)],
          [1, (moment) => moment.hasBoth(1)],
        ];
        expect([distance, ...wrongAfter(program, stages, "rest")]).toEqual([distance]);
      }
    });
  });
});

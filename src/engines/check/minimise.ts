/**
 * Makes the schedule of a finding as short and as easy to read as dropping and moving steps can make it: no single step can be
 * left out any more, and actors take turns as rarely as greedy moving finds.
 */
import type { SteppedProgram } from "../../link/stepped/index.ts";
import { CheckMachine } from "./machine.ts";
import { type Breach, type CheckProblem, type Finding, type Transition, transitionStride } from "./types.ts";

const room = 4096;

/** Runs schedules from the start and says what they come to. */
class Trial {
  private readonly machine: CheckMachine;
  private readonly verdict: Breach["verdict"];
  private readonly enabled = new Int32Array(room);

  constructor(machine: CheckMachine, verdict: Breach["verdict"]) {
    this.machine = machine;
    this.verdict = verdict;
  }

  /** The schedule up to where it breaks the same rule, or null where it does not, or cannot be run. */
  run(schedule: readonly Transition[]): Finding | null {
    const { machine } = this;
    machine.reset();
    for (let i = 0; i < schedule.length; i++) {
      const transition = schedule[i] as Transition;
      if (!machine.isEnabled(transition)) return null;
      if (!machine.perform(transition)) return this.finding(machine.breach, schedule.slice(0, i + 1));
    }
    if (machine.enabled(this.enabled) !== 0) return null;
    if (!machine.isOver()) return this.finding(machine.deadlock(), schedule);
    return machine.conclude() ? null : this.finding(machine.breach, schedule);
  }

  private finding(breach: Breach | null, schedule: readonly Transition[]): Finding | null {
    return breach?.verdict === this.verdict ? { breach, schedule } : null;
  }
}

const actorOf = (transition: Transition): number => Math.floor(transition / transitionStride);

/** Where blocks of the same actor begin. */
function blocks(schedule: readonly Transition[]): number[] {
  const starts: number[] = [];
  for (let i = 0; i < schedule.length; i++) {
    if (i === 0 || actorOf(schedule[i] as number) !== actorOf(schedule[i - 1] as number)) starts.push(i);
  }
  return starts;
}

/** A schedule without some part of this one that still breaks the rule, or null; large parts first. */
function shorter(trial: Trial, { schedule }: Finding): Finding | null {
  for (let size = schedule.length >> 1; size >= 1; size = size > 1 ? size >> 1 : 0) {
    for (let from = schedule.length - size; from >= 0; from -= Math.max(1, size >> 1)) {
      const found = trial.run([...schedule.slice(0, from), ...schedule.slice(from + size)]);
      if (found !== null) return found;
    }
  }
  return null;
}

/** A schedule without the last steps of one actor, or with none of its steps from some place on, or null. */
function withoutTail(trial: Trial, { schedule }: Finding): Finding | null {
  for (const actor of new Set(schedule.map(actorOf))) {
    const own = schedule.flatMap((transition, i) => (actorOf(transition) === actor ? [i] : []));
    for (let kept = 0; kept < own.length; kept++) {
      const last = own[kept] as number;
      const found = trial.run(schedule.filter((transition, i) => i < last || actorOf(transition) !== actor));
      if (found !== null) return found;
    }
  }
  return null;
}

/** A schedule of the same steps with fewer changes of actor, or null: a block joins the one of its actor before or behind it. */
function calmer(trial: Trial, { schedule }: Finding): Finding | null {
  const starts = [...blocks(schedule), schedule.length];
  const block = (i: number) => schedule.slice(starts[i], starts[i + 1]);
  const count = starts.length - 1;
  for (let left = 0; left < count; left++) {
    const actor = actorOf(schedule[starts[left] as number] as number);
    for (let right = left + 2; right < count; right++) {
      if (actorOf(schedule[starts[right] as number] as number) !== actor) continue;
      const head = schedule.slice(0, starts[left]);
      const between = schedule.slice(starts[left + 1], starts[right]);
      const tail = schedule.slice(starts[right + 1]);
      const orders = [
        [...head, ...block(left), ...block(right), ...between, ...tail],
        [...head, ...between, ...block(left), ...block(right), ...tail],
      ];
      for (const order of orders) {
        const found = blocks(order).length < count ? trial.run(order) : null;
        if (found !== null) return found;
      }
      break;
    }
  }
  return null;
}

/**
 * A finding with the same verdict whose schedule loses the verdict, or cannot be run, whenever one of its steps is left out.
 * Schedules that end at a broken rule are cut off there; those of leaks and deadlocks run to the end.
 */
export function minimise(program: SteppedProgram, problem: CheckProblem, finding: Finding): Finding {
  const trial = new Trial(new CheckMachine(program, problem), finding.breach.verdict);
  let best = trial.run(finding.schedule);
  if (best === null) return finding;
  // Every round makes the schedule shorter, or equally long with fewer blocks, so that there is an end.
  for (;;) {
    const better: Finding | null = shorter(trial, best) ?? withoutTail(trial, best) ?? calmer(trial, best);
    if (better === null) return best;
    best = better;
  }
}

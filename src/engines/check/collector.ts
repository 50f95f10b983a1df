/** What the depth-first searches keep of the executions that they have seen: outcomes, findings, counts. */
import type { CheckMachine } from "./machine.ts";
import {
  type Breach,
  type ExploreOptions,
  type ExploreProgress,
  type ExploreResult,
  type Finding,
  type Transition,
  TransitionKind,
  transitionStride,
} from "./types.ts";

const defaultMemoryBytes = 2 ** 31;
/** Programs that these searches are for need some hundred; looking for races takes time quadratic in this. */
const defaultStepLimit = 5000;

type Machine = Pick<
  CheckMachine,
  "isOver" | "conclude" | "deadlock" | "breach" | "outcome" | "pendingOp" | "problem"
>;

export class Collector {
  /** The search is over: everything was seen, or the first finding or a limit ended it. */
  over = false;
  transitions = 0;
  executions = 0;
  sleepBlocked = 0;
  /** Longest path in transitions. */
  depth = 0;
  /** Most own steps of each actor in one execution that ended. */
  private readonly ownSteps: number[] = [];
  /** Transitions of one execution at which it is cut off. */
  readonly stepLimit: number;
  private readonly machine: Machine;
  private readonly stopAtFirst: boolean;
  private readonly memoryBytes: number;
  private readonly executionLimit: number;
  private readonly outcomes = new Set<string>();
  private readonly findings: Finding[] = [];
  private readonly known = new Set<string>();
  private limit: ExploreResult["limit"];
  private stopped = false;

  constructor(machine: Machine, options: ExploreOptions) {
    this.machine = machine;
    this.stepLimit = machine.problem.stepLimit ?? defaultStepLimit;
    this.stopAtFirst = options.stopAtFirst ?? true;
    this.memoryBytes = options.memoryBytes ?? defaultMemoryBytes;
    this.executionLimit = options.stateLimit ?? Number.POSITIVE_INFINITY;
  }

  /** An execution in which nothing can happen any more. Disturbs the machine. */
  ended(schedule: () => Transition[]): void {
    const { machine } = this;
    this.executed();
    this.countSteps(schedule());
    if (!machine.isOver()) this.broke(machine.deadlock(), schedule);
    else if (machine.conclude()) this.outcomes.add(machine.outcome);
    else this.broke(machine.breach as Breach, schedule);
  }

  private countSteps(schedule: readonly Transition[]): void {
    const counts = this.machine.problem.actors.map(() => 0);
    for (const transition of schedule) {
      const actor = Math.floor(transition / transitionStride);
      if (transition % transitionStride === TransitionKind.step) counts[actor] = (counts[actor] ?? 0) + 1;
    }
    for (const [actor, steps] of counts.entries()) {
      this.ownSteps[actor] = Math.max(this.ownSteps[actor] ?? 0, steps);
    }
  }

  /** An execution that a broken rule ended. */
  broken(schedule: () => Transition[]): void {
    this.executed();
    this.broke(this.machine.breach as Breach, schedule);
  }

  /**
   * An execution that is longer than one may be: so are more of them than anybody wants to wait for. Where one actor did most of
   * it by itself, that is told as a finding, for a report to show its loop.
   */
  cutOff(schedule: () => Transition[]): void {
    this.executed();
    this.limit ??= "steps";
    const whole = schedule();
    const alone = stepsAlone(whole);
    if (alone * 2 >= whole.length) this.note(this.endless(whole, alone), () => whole);
    if (this.stopAtFirst) this.over = true;
  }

  private endless(schedule: readonly Transition[], alone: number): Breach {
    const actor = Math.floor((schedule.at(-1) as number) / transitionStride);
    const detail = `${alone} steps by itself, and no end of the ${this.stepLimit} that an execution may have`;
    return { verdict: "limit-exceeded", actor, op: this.machine.pendingOp(actor), address: -1, detail };
  }

  /** Ends the search where it holds more than it may. */
  holds(bytes: number): void {
    if (bytes > this.memoryBytes) this.stop("memory");
  }

  private executed(): void {
    if (++this.executions >= this.executionLimit) this.stop("states");
  }

  private stop(limit: NonNullable<ExploreResult["limit"]>): void {
    this.limit ??= limit;
    this.over = true;
  }

  private broke(breach: Breach, schedule: () => Transition[]): void {
    // Neither right nor wrong: a buffer or a queue is too small for the program.
    if (breach.verdict === "limit-exceeded") this.limit ??= "buffer";
    this.note(breach, schedule);
    if (!this.stopAtFirst) return;
    this.stopped = true;
    this.over = true;
  }

  private note(breach: Breach, schedule: () => Transition[]): void {
    const key = `${breach.verdict} ${breach.op} ${breach.actor}`;
    if (this.known.has(key)) return;
    this.known.add(key);
    this.findings.push({ breach, schedule: schedule() });
  }

  progress(depth: number, bytes: number): ExploreProgress {
    return { states: this.executions, frontier: depth, transitions: this.transitions, bytes };
  }

  result(): ExploreResult {
    const { limit } = this;
    return {
      complete: this.over && !this.stopped && limit === undefined,
      ...(limit === undefined ? {} : { limit }),
      findings: [...this.findings],
      outcomes: [...this.outcomes].sort(),
      states: 0,
      transitions: this.transitions,
      executions: this.executions,
      sleepBlocked: this.sleepBlocked,
      ownSteps: this.ownSteps,
      depth: this.depth,
      passes: 1,
    };
  }
}

/** How many steps at the end of a schedule one actor did by itself. */
export function stepsAlone(schedule: readonly Transition[]): number {
  const actorOf = (transition: Transition) => Math.floor(transition / transitionStride);
  const last = actorOf(schedule.at(-1) ?? -1);
  const others = schedule.findLastIndex((transition) => actorOf(transition) !== last);
  return schedule.length - 1 - others;
}

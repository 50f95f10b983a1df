/**
 * Source-DPOR with sleep sets: one execution of every Mazurkiewicz trace, found by running one to its end, looking for pairs of
 * dependent operations in it that could have come in the other order, and trying those (`races.ts`).
 *
 * Sets are of processes (`clocks.ts`), one bit each. A softirq actor that may take one of several RCU callbacks is one process
 * with several alternatives, all of which are tried wherever it is its turn.
 *
 * A broken rule ends an execution before its races are known. Since it happens in every order of the same events, the rest is seen
 * by going on without that process until something that it depends on happens: it is put to sleep, and another one is tried.
 */
import { Collector } from "./collector.ts";
import { EventRaces } from "./event-races.ts";
import { Execution } from "./execution.ts";
import type { CheckMachine } from "./machine.ts";
import { SleepSets } from "./sleep-sets.ts";
import type { Snapshot } from "./snapshots.ts";
import type { ExploreOptions, ExploreProgress, ExploreResult, Explorer, Transition } from "./types.ts";

function lowest(set: number): number {
  return 31 - Math.clz32(set & -set);
}

export class DporExplorer implements Explorer {
  private readonly execution: Execution;
  private readonly collector: Collector;
  private readonly events: EventRaces;
  private readonly sleep: SleepSets;
  private readonly snapshots: (Snapshot | null)[] = [];
  /** By state: the last snapshot made at that depth, whose memory the next one takes over. */
  private readonly spare: (Snapshot | undefined)[] = [];
  private snapshotBytes = 0;
  private readonly list = new Int32Array(4096);
  private begun = false;
  /** The state that the machine is in; -1 where that is none of the present execution's. */
  private at = 0;

  constructor(machine: CheckMachine, options: ExploreOptions = {}) {
    this.execution = new Execution(machine);
    this.collector = new Collector(machine, options);
    this.events = new EventRaces(this.execution);
    this.sleep = new SleepSets(this.execution);
  }

  advance(transitions: number): boolean {
    const { collector } = this;
    const { log, machine } = this.execution;
    const end = collector.transitions + transitions;
    if (!this.begun) {
      this.begun = true;
      machine.reset();
      if (!this.arrive()) collector.over = true;
    }
    while (!collector.over && collector.transitions < end) {
      // The newest state has something left to try, or is left.
      if (this.goOn()) continue;
      if (log.length === 0) collector.over = true;
      else this.leave();
    }
    return collector.over;
  }

  /** Tries the next thing at the newest state; false where nothing is left to try there. */
  private goOn(): boolean {
    const { choices, log, numbers } = this.execution;
    const state = log.length;
    let choice = choices.present[state] as number;
    // Everything that begins with what was tried last was seen.
    if (choice >= 0) choices.sleep[state] = (choices.sleep[state] as number) | (1 << choice);
    const todo = this.toTry(state) & ~(choices.sleep[state] as number);
    if (todo === 0) return false;
    choice = lowest(todo);
    choices.present[state] = choice;
    this.returnTo(state);
    this.tryNow(choice, numbers.transitionOf(choice));
    return true;
  }

  /** What has to be tried at a state. */
  private toTry(state: number): number {
    const { choices, numbers } = this.execution;
    const enabled = choices.enabled[state] as number;
    let todo = choices.backtrack[state] as number;
    // Dependences too coarse to tell who can go first: trying everything is never wrong.
    if ((todo & ~enabled) !== 0) todo = enabled;
    // Which callback is taken is a choice among all, and so is who takes it where there are several softirq actors.
    if ((todo & numbers.takes) !== 0) todo |= enabled & numbers.takes;
    choices.backtrack[state] = todo;
    return todo;
  }

  /** Does a transition at the newest state, where the machine is, and looks at the state that it leads to. */
  private tryNow(choice: number, transition: Transition): void {
    const { collector, events, sleep } = this;
    const { choices, grace, log, machine } = this.execution;
    const state = log.length;
    const role = grace.roleOf(transition);
    events.consider(choice, transition, role);
    const unmoved = sleep.unmoved(state, choice);
    const ripe = grace.takes.length === 0 ? -1 : events.ripe();
    collector.transitions++;
    const worked = machine.perform(transition);
    log.addKeys(machine.marks.bookAccesses, machine.marks.bookCount);
    sleep.noteMarks(state, choice);
    events.find();
    const asleep = worked ? sleep.inherited(state, unmoved) : 0;
    grace.push(role, transition);
    log.push(machine.enqueued);
    if (log.length > collector.depth) collector.depth = log.length;
    if (!worked) {
      collector.broken(() => this.schedule());
      this.at = -1;
      log.pop();
      grace.pop();
      // Its other alternatives, if any, are still tried; then others must go on without it.
      const others = (choices.enabled[state] as number) & ~(choices.sleep[state] as number) & ~(1 << choice);
      if (others === 0) {
        this.returnTo(state);
        events.considerBlocked(state);
      } else if (((choices.backtrack[state] as number) & others) === 0) {
        choices.backtrack[state] = (choices.backtrack[state] as number) | (others & -others);
      }
      return;
    }
    if (ripe !== -1 && (events.ripe() & ~ripe) !== 0) events.considerTakes(state);
    this.at = state + 1;
    choices.reach(state + 1);
    choices.sleep[state + 1] = asleep;
    if (!this.arrive()) this.at = -1;
  }

  /** The machine came to a new state, the newest one. False where the execution ends there. */
  private arrive(): boolean {
    const { collector, list } = this;
    const { choices, log, machine, numbers } = this.execution;
    const state = log.length;
    const count = machine.enabled(list);
    let enabled = 0;
    for (let i = 0; i < count; i++) enabled |= 1 << numbers.choiceOf(list[i] as number);
    choices.enabled[state] = enabled;
    choices.backtrack[state] = 0;
    choices.present[state] = -1;
    this.snapshots[state] = null;
    const awake = enabled & ~(choices.sleep[state] as number);
    if (awake === 0) {
      this.events.considerBlocked(state);
      if (enabled === 0) collector.ended(() => this.schedule());
      else collector.sleepBlocked++;
      return false;
    }
    if (state >= collector.stepLimit) {
      collector.cutOff(() => this.schedule());
      return false;
    }
    const unrelated = this.unrelated(awake);
    const last = state === 0 ? 0 : 1 << (log.choice[state - 1] as number);
    const chosen = unrelated !== 0 ? unrelated : (awake & last) !== 0 ? last : awake & -awake;
    choices.backtrack[state] = chosen;
    // Where nothing else can go first, nobody comes back.
    if (unrelated === 0 && awake !== chosen) this.keep(state);
    return true;
  }

  /** A choice, as a set, whose transition touches nothing that others touch; 0 where there is none. */
  private unrelated(awake: number): number {
    if ((awake & (awake - 1)) === 0) return 0;
    const { grace, numbers, touches } = this.execution;
    for (let left = awake & ~numbers.takes; left !== 0; left &= left - 1) {
      const transition = numbers.transitionOf(lowest(left));
      if (touches.accessesOf(transition, grace.roleOf(transition)) === 0) return left & -left;
    }
    return 0;
  }

  private keep(state: number): void {
    const old = this.spare[state];
    const snapshot = this.execution.machine.save(old);
    this.snapshots[state] = snapshot;
    if (snapshot === old) return;
    this.spare[state] = snapshot;
    this.snapshotBytes += snapshot.byteLength - (old?.byteLength ?? 0);
    this.collector.holds(this.bytes());
  }

  /** Goes back by one state. */
  private leave(): void {
    const { grace, log } = this.execution;
    this.snapshots[log.length] = null;
    this.at = -1;
    log.pop();
    grace.pop();
  }

  /** Brings the machine to a state of the present execution. */
  private returnTo(state: number): void {
    if (this.at === state) return;
    const { log, machine } = this.execution;
    let from = state;
    while (from > 0 && !this.snapshots[from]) from--;
    const snapshot = this.snapshots[from];
    if (snapshot) machine.restore(snapshot);
    else machine.reset();
    for (let event = from; event < state; event++) {
      this.collector.transitions++;
      machine.perform(log.transition[event] as number);
    }
    this.at = state;
  }

  private bytes(): number {
    const { choices, log } = this.execution;
    return this.snapshotBytes + log.bytes + choices.bytes;
  }

  private schedule(): Transition[] {
    const { log } = this.execution;
    return [...log.transition.subarray(0, log.length)];
  }

  progress(): ExploreProgress {
    return this.collector.progress(this.execution.log.length, this.bytes());
  }

  result(): ExploreResult {
    return this.collector.result();
  }
}

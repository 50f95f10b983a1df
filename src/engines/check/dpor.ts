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
import { RefplayError } from "../../errors.ts";
import { Op } from "../../machine/ops.ts";
import { EventLog } from "./clocks.ts";
import { Collector } from "./collector.ts";
import type { CheckMachine, Snapshot } from "./machine.ts";
import { Choices, Races } from "./races.ts";
import {
  type ExploreOptions,
  type ExploreProgress,
  type ExploreResult,
  type Explorer,
  type Transition,
  TransitionKind,
  transitionStride,
} from "./types.ts";

/** Two processes each, one bit of 32 for each process. */
const maxActors = 16;

/** By operation: may have to wait for others. */
const waits = new Uint8Array(32);
for (const op of [Op.awaitEqual, Op.awaitNotEqual, Op.awaitAtLeast, Op.synchronizeRcu, Op.rcuTake]) {
  waits[op] = 1;
}
waits[Op.allocated] = 1;

function processOf(transition: Transition): number {
  const kind = transition % transitionStride;
  return 2 * Math.floor(transition / transitionStride) + (kind === TransitionKind.flush ? 1 : 0);
}

function lowest(set: number): number {
  return 31 - Math.clz32(set & -set);
}

export class DporExplorer implements Explorer {
  private readonly machine: CheckMachine;
  private readonly collector: Collector;
  private readonly log: EventLog;
  /** By state of the present execution; state `log.length` is the newest one. */
  private readonly choices = new Choices();
  private readonly races: Races;
  private readonly snapshots: (Snapshot | null)[] = [];
  private snapshotBytes = 0;
  private readonly list = new Int32Array(4096);
  private begun = false;
  /** The state that the machine is in; -1 where that is none of the present execution's. */
  private at = 0;

  /** @throws RefplayError "too-many-actors" for more than 16 */
  constructor(machine: CheckMachine, options: ExploreOptions = {}) {
    if (machine.actorCount > maxActors) {
      throw new RefplayError("too-many-actors", `this search takes at most ${maxActors} actors`);
    }
    this.machine = machine;
    this.collector = new Collector(machine, options);
    this.log = new EventLog(machine.actorCount);
    this.races = new Races(this.log, this.choices);
  }

  advance(transitions: number): boolean {
    const { collector } = this;
    const end = collector.transitions + transitions;
    if (!this.begun) {
      this.begun = true;
      this.machine.reset();
      if (!this.arrive()) collector.over = true;
    }
    while (!collector.over && collector.transitions < end) {
      // The newest state has something left to try, or is left.
      if (this.goOn()) continue;
      if (this.log.length === 0) collector.over = true;
      else this.leave();
    }
    return collector.over;
  }

  /** Tries the next thing at the newest state; false where nothing is left to try there. */
  private goOn(): boolean {
    const { choices } = this;
    const state = this.log.length;
    for (;;) {
      let process = choices.present[state] as number;
      if (process < 0) {
        process = this.choose(state);
        if (process < 0) return false;
        choices.present[state] = process;
        choices.tried[state] = 0;
      }
      const tried = choices.tried[state] as number;
      if (tried === 0 || ((choices.several[state] as number) & (1 << process)) !== 0) {
        this.returnTo(state);
        const transition = this.alternative(process, tried);
        if (transition >= 0) {
          choices.tried[state] = tried + 1;
          this.tryNow(process, transition);
          return true;
        }
      }
      // Everything that begins with the process was seen.
      choices.present[state] = -1;
      choices.sleep[state] = (choices.sleep[state] as number) | (1 << process);
    }
  }

  /** A process that has to be tried at a state, or -1. */
  private choose(state: number): number {
    const { choices } = this;
    const enabled = choices.enabled[state] as number;
    // Dependences too coarse to tell who can go first: trying everything is never wrong.
    if (((choices.backtrack[state] as number) & ~enabled) !== 0) choices.backtrack[state] = enabled;
    const todo = (choices.backtrack[state] as number) & ~(choices.sleep[state] as number);
    return todo === 0 ? -1 : lowest(todo);
  }

  /** The n-th enabled transition of a process at the machine's present state, or -1. */
  private alternative(process: number, n: number): Transition {
    const { machine } = this;
    const actor = process >> 1;
    if ((process & 1) === 1 || machine.pendingOp(actor) !== Op.rcuTake) {
      return n === 0 ? actor * transitionStride + (process & 1) : -1;
    }
    const count = machine.enabled(this.list);
    let left = n;
    for (let i = 0; i < count; i++) {
      const transition = this.list[i] as number;
      if (processOf(transition) === process && left-- === 0) return transition;
    }
    return -1;
  }

  /** What the next transition of a process would touch, into `machine.accesses`. */
  private accessesOf(process: number): number {
    const { machine } = this;
    const actor = process >> 1;
    // For a callback that is taken this is what all callbacks depend on: which one it is, is a choice among all of them.
    return (process & 1) === 1
      ? machine.accessesOf(actor * transitionStride + TransitionKind.flush)
      : machine.pendingAccesses(actor);
  }

  /** Does a transition at the newest state, where the machine is, and looks at the state that it leads to. */
  private tryNow(process: number, transition: Transition): void {
    const { collector, log, machine } = this;
    const state = log.length;
    this.consider(process, transition);
    const asleep = this.sleepAfter(state, process);
    collector.transitions++;
    const worked = machine.perform(transition);
    log.push(machine.enqueued);
    if (log.length > collector.depth) collector.depth = log.length;
    if (!worked) {
      collector.broken(() => this.schedule());
      this.at = -1;
      log.pop();
      // Its other alternatives, if any, are still tried; then others must go on without it.
      const { backtrack, enabled, sleep } = this.choices;
      const others = (enabled[state] as number) & ~(sleep[state] as number) & ~(1 << process);
      if (((backtrack[state] as number) & others) === 0) {
        backtrack[state] = (backtrack[state] as number) | (others & -others);
      }
      return;
    }
    this.at = state + 1;
    this.choices.reach(state + 1);
    this.choices.sleep[state + 1] = asleep;
    if (!this.arrive()) this.at = -1;
  }

  /** Looks for the races of what a process is about to do. */
  private consider(process: number, transition: Transition): void {
    const { log, machine } = this;
    const actor = process >> 1;
    const flushes = (process & 1) === 1;
    const count = this.accessesOf(process);
    const op = machine.pendingOp(actor);
    const drains = !flushes && machine.needsEmptyBuffer(actor);
    log.consider(process, transition, machine.accesses, count, drains);
    if (!flushes && op === Op.rcuTake && transition % transitionStride === TransitionKind.step) {
      // No callback can come any more: that is so only when all others are done.
      log.afterAll();
    } else if (count === 0) return;
    else if (!flushes && waits[op] === 1) {
      this.races.findWaiting(drains ? (log.newest[process + 1] as number) : -1);
    } else this.races.find();
  }

  /** Who still sleeps after the event that is being looked at. */
  private sleepAfter(state: number, process: number): number {
    const { log, machine } = this;
    let asleep = 0;
    for (let left = (this.choices.sleep[state] as number) & ~(1 << process); left !== 0; left &= left - 1) {
      const q = lowest(left);
      const count = this.accessesOf(q);
      if (!log.conflictsWith(machine.accesses, count)) asleep |= 1 << q;
    }
    return asleep;
  }

  /** The machine came to a new state, the newest one. False where the execution ends there. */
  private arrive(): boolean {
    const { choices, collector, list, log, machine } = this;
    const state = log.length;
    const count = machine.enabled(list);
    let enabled = 0;
    let several = 0;
    for (let i = 0; i < count; i++) {
      const bit = 1 << processOf(list[i] as number);
      several |= enabled & bit;
      enabled |= bit;
    }
    choices.enabled[state] = enabled;
    choices.several[state] = several;
    choices.backtrack[state] = 0;
    choices.present[state] = -1;
    this.snapshots[state] = null;
    const awake = enabled & ~(choices.sleep[state] as number);
    if (awake === 0) {
      this.considerBlocked(state);
      if (enabled === 0) collector.ended(() => this.schedule());
      else collector.sleepBlocked++;
      return false;
    }
    if (state >= collector.stepLimit) {
      collector.cutOff();
      return false;
    }
    const unrelated = this.unrelated(awake);
    const last = state === 0 ? 0 : 1 << (log.process[state - 1] as number);
    const chosen = unrelated !== 0 ? unrelated : (awake & last) !== 0 ? last : awake & -awake;
    choices.backtrack[state] = chosen;
    // Where nothing else can go first, nobody comes back.
    if (unrelated === 0 && (awake !== chosen || (several & chosen) !== 0)) this.keep(state);
    return true;
  }

  /** A process, as a set, whose next transition touches nothing that others touch; 0 where there is none. */
  private unrelated(awake: number): number {
    if ((awake & (awake - 1)) === 0) return 0;
    for (let left = awake; left !== 0; left &= left - 1) {
      if (this.accessesOf(lowest(left)) === 0) return left & -left;
    }
    return 0;
  }

  private keep(state: number): void {
    const snapshot = this.machine.save();
    this.snapshots[state] = snapshot;
    this.snapshotBytes += snapshot.byteLength;
    this.collector.holds(this.bytes());
  }

  /** What waits when an execution ends may have come before what it waits behind. */
  private considerBlocked(state: number): void {
    const { log, machine } = this;
    const enabled = this.choices.enabled[state] as number;
    for (let actor = 0; actor < machine.actorCount; actor++) {
      const process = 2 * actor;
      const op = machine.pendingOp(actor);
      if ((enabled & (1 << process)) !== 0 || waits[op] === 0) continue;
      const count = machine.pendingAccesses(actor);
      if (count === 0) continue;
      const drains = machine.needsEmptyBuffer(actor);
      // With stores of its own in the buffer it waits for those, and the flush that sleeps was seen to.
      if (drains && (enabled & (2 << process)) !== 0) continue;
      log.consider(process, actor * transitionStride, machine.accesses, count, drains);
      this.races.findWaiting(drains ? (log.newest[process + 1] as number) : -1);
    }
  }

  /** Goes back by one state. */
  private leave(): void {
    const { log } = this;
    const left = log.length;
    const snapshot = this.snapshots[left];
    if (snapshot) this.snapshotBytes -= snapshot.byteLength;
    this.snapshots[left] = null;
    this.at = -1;
    log.pop();
  }

  /** Brings the machine to a state of the present execution. */
  private returnTo(state: number): void {
    if (this.at === state) return;
    const { log, machine } = this;
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
    return this.snapshotBytes + this.log.bytes + this.choices.bytes;
  }

  private schedule(): Transition[] {
    return [...this.log.transition.subarray(0, this.log.length)];
  }

  progress(): ExploreProgress {
    return this.collector.progress(this.log.length, this.bytes());
  }

  result(): ExploreResult {
    return this.collector.result();
  }
}

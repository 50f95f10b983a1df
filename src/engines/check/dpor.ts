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
import { ActorWord } from "../../link/stepped/index.ts";
import { Op } from "../../machine/ops.ts";
import { ChoiceNumbers } from "./choice-numbers.ts";
import { EventLog } from "./clocks.ts";
import { Collector } from "./collector.ts";
import { GraceOrder, Role } from "./grace-order.ts";
import type { CheckMachine, Snapshot } from "./machine.ts";
import { Choices, Races } from "./races.ts";
import { isAwait, isStore, Touches, takeKey } from "./touches.ts";
import {
  type ExploreOptions,
  type ExploreProgress,
  type ExploreResult,
  type Explorer,
  type Transition,
  TransitionKind,
  transitionStride,
} from "./types.ts";

/** By operation: may have to wait for others. */
const waits = new Uint8Array(32);
for (const op of [Op.awaitEqual, Op.awaitNotEqual, Op.awaitAtLeast, Op.rcuTake]) waits[op] = 1;
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
  private readonly grace: GraceOrder;
  private readonly numbers: ChoiceNumbers;
  private readonly touches: Touches;
  private readonly snapshots: (Snapshot | null)[] = [];
  /** By state: the last snapshot made at that depth, whose memory the next one takes over. */
  private readonly spare: (Snapshot | undefined)[] = [];
  private snapshotBytes = 0;
  private readonly list = new Int32Array(4096);
  private begun = false;
  /** The state that the machine is in; -1 where that is none of the present execution's. */
  private at = 0;

  constructor(machine: CheckMachine, options: ExploreOptions = {}) {
    this.machine = machine;
    this.collector = new Collector(machine, options);
    this.log = new EventLog(machine.actorCount);
    this.grace = new GraceOrder(machine, this.log);
    this.races = new Races(this.log, this.choices);
    this.numbers = new ChoiceNumbers(machine.actorCount);
    this.touches = new Touches(machine, this.grace);
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
    let choice = choices.present[state] as number;
    // Everything that begins with what was tried last was seen.
    if (choice >= 0) choices.sleep[state] = (choices.sleep[state] as number) | (1 << choice);
    const todo = this.toTry(state) & ~(choices.sleep[state] as number);
    if (todo === 0) return false;
    choice = lowest(todo);
    choices.present[state] = choice;
    this.returnTo(state);
    this.tryNow(choice, this.numbers.transitionOf(choice));
    return true;
  }

  /** What has to be tried at a state. */
  private toTry(state: number): number {
    const { choices, numbers } = this;
    const enabled = choices.enabled[state] as number;
    let todo = choices.backtrack[state] as number;
    // Dependences too coarse to tell who can go first: trying everything is never wrong.
    if ((todo & ~enabled) !== 0) todo = enabled;
    // Which callback is taken is a choice among all.
    if ((todo & numbers.takes) !== 0) todo |= enabled & numbers.siblings(todo);
    choices.backtrack[state] = todo;
    return todo;
  }

  /** Does a transition at the newest state, where the machine is, and looks at the state that it leads to. */
  private tryNow(choice: number, transition: Transition): void {
    const { choices, collector, grace, log, machine } = this;
    const state = log.length;
    const role = grace.roleOf(transition);
    this.consider(choice, transition, role);
    const asleep = this.sleepAfter(state, choice);
    const ripe = grace.takes.length === 0 ? -1 : this.ripe();
    collector.transitions++;
    const worked = machine.perform(transition);
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
        this.considerBlocked(state);
      } else if (((choices.backtrack[state] as number) & others) === 0) {
        choices.backtrack[state] = (choices.backtrack[state] as number) | (others & -others);
      }
      return;
    }
    if (ripe !== -1 && (this.ripe() & ~ripe) !== 0) this.considerTakes(state);
    this.at = state + 1;
    choices.reach(state + 1);
    choices.sleep[state + 1] = asleep;
    if (!this.arrive()) this.at = -1;
  }

  /** Looks for the races of what is about to be done. */
  private consider(choice: number, transition: Transition, role: Role): void {
    const { grace, log, machine } = this;
    const actor = Math.floor(transition / transitionStride);
    const flushes = transition % transitionStride === TransitionKind.flush;
    const process = 2 * actor + (flushes ? 1 : 0);
    const count = this.touches.accessesOf(transition, role);
    const drains = !flushes && machine.needsEmptyBuffer(actor);
    log.consider(process, choice, transition, machine.accesses, count, drains);
    if (role !== Role.none) grace.order(role, transition);
    if (this.touches.takesNothing(transition)) log.afterAll();
    const op = machine.pendingOp(actor);
    if (!flushes && !this.touches.isSc && isStore(op))
      log.buffered[log.length] = this.touches.operandCell(actor);
    if (count === 0) return;
    this.noteCells(transition);
    if (flushes || waits[op] === 0) this.races.find();
    else this.findWaiting(actor, op, choice, drains);
  }

  private findWaiting(actor: number, op: Op, choice: number, drains: boolean): void {
    const { log, machine, numbers } = this;
    const own = op === Op.rcuTake ? numbers.takesBy(actor) : 1 << choice;
    const base = actor * machine.stride;
    const address = machine.state[base + ActorWord.operand0] as number;
    const awaited = isAwait(op)
      ? { op, cell: address >> 2, value: machine.state[base + ActorWord.operand1] as number }
      : null;
    if (awaited !== null) log.noteLoad(awaited.cell);
    this.races.findWaiting(drains ? (log.newest[2 * actor + 1] as number) : -1, own, awaited);
  }

  /** Notes what the event that is being looked at does to which cell. */
  private noteCells(transition: Transition): void {
    const { log, machine } = this;
    const cell = this.touches.overwritten(transition);
    if (cell >= 0) {
      log.cell[log.length] = cell;
      log.before[log.length] = machine.world.memory[cell] ?? 0;
      return;
    }
    const loaded = this.touches.loaded(transition);
    if (loaded >= 0) log.noteLoad(loaded);
  }

  /** Actors whose oldest callback may be taken, as a set. */
  private ripe(): number {
    const { machine } = this;
    let ripe = 0;
    for (let actor = 0; actor < machine.actorCount; actor++) {
      if (machine.world.sections.isRipe(actor)) ripe |= 1 << actor;
    }
    return ripe;
  }

  /** An event made another callback ripe: it could have been taken instead of one that was taken before. */
  private considerTakes(event: number): void {
    const { grace, log } = this;
    for (const take of grace.takes) {
      if (take < event && !log.isAfter(event, take)) {
        this.races.reverse(take, event, 1 << (log.choice[event] as number));
      }
    }
  }

  /** Who still sleeps after the event that is being looked at. */
  private sleepAfter(state: number, choice: number): number {
    const { grace, log, numbers } = this;
    const { machine } = this;
    const process = log.process[log.length] as number;
    let asleep = 0;
    for (let left = (this.choices.sleep[state] as number) & ~(1 << choice); left !== 0; left &= left - 1) {
      const q = lowest(left);
      const transition = numbers.transitionOf(q);
      if (processOf(transition) === process) continue;
      const count = this.touches.accessesOf(transition, grace.roleOf(transition));
      const conflicts = count > 0 && log.conflictsWith(machine.accesses, count);
      if (!conflicts || this.commutes(transition)) asleep |= 1 << q;
    }
    return asleep;
  }

  /** As `EventLog.commutes`, for the event that is being looked at and what sleeps. */
  private commutes(asleep: Transition): boolean {
    const { log, machine } = this;
    const event = log.length;
    const actor = Math.floor(asleep / transitionStride);
    const isOwn = (log.process[event] as number) >> 1 === actor;
    const loaded = log.loaded[event] as number;
    if (loaded >= 0) return loaded === this.touches.overwritten(asleep) && (isOwn || log.isForwarded());
    const cell = log.cell[event] as number;
    if (cell < 0 || cell !== this.touches.loaded(asleep)) return false;
    return isOwn || machine.world.buffers.newestStore(actor, cell * 4) >= 0;
  }

  /** The machine came to a new state, the newest one. False where the execution ends there. */
  private arrive(): boolean {
    const { choices, collector, list, log, machine, numbers } = this;
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
    for (let left = awake & ~this.numbers.takes; left !== 0; left &= left - 1) {
      const transition = this.numbers.transitionOf(lowest(left));
      if (this.touches.accessesOf(transition, this.grace.roleOf(transition)) === 0) return left & -left;
    }
    return 0;
  }

  private keep(state: number): void {
    const old = this.spare[state];
    const snapshot = this.machine.save(old);
    this.snapshots[state] = snapshot;
    if (snapshot === old) return;
    this.spare[state] = snapshot;
    this.snapshotBytes += snapshot.byteLength - (old?.byteLength ?? 0);
    this.collector.holds(this.bytes());
  }

  /** What waits when an execution ends may have come before what it waits behind. */
  private considerBlocked(state: number): void {
    const { choices, log, machine } = this;
    const enabled = choices.enabled[state] as number;
    for (let actor = 0; actor < machine.actorCount; actor++) {
      const op = machine.pendingOp(actor);
      const choice = 2 * actor;
      if ((enabled & (1 << choice)) !== 0 || waits[op] === 0) continue;
      let count = 1;
      if (op !== Op.rcuTake) count = machine.pendingAccesses(actor);
      else if (this.touches.takers > 1) machine.accesses[0] = takeKey * 2 + 1;
      else continue;
      log.consider(choice, choice, actor * transitionStride, machine.accesses, count, false);
      this.findWaiting(actor, op, choice, false);
    }
  }

  /** Goes back by one state. */
  private leave(): void {
    const { log } = this;
    this.snapshots[log.length] = null;
    this.at = -1;
    log.pop();
    this.grace.pop();
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

/**
 * Stateful search: breadth first over distinct states, so that the first breach found is among the nearest.
 *
 * Partial-order reduction: an actor whose next operation (or whose oldest buffered store) conflicts with nothing that anybody
 * else may still do goes on at once; the state in between is never kept. {that one transition} is a persistent set (Godefroid,
 * "Partial-Order Methods for the Verification of Concurrent Systems", 1996) in that state. Every kept state is expanded
 * fully, and a chain of such steps that never comes to a kept state is reported as a limit, so no cycle can put a transition
 * off for ever. What others may still do is learned: see `footprints.ts`.
 */
import seedrandom from "seedrandom";
import { ActorWord, type SteppedProgram } from "../../link/stepped/index.ts";
import { Op, opTable } from "../../machine/ops.ts";
import { Footprints } from "./footprints.ts";
import { grown } from "./grown.ts";
import { InternTable } from "./intern-table.ts";
import { CheckMachine } from "./machine.ts";
import { Packer } from "./packer.ts";
import { findGroups, Symmetry } from "./symmetry.ts";
import {
  type Breach,
  type CheckProblem,
  type ExploreOptions,
  type ExploreProgress,
  type ExploreResult,
  type Explorer,
  type Finding,
  type Transition,
  TransitionKind,
  transitionStride,
} from "./types.ts";

/** By operation: 1 where operands behind the first are values that go to memory or are compared with it. */
const hasValues = new Uint8Array(32);
for (const { op, class: opClass } of opTable) {
  if (opClass === "store" || opClass === "rmw" || opClass === "await") hasValues[op] = 1;
}

const defaultMemoryBytes = 2 ** 31;
/** Random executions that teach footprints before the first pass: at least, and as long as they teach something. */
const leastWalks = 64;
const mostWalks = 4096;

export class StatefulExplorer implements Explorer {
  private readonly machine: CheckMachine;
  private packer: Packer;
  private footprints: Footprints;
  private symmetry: Symmetry | null = null;
  private readonly options: ExploreOptions;
  private readonly problem: CheckProblem;
  /** States, by number in the order in which they were found: this is the queue, too. */
  private states = new InternTable(4096);
  private parents: Int32Array = new Int32Array(4096);
  private arrivals: Int32Array = new Int32Array(4096);
  private depths: Int32Array = new Int32Array(4096);
  /** By state: the order in which interchangeable actors were put when it was found, as a number of `orderings`. */
  private orders: Int32Array = new Int32Array(4096);
  private readonly orderings = new InternTable(16);
  /** The next state to look at. Number 0 is the empty sequence, which is no state. */
  private next = 1;
  private passes = 0;
  /** States after which it is asked whether a new pass would know more places. */
  private nextReview = 500;
  /** States of this pass when footprints first grew, or -1. */
  private grewAt = -1;
  private transitions = 0;
  private depth = 0;
  private walks = 0;
  /** Walks in a row that taught nothing. */
  private quietWalks = 0;
  private walking = true;
  private over = false;
  private limit: ExploreResult["limit"];
  private findings: Finding[] = [];
  private readonly found = new Set<string>();
  private readonly outcomes = new Set<string>();
  private readonly enabled = new Int32Array(4096);
  /** By actor: who is in the way of its next step, as far as that is known, or -1. */
  private readonly blockers: Int32Array;
  /** By actor: its place, see `Footprints`. */
  private readonly places: Int32Array;
  /** By local component and actor: its place + 1; a cache. */
  private placeCache: Int32Array = new Int32Array(4096);
  /** Transitions that `settle` did, where somebody wants to know. */
  private trail: Transition[] | null = null;
  private readonly reduce: boolean;
  private readonly softirqs: number;

  /** @throws RefplayError "check-boot" where the calls before the actors break a rule */
  constructor(program: SteppedProgram, problem: CheckProblem, options: ExploreOptions = {}) {
    this.problem = problem;
    this.options = options;
    this.machine = new CheckMachine(program, problem);
    const groups = options.symmetry === false ? [] : findGroups(this.machine);
    if (groups.length > 0) this.symmetry = new Symmetry(this.machine, groups);
    this.packer = new Packer(this.machine, this.symmetry);
    this.footprints = new Footprints(this.machine, this.symmetry);
    this.places = new Int32Array(this.machine.actorCount);
    this.blockers = new Int32Array(this.machine.actorCount);
    this.reduce = options.reduce !== false;
    this.softirqs = problem.actors.filter(({ role }) => role === "softirq").length;
    if (!this.reduce) this.beginPass();
  }

  advance(transitions: number): boolean {
    const end = this.transitions + transitions;
    while (!this.over && this.transitions < end) {
      if (this.footprints.trespassed) this.giveUpSymmetry();
      if (this.walking) this.walk();
      else if (this.next < this.states.count) this.expand(this.next++);
      else this.endPass();
    }
    return this.over;
  }

  progress(): ExploreProgress {
    return {
      states: this.states.count - 1,
      frontier: this.states.count - this.next,
      transitions: this.transitions,
      bytes: this.bytes,
    };
  }

  private get bytes(): number {
    const numbers = this.parents.byteLength * 4;
    return (
      this.states.bytes + numbers + this.packer.bytes + this.footprints.bytes + this.placeCache.byteLength
    );
  }

  result(): ExploreResult {
    const complete =
      this.over && this.limit === undefined && !(this.findings.length > 0 && this.stopsAtFirst);
    return {
      complete,
      ...(this.limit === undefined ? {} : { limit: this.limit }),
      findings: this.findings,
      outcomes: [...this.outcomes].sort(),
      states: this.states.count - 1,
      transitions: this.transitions,
      executions: 0,
      sleepBlocked: 0,
      depth: this.depth,
      passes: this.passes,
    };
  }

  private get stopsAtFirst(): boolean {
    return this.options.stopAtFirst !== false;
  }

  // ---- passes ----

  /** Actors that touch each other's areas are not interchangeable: everything begins anew without that. */
  private giveUpSymmetry(): void {
    this.symmetry = null;
    this.packer = new Packer(this.machine, null);
    this.footprints = new Footprints(this.machine, null);
    this.placeCache = new Int32Array(4096);
    this.walks = 0;
    this.quietWalks = 0;
    this.walking = this.reduce;
    this.findings.length = 0;
    this.found.clear();
    if (!this.reduce) this.beginPass();
  }

  /** One random execution: it teaches footprints, and often finds what is wrong at once. */
  private walk(): void {
    const { machine } = this;
    const random = seedrandom.alea(`walk ${this.walks}`);
    const { lessons } = this.footprints;
    let broke = false;
    this.start();
    const stay = this.walks % 3 === 0 ? 0 : this.walks % 3 === 1 ? 0.5 : 0.9;
    let last = -1;
    for (let steps = 0; steps < this.stepLimit; steps++) {
      const count = machine.enabled(this.enabled);
      if (count === 0) break;
      let chosen = this.enabled[Math.floor(random() * count)] as number;
      if (last >= 0 && random() < stay) {
        for (let i = 0; i < count; i++) {
          if (Math.floor((this.enabled[i] as number) / transitionStride) === last)
            chosen = this.enabled[i] as number;
        }
      }
      last = Math.floor(chosen / transitionStride);
      if (this.perform(chosen)) continue;
      // There is something to find, and to find soon.
      broke = this.stopsAtFirst;
      break;
    }
    this.walks++;
    this.quietWalks = this.footprints.lessons === lessons ? this.quietWalks + 1 : 0;
    if (broke || this.quietWalks >= Math.max(leastWalks, this.walks / 2) || this.walks >= mostWalks)
      this.beginPass();
  }

  /** All actors are where they begin. */
  private start(): void {
    const { machine } = this;
    machine.reset();
    this.packer.forget();
    for (let actor = 0; actor < machine.actorCount; actor++)
      this.places[actor] = this.footprints.placeOf(actor);
  }

  private get stepLimit(): number {
    return this.problem.stepLimit ?? 100_000;
  }

  private beginPass(): void {
    const { machine } = this;
    this.walking = false;
    this.passes++;
    this.footprints.freeze();
    this.grewAt = -1;
    this.states = new InternTable(4096);
    this.next = 1;
    this.depth = 0;
    this.outcomes.clear();
    this.start();
    if (this.settle()) this.keep(0, -1);
    else this.report(0, -1, machine.breach as Breach);
  }

  /** All states are expanded: done, unless footprints grew that decisions relied on. */
  private endPass(): void {
    if (this.footprints.trespassed) return;
    if (this.footprints.grew) this.beginPass();
    else this.over = true;
  }

  // ---- states ----

  private expand(state: number): void {
    const { machine } = this;
    this.load(state);
    const count = machine.enabled(this.enabled);
    if (count === 0) {
      this.conclude(state);
      return;
    }
    for (let i = 0; i < count && !this.over; i++) {
      if (i > 0) this.load(state);
      const t = this.enabled[i] as number;
      if (this.perform(t) && this.settle()) this.keep(state, t);
      else this.report(state, t, machine.breach as Breach);
    }
    if (this.footprints.grew && this.grewAt < 0) this.grewAt = this.states.count;
    if (this.next >= this.nextReview) {
      // What was learned so far spares more than what was done so far.
      this.nextReview *= 4;
      if (this.reduce && this.footprints.hasNewPlaces) {
        this.beginPass();
        return;
      }
    }
    // What follows a decision that was wrong is not worth much, but it teaches footprints.
    if (this.grewAt >= 0 && this.next > this.grewAt * 2 + 1000) this.beginPass();
  }

  /** The machine is in a state that comes from `parent` by `t`: keeps it if it is new. */
  private keep(parent: number, t: Transition): void {
    const { packer, machine } = this;
    const length = packer.pack();
    for (let actor = 0; actor < machine.actorCount; actor++) this.cachePlace(actor);
    const state = this.states.intern(packer.canonical, length);
    if (!this.states.isNew) return;
    if (state >= this.parents.length) {
      this.parents = grown(this.parents);
      this.arrivals = grown(this.arrivals);
      this.depths = grown(this.depths);
      this.orders = grown(this.orders);
    }
    this.parents[state] = parent;
    this.arrivals[state] = t;
    const depth = parent === 0 ? 0 : (this.depths[parent] as number) + 1;
    this.depths[state] = depth;
    this.orders[state] = this.orderings.intern(packer.order, machine.actorCount);
    if (depth > this.depth) this.depth = depth;
    if ((state & 1023) === 0 && this.bytes > (this.options.memoryBytes ?? defaultMemoryBytes))
      this.stop("memory");
    if (this.options.stateLimit !== undefined && state > this.options.stateLimit) this.stop("states");
  }

  private stop(limit: NonNullable<ExploreResult["limit"]>): void {
    this.limit = limit;
    this.over = true;
  }

  private cachePlace(actor: number): void {
    const index = (this.packer.vector[actor] as number) * this.machine.actorCount + this.leaderOf(actor);
    while (index >= this.placeCache.length) this.placeCache = grown(this.placeCache);
    this.placeCache[index] = (this.places[actor] as number) + 1;
  }

  private leaderOf(actor: number): number {
    return this.symmetry === null ? actor : (this.symmetry.leader[actor] as number);
  }

  private load(state: number): void {
    const { states, packer, machine } = this;
    const start = states.starts[state] as number;
    packer.load(states.data, start, (states.starts[state + 1] as number) - start);
    for (let actor = 0; actor < machine.actorCount; actor++) {
      const index = (packer.vector[actor] as number) * machine.actorCount + this.leaderOf(actor);
      this.places[actor] = (this.placeCache[index] as number) - 1;
    }
  }

  // ---- steps ----

  /** Does a transition and learns from it; false where it breaks a rule. */
  private perform(t: Transition): boolean {
    const { machine } = this;
    this.transitions++;
    const actor = Math.floor(t / transitionStride);
    this.packer.moved(actor);
    if (t % transitionStride === TransitionKind.flush) return machine.perform(t);
    const before = this.places[actor] as number;
    this.footprints.learn(before, actor);
    if (this.symmetry !== null && this.handlesArea(this.symmetry, actor)) this.footprints.trespassed = true;
    const worked = machine.perform(t);
    if (this.symmetry?.isMember(actor) === true && this.symmetry.ownerOf(machine.result) >= 0) {
      this.footprints.trespassed = true;
    }
    this.footprints.learnBooks(before, actor);
    if (!worked) return false;
    const place = this.footprints.placeOf(actor);
    if (place !== before) this.footprints.follow(before, place);
    // What it waits for may be over for good: then this is the only time to learn what that was.
    const op = machine.pendingOp(actor);
    if (op >= Op.awaitEqual && op <= Op.awaitAtLeast) this.footprints.learn(place, actor);
    this.places[actor] = place;
    return true;
  }

  /** Whether the actor's next operation has an address of an interchangeable actor's area for a value; see `Symmetry`. */
  private handlesArea(symmetry: Symmetry, actor: number): boolean {
    if (!symmetry.isMember(actor)) return false;
    const { machine } = this;
    const base = actor * machine.stride;
    if (hasValues[machine.pendingOp(actor)] === 0) return false;
    return (
      symmetry.ownerOf(machine.state[base + ActorWord.operand1] as number) >= 0 ||
      symmetry.ownerOf(machine.state[base + ActorWord.operand2] as number) >= 0
    );
  }

  /** Lets actors go on as long as that concerns nobody else; false where that breaks a rule. */
  private settle(): boolean {
    if (!this.reduce) return true;
    const { machine, blockers } = this;
    const actors = machine.actorCount;
    blockers.fill(-1);
    let steps = 0;
    for (let actor = 0, quiet = 0; quiet < actors; ) {
      // Who is in somebody's way must move before that one is asked again; at worst a reduction is missed.
      const t = blockers[actor] === -1 ? this.privateOf(actor) : -1;
      if (t < 0) {
        quiet++;
        actor = actor + 1 === actors ? 0 : actor + 1;
        continue;
      }
      quiet = 0;
      for (let other = 0; other < actors; other++) if (blockers[other] === actor) blockers[other] = -1;
      this.trail?.push(t);
      if (!this.perform(t)) return false;
      if (++steps > this.stepLimit) {
        const detail = "runs on for ever without anybody else";
        return machine.world.fail("livelock", actor, machine.pendingOp(actor), -1, detail);
      }
    }
    return true;
  }

  /** A transition of the actor that conflicts with nothing others may still do, or -1. */
  private privateOf(actor: number): Transition {
    const { machine, footprints, places } = this;
    const first = actor * transitionStride;
    if (machine.world.buffers.length[actor] !== 0) {
      const flush = first + TransitionKind.flush;
      if (!footprints.conflicts(machine.accesses.of(flush), actor, places, true)) return flush;
    }
    const op = machine.pendingOp(actor);
    if (op === Op.done) return -1;
    if (op === Op.rcuTake) return this.privateTake(actor);
    if (!machine.canStep(actor, op)) return -1;
    // A grace period that is over stays over: only what comes on the way from it counts.
    const isEnd = op === Op.synchronizeRcu && machine.world.sections.waiting[actor] !== 0;
    const count = footprints.withBooks(isEnd ? 0 : machine.accesses.pending(actor), places[actor] as number);
    if (!footprints.conflicts(count, actor, places, false)) return first;
    if (machine.world.buffers.length[actor] === 0) this.blockers[actor] = footprints.blocker;
    return -1;
  }

  /** Taking a callback, where there is no choice now and nobody can bring another one. */
  private privateTake(actor: number): Transition {
    const { machine, footprints, places } = this;
    if (this.softirqs > 1) return -1;
    const { sections } = machine.world;
    let taken = -1;
    for (let from = 0; from < machine.actorCount; from++) {
      if (sections.queued[from] === 0) continue;
      if (taken >= 0 || !sections.isRipe(from)) return -1;
      taken = from;
    }
    if (taken < 0) return -1;
    const count = footprints.withBooks(machine.accesses.pending(actor), places[actor] as number);
    if (footprints.conflicts(count, actor, places, false)) return -1;
    return actor * transitionStride + TransitionKind.takeFrom + taken;
  }

  // ---- ends ----

  /** Nothing can happen in the state that the machine is in. */
  private conclude(state: number): void {
    const { machine } = this;
    if (!machine.isOver()) {
      this.report(state, -1, machine.deadlock());
      return;
    }
    const snapshot = machine.save();
    const worked = machine.conclude();
    const breach = machine.breach;
    machine.restore(snapshot);
    this.packer.forget();
    if (worked) this.outcomes.add(machine.outcome);
    else this.report(state, -1, breach as Breach);
  }

  /** Notes a breach that transition `t` (-1: none) leads to from a state (0: before the first). */
  private report(state: number, t: Transition, breach: Breach): void {
    if (breach.verdict === "limit-exceeded") {
      this.stop("buffer");
      this.findings.push({ breach, schedule: this.scheduleTo(state, t) });
      return;
    }
    const key = `${breach.verdict} ${breach.op} ${breach.actor}`;
    if (!this.found.has(key)) {
      this.found.add(key);
      this.findings.push({ breach, schedule: this.scheduleTo(state, t) });
    }
    if (this.stopsAtFirst) this.over = true;
  }

  /**
   * Every transition from the start to a state and then `t` with what follows it. Kept states may have interchangeable actors
   * in another order than the execution that leads there; `who` says which actor of the execution stands where.
   */
  private scheduleTo(state: number, t: Transition): Transition[] {
    const path: number[] = [];
    for (let at = state; at > 0; at = this.parents[at] as number) path.push(at);
    path.reverse();
    const { machine, packer } = this;
    const schedule: Transition[] = [];
    const trail: Transition[] = [];
    let who = Array.from({ length: machine.actorCount }, (_, actor) => actor);
    const note = (): void => {
      for (const step of trail) schedule.push(renamed(step, who));
      trail.length = 0;
    };
    this.trail = trail;
    this.start();
    this.settle();
    path.forEach((at, index) => {
      if (index > 0) {
        this.load(path[index - 1] as number);
        const arrival = this.arrivals[at] as number;
        trail.push(arrival);
        this.perform(arrival);
        this.settle();
      }
      note();
      const before = who;
      const order = this.orderings.starts[this.orders[at] as number] as number;
      who = before.map((_, actor) => before[this.orderings.data[order + actor] as number] as number);
    });
    if (t >= 0) {
      this.load(state);
      trail.push(t);
      if (this.perform(t)) this.settle();
    }
    note();
    this.trail = null;
    packer.forget();
    return schedule;
  }
}

/** A transition of actors as they are kept as one of the execution's. */
function renamed(t: Transition, who: readonly number[]): Transition {
  const actor = who[Math.floor(t / transitionStride)] as number;
  const kind = t % transitionStride;
  if (kind < TransitionKind.takeFrom) return actor * transitionStride + kind;
  const from = who[kind - TransitionKind.takeFrom] as number;
  return actor * transitionStride + TransitionKind.takeFrom + from;
}

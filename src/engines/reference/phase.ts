/** One phase of a run: a set of actors from their start until nothing is left to do. */
import { ActorWord, type Step } from "../../link/stepped/index.ts";
import { Boot } from "../../machine/memory-map.ts";
import { Op } from "../../machine/ops.ts";
import { faultTexts } from "../bad-address.ts";
import { runAlone } from "./alone.ts";
import type { Chooser } from "./chooser.ts";
import type { Recording } from "./recording.ts";
import type { ActorSpec } from "./types.ts";
import { maxActors, type World } from "./world.ts";

/** Steps per tick of the clock that `now` reads. */
const stepsPerTick = 1024;

/** Where an actor is when it is not running. */
enum Place {
  runnable = 0,
  /** Waits for a cell, a grace period or a callback. */
  parked = 1,
  /** A maintenance actor that did nothing last time. */
  asleep = 2,
  /** Its entry returned. */
  done = 3,
}

/** By operation: the actor may have to wait before it is done. */
const waits = new Uint8Array(32);
for (const op of [Op.awaitEqual, Op.awaitNotEqual, Op.awaitAtLeast, Op.synchronizeRcu, Op.rcuTake]) {
  waits[op] = 1;
}
/** By operation: `arrive` must see it as soon as the actor comes to it. */
const notable = new Uint8Array(32);
for (const op of [Op.done, Op.fault, Op.synchronizeRcu]) notable[op] = 1;
/** By operation: it may end the waiting of others without writing a cell. */
const stirs = new Uint8Array(32);
for (const op of [Op.rcuReadUnlock, Op.callRcu, Op.rcuTake]) stirs[op] = 1;

export interface PhaseOptions {
  readonly chooser: Chooser;
  readonly recording: Recording | null;
  readonly schedule: ArrayLike<number>;
  /** How much of `schedule` earlier phases used. */
  readonly followed: number;
  readonly stepLimit: number;
  readonly period: number;
}

export class Phase {
  readonly returned: number[];
  followed: number;
  private readonly world: World;
  private readonly step: Step;
  private readonly specs: readonly ActorSpec[];
  private readonly scriptBases: readonly number[];
  private readonly options: PhaseOptions;
  private readonly stride: number;
  private readonly state: Int32Array;
  /** By actor: the operation it waits for. */
  private readonly pending: Uint8Array;
  private readonly place: Uint8Array;
  /** Runnable actors, the first `count` of the array, and where each stands in it. */
  private readonly runnable: Int32Array;
  private readonly standing: Int32Array;
  private count = 0;
  private parkedCount = 0;
  /** Those of them that wait for a callback: writing a cell never concerns them. */
  private takers = 0;
  /** Steps of actors other than maintenance, and maintenance runs that did something. */
  private activity = 0;
  /** By maintenance actor: `activity` when its last run began. */
  private readonly begunAt: Float64Array;
  private readonly begunSteps: Float64Array;
  private readonly isMaintenance: Uint8Array;
  private scriptsLeft = 0;

  constructor(
    world: World,
    step: Step,
    specs: readonly ActorSpec[],
    scriptBases: readonly number[],
    options: PhaseOptions,
  ) {
    if (specs.length > maxActors) throw new RangeError(`a phase has at most ${maxActors} actors`);
    this.world = world;
    this.step = step;
    this.specs = specs;
    this.scriptBases = scriptBases;
    this.options = options;
    this.followed = options.followed;
    // A line between actors keeps nothing apart here, but equal strides are easier to read in a dump.
    this.stride = (world.program.wordsPerActor + 15) & -16;
    this.state = new Int32Array(specs.length * this.stride);
    world.state = this.state;
    world.rcuOver = false;
    this.pending = new Uint8Array(specs.length);
    this.place = new Uint8Array(specs.length);
    this.runnable = new Int32Array(specs.length);
    this.standing = new Int32Array(specs.length);
    this.begunAt = new Float64Array(specs.length);
    this.begunSteps = new Float64Array(specs.length);
    this.isMaintenance = Uint8Array.from(specs, (spec) => (spec.role === "maintenance" ? 1 : 0));
    this.returned = specs.map(() => 0);
  }

  run(): void {
    this.specs.forEach((spec, actor) => {
      if (spec.role === "script") this.scriptsLeft++;
      this.begin(actor);
    });
    const { world, step, state, stride, pending, runnable, options, isMaintenance } = this;
    const { chooser, recording, stepLimit, period, schedule } = options;
    const mayRunAlone = recording === null && world.shadow === null && !world.countsStrategy;
    let last = -1;
    while (!world.halted) {
      let actor: number;
      if (mayRunAlone && this.isAlone()) {
        if (this.runOnly(runnable[0] as number)) continue;
        if (world.halted) return;
      }
      if (this.followed < schedule.length) {
        actor = this.follow();
        if (actor === -1) return;
        if (actor === -2) continue;
      } else {
        if (this.count === 0) {
          if (!this.settle()) return;
          last = -1;
          continue;
        }
        const chosen = chooser.choose(this.count, last < this.count ? last : -1);
        actor = runnable[chosen] as number;
        last = chosen;
        const op = pending[actor] as Op;
        if (waits[op] === 1 && !world.ready(op, actor, actor * stride)) {
          this.park(actor);
          last = -1;
          continue;
        }
      }
      const op = pending[actor] as Op;
      const base = actor * stride;
      if (world.steps >= stepLimit) {
        const detail = `gave up after ${stepLimit} steps: this run neither passed nor failed`;
        world.report("limit-exceeded", actor, base, op, -1, detail);
        return;
      }
      world.written = -1;
      const result = world.perform(op, actor, base);
      if (world.halted) {
        recording?.push(actor);
        return;
      }
      world.steps++;
      recording?.push(actor);
      if (isMaintenance[actor] === 0) this.activity++;
      if ((world.steps & (period - 1)) === 0) this.passTime();
      if (this.parkedCount > 0) {
        if (world.written >= 0) this.wakeAwaiting(world.written);
        if (stirs[op] === 1) this.wakeForRcu();
      }
      if (op === Op.work) last = -1;
      const next = step(state, base, result);
      pending[actor] = next;
      if (notable[next] === 1) {
        this.arrive(actor, next);
        last = -1;
      }
    }
  }

  /** Whether what the only runnable actor does concerns nobody until its next wait or callback. */
  private isAlone(): boolean {
    if (this.count !== 1 || this.parkedCount !== this.takers) return false;
    return this.world.grace.pending === 0 && this.followed >= this.options.schedule.length;
  }

  /** Lets the only runnable actor go on as far as it concerns nobody else. True if the main loop must look anew. */
  private runOnly(actor: number): boolean {
    const { world, pending, options } = this;
    const { period } = options;
    const before = world.steps;
    const next = before + period - (before & (period - 1));
    const op = runAlone(
      world,
      this.step,
      actor,
      actor * this.stride,
      pending[actor] as Op,
      Math.min(next, options.stepLimit),
    );
    if (world.halted) return false;
    pending[actor] = op;
    if (this.isMaintenance[actor] === 0) this.activity += world.steps - before;
    if (world.steps === before) return false;
    if (world.steps === next) this.passTime();
    if (notable[op] === 1) this.arrive(actor, op);
    return true;
  }

  /** Starts an actor's entry and runs it to its first operation. */
  private begin(actor: number): void {
    const spec = this.specs[actor] as ActorSpec;
    const base = actor * this.stride;
    const scriptBase = this.scriptBases[spec.cpu] ?? 0;
    this.world.program.start(this.state, base, spec.entry, spec.args, { cpu: spec.cpu, scriptBase });
    this.begunAt[actor] = this.activity;
    this.begunSteps[actor] = this.world.steps;
    this.place[actor] = Place.runnable;
    this.standing[actor] = this.count;
    this.runnable[this.count++] = actor;
    const op = this.step(this.state, base, 0);
    this.pending[actor] = op;
    if (notable[op] === 1) this.arrive(actor, op);
  }

  private remove(actor: number, to: Place): void {
    const at = this.standing[actor] as number;
    const moved = this.runnable[--this.count] as number;
    this.runnable[at] = moved;
    this.standing[moved] = at;
    this.place[actor] = to;
  }

  private park(actor: number): void {
    this.remove(actor, Place.parked);
    this.parkedCount++;
    if (this.pending[actor] === Op.rcuTake) this.takers++;
  }

  private unpark(actor: number): void {
    this.parkedCount--;
    if (this.pending[actor] === Op.rcuTake) this.takers--;
    this.place[actor] = Place.runnable;
    this.standing[actor] = this.count;
    this.runnable[this.count++] = actor;
  }

  /** What has to happen as soon as an actor comes to a certain operation. */
  private arrive(actor: number, op: Op): void {
    const { world } = this;
    const base = actor * this.stride;
    if (op === Op.fault) {
      const reason = this.state[base + ActorWord.operand0] as number;
      world.report("assertion", actor, base, op, -1, faultTexts[reason] ?? `stopped with fault ${reason}`);
    } else if (op === Op.synchronizeRcu) world.grace.synchronize(actor);
    else this.ended(actor, base);
  }

  private ended(actor: number, base: number): void {
    const { world } = this;
    if (world.grace.inSection(actor)) {
      const { entry } = this.specs[actor] as ActorSpec;
      world.report("assertion", actor, base, null, -1, `'${entry}' ended inside an RCU read section`);
      return;
    }
    const value = this.state[base + ActorWord.returnValue] as number;
    this.returned[actor] = value;
    const { role } = this.specs[actor] as ActorSpec;
    if (role !== "maintenance") {
      this.remove(actor, Place.done);
      if (role === "script") this.scriptsLeft--;
      return;
    }
    const began = this.begunAt[actor] as number;
    this.remove(actor, Place.asleep);
    // A run without any operation did nothing, whatever it says; starting it again at once would never end.
    if (value !== 0 && world.steps > (this.begunSteps[actor] as number)) {
      this.activity++;
      this.begin(actor);
    } else this.begunAt[actor] = began;
  }

  /** The clock goes on and idle maintenance gets its turn. */
  private passTime(): void {
    const { world } = this;
    if (world.steps % stepsPerTick === 0) this.tick();
    for (let actor = 0; actor < this.specs.length; actor++) {
      if (this.place[actor] === Place.asleep && this.begunAt[actor] !== this.activity) this.begin(actor);
    }
  }

  private tick(): void {
    const cell = Boot.tick >> 2;
    this.world.memory[cell] = (this.world.memory[cell] as number) + 1;
    if (this.parkedCount > 0) this.wakeAwaiting(Boot.tick);
  }

  private wakeAwaiting(address: number): void {
    for (let actor = 0; actor < this.specs.length; actor++) {
      if (this.place[actor] !== Place.parked) continue;
      const op = this.pending[actor] as Op;
      if (op < Op.awaitEqual || op > Op.awaitAtLeast) continue;
      if (this.state[actor * this.stride + ActorWord.operand0] !== address) continue;
      if (this.world.ready(op, actor, actor * this.stride)) this.unpark(actor);
    }
  }

  private wakeForRcu(): void {
    for (let actor = 0; actor < this.specs.length; actor++) {
      if (this.place[actor] !== Place.parked) continue;
      const op = this.pending[actor] as Op;
      if (op !== Op.synchronizeRcu && op !== Op.rcuTake) continue;
      if (this.world.ready(op, actor, actor * this.stride)) this.unpark(actor);
    }
  }

  /**
   * The next actor of the recorded schedule; -2 to ask again, -1 to stop. What a recorded run did when nobody could go on
   * is not in the schedule: it happens again when the actor that comes next cannot go on either.
   */
  private follow(): number {
    const { world } = this;
    const actor = this.options.schedule[this.followed] as number;
    const place = this.place[actor];
    const op = this.pending[actor] as Op;
    if (place === Place.parked && world.ready(op, actor, actor * this.stride)) this.unpark(actor);
    if (this.place[actor] === Place.runnable) {
      if (waits[op] === 0 || world.ready(op, actor, actor * this.stride)) {
        this.followed++;
        return actor;
      }
    }
    for (let i = this.count - 1; i >= 0; i--) {
      const other = this.runnable[i] as number;
      const waiting = this.pending[other] as Op;
      if (waits[waiting] === 1 && !world.ready(waiting, other, other * this.stride)) this.park(other);
    }
    if (this.count === 0) return this.settle() ? -2 : -1;
    throw new Error(
      `the schedule does not fit this program: at step ${world.steps} actor ${actor} cannot go on`,
    );
  }

  /** Nobody can go on. True if something could be set going again; false when the phase is over or dead. */
  private settle(): boolean {
    const { world } = this;
    const quiet = this.scriptsLeft === 0 && !this.waitsForCallback();
    if (!quiet && this.awaitsTick()) {
      // Nothing but time is missing.
      world.steps += stepsPerTick - (world.steps % stepsPerTick);
      this.tick();
      return true;
    }
    let restarted = false;
    for (let actor = 0; actor < this.specs.length; actor++) {
      if (this.place[actor] !== Place.asleep || this.begunAt[actor] === this.activity) continue;
      this.begin(actor);
      restarted = true;
    }
    if (restarted) return true;
    if (quiet && !world.rcuOver) {
      world.rcuOver = true;
      this.wakeForRcu();
      if (this.count > 0) return true;
    }
    const blocked = this.specs.flatMap((spec, actor) =>
      this.place[actor] === Place.parked && spec.role !== "maintenance" ? [actor] : [],
    );
    if (blocked.length > 0) this.reportDeadlock(blocked);
    return false;
  }

  /** Whether a callback waits for a grace period and an actor for the callback. */
  private waitsForCallback(): boolean {
    if (this.world.grace.pending === 0) return false;
    return this.specs.some(
      (_, actor) => this.place[actor] === Place.parked && this.pending[actor] === Op.rcuTake,
    );
  }

  private awaitsTick(): boolean {
    return this.specs.some((_, actor) => {
      const op = this.pending[actor] as Op;
      if (this.place[actor] !== Place.parked || op < Op.awaitEqual || op > Op.awaitAtLeast) return false;
      return this.state[actor * this.stride + ActorWord.operand0] === Boot.tick;
    });
  }

  private reportDeadlock(blocked: readonly number[]): void {
    const { world } = this;
    const texts = blocked.map((actor) => {
      const base = actor * this.stride;
      const op = this.pending[actor] as Op;
      const at = world.program.chain(this.state, base).at(-1);
      const place = at === undefined ? "?" : `${at.function} ${at.file}:${at.line}:${at.column}`;
      return `actor ${actor} waits in ${Op[op]} (${place})`;
    });
    const first = blocked[0] as number;
    const op = this.pending[first] as Op;
    const base = first * this.stride;
    const isAwait = op >= Op.awaitEqual && op <= Op.awaitAtLeast;
    const address = isAwait ? (this.state[base + ActorWord.operand0] as number) : -1;
    world.report("deadlock", first, base, op, address, `nobody can go on: ${texts.join("; ")}`);
  }
}
